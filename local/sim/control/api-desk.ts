/**
 * The control API of the scene: the production application over the virtual AWS, each request a call of its own
 * that may die. Only tokens are other: a word that names the person, because real ones are checked on threads.
 */

import { US_PER_S } from "../../../contracts/time.ts";
import { createApp } from "../../../functions/control-api/app.ts";
import type { ApiPorts } from "../../../functions/control-api/ports.ts";
import { createRequestMemory } from "../../../functions/control-api/request-memory.ts";
import { principalOf } from "../../../functions/control-api/roles.ts";
import type { TokenReader } from "../../../functions/control-api/token.ts";
import { reportsIn } from "../../../functions/control-api/wiring.ts";
import { wallClock } from "../../../functions/platform/clock.ts";
import { sha256Hex } from "../../../functions/platform/hash.ts";
import { createArchiveStore } from "../../../functions/stores/archive-store.ts";
import { createColdHistory } from "../../../functions/stores/cold-history.ts";
import { createCommandQueue } from "../../../functions/stores/command-queue.ts";
import { createCommandStore } from "../../../functions/stores/command-store.ts";
import { createControlStore } from "../../../functions/stores/control-store.ts";
import { createHistoryStore } from "../../../functions/stores/history-store.ts";
import { createRequestPersistence } from "../../../functions/stores/idempotency-store.ts";
import { type DeploymentParts, ENGINE, PLACE, PREFIX, pauseOf } from "./deployment.ts";
import { sceneLimits } from "./engine-journal.ts";
import type { HostedFunction } from "./lambda.ts";

/** What the token of a person begins with; it must stand nowhere but in requests. */
export const TOKEN_CANARY = "tokenCanary";

/** People and their roles. */
export const PEOPLE = {
  otto: ["operator"],
  rita: ["risk"],
  rolf: ["risk"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type Person = keyof typeof PEOPLE;

export type ApiRequest = {
  readonly method: string;
  readonly path: string;
  readonly as: Person;
  readonly headers: Readonly<Record<string, string>>;
  /** "" for none. */
  readonly body: string;
};

export type ApiAnswer = {
  readonly status: number;
  readonly etag: string;
  readonly body: string;
};

const PROPOSAL_S = 900;
const HOT_DAYS = 30;

const readToken: TokenReader = async (token, nowUs) => {
  const name = token.slice(TOKEN_CANARY.length + 1) as Person;
  const groups = PEOPLE[name];
  if (groups === undefined) return { kind: "refused", reason: "unknown" };
  return { kind: "known", principal: principalOf(name, groups), expiresUs: nowUs + US_PER_S };
};

/** The API as a function: an `ApiRequest` -> an `ApiAnswer`. */
export function controlApi(parts: DeploymentParts): HostedFunction {
  let requestCount = 0;
  const app = createApp(
    portsOf(parts, () => {
      requestCount += 1;
      return `request-${requestCount}`;
    }),
  );
  return {
    name: "control-api",
    timeoutMs: 29_000,
    handle: async (event): Promise<ApiAnswer> => {
      const { method, path, as, headers, body } = event as ApiRequest;
      const answer = await app.request(`https://api.sim${path}`, {
        method,
        headers: {
          authorization: `Bearer ${TOKEN_CANARY}.${as}`,
          ...(body !== "" && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== "" && { body }),
      });
      const etag = answer.headers.get("etag") ?? "";
      return { status: answer.status, etag, body: await answer.text() };
    },
  };
}

function portsOf({ clients, log }: DeploymentParts, newRequestId: () => string): ApiPorts {
  const { documents, queues, objects, tables } = clients;
  const archive = createArchiveStore(objects, PREFIX, PLACE);
  const apiLog = log.logOf("control-api");
  return {
    settings: {
      engines: [ENGINE],
      baseLimits: new Map([[ENGINE, sceneLimits()]]),
      hotDays: HOT_DAYS,
      proposalLifeUs: PROPOSAL_S * US_PER_S,
      isLocal: false,
    },
    nowUs: wallClock,
    newRequestId,
    sha256: sha256Hex,
    pause: pauseOf,
    readToken,
    control: createControlStore(documents, PREFIX),
    commands: createCommandStore(documents, PREFIX),
    queue: createCommandQueue(queues, PREFIX),
    memory: createRequestMemory(createRequestPersistence(tables, PREFIX)),
    history: createHistoryStore(documents, PREFIX),
    archive: createColdHistory(archive),
    reports: reportsIn(archive),
    log: {
      info: (message, fields) => apiLog.info(message, fields),
      error: (message, fields, cause) => apiLog.error(message, { ...fields, cause: String(cause) }),
    },
  };
}

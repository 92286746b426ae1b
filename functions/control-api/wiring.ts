/**
 * Station: the environment of a process -> the ports of the control API, made once.
 *
 * Everything that differs between a laptop and the cloud is in the environment; the stores, the keys and the
 * clock are the same code. A variable that is missing or wrong stops the process before it serves anything.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Environment } from "../../contracts/aws-environment.ts";
import { isLoopbackUrl } from "../../contracts/aws-environment.ts";
import { ENGINE_ID_PATTERN, reportObjectKey } from "../../contracts/keys.ts";
import { limitsFault, type RiskLimits } from "../../contracts/risk-limits.ts";
import { US_PER_S } from "../../contracts/time.ts";
import { wallClock } from "../platform/clock.ts";
import { ConfigurationError, deploymentOf, parseEnvironment } from "../platform/environment.ts";
import { sha256Hex } from "../platform/hash.ts";
import { createLog } from "../platform/log.ts";
import { type ArchiveStore, createArchiveStore } from "../stores/archive-store.ts";
import { createCloudHistory } from "../stores/athena-client.ts";
import { createClients } from "../stores/clients.ts";
import { type ColdHistory, createColdHistory } from "../stores/cold-history.ts";
import { createCommandQueue } from "../stores/command-queue.ts";
import { createCommandStore } from "../stores/command-store.ts";
import { createControlStore } from "../stores/control-store.ts";
import { createHistoryStore } from "../stores/history-store.ts";
import { createRequestPersistence } from "../stores/idempotency-store.ts";
import type { ApiLog, ApiPorts, ApiSettings, ReportSource } from "./ports.ts";
import { createRequestMemory } from "./request-memory.ts";
import { parseStrictJson } from "./strict-json.ts";
import { tokenReader } from "./token.ts";

const wholeNumber = z.string().regex(/^[1-9]\d{0,5}$/, "a whole number");

/** Keys come from an address only over TLS, or from this very machine. */
const keySet = z
  .string()
  .refine(
    (text) => text.startsWith("{") || text.startsWith("https://") || isLoopbackUrl(text),
    "a JWK set, or an https address of one",
  );

/** Limits by engine; one that could not be put as a version is no base for one either. */
function baseLimitsOf(
  text: string,
  context: z.core.$RefinementCtx,
): ReadonlyMap<string, RiskLimits> {
  const json = parseStrictJson(text);
  const byEngine = json.ok && typeof json.value === "object" ? json.value : undefined;
  const entries = Object.entries(byEngine ?? { "": undefined });
  const wrong = entries.find(([, limits]) => limitsFault(limits) !== undefined);
  if (wrong === undefined) return new Map(entries as [string, RiskLimits][]);
  context.addIssue({ code: "custom", message: `limits of engines, "${wrong[0]}" has none` });
  return z.NEVER;
}

const VARIABLES = {
  RECKONER_ENGINES: z
    .string()
    .transform((text) => text.split(",").map((name) => name.trim()))
    .refine((names) => names.every((name) => ENGINE_ID_PATTERN.test(name)), "ids of engines"),
  RECKONER_JWKS: keySet,
  RECKONER_ISSUER: z.string().min(1),
  RECKONER_AUDIENCE: z.string().min(1),
  /** Both or neither: without them the objects of the archive are read directly. */
  RECKONER_ATHENA_WORKGROUP: z.string().default(""),
  RECKONER_ATHENA_DATABASE: z.string().default(""),
  /** JSON: limits by the id of their engine, as the engine's configuration has them. */
  RECKONER_BASE_LIMITS: z.string().transform(baseLimitsOf).default(new Map()),
  RECKONER_HOT_DAYS: wholeNumber.default("30"),
  RECKONER_PROPOSAL_S: wholeNumber.default("900"),
};

/** Ports over the stores that `environment` names; throws with the name of what is wrong. */
export function portsOf(environment: Environment): ApiPorts {
  const { prefix, bucketPlace, isLocal } = deploymentOf(environment);
  const variables = parseEnvironment(environment, VARIABLES);
  const settings: ApiSettings = {
    engines: variables.RECKONER_ENGINES,
    baseLimits: variables.RECKONER_BASE_LIMITS,
    hotDays: Number(variables.RECKONER_HOT_DAYS),
    proposalLifeUs: Number(variables.RECKONER_PROPOSAL_S) * US_PER_S,
    isLocal,
  };
  const clients = createClients(environment);
  const archive = createArchiveStore(clients.objects, prefix, bucketPlace);
  return {
    settings,
    nowUs: wallClock,
    newRequestId: randomUUID,
    sha256: sha256Hex,
    pause: (ms) => pause(ms),
    readToken: tokenReader({
      jwks: variables.RECKONER_JWKS,
      issuer: variables.RECKONER_ISSUER,
      audience: variables.RECKONER_AUDIENCE,
    }),
    control: createControlStore(clients.documents, prefix),
    commands: createCommandStore(clients.documents, prefix),
    queue: createCommandQueue(clients.queues, prefix),
    memory: createRequestMemory(createRequestPersistence(clients.tables, prefix)),
    history: createHistoryStore(clients.documents, prefix),
    archive: olderHistory(variables, archive),
    reports: reportsIn(archive),
    log: apiLog(),
  };
}

type AthenaVariables = {
  readonly RECKONER_ATHENA_WORKGROUP: string;
  readonly RECKONER_ATHENA_DATABASE: string;
};

/** Athena where the environment names it; on one machine the archive's objects themselves. */
export function olderHistory(variables: AthenaVariables, archive: ArchiveStore): ColdHistory {
  const workGroup = variables.RECKONER_ATHENA_WORKGROUP;
  const database = variables.RECKONER_ATHENA_DATABASE;
  if (workGroup === "" && database === "") return createColdHistory(archive);
  if (workGroup === "" || database === "") {
    throw new ConfigurationError("RECKONER_ATHENA_WORKGROUP and _DATABASE: both or neither");
  }
  return createCloudHistory({ database, workGroup });
}

/** Reports as they lie in the bucket. */
export function reportsIn(archive: Pick<ArchiveStore, "read">): ReportSource {
  return {
    async load(engine, day) {
      const bytes = await archive.read(reportObjectKey(engine, day));
      return bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes));
    },
  };
}

function apiLog(): ApiLog {
  const log = createLog("control-api");
  return {
    info: (message, fields) => log.info(message, fields),
    error: (message, fields, cause) => log.error(message, { ...fields, cause: causeOf(cause) }),
  };
}

/** Name and message of an error and of what caused it; the stack says nothing to an operator. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const before = error.cause === undefined ? "" : ` < ${causeOf(error.cause)}`;
  return `${error.name}: ${error.message}${before}`;
}

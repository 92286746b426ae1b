/**
 * Requests to the control API in tests: an application over ports in memory, people with their tokens, and
 * an engine that is well.
 */
import type { Heartbeat } from "../../../contracts/operator-command.ts";
import type { RiskLimits } from "../../../contracts/risk-limits.ts";
import { createApp } from "../../../functions/control-api/app.ts";
import type { ApiPorts } from "../../../functions/control-api/ports.ts";
import { standardLimits } from "../../fixtures/limits/limits-fixture.ts";
import { ENGINE, type Memory, memoryRig, START_US } from "./memory-ports.ts";
import { createMint, type Mint } from "./test-tokens.ts";

export const PEOPLE = {
  vera: ["viewer"],
  otto: ["operator"],
  rita: ["risk"],
  rolf: ["risk"],
  anna: ["admin"],
  nobody: [],
  elsewhere: ["admin", "engine:other"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type Person = keyof typeof PEOPLE;

export type Ask = {
  readonly as?: Person | undefined;
  readonly body?: unknown;
  /** The body as it is sent, where JSON.stringify could not make it. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Told = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Tests look at fields that they know; a wrong one is undefined and fails.
  readonly body: Readonly<Record<string, never>> & Record<string, unknown>;
};

export type Rig = {
  readonly ports: ApiPorts;
  readonly memory: Memory;
  readonly ask: (method: string, path: string, ask?: Ask) => Promise<Told>;
  /** Another instance over the same stores: what one instance remembers by itself is gone. */
  readonly restart: () => void;
};

export type RigMaker = {
  readonly mint: Mint;
  readonly create: (settings?: Partial<ApiPorts["settings"]>) => Rig;
  readonly tokens: ReadonlyMap<Person, string>;
};

/** Keys and tokens once; each `create` has empty stores. */
export async function createRigMaker(): Promise<RigMaker> {
  const mint = await createMint();
  const tokens = new Map<Person, string>();
  for (const person of Object.keys(PEOPLE) as Person[]) {
    tokens.set(person, await mint.token(person, PEOPLE[person]));
  }
  return {
    mint,
    tokens,
    create: (settings) => {
      const { ports, memory } = memoryRig(mint.readToken, settings);
      memory.heartbeats.set(ENGINE, wellHeartbeat());
      let app = createApp(ports);
      return {
        ports,
        memory,
        restart: () => {
          app = createApp(ports);
        },
        ask: async (method, path, { as, body, text, headers = {} } = {}) => {
          const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
          const answer = await app.request(`http://api.test${path}`, {
            method,
            headers: {
              ...(as === undefined ? {} : { authorization: `Bearer ${tokens.get(as)}` }),
              ...(content === undefined ? {} : { "content-type": "application/json" }),
              ...headers,
            },
            ...(content === undefined ? {} : { body: content }),
          });
          return toldOf(answer);
        },
      };
    },
  };
}

/** An answer as tests look at it. */
export async function toldOf(answer: Response): Promise<Told> {
  const text = await answer.text();
  const isJson = (answer.headers.get("content-type") ?? "").includes("json");
  const body = isJson && text !== "" ? JSON.parse(text) : {};
  return { status: answer.status, headers: answer.headers, text, body };
}

/** An engine that is heard from, live and reconciled. */
export function wellHeartbeat(changes: Partial<Heartbeat> = {}): Heartbeat {
  const account = { venue: "binance-spot", mode: "paper", phase: "ready", unknownOrders: 0 };
  return {
    engine: ENGINE,
    runId: "run-1",
    fence: 3,
    atUs: START_US - 1_000_000,
    startedUs: START_US - 60_000_000,
    halted: "",
    isReady: true,
    limitsVersion: 0,
    ackedSeq: 100,
    publishedSeq: 90,
    statusJson: JSON.stringify({ trading: { accounts: [account] } }),
    ...changes,
  };
}

/** Standard limits with `changes`. */
export function limitsWith(changes: Partial<RiskLimits> = {}): RiskLimits {
  return { ...standardLimits(), ...changes };
}

let keyCount = 0;

/** A key that nobody has used. */
export function freshKey(): string {
  return `key-${String(++keyCount).padStart(8, "0")}`;
}

/** Puts version 1 by proposal and approval; the limits are `limits`. */
export async function seedLimits(rig: Rig, limits: RiskLimits = limitsWith()): Promise<void> {
  const path = `/v1/engines/${ENGINE}`;
  const proposed = await rig.ask("PUT", `${path}/limits`, {
    as: "rita",
    body: { limits, reason: "the first" },
    headers: { "if-match": '"0"' },
  });
  const proposal = proposed.body.proposal as unknown as Readonly<Record<string, string>>;
  const approved = await rig.ask("POST", `${path}/proposals/${proposal.proposalId}/approve`, {
    as: "rolf",
    body: { payloadHash: proposal.payloadHash, reason: "seen" },
    headers: { "idempotency-key": freshKey() },
  });
  if (approved.status !== 200) throw new Error(`limits were not seeded: ${approved.text}`);
}

/**
 * The control API's ports in memory: stores that keep the promises of the real ones, a clock that is set by
 * hand, and ids that count. For suites of hundreds of requests, and for pages and commands on a laptop.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditItem } from "../../../contracts/audit.ts";
import { dayOf } from "../../../contracts/calendar.ts";
import type { Fact } from "../../../contracts/history.ts";
import { isHistoryMatch } from "../../../contracts/history-filter.ts";
import { historyItemOf } from "../../../contracts/history-item.ts";
import type {
  Heartbeat,
  OperatorCommand,
  OperatorCommandRecord,
} from "../../../contracts/operator-command.ts";
import { parseOperatorCommand } from "../../../contracts/schema/operator-command.ts";
import type {
  ApiPorts,
  HistorySource,
  LogFields,
  OnceResult,
  RequestMemory,
} from "../../../functions/control-api/ports.ts";
import type { Answer } from "../../../functions/control-api/problem.ts";
import type { TokenReader } from "../../../functions/control-api/token.ts";
import { sha256Hex } from "../../../functions/platform/hash.ts";
import type { CommandStore } from "../../../functions/stores/command-store.ts";
import type { ControlStore, Proposal } from "../../../functions/stores/control-store.ts";
import { BAD_CURSOR } from "../../../functions/stores/cursor.ts";
import { cursorAt, type HistoryQuery, placeOf } from "../../../functions/stores/history-query.ts";
import type { Page } from "../../../functions/stores/keyed-items.ts";

export const ENGINE = "reckoner";
/** 2026-11-21T12:00:00Z. */
export const START_US = 1_795_262_400_000_000;

/** What is in the stores, and what went out: for tests to look at and to fill. */
export type Memory = {
  readonly chains: Map<string, AuditItem[]>;
  readonly proposals: Map<string, Proposal>;
  readonly commands: Map<string, OperatorCommandRecord>;
  readonly heartbeats: Map<string, Heartbeat>;
  readonly sent: OperatorCommand[];
  readonly hot: Fact[];
  readonly cold: Fact[];
  readonly reports: Map<string, unknown>;
  readonly logged: { readonly message: string; readonly fields: LogFields; cause?: unknown }[];
  /** Stores by name that throw whatever they are asked. */
  readonly away: Set<"control" | "commands" | "queue" | "memory" | "history">;
  nowUs: number;
};

/** Pauses shorter than this are polls; longer ones are the limits of a race. */
const POLL_MS_MAX = 100;

export type MemoryRig = { readonly ports: ApiPorts; readonly memory: Memory };

/** Ports over empty stores. Polls pass the time without waiting for it. */
export function memoryRig(
  readToken: TokenReader,
  settings: Partial<ApiPorts["settings"]> = {},
): MemoryRig {
  const memory: Memory = {
    chains: new Map(),
    proposals: new Map(),
    commands: new Map(),
    heartbeats: new Map(),
    sent: [],
    hot: [],
    cold: [],
    reports: new Map(),
    logged: [],
    away: new Set(),
    nowUs: START_US,
  };
  let idCount = 0;
  const ports: ApiPorts = {
    settings: {
      engines: [ENGINE, "other"],
      baseLimits: new Map(),
      hotDays: 30,
      proposalLifeUs: 900_000_000,
      isLocal: false,
      ...settings,
    },
    nowUs: () => memory.nowUs,
    newRequestId: () => `request-${++idCount}`,
    sha256: sha256Hex,
    pause: async (ms) => {
      if (ms < POLL_MS_MAX) {
        await new Promise((resolve) => setImmediate(resolve));
        memory.nowUs += ms * 1000;
        return;
      }
      // The limit of a race is real, or a busy machine would lose races that it has won.
      await sleep(ms, undefined, { ref: false });
    },
    readToken,
    control: controlIn(memory),
    commands: commandsIn(memory),
    queue: {
      send: async (command) => {
        failIfAway(memory, "queue");
        // What the engine would refuse to read must not be sent in the first place.
        const parsed = parseOperatorCommand(command);
        if (!parsed.ok) throw new Error(`the engine refuses ${parsed.field}: ${parsed.reason}`);
        if (!memory.sent.some(({ commandId }) => commandId === command.commandId)) {
          memory.sent.push(command);
        }
        return command.commandId;
      },
    },
    memory: requestsIn(memory),
    history: historyIn(memory, memory.hot),
    archive: historyIn(memory, memory.cold),
    reports: { load: async (engine, day) => memory.reports.get(`${engine} ${day}`) },
    log: {
      info: (message, fields) => void memory.logged.push({ message, fields }),
      error: (message, fields, cause) => void memory.logged.push({ message, fields, cause }),
    },
  };
  return { ports, memory };
}

function failIfAway(memory: Memory, name: Parameters<Memory["away"]["has"]>[0]): void {
  if (memory.away.has(name)) throw new Error(`secret-of-the-store: ${name} is away`);
}

function controlIn(memory: Memory): ControlStore {
  const chainOf = (engine: string, chain: string): AuditItem[] => {
    failIfAway(memory, "control");
    const name = `${engine} ${chain}`;
    const items = memory.chains.get(name) ?? [];
    memory.chains.set(name, items);
    return items;
  };
  return {
    readHead: async (engine, chain) => chainOf(engine, chain).at(-1),
    readItem: async (engine, chain, seq) => chainOf(engine, chain).find((item) => item.seq === seq),
    append: async (item) => {
      // Others may come between the read of the head and this, as they may in a table.
      await new Promise((resolve) => setImmediate(resolve));
      const items = chainOf(item.engine, item.chain);
      const head = items.at(-1);
      if (head !== undefined && item.seq <= head.seq) return { kind: "taken", current: head };
      items.push(item);
      return { kind: "appended", item };
    },
    list: async (engine, chain, request) =>
      pageOf(chainOf(engine, chain).toReversed(), ({ seq }) => String(seq), request),
    putProposal: async (proposal) => {
      failIfAway(memory, "control");
      const key = `${proposal.engine} ${proposal.proposalId}`;
      const standing = memory.proposals.get(key);
      if (standing !== undefined) return { kind: "exists", proposal: standing };
      memory.proposals.set(key, proposal);
      return { kind: "put", proposal };
    },
    readProposal: async (engine, proposalId) => {
      failIfAway(memory, "control");
      return memory.proposals.get(`${engine} ${proposalId}`);
    },
    listProposals: async (engine, request) => {
      const all = [...memory.proposals.values()].filter((each) => each.engine === engine);
      const sorted = all.sort((a, b) => (a.proposalId < b.proposalId ? -1 : 1));
      return pageOf(sorted, ({ proposalId }) => proposalId, request);
    },
    decideProposal: async ({ engine, proposalId, payloadHash, ...decision }) => {
      await new Promise((resolve) => setImmediate(resolve));
      const key = `${engine} ${proposalId}`;
      const current = memory.proposals.get(key);
      const mayDecide =
        current?.state === "open" &&
        current.payloadHash === payloadHash &&
        (decision.state === "rejected" ||
          (current.expiresUs > decision.decidedUs && current.by !== decision.decidedBy));
      if (!mayDecide) return { kind: "refused", current };
      const proposal = { ...current, ...decision };
      memory.proposals.set(key, proposal);
      return { kind: "decided", proposal };
    },
  };
}

function pageOf<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<Item> | typeof BAD_CURSOR {
  const start = cursor === undefined ? 0 : items.findIndex((item) => nameOf(item) === cursor) + 1;
  if (cursor !== undefined && start === 0) return BAD_CURSOR;
  const page = items.slice(start, start + limit);
  const last = page.at(-1);
  const hasMore = start + limit < items.length && last !== undefined;
  return { kind: "page", items: page, cursor: hasMore ? nameOf(last) : undefined };
}

function commandsIn(memory: Memory): CommandStore {
  const keyOf = (engine: string, id: string): string => `${engine} ${id}`;
  return {
    create: async (record) => {
      failIfAway(memory, "commands");
      const key = keyOf(record.engine, record.commandId);
      const standing = memory.commands.get(key);
      if (standing !== undefined) return { kind: "exists", record: standing };
      memory.commands.set(key, record);
      return { kind: "created", record };
    },
    read: async (engine, id) => {
      failIfAway(memory, "commands");
      return memory.commands.get(keyOf(engine, id));
    },
    readMany: async (engine, ids) =>
      ids.flatMap((id) => memory.commands.get(keyOf(engine, id)) ?? []),
    readHeartbeat: async (engine) => {
      failIfAway(memory, "commands");
      return memory.heartbeats.get(engine);
    },
  };
}

function requestsIn(memory: Memory): RequestMemory {
  const kept = new Map<string, { readonly payloadHash: string; answer: Answer | undefined }>();
  return {
    once: async (key, payloadHash, work): Promise<OnceResult> => {
      failIfAway(memory, "memory");
      const standing = kept.get(key);
      if (standing !== undefined) {
        if (standing.payloadHash !== payloadHash) return { kind: "otherRequest" };
        if (standing.answer === undefined) return { kind: "inProgress" };
        return { kind: "answer", answer: standing.answer, isReplay: true };
      }
      const record = { payloadHash, answer: undefined as Answer | undefined };
      kept.set(key, record);
      try {
        const answer = await work();
        if (answer.status >= 500) kept.delete(key);
        record.answer = answer;
        return { kind: "answer", answer, isReplay: false };
      } catch (error) {
        kept.delete(key);
        throw error;
      }
    },
  };
}

function historyIn(memory: Memory, facts: readonly Fact[]): HistorySource {
  return {
    query: async (query) => {
      failIfAway(memory, "history");
      return answerOf(facts, query);
    },
  };
}

function answerOf(facts: readonly Fact[], query: HistoryQuery) {
  const place = placeOf(query);
  if (place === "bad") return BAD_CURSOR;
  const { engine, kind, fromUs, toUs, order, filters, limit } = query;
  const sign = order === "oldest" ? 1 : -1;
  const found = facts
    .filter((fact) => fact.engine === engine && fact.kind === kind)
    .map((fact) => historyItemOf(fact))
    .filter(({ atUs, fact }) => {
      const record = { ...fact, payload: { ...fact.payload } };
      return atUs >= fromUs && atUs < toUs && isHistoryMatch(record, filters);
    })
    .sort((a, b) => (a.sk < b.sk ? -sign : sign))
    .filter(
      ({ sk }) => place === undefined || (order === "oldest" ? sk > place.sk : sk < place.sk),
    );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    kind: "page",
    records: page.map(({ fact }) => ({ ...fact, payload: { ...fact.payload } })),
    cursor:
      found.length > limit && last !== undefined
        ? cursorAt(query, { day: dayOf(last.atUs), sk: last.sk })
        : undefined,
    examinedCount: found.length,
  } as const;
}

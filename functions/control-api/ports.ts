/**
 * What the control API stands on, handed in as one object: stores, clock, ids, log and settings.
 *
 * The handler fills it from the environment; tests fill it with stores in memory and a clock of their own.
 * Nothing in this room reaches the world by another way.
 */
import type { RiskLimits } from "../../contracts/risk-limits.ts";
import type { Micros } from "../../contracts/time.ts";
import type { CommandQueue } from "../stores/command-queue.ts";
import type { CommandStore } from "../stores/command-store.ts";
import type { ControlStore } from "../stores/control-store.ts";
import type { BadCursor } from "../stores/cursor.ts";
import type { HistoryPage, HistoryQuery } from "../stores/history-query.ts";
import type { Answer } from "./problem.ts";
import type { TokenReader } from "./token.ts";

/** One page of facts by a question; the tables answer for recent days, the archive for older ones. */
export interface HistorySource {
  query(query: HistoryQuery): Promise<HistoryPage | BadCursor>;
}

/** The report of one UTC day, as it was written; undefined where there is none. */
export interface ReportSource {
  load(engine: string, day: string): Promise<unknown>;
}

export type OnceResult =
  | { readonly kind: "answer"; readonly answer: Answer; readonly isReplay: boolean }
  /** The same request is being carried out by somebody else at this moment. */
  | { readonly kind: "inProgress" }
  /** The key was used for another request. */
  | { readonly kind: "otherRequest" };

/** Carries a request out once for its key; a second time it gives the answer of the first. */
export interface RequestMemory {
  /** What `work` throws, and answers of 500 and above, are not remembered. */
  once(key: string, payloadHash: string, work: () => Promise<Answer>): Promise<OnceResult>;
}

export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Sentences for people; no token, no body. */
export interface ApiLog {
  info(message: string, fields: LogFields): void;
  error(message: string, fields: LogFields, cause: unknown): void;
}

export type ApiSettings = {
  /** The engines of this deployment; others do not exist. */
  readonly engines: readonly string[];
  /** Limits of an engine's configuration: what it runs on, and is compared with, before version 1. */
  readonly baseLimits: ReadonlyMap<string, RiskLimits>;
  /** Facts older than this many whole days are asked of the archive. */
  readonly hotDays: number;
  /** How long a proposal waits for its second person. */
  readonly proposalLifeUs: Micros;
  /** One machine: the session's cookie may have a name that needs no TLS. */
  readonly isLocal: boolean;
};

export type ApiPorts = {
  readonly settings: ApiSettings;
  /** Integer microseconds since 1970. */
  readonly nowUs: () => Micros;
  readonly newRequestId: () => string;
  readonly sha256: (text: string) => string;
  readonly pause: (ms: number) => Promise<void>;
  readonly readToken: TokenReader;
  readonly control: ControlStore;
  readonly commands: CommandStore;
  readonly queue: CommandQueue;
  readonly memory: RequestMemory;
  readonly history: HistorySource;
  readonly archive: HistorySource;
  readonly reports: ReportSource;
  readonly log: ApiLog;
};

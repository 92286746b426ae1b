/**
 * What leaves the engine for the read models: facts by name, no index and no double of money in them.
 *
 * The publisher derives them from journal records and puts them on the queue of records in the envelope;
 * project-records writes each as one item, at a key derived from the fact, so that any number of
 * deliveries in any order is one item. Prices, quantities, amounts and basis points are decimal text.
 */
import type { InstrumentId, VenueId } from "./ids.ts";
import type { HistoryKind } from "./keys.ts";
import type { ResyncRecord } from "./resync.ts";
import type { Mode } from "./status.ts";
import type { Micros } from "./time.ts";
import type { CycleEnding, KillScope, OrderState, Side, TradingMode } from "./trade.ts";

/** Raised when a reader of older facts would misread a newer one. */
export const FACT_SCHEMA_VERSION = 1;

export type FillFact = {
  readonly instrument: InstrumentId;
  /** With venue, instrument and side it names the trade for ever. */
  readonly tradeId: string;
  readonly clientId: string;
  readonly orderId: string;
  readonly side: Side;
  readonly price: string;
  readonly quantity: string;
  readonly quote: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly isMaker: boolean;
  readonly mode: TradingMode;
  /** 0 and -1 where it belongs to no cycle; `corr` is the cycle's derived id, or "". */
  readonly cycle: number;
  readonly leg: number;
  readonly corr: string;
  /** Such as "USDT>BTC>ETH"; "" where it belongs to no cycle. */
  readonly triangle: string;
  readonly exchangeUs: Micros;
};

export type OrderFact = {
  readonly instrument: InstrumentId;
  readonly clientId: string;
  readonly orderId: string;
  readonly side: Side;
  readonly state: OrderState;
  readonly cause: string;
  readonly price: string;
  readonly quantity: string;
  readonly filledQuantity: string;
  readonly cycle: number;
  readonly leg: number;
  readonly corr: string;
  readonly triangle: string;
  readonly limitsVersion: number;
};

export type LegFact = {
  readonly leg: number;
  readonly instrument: InstrumentId;
  readonly side: Side;
  readonly clientId: string;
  readonly state: OrderState;
  readonly quantity: string;
  readonly filledQuantity: string;
  readonly averagePrice: string;
  readonly input: string;
  readonly inputAsset: string;
  readonly output: string;
  readonly outputAsset: string;
  readonly fees: Readonly<Record<string, string>>;
  readonly firedUs: Micros;
  readonly ackUs: Micros;
  readonly fillUs: Micros;
  readonly endUs: Micros;
};

export type CycleFact = {
  readonly cycle: number;
  readonly corr: string;
  readonly mode: string;
  readonly ending: CycleEnding;
  readonly reason: string;
  readonly triangle: string;
  readonly predictedBps: string;
  readonly effectiveBps: string;
  readonly startAmount: string;
  readonly profit: string;
  readonly profitAsset: string;
  readonly residualValue: string;
  readonly residual: Readonly<Record<string, string>>;
  readonly attribution: Readonly<Record<string, string>>;
  readonly signalUs: Micros;
  readonly totalUs: Micros;
  readonly legs: readonly LegFact[];
};

export type OpportunityFact = {
  readonly opportunity: number;
  readonly triangle: string;
  readonly predictedBps: string;
  readonly startAmount: string;
  readonly decision: string;
  readonly reason: string;
};

export type DenialFact = {
  readonly instrument: InstrumentId | "";
  readonly cycle: number;
  readonly leg: number;
  readonly control: string;
  readonly reason: string;
  readonly limitsVersion: number;
};

/** A resync, with the orders that were open on its instrument while its book was wrong. */
export type ResyncFact = Omit<ResyncRecord, "venue"> & {
  readonly ordersTouched: readonly string[];
};

export type AlertFact = {
  readonly severity: 1 | 2 | 3;
  readonly kind: string;
  readonly instrument: InstrumentId | "";
  readonly text: string;
};

export type ModeFact = { readonly from: Mode; readonly to: Mode; readonly reason: string };

export type KillFact = {
  readonly scope: KillScope;
  readonly target: string;
  readonly isKilled: boolean;
  readonly by: string;
  readonly reason: string;
};

/** That the loop has taken a version of the limits. */
export type LimitsFact = {
  readonly version: number;
  readonly by: string;
  readonly reason: string;
};

/** Balances and open orders of one account as the engine believed them, about once a minute. */
export type PositionFact = {
  readonly mode: TradingMode;
  /** Asset -> total and reserved; zeros are left out. */
  readonly balances: Readonly<Record<string, readonly [total: string, reserved: string]>>;
  readonly traded: Readonly<Record<string, string>>;
  readonly profit: Readonly<Record<string, string>>;
  readonly dayResult: string;
  readonly openOrders: number;
  readonly unknownOrders: number;
};

/** One minute of the loop. Microseconds. */
export type LatencyFact = {
  readonly count: number;
  readonly p50Us: Micros;
  readonly p99Us: Micros;
  readonly p999Us: Micros;
  readonly maxUs: Micros;
  readonly tickP99Us: Micros;
  readonly tickMaxUs: Micros;
};

/** Start or end of one run. */
export type RunFact = {
  readonly change: "started" | "ended";
  readonly fence: number;
  readonly version: string;
  readonly modes: Readonly<Record<string, string>>;
  readonly reason: string;
};

export type FactPayloads = {
  readonly fill: FillFact;
  readonly order: OrderFact;
  readonly cycle: CycleFact;
  readonly opportunity: OpportunityFact;
  readonly denial: DenialFact;
  readonly resync: ResyncFact;
  readonly alert: AlertFact;
  readonly mode: ModeFact;
  readonly kill: KillFact;
  readonly limits: LimitsFact;
  readonly position: PositionFact;
  readonly latency: LatencyFact;
  readonly run: RunFact;
};
export type FactKind = Exclude<HistoryKind, "report">;

/** Stream class of each kind: part of `event_type`, `exec.fill` and so on. */
export const FACT_CLASSES = {
  fill: "exec",
  order: "exec",
  cycle: "exec",
  opportunity: "signal",
  denial: "exec",
  resync: "ctl",
  alert: "ctl",
  mode: "ctl",
  kill: "ctl",
  limits: "ctl",
  position: "ctl",
  latency: "ctl",
  run: "ctl",
} as const satisfies Readonly<Record<FactKind, string>>;

export const FACT_KINDS = Object.keys(FACT_CLASSES) as readonly FactKind[];

/** A fact in its envelope, as it stands in one message on the queue of records. */
export type Fact<Kind extends FactKind = FactKind> = {
  readonly [Each in Kind]: {
    /** `<run id>:<journal sequence>`, and `.<n>` where one record holds several facts. */
    readonly event_id: string;
    readonly event_type: `${(typeof FACT_CLASSES)[Each]}.${Each}`;
    readonly kind: Each;
    /** What names the fact whoever reports it and however often; last part of its key. */
    readonly fact_id: string;
    readonly engine: string;
    readonly run_id: string;
    readonly venue: VenueId | null;
    readonly observed_at: Micros;
    readonly ingested_at: Micros;
    readonly schema_version: number;
    readonly payload: FactPayloads[Each];
  };
}[Kind];

/** Facts in one message: a message of a queue holds 256 KiB, so many are sent together. */
export type FactBatch = { readonly schemaVersion: number; readonly facts: readonly Fact[] };
export const FACTS_PER_MESSAGE_MAX = 100;
export const FACT_MESSAGE_BYTES_MAX = 200_000;

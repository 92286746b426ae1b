/**
 * Station: the state of trading <-> text, for snapshots on the disk and for a restart.
 *
 * Orders, fills and balances, risk counters and kills, and which cycles were under way. A cycle itself is
 * not stored: its orders are, and what it holds is their sum. A restart takes up what an interrupted cycle
 * has left, gets out of it and ends it.
 */
import { wordOf } from "../../../contracts/word-of.ts";
import { parseAmount } from "../money/amount.ts";
import { foldInput, type OrderInput } from "../order/fold.ts";
import { isSettled } from "../order/order.ts";
import type { OrderOptions } from "../order/order-options.ts";
import { exportOrders, importOrders } from "../order/order-state.ts";
import { Orders } from "../order/orders.ts";
import { fillRecordOf } from "../order/told-fill.ts";
import type { FillRecord, OrderRecord } from "./commands.ts";
import { orderRecordOf } from "./order-record.ts";

/** Raised when the meaning of a field changes. */
export const STATE_VERSION = 1;

export type TradingState = {
  readonly version: number;
  /** As `exportOrders` writes it. */
  readonly orders: string;
  /** As `Risk.exportState` gives it; null before the first snapshot of a run. */
  readonly risk: unknown;
  readonly cycleCount: number;
  readonly opportunityCount: number;
  /** Cycles that had begun and not ended. */
  readonly openCycles: readonly number[];
  /** "venue:asset", the venue by its position in the world -> decimal text. */
  readonly dust: Readonly<Record<string, string>>;
};

/** What happened after a snapshot, in order; `cycleEnded` is a cycle's record. */
export type TradingInput = OrderInput | { readonly kind: "cycleEnded"; readonly cycle: number };

/** What happened while a tail was folded, whether or not its journal had come to tell of it. */
export type FoldedState =
  | {
      readonly ok: true;
      readonly state: TradingState;
      readonly fills: readonly FillRecord[];
      /** Orders that were open before, or placed since, and are settled now. */
      readonly settled: readonly OrderRecord[];
    }
  | Extract<ReadState, { readonly ok: false }>;

export type ReadState =
  | { readonly ok: true; readonly state: TradingState }
  | { readonly ok: false; readonly reason: string };

/** Reads a text of `exportTrading`; its orders are looked into by `importOrders`. */
export function readTrading(text: string): ReadState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: "the saved state of trading is no JSON" };
  }
  if (typeof value !== "object" || value === null) {
    return { ok: false, reason: "the saved state of trading is no record" };
  }
  const { version, orders, cycleCount, opportunityCount, openCycles, dust } = value as Readonly<
    Record<string, unknown>
  >;
  if (version !== STATE_VERSION)
    return { ok: false, reason: `version ${wordOf(version)} is unknown` };
  const areCounts = isCount(cycleCount) && isCount(opportunityCount);
  const areCycles = Array.isArray(openCycles) && openCycles.every(isCount);
  const isDust =
    typeof dust === "object" &&
    dust !== null &&
    Object.values(dust).every(
      (text) => typeof text === "string" && parseAmount(text) !== undefined,
    );
  if (typeof orders !== "string" || !areCounts || !areCycles || !isDust) {
    return { ok: false, reason: "the saved state of trading is damaged" };
  }
  return { ok: true, state: value as TradingState };
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/**
 * A snapshot and everything since -> the state as it was at the end. `text` is "" where there was no
 * snapshot. Nothing is sent while it is folded.
 */
export function foldTrading(
  text: string,
  options: OrderOptions,
  inputs: Iterable<TradingInput>,
): FoldedState {
  const read = text === "" ? undefined : readTrading(text);
  if (read?.ok === false) return read;
  const before = read?.state;
  const imported = before === undefined ? undefined : importOrders(before.orders, options);
  if (imported?.kind === "damaged") return { ok: false, reason: imported.reason };
  const orders = imported?.orders ?? new Orders(options);
  const folded = {
    openCycles: new Set(before?.openCycles ?? []),
    cycleCount: before?.cycleCount ?? 0,
  };
  const { table } = orders;
  table.tellsFills = true;
  const open = new Set([...table.live, ...table.unsettled]);
  for (const input of inputs) {
    foldOne(orders, folded, input);
    if (input.kind !== "place") continue;
    const placed = table.get(input.command.clientId);
    if (placed !== undefined) open.add(placed);
  }
  return {
    ok: true,
    fills: table.told.map(fillRecordOf),
    settled: [...open].filter(isSettled).map(orderRecordOf),
    state: {
      version: STATE_VERSION,
      orders: exportOrders(orders),
      risk: before?.risk ?? null,
      cycleCount: folded.cycleCount,
      opportunityCount: before?.opportunityCount ?? 0,
      openCycles: [...folded.openCycles],
      dust: before?.dust ?? {},
    },
  };
}

type Folded = { readonly openCycles: Set<number>; cycleCount: number };

function foldOne(orders: Orders, folded: Folded, input: TradingInput): void {
  if (input.kind === "cycleEnded") {
    folded.openCycles.delete(input.cycle);
    orders.releaseCycle(input.cycle);
    return;
  }
  if (input.kind === "place" || input.kind === "intent") {
    const { cycle } = input.command;
    if (cycle > 0) folded.openCycles.add(cycle);
    folded.cycleCount = Math.max(folded.cycleCount, cycle);
  }
  foldInput(orders, input);
}

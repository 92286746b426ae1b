/**
 * Station: an opportunity -> the fault that happens there, or none.
 *
 * Everything that can go wrong between an engine and its orders at a venue, by where it happens. Each
 * kind has a rate and a count, and can be armed to happen next; draws come from one seeded generator,
 * so that a seed names a whole bad day. It decides what happens; `back-end.ts` lets it happen.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Random } from "../market/random.ts";

/** What may happen to a place request and its answer. Rates are chances for each request. */
export const PLACE_FAULT_KINDS = [
  /** Never reaches the engine; no answer. */
  "requestLost",
  /** Executed or resting; no answer. */
  "ackLost",
  /** Reaches the door or the book late, within the back end's time; no answer in time. */
  "lateAcceptance",
  /** Executed; the answer is a server error. */
  "errorExecuted",
  /** Not executed; the answer is the same server error. */
  "errorNotExecuted",
  /** The same answer twice. */
  "duplicateAck",
  /** Private messages first, the answer later. */
  "fillBeforeAck",
  /** A rejection out of the wire's own catalog, each code in turn. */
  "rejectCode",
  /** Too many requests, with the time to wait. */
  "rateLimited",
  /** The same as a ban. */
  "banned",
  /** The venue finds the request's time outside its window. */
  "timestampRefused",
] as const;
/** What may happen to a cancel request. Rates are chances for each request. */
export const CANCEL_FAULT_KINDS = [
  "cancelRequestLost",
  "cancelAckLost",
  /** A server error, executed or not. */
  "cancelError",
  /** Partly filled just before the cancel; the fill is told after the acknowledgment. */
  "cancelLateFill",
  /** Filled just before the cancel, which is refused for that. */
  "cancelAfterFill",
] as const;
/** What may happen to the private message of a fill. Rates are chances for each fill. */
export const STREAM_FAULT_KINDS = [
  "missingFill",
  "duplicateFill",
  /** The same fill again under another trade id: a contradiction no venue should produce. */
  "duplicateFillNewId",
  /** Told after the next message of the account. */
  "reorderFills",
  "lateFill",
] as const;
/** What may happen to the message of an order's end. Rates are chances for each end. */
export const END_FAULT_KINDS = [
  /** An older state of the order is told once more, after its end. */
  "staleStatus",
] as const;
/** What may happen to a query. Rates are chances for each query. */
export const QUERY_FAULT_KINDS = ["laggingQuery", "queryError"] as const;
/** What may happen at the venue or to the account by itself. Rates are mean counts a minute. */
export const STATE_FAULT_KINDS = [
  "privateStreamDead",
  "privateStreamCut",
  "filterChange",
  "halt",
  "break",
  "cancelOnly",
  "deposit",
  "withdrawal",
  "feeChange",
  "vanishedOrders",
  "foreignOrder",
] as const;

export const TRADING_FAULT_KINDS = [
  ...PLACE_FAULT_KINDS,
  ...CANCEL_FAULT_KINDS,
  ...STREAM_FAULT_KINDS,
  ...END_FAULT_KINDS,
  ...QUERY_FAULT_KINDS,
  ...STATE_FAULT_KINDS,
] as const;

export type PlaceFaultKind = (typeof PLACE_FAULT_KINDS)[number];
export type CancelFaultKind = (typeof CANCEL_FAULT_KINDS)[number];
export type StreamFaultKind = (typeof STREAM_FAULT_KINDS)[number];
export type EndFaultKind = (typeof END_FAULT_KINDS)[number];
export type QueryFaultKind = (typeof QUERY_FAULT_KINDS)[number];
export type StateFaultKind = (typeof STATE_FAULT_KINDS)[number];
export type TradingFaultKind = (typeof TRADING_FAULT_KINDS)[number];

export type TradingFaultRates = { readonly [kind in TradingFaultKind]?: number };

/** Whether a kind happens by itself, not to a request or a message. */
export function isStateFault(kind: TradingFaultKind): kind is StateFaultKind {
  return (STATE_FAULT_KINDS as readonly string[]).includes(kind);
}

/** Rates, armed faults and counts of one venue. */
export class TradingFaults {
  rates: TradingFaultRates = {};
  /** Told of every fault that happens, as it happens. */
  onNote: ((kind: TradingFaultKind) => void) | undefined;
  readonly #random: Random;
  readonly #armed = new Map<TradingFaultKind, number>();
  readonly #counts = new Map<TradingFaultKind, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Lets the next `count` opportunities of a kind be used, whatever its rate. */
  arm(kind: TradingFaultKind, count: number): void {
    assert(!isStateFault(kind), `${kind} has no opportunity to wait for`);
    this.#armed.set(kind, (this.#armed.get(kind) ?? 0) + count);
  }

  /** What was armed and found no opportunity yet is called off. */
  disarm(): void {
    this.#armed.clear();
  }

  /** The fault of one opportunity: an armed one first, else at most one drawn by the rates. */
  draw<T extends TradingFaultKind>(family: readonly T[]): T | null {
    for (const kind of family) {
      const armed = this.#armed.get(kind) ?? 0;
      if (armed === 0) continue;
      this.#armed.set(kind, armed - 1);
      return this.note(kind);
    }
    if (!family.some((kind) => (this.rates[kind] ?? 0) > 0)) return null;
    let left = this.#random.next();
    for (const kind of family) {
      left -= this.rates[kind] ?? 0;
      if (left < 0) return this.note(kind);
    }
    return null;
  }

  /** Counts a fault that happened; gives it back. */
  note<T extends TradingFaultKind>(kind: T): T {
    this.#counts.set(kind, this.count(kind) + 1);
    this.onNote?.(kind);
    return kind;
  }

  count(kind: TradingFaultKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Counts of the kinds that happened. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** A number in [min, max) for how long or how much. */
  between(min: number, max: number): number {
    return this.#random.between(min, max);
  }

  /** An integer in [0, count). */
  integer(count: number): number {
    return this.#random.integer(count);
  }

  /** A waiting time with this mean, in its unit. */
  exponential(mean: number): number {
    return this.#random.exponential(mean);
  }
}

/**
 * Station: what the exchange tells an account -> its listeners, faults of delivery included.
 *
 * One account may have several listeners; a fault of delivery hits all of them alike, since it stands
 * for what the venue failed to say. While a stream is dead nothing is kept: it is lost to the stream
 * and only queries tell of it.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS } from "../../../contracts/time.ts";
import { END_FAULT_KINDS, STREAM_FAULT_KINDS, type TradingFaults } from "./faults.ts";
import type { Later } from "./later.ts";
import type { ExchangeEvent } from "./orders.ts";

/** A private session of a wire. */
export type PrivateListener = {
  readonly onEvent: (event: ExchangeEvent) => void;
  /** The venue cuts the session; the listener is gone already when this is called. */
  readonly onCut: () => void;
};

/** A held fill is told at the latest after this. */
const REORDER_MS_MAX = 50;
const LATE_FILL_MS: readonly [number, number] = [100, 2_000];
/** Added to a trade id that must not exist; the tape is far from it. */
const FALSE_TRADE_ID_OFFSET = 500_000_000;

type FillEvent = Extract<ExchangeEvent, { type: "orderFilled" }>;
type OrderEvent = Exclude<ExchangeEvent, { type: "balancesChanged" }>;

/** Whether an event tells the last fill of its order. */
function isWhole(event: ExchangeEvent): event is FillEvent {
  return event.type === "orderFilled" && event.order.status === "filled";
}

/** The message of an order's acceptance, as it was before its end. */
function older({ accountId, executionId, eventUs, order }: OrderEvent): ExchangeEvent {
  const before = { status: "open", endCause: null, tradeCount: 0 } as const;
  const amounts = { filledLots: 0, filledQuoteAtto: 0n };
  const fresh = { ...order, ...before, ...amounts, changedUs: order.placedUs };
  return { type: "orderAccepted", accountId, executionId, eventUs, order: fresh };
}

export class PrivateStreams {
  readonly #listeners = new Map<string, Set<PrivateListener>>();
  readonly #deadUntilUs = new Map<string, Micros>();
  readonly #held = new Map<string, ExchangeEvent[]>();
  readonly #faults: TradingFaults;
  readonly #later: Later;
  readonly #speed: number;

  constructor(faults: TradingFaults, later: Later, speed: number) {
    this.#faults = faults;
    this.#later = later;
    this.#speed = speed;
  }

  /** Adds a listener; call what is returned to remove it. */
  listen(accountId: string, listener: PrivateListener): () => void {
    const listeners = this.#listeners.get(accountId) ?? new Set();
    this.#listeners.set(accountId, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  listenerCount(accountId: string): number {
    return this.#listeners.get(accountId)?.size ?? 0;
  }

  /** Nothing is told until then. */
  kill(accountId: string, untilUs: Micros): void {
    this.#deadUntilUs.set(accountId, untilUs);
  }

  /** Ends every session of an account; returns how many there were. */
  cut(accountId: string): number {
    const listeners = [...(this.#listeners.get(accountId) ?? [])];
    this.#listeners.get(accountId)?.clear();
    for (const listener of listeners) listener.onCut();
    return listeners.length;
  }

  /** Tells one event, unless a fault has other ideas. */
  tell(event: ExchangeEvent, nowUs: Micros): void {
    if (event.type === "orderFilled") this.#tellFill(event, nowUs);
    else this.#deliver(event, nowUs);
    const isEnd = event.type === "orderEnded" || isWhole(event);
    if (isEnd && this.#faults.draw(END_FAULT_KINDS) !== null) this.#deliver(older(event), nowUs);
  }

  #tellFill(event: FillEvent, nowUs: Micros): void {
    const after = (ms: number) => nowUs + (ms * US_PER_MS) / this.#speed;
    switch (this.#faults.draw(STREAM_FAULT_KINDS)) {
      case "missingFill":
        break;
      case "duplicateFill":
        this.#deliver(event, nowUs);
        this.#deliver(event, nowUs);
        break;
      case "duplicateFillNewId": {
        const tradeId = event.trade.tradeId + FALSE_TRADE_ID_OFFSET;
        this.#deliver(event, nowUs);
        this.#deliver({ ...event, trade: { ...event.trade, tradeId } }, nowUs);
        break;
      }
      case "reorderFills":
        this.#hold(event);
        this.#later.put(after(REORDER_MS_MAX), (atUs) => this.#releaseHeld(event.accountId, atUs));
        break;
      case "lateFill":
        this.#later.put(after(this.#faults.between(...LATE_FILL_MS)), (atUs) =>
          this.#deliver(event, atUs),
        );
        break;
      case null:
        this.#deliver(event, nowUs);
        break;
    }
  }

  #hold(event: ExchangeEvent): void {
    const held = this.#held.get(event.accountId);
    if (held === undefined) this.#held.set(event.accountId, [event]);
    else held.push(event);
  }

  #deliver(event: ExchangeEvent, nowUs: Micros): void {
    this.#send(event, nowUs);
    // A balance message alone would not show that two fills changed places.
    if (event.type !== "balancesChanged") this.#releaseHeld(event.accountId, nowUs);
  }

  #releaseHeld(accountId: string, nowUs: Micros): void {
    const held = this.#held.get(accountId) ?? [];
    this.#held.delete(accountId);
    for (const event of held) this.#send(event, nowUs);
  }

  #send(event: ExchangeEvent, nowUs: Micros): void {
    if (nowUs < (this.#deadUntilUs.get(event.accountId) ?? 0)) return;
    for (const listener of this.#listeners.get(event.accountId) ?? []) listener.onEvent(event);
  }
}

/**
 * Station: requests of holders -> a venue that knows no fence: it takes what comes within its window.
 *
 * The front looks at the time of signing when a request arrives, and never again: what it has let in may
 * come out of the back end much later (RELIABILITY 3.1). Orders are immediate-or-cancel and never filled,
 * so that an account's truth is only what was accepted. Its clock is the true one.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import type { PlaceOrder } from "../../../hotpath/core/trade/commands.ts";
import type { OrderView } from "../../../hotpath/core/trade/events.ts";
import type { Random } from "../../venues/market/random.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { LeaseCounts } from "./lease-faults.ts";
import type { LeaseJudge } from "./lease-judge.ts";

/** Chances of each request, while there is trouble. */
export type DoorRates = {
  /** Up to a minute on the way, there or back. */
  readonly slow: number;
  readonly lost: number;
  /** Up to the venue's own limit inside of it. */
  readonly backEnd: number;
};
export const NO_DELAYS: DoorRates = { slow: 0, lost: 0, backEnd: 0 };

/** What became of an order at the venue. */
export type Fate = { readonly kind: "accepted" | "outOfWindow"; readonly view: OrderView };

export type DoorParts = {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly counts: LeaseCounts;
  readonly judge: LeaseJudge;
  /** The longest that its back end sits on a request. */
  readonly backEndUs: Micros;
};

const LATENCY_US: readonly [number, number] = [US_PER_MS, 20 * US_PER_MS];
/** The shorter ones are the dangerous ones: half of all delays is below eight seconds. */
const DELAY_US_MAX = 60 * US_PER_S;
const DELAY_POWER = 3;
const BACK_END_US: readonly [number, number] = [100, 3 * US_PER_MS];
/** Binance refuses a timestamp a second or more ahead of its own (RELIABILITY E3). */
const AHEAD_US_MAX = US_PER_S;
/** After this the engine asks what has become of an order. */
const PATIENCE_US = 2 * US_PER_S;

export class OrderDoor {
  readonly #parts: DoorParts;
  readonly #accepted = new Map<string, OrderView>();
  rates: DoorRates = NO_DELAYS;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  /** A request of any other kind: there, `read` at the venue, and back with what it read. */
  ask<T>(process: Process, read: () => T, tell: (answer: T) => void): void {
    const { kernel } = this.#parts;
    if (this.#isIn(this.rates.lost)) return;
    kernel.at(kernel.nowUs + this.#wayUs(), kernel.world, () =>
      this.#answer(process, read(), tell),
    );
  }

  /** A new order. Its answer may never come. */
  place(holder: string, order: PlaceOrder, process: Process, tell: (fate: Fate) => void): void {
    const { kernel, counts, judge, random, backEndUs } = this.#parts;
    const sentUs = kernel.nowUs;
    if (this.#isIn(this.rates.lost)) return;
    kernel.at(sentUs + this.#wayUs(), kernel.world, () => {
      const ageUs = kernel.nowUs - order.stampUs;
      if (ageUs > order.windowUs || ageUs <= -AHEAD_US_MAX) {
        counts.seen.windowRefused++;
        this.#answer(process, { kind: "outOfWindow", view: viewOf(order, "rejected") }, tell);
        return;
      }
      const isSlow = this.#isIn(this.rates.backEnd);
      const [least, most] = isSlow ? [PATIENCE_US, backEndUs] : BACK_END_US;
      kernel.at(kernel.nowUs + Math.round(random.between(least, most)), kernel.world, () => {
        const view = viewOf(order, "expired");
        this.#accepted.set(order.clientId, view);
        if (kernel.nowUs - sentUs > PATIENCE_US) counts.injected.O04++;
        if (isSlow) counts.seen.backEndLate++;
        judge.onAccepted(holder, order);
        this.#answer(process, { kind: "accepted", view }, tell);
      });
    });
  }

  /** An order by its name; undefined for one that was never accepted. */
  find(clientId: string): OrderView | undefined {
    return this.#accepted.get(clientId);
  }

  #answer<T>(process: Process, answer: T, tell: (answer: T) => void): void {
    const { kernel } = this.#parts;
    if (this.#isIn(this.rates.lost)) return;
    kernel.at(kernel.nowUs + this.#wayUs(), process, () => tell(answer));
  }

  #wayUs(): Micros {
    const { random } = this.#parts;
    if (!this.#isIn(this.rates.slow)) return Math.round(random.between(...LATENCY_US));
    return Math.round(DELAY_US_MAX * random.next() ** DELAY_POWER);
  }

  #isIn(rate: number): boolean {
    return rate > 0 && this.#parts.random.next() < rate;
  }
}

function viewOf(order: PlaceOrder, state: OrderView["state"]): OrderView {
  const { clientId, instrument, side, lots, priceTicks } = order;
  const orderId = `v-${clientId}`;
  const base = { clientId, orderId, instrument, side, lots, priceTicks };
  return { ...base, state, filledLots: 0, reason: "", exchangeUs: 0 };
}

/**
 * Station: what the readers of a desk have made of a message -> the orders of an engine that believes it.
 *
 * Readers and orders each have their own idea of what may come; what the first let through, the second must be
 * able to bear: nothing that a venue says may crash the engine, or leave it with a state that it cannot save.
 */
import { assert } from "../../../../contracts/assert.ts";
import type { VenueId } from "../../../../contracts/ids.ts";
import type { Instrument } from "../../../../hotpath/core/instrument.ts";
import { exportOrders, importOrders } from "../../../../hotpath/core/order/order-state.ts";
import { Orders } from "../../../../hotpath/core/order/orders.ts";
import type { AccountEvent, FillView, OrderView } from "../../../../hotpath/core/trade/events.ts";
import type { Told } from "../../../../hotpath/io/trade/account-answers.ts";

/** That of the orders in the corpora. */
const FENCE = 1;
const NOW_US = 1_800_000_000_000_000;
const SAVED_EVERY = 64;

export class Listener {
  readonly #options: {
    readonly fence: number;
    readonly instruments: readonly Instrument[];
    readonly venues: readonly VenueId[];
  };
  readonly #orders: Orders;
  #heardCount = 0;

  constructor(venue: VenueId, instruments: readonly Instrument[]) {
    this.#options = { fence: FENCE, instruments, venues: [venue] };
    this.#orders = new Orders(this.#options);
    this.#orders.openLedger(0, []);
  }

  /** Asserts that what was heard can be saved and restored. */
  hear(
    told: readonly Told[],
    orders: readonly (OrderView | undefined)[] = [],
    fills: readonly (FillView | undefined)[] = [],
  ): void {
    for (const event of told) this.#apply(event);
    const source = "query";
    for (const order of orders) if (order) this.#apply({ type: "orderReported", source, order });
    for (const fill of fills) if (fill) this.#apply({ type: "orderFilled", source, fill });
    this.#heardCount++;
    if (this.#heardCount % SAVED_EVERY !== 0) return;
    const read = importOrders(exportOrders(this.#orders), this.#options);
    assert(read.kind === "orders", "what was heard can be saved and restored");
  }

  #apply(told: Told): void {
    const event = { venue: 0, epoch: 1, recvUs: NOW_US, ...told } as AccountEvent;
    this.#orders.applyEvent(event, NOW_US);
  }
}

/**
 * Station: a change of an order or a balance -> the event an account hears.
 *
 * Every change is told at once and in order, each with its own execution id, and each order event is
 * followed by the balances it moved. It decides nothing and changes nothing.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { Ledger } from "./ledger.ts";
import type { LiveOrder } from "./live-order.ts";
import type { ExchangeEvent, Order, OwnTrade } from "./orders.ts";

type BalanceCause = "order" | "trade" | "external";

export class Announcer {
  onEvent: (event: ExchangeEvent) => void = () => {};
  readonly #ledger: Ledger;
  #executionId = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  accepted(live: LiveOrder, eventUs: Micros): void {
    const order = live.copy(eventUs);
    const { accountId } = order;
    this.onEvent({
      type: "orderAccepted",
      executionId: this.#nextId(),
      accountId,
      order,
      eventUs,
    });
    this.#balances([live.heldAsset], { cause: "order", order, eventUs });
  }

  filled(live: LiveOrder, trade: OwnTrade, eventUs: Micros): void {
    const order = live.copy(eventUs);
    const { accountId } = order;
    const executionId = this.#nextId();
    this.onEvent({ type: "orderFilled", executionId, accountId, order, trade, eventUs });
    const assets = [...new Set([...live.assets, trade.feeAsset])];
    this.#balances(assets, { cause: "trade", order, eventUs });
  }

  ended(live: LiveOrder, cancelId: string, eventUs: Micros): Order {
    const order = live.copy(eventUs);
    const { accountId } = order;
    const executionId = this.#nextId();
    this.onEvent({ type: "orderEnded", executionId, accountId, order, cancelId, eventUs });
    this.#balances([live.heldAsset], { cause: "order", order, eventUs });
    return order;
  }

  moved(accountId: string, move: { asset: string; deltaAtto: bigint }, eventUs: Micros): void {
    this.onEvent({
      type: "balancesChanged",
      executionId: this.#nextId(),
      accountId,
      balances: [this.#ledger.balance(accountId, move.asset)],
      cause: "external",
      deltaAtto: move.deltaAtto,
      order: null,
      eventUs,
    });
  }

  #balances(
    assets: readonly string[],
    of: { cause: BalanceCause; order: Order; eventUs: Micros },
  ): void {
    const { accountId } = of.order;
    const balances = assets.map((asset) => this.#ledger.balance(accountId, asset));
    const executionId = this.#nextId();
    this.onEvent({
      type: "balancesChanged",
      executionId,
      accountId,
      balances,
      deltaAtto: 0n,
      ...of,
    });
  }

  #nextId(): number {
    this.#executionId += 1;
    return this.#executionId;
  }
}

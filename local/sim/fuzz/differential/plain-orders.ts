/**
 * Station: what a venue says of orders -> what must be believed, told once more in plain words.
 *
 * Four facts decide: whether anything shows that the order lives, how it ended, that it never was, and that it
 * is whole. No table and no queue: a sentence for each thing that can be heard. Time is known only to one rule,
 * that an order counts as never accepted after two late answers which agree.
 */
import type { OrderState, Side } from "../../../../contracts/trade.ts";
import type { FillView, OrderView } from "../../../../hotpath/core/trade/events.ts";

type Answer = "refused" | "unclear" | "notSent" | "cancelAccepted" | "cancelRefused" | "rejected";

export type Word = Answer | "accepted" | "traded" | OrderView["state"];

export class PlainOrder {
  readonly clientId: string;
  readonly instrument: number;
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
  state: OrderState = "sent";
  orderId = "";
  /** Lots of the trades that were shown, the most that was told, and what is counted without its trade. */
  traded = 0;
  told = -1;
  standIn = 0;
  /** Anything that only an order can do that the venue had. */
  hasLived = false;
  /** The question under way, and when those were asked to which it was said that there is no such order. */
  asked: { readonly requestId: number; readonly atUs: number } | undefined;
  readonly deniedUs: number[] = [];

  constructor(view: {
    readonly clientId: string;
    readonly instrument: number;
    readonly side: Side;
    readonly priceTicks: number;
    readonly lots: number;
  }) {
    this.clientId = view.clientId;
    this.instrument = view.instrument;
    this.side = view.side;
    this.priceTicks = view.priceTicks;
    this.lots = view.lots;
  }

  get isLive(): boolean {
    return this.state === "sent" || this.state === "open" || this.state === "unknown";
  }

  get neverWas(): boolean {
    return this.state === "rejected" || this.state === "notSent" || this.state === "notAccepted";
  }

  get missing(): number {
    return Math.max(0, this.told - this.traded);
  }

  /** What may still be traded without our knowing. */
  get exposed(): number {
    const most = this.isLive ? Math.max(this.lots, this.told) : this.told;
    return Math.max(0, most - this.traded - this.standIn);
  }

  /** Nobody answers, or the answer proves nothing. */
  doubt(): void {
    if (this.state === "sent") this.state = "unknown";
    this.#mustHaveBeen();
  }

  hear(word: Word): void {
    // Nothing is left of it, and nothing can be said against that.
    if (this.state !== "filled") this.state = this.#after(word);
    this.#mustHaveBeen();
    const hasEnded = !this.isLive && !this.neverWas;
    if (this.state === "open" || hasEnded || this.traded > 0) this.hasLived = true;
  }

  #after(word: Word): OrderState {
    switch (word) {
      case "filled":
        return "filled";
      case "traded":
        return this.traded >= this.lots ? "filled" : this.#afterLife();
      case "accepted":
      case "open":
      case "partiallyFilled":
        return this.#afterLife();
      // These go before a refusal as well as with a life: of a refused order they say nothing.
      case "received":
        return this.state === "rejected" ? "rejected" : this.#afterLife();
      case "canceled":
        return this.state === "rejected" ? "rejected" : this.#afterEnd("canceled");
      case "expired":
        return this.#afterEnd("expired");
      default:
        return this.#afterAnswer(word);
    }
  }

  /** It lives, unless it was seen to end: then that is older news. */
  #afterLife(): OrderState {
    return this.isLive || this.neverWas ? "open" : this.state;
  }

  /** It has ended; the first word of that is believed. */
  #afterEnd(end: "canceled" | "expired"): OrderState {
    return this.isLive || this.neverWas ? end : this.state;
  }

  /** Refusals, and answers to requests: most are of no weight once it was seen. */
  #afterAnswer(word: Answer): OrderState {
    const { state } = this;
    const isUndecided = state === "sent" || state === "unknown";
    switch (word) {
      case "rejected":
        return this.isLive || state === "notAccepted" ? "rejected" : state;
      case "refused":
        return isUndecided ? "rejected" : state;
      case "notSent":
        return isUndecided ? "notSent" : state;
      case "unclear":
        return state === "sent" ? "unknown" : state;
      case "cancelAccepted":
        if (this.neverWas) return "unknown";
        return isUndecided ? "open" : state;
      case "cancelRefused":
        return state;
    }
  }

  /** What was executed did exist: then it is over, and was not refused. */
  #mustHaveBeen(): void {
    if (this.neverWas && (this.traded > 0 || this.told > 0)) this.state = "canceled";
  }

  /** Takes what a report says to be filled; only a query about an end may say less than before. */
  note(view: OrderView, isQuery: boolean): void {
    const isAll = view.state === "filled" && view.filledLots < 0;
    const said = isAll ? this.lots : view.filledLots;
    if (said < 0) return;
    const isEnd = ["filled", "canceled", "expired"].includes(view.state);
    const mayFall = isQuery && isEnd && !isAll;
    this.told = Math.max(said, mayFall ? this.traded : this.told);
  }

  trade(lots: number): void {
    this.traded += lots;
    if (this.standIn > 0) this.standIn = Math.min(this.standIn, this.missing);
    this.hear("traded");
  }
}

/** A trade that counts, and the order it counts for. */
type PlainTrade = {
  readonly view: FillView;
  owner: PlainOrder | undefined;
  isFeeKnown: boolean;
};

/** What is believed of an account: its orders by both names, and each trade once. */
export class PlainOrders {
  readonly byName = new Map<string, PlainOrder>();
  readonly trades = new Map<string, PlainTrade>();
  readonly #byOrderId = new Map<string, PlainOrder>();

  add(order: PlainOrder): void {
    this.byName.set(order.clientId, order);
  }

  find(view: FillView | OrderView): PlainOrder | undefined {
    const named = this.byName.get(view.clientId);
    return named ?? this.#byOrderId.get(`${view.instrument} ${view.orderId}`);
  }

  /** Whether what is said of `order` under this name can be meant; learns it where it is nobody else's. */
  learn(order: PlainOrder, orderId: string): boolean {
    if (orderId === "" || order.orderId === orderId) return true;
    const key = `${order.instrument} ${orderId}`;
    if (order.orderId !== "" || this.#byOrderId.has(key)) return false;
    order.orderId = orderId;
    order.hasLived = true;
    this.#byOrderId.set(key, order);
    this.#adopt(order);
    return true;
  }

  /** Trades that waited for an order of this name are its own. */
  #adopt(order: PlainOrder): void {
    for (const trade of this.trades.values()) {
      const { orderId, instrument, side, lots } = trade.view;
      const isNamed = orderId === order.orderId && instrument === order.instrument;
      if (trade.owner !== undefined || !isNamed || side !== order.side) continue;
      trade.owner = order;
      order.trade(lots);
    }
  }

  /** Takes a report; whether it was of an order that is known by then. */
  report(view: OrderView, isQuery: boolean): PlainOrder | undefined {
    const order = this.find(view);
    if (order === undefined) return this.#adoptOrder(view, isQuery);
    const isElsewhere = view.instrument >= 0 && view.instrument !== order.instrument;
    if (isElsewhere || (view.side !== undefined && view.side !== order.side)) return order;
    if (!this.learn(order, view.orderId)) return order;
    order.note(view, isQuery);
    order.hear(view.state);
    return order;
  }

  /** An order with a name of ours that only the venue knows is taken in while it may live. */
  #adoptOrder(view: OrderView, isQuery: boolean): PlainOrder | undefined {
    const { clientId, instrument, side, lots, priceTicks, orderId } = view;
    const isOver = ["filled", "canceled", "expired", "rejected"].includes(view.state);
    const isMeant = clientId.startsWith("rk00007-") && !isOver && instrument === 0;
    if (!isMeant || side === undefined || lots <= 0 || priceTicks <= 0) return undefined;
    const order = new PlainOrder({ clientId, instrument, side, lots, priceTicks });
    order.state = "open";
    order.hasLived = true;
    this.add(order);
    order.note(view, isQuery);
    this.learn(order, orderId);
    return order;
  }

  /** Takes a trade; whether it counts. */
  fill(view: FillView): boolean {
    if (view.instrument < 0 || view.instrument > 1 || view.lots <= 0) return false;
    const key = `${view.instrument} ${view.side} ${view.tradeId}`;
    const known = this.trades.get(key);
    const order = this.find(view);
    const isFeeKnown = view.fee !== "";
    if (known !== undefined) {
      const isSame = known.owner === undefined || known.owner === order;
      if (isSame && isFeeKnown) known.isFeeKnown = true;
      return false;
    }
    const isOther = order?.instrument !== view.instrument || order.side !== view.side;
    if (order !== undefined && isOther) return false;
    this.trades.set(key, { view, owner: order, isFeeKnown });
    order?.trade(view.lots);
    return true;
  }
}

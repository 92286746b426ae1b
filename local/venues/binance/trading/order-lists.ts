/**
 * Station: a pair of exits, or an entry with its pair -> orders at the exchange, one canceling the other.
 *
 * OCO and OTOCO with a limit leg that only makes and a stop leg at market, as the pages describe them
 * (web-socket-api.md and user-data-stream.md, read 2026-11-20). The limit leg rests in the true book; the
 * stop leg waits here and holds nothing until the touch reaches it. Time comes with `tick`.
 */
import type { Micros } from "../../../../contracts/time.ts";
import type { PlaceAnswer } from "../../exchange/answers.ts";
import { attoOf, parseAtto } from "../../exchange/atto.ts";
import type { Order, OrderRequest, OrderSide } from "../../exchange/orders.ts";
import type { TradingSide } from "../../exchange/trading-side.ts";
import { wireMs } from "../wire.ts";

/** Two ways out of a position: whichever comes first ends the other. */
export type ExitPlan = {
  readonly side: OrderSide;
  readonly quantity: string;
  readonly limitId: string;
  readonly limitPrice: string;
  readonly stopId: string;
  readonly stopPrice: string;
};

export type ListPlan = {
  readonly accountId: string;
  readonly listClientOrderId: string;
  readonly symbol: string;
  /** The entry, filled whole before the exits are placed; null when they are placed at once. */
  readonly working: OrderRequest | null;
  readonly exits: ExitPlan;
  readonly notAfterUs: Micros;
};

type Stage = "working" | "exits" | "done";

/** One order list as the venue holds it. */
export type OrderList = {
  readonly orderListId: number;
  readonly plan: ListPlan;
  readonly placedUs: Micros;
  stage: Stage;
  /** The order at the exchange that the list waits for: the entry, then the limit leg. */
  orderId: number;
  readonly orderIds: number[];
};

export type ListEvent = { readonly accountId: string; readonly event: object };

/** All order lists of one venue. */
export class OrderLists {
  readonly #side: TradingSide;
  readonly #lists = new Map<number, OrderList>();
  readonly #emit: (event: ListEvent) => void;
  #nextId = 1;

  constructor(side: TradingSide, emit: (event: ListEvent) => void) {
    this.#side = side;
    this.#emit = emit;
  }

  /** Lists that are not done. */
  get openCount(): number {
    return [...this.#lists.values()].filter(({ stage }) => stage !== "done").length;
  }

  /** Whether the exits lie on the right sides of the market. */
  arePricesRight(plan: ListPlan): boolean {
    const stop = this.#ticksOf(plan.symbol, plan.exits.stopPrice);
    const limit = this.#ticksOf(plan.symbol, plan.exits.limitPrice);
    if (stop === undefined || limit === undefined) return false;
    return plan.exits.side === "sell" ? limit > stop : limit < stop;
  }

  /** Places a list; `answer` gets the list, or why its first order was refused. */
  place(
    plan: ListPlan,
    nowUs: Micros,
    answer: (answer: OrderList | Exclude<PlaceAnswer, { kind: "accepted" }>) => void,
  ): void {
    const first = plan.working ?? limitRequest(plan);
    this.#side.backEnd.place(first, nowUs, (placed) => {
      if (placed.kind !== "accepted") {
        answer(placed);
        return;
      }
      const { orderId } = placed.order;
      const known = [...this.#lists.values()].find((one) => one.orderIds.includes(orderId));
      // A doubled answer names the same order; its list exists.
      answer(known ?? this.#open(plan, orderId, nowUs));
    });
  }

  /** Cancels a list by one of its names; undefined when there is none that is open. */
  cancel(
    accountId: string,
    key: { orderListId: number | undefined; listClientOrderId: string | undefined },
    nowUs: Micros,
  ): OrderList | undefined {
    const list = [...this.#lists.values()].find(
      (one) =>
        one.stage !== "done" &&
        one.plan.accountId === accountId &&
        (key.orderListId === one.orderListId ||
          key.listClientOrderId === one.plan.listClientOrderId),
    );
    if (list === undefined) return undefined;
    this.#side.exchange.cancel(accountId, { orderId: list.orderId }, { nowUs });
    this.#finish(list, nowUs);
    return list;
  }

  /** Lets lists follow their orders and the market. */
  tick(nowUs: Micros): void {
    for (const list of this.#lists.values()) {
      if (list.stage !== "done") this.#follow(list, nowUs);
    }
  }

  /** The order a list waits for, as the exchange knows it. */
  orderOf(list: OrderList): Order | undefined {
    return this.#side.exchange.log.order(list.plan.accountId, { orderId: list.orderId });
  }

  #open(plan: ListPlan, orderId: number, nowUs: Micros): OrderList {
    const list: OrderList = {
      orderListId: this.#nextId,
      plan,
      placedUs: nowUs,
      stage: plan.working === null ? "exits" : "working",
      orderId,
      orderIds: [orderId],
    };
    this.#nextId += 1;
    this.#lists.set(list.orderListId, list);
    this.#tell(list, "EXEC_STARTED", nowUs);
    return list;
  }

  #follow(list: OrderList, nowUs: Micros): void {
    const order = this.orderOf(list);
    if (order === undefined || order.status === "canceled" || order.status === "expired") {
      // Canceling one order of a list cancels all of it.
      this.#finish(list, nowUs);
    } else if (order.status === "filled") {
      if (list.stage === "working") this.#placeExits(list, nowUs);
      else this.#finish(list, nowUs);
    } else if (list.stage === "exits" && this.#isStopped(list)) {
      this.#stop(list, nowUs);
    }
  }

  #placeExits(list: OrderList, nowUs: Micros): void {
    const placed = this.#side.exchange.place(limitRequest(list.plan), nowUs);
    if (placed.kind === "rejected") {
      this.#finish(list, nowUs);
      return;
    }
    list.stage = "exits";
    list.orderId = placed.order.orderId;
    list.orderIds.push(list.orderId);
    this.#tell(list, "UPDATED", nowUs);
  }

  #isStopped({ plan }: OrderList): boolean {
    const { market } = this.#side.exchange;
    const { book } = market.instrumentAt(market.indexOf(plan.symbol) ?? 0);
    const stop = this.#ticksOf(plan.symbol, plan.exits.stopPrice) ?? 0;
    return plan.exits.side === "sell"
      ? book.bestBidTicks > 0 && book.bestBidTicks <= stop
      : book.bestAskTicks > 0 && book.bestAskTicks >= stop;
  }

  /** The stop leg triggers: the limit leg goes, and what is left is done at market. */
  #stop(list: OrderList, nowUs: Micros): void {
    const { accountId, exits } = list.plan;
    const { exchange } = this.#side;
    exchange.cancel(accountId, { orderId: list.orderId }, { nowUs });
    const placed = exchange.place(
      {
        ...limitRequest(list.plan),
        clientOrderId: exits.stopId,
        type: "market",
        timeInForce: "IOC",
        isPostOnly: false,
        price: "",
        notAfterUs: Number.POSITIVE_INFINITY,
      },
      nowUs,
    );
    if (placed.kind === "accepted") list.orderIds.push(placed.order.orderId);
    this.#finish(list, nowUs);
  }

  #finish(list: OrderList, nowUs: Micros): void {
    list.stage = "done";
    this.#tell(list, "ALL_DONE", nowUs);
  }

  #tell(list: OrderList, listStatusType: string, nowUs: Micros): void {
    const { plan } = list;
    const event = {
      e: "listStatus",
      E: wireMs(nowUs),
      s: plan.symbol,
      g: list.orderListId,
      c: plan.working === null ? "OCO" : "OTO",
      l: listStatusType,
      L: list.stage === "done" ? "ALL_DONE" : "EXECUTING",
      r: "NONE",
      C: plan.listClientOrderId,
      T: wireMs(nowUs),
      O: list.orderIds.map((i) => ({ s: plan.symbol, i, c: this.#clientIdOf(plan, i) })),
    };
    this.#emit({ accountId: plan.accountId, event });
  }

  #clientIdOf(plan: ListPlan, orderId: number): string {
    const order = this.#side.exchange.log.order(plan.accountId, { orderId });
    return order?.clientOrderId ?? "";
  }

  #ticksOf(symbol: string, price: string): number | undefined {
    const { market } = this.#side.exchange;
    const index = market.indexOf(symbol);
    const amount = parseAtto(price);
    if (index === undefined || amount === undefined) return undefined;
    const { priceDigits } = market.instrumentAt(index).rules;
    return Number(amount / attoOf(1, priceDigits));
  }
}

/** The limit leg of a list as a request. */
function limitRequest(plan: ListPlan): OrderRequest {
  const { accountId, symbol, exits } = plan;
  return {
    accountId,
    clientOrderId: exits.limitId,
    symbol,
    side: exits.side,
    type: "limit",
    timeInForce: "GTC",
    isPostOnly: true,
    price: exits.limitPrice,
    quantity: exits.quantity,
    funds: "",
    selfTradeRule: "expireMaker",
    notAfterUs: Number.POSITIVE_INFINITY,
  };
}

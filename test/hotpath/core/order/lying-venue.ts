// Goal: a venue that loses, repeats, reorders and delays words, with a truth of its own to compare against.

import { parseAmount } from "../../../../hotpath/core/money/amount.ts";
import { lotsToAmount, notionalAmount } from "../../../../hotpath/core/money/notional.ts";
import type { OrderInput } from "../../../../hotpath/core/order/fold.ts";
import type { Order } from "../../../../hotpath/core/order/order.ts";
import type { PlaceOrder } from "../../../../hotpath/core/trade/commands.ts";
import type {
  AccountEvent,
  FillView,
  OrderView,
  VenueOrderState,
} from "../../../../hotpath/core/trade/events.ts";
import { balances, INSTRUMENTS, place, S, START_US } from "./fixture.ts";

type Happening = { readonly atUs: number; readonly act: (nowUs: number) => void };

type Trade = { readonly atUs: number; readonly fill: FillView };

/** What the venue really did with an order. */
export type TrueOrder = {
  readonly command: PlaceOrder;
  readonly orderId: string;
  readonly acceptedUs: number;
  readonly trades: Trade[];
  endedUs: number;
  end: VenueOrderState | undefined;
};

const FEE = "0.0003";

/** One account at one venue, in virtual time. `deliver` gets what reaches us. */
export class LyingVenue {
  readonly orders = new Map<string, TrueOrder>();
  readonly #chance: () => number;
  readonly #deliver: (input: OrderInput) => void;
  #agenda: Happening[] = [];
  #count = 0;
  nowUs = START_US;
  /** False in the end: then every word arrives, once and at once. */
  isLying = true;

  constructor(chance: () => number, deliver: (input: OrderInput) => void) {
    this.#chance = chance;
    this.#deliver = deliver;
  }

  /** Lets time pass; what falls due happens in its order. */
  advance(toUs: number): void {
    for (;;) {
      this.#agenda.sort((a, b) => a.atUs - b.atUs);
      const next = this.#agenda[0];
      if (next === undefined || next.atUs > toUs) break;
      this.#agenda.shift();
      this.nowUs = Math.max(this.nowUs, next.atUs);
      next.act(this.nowUs);
    }
    this.nowUs = toUs;
  }

  /** A command as a core would decide it. */
  commandOf(number: number): PlaceOrder {
    const isBuy = this.#chance() < 0.5;
    return place(number, {
      side: isBuy ? "buy" : "sell",
      instrument: this.#chance() < 0.5 ? 0 : 1,
      timeInForce: this.#chance() < 0.8 ? "ioc" : "gtc",
      lots: 1 + Math.floor(this.#chance() * 20),
      priceTicks: 9_000 + Math.floor(this.#chance() * 2_000),
    });
  }

  /** The order has left us. What becomes of it, and what we hear of it, is drawn here. */
  take(command: PlaceOrder): void {
    const fate = this.#isUnlucky(0.1) ? "lost" : this.#isUnlucky(0.1) ? "refused" : "accepted";
    // A request may be at work inside the venue until its window and the back end's time have passed.
    const delayUs = this.#isUnlucky(0.2)
      ? Math.floor((1 - this.#chance() ** 2) * (command.windowUs + 10 * S))
      : Math.floor(this.#chance() * 50_000);
    if (fate === "accepted")
      this.#at(this.nowUs + delayUs, (nowUs) => this.#accept(command, nowUs));
    if (fate === "refused") {
      this.#say(() => this.#refusal(command, "rejected"));
      return;
    }
    // The answer is lost, or unclear, more often than the order is.
    if (this.#isUnlucky(0.15)) this.#say(() => this.#refusal(command, "unknown"));
  }

  cancel(order: Order): void {
    const found = this.orders.get(order.clientId);
    if (found?.end !== undefined || found === undefined) return;
    this.#end(found, "canceled", this.nowUs);
  }

  /** Answers a query about an order, perhaps from a picture that is some seconds old. */
  query(order: Order): void {
    const { requestId } = order.inquiry;
    const askedUs = this.nowUs;
    const pictureUs = this.#isUnlucky(0.6)
      ? askedUs - Math.floor((1 - this.#chance() ** 2) * 5 * S)
      : askedUs;
    if (this.#isUnlucky(0.1)) return;
    const { clientId } = order;
    const answer = this.#isUnlucky(0.1)
      ? this.#answer(clientId, requestId, "failed", undefined, [])
      : this.#picture(clientId, requestId, pictureUs);
    this.#at(askedUs + Math.floor(this.#chance() * S), (nowUs) => this.#hear(answer, nowUs));
  }

  #picture(clientId: string, requestId: number, pictureUs: number): AccountEvent {
    const found = this.orders.get(clientId);
    if (found === undefined || found.acceptedUs > pictureUs) {
      return this.#answer(clientId, requestId, "notFound", undefined, []);
    }
    const fills = this.#tradesOf(found, pictureUs);
    // The trades of an order are told by a part of the venue that may lag behind the order itself.
    const shown = this.#isUnlucky(0.2) ? fills.slice(0, -1) : fills;
    return this.#answer(clientId, requestId, "found", this.#viewOf(found, pictureUs), shown);
  }

  #answer(
    clientId: string,
    requestId: number,
    outcome: "found" | "notFound" | "failed",
    order: OrderView | undefined,
    fills: readonly FillView[],
  ): AccountEvent {
    const head = { venue: 0, epoch: 1, recvUs: this.nowUs };
    return {
      ...head,
      type: "orderQueried",
      requestId,
      clientId,
      outcome,
      order,
      fills,
      reason: "",
    };
  }

  /** A reading of the account, asked for now and answered within a second. */
  read(): void {
    const askedUs = this.nowUs;
    const all = [...this.orders.values()];
    const event = {
      type: "accountRead" as const,
      venue: 0,
      epoch: 1,
      recvUs: askedUs,
      requestId: 0,
      outcome: this.#isUnlucky(0.1) ? ("failed" as const) : ("read" as const),
      balances: balances({}),
      openOrders: all
        .filter(({ end }) => end === undefined)
        .map((order) => this.#viewOf(order, askedUs)),
      fills: all.flatMap((order) => this.#tradesOf(order, askedUs)),
      reason: "",
    };
    this.#at(askedUs + Math.floor(this.#chance() * S), (nowUs) =>
      this.#deliver({ kind: "reading", reading: { event, askedUs, nowUs, hasBalances: false } }),
    );
  }

  #accept(command: PlaceOrder, nowUs: number): void {
    this.#count++;
    const order: TrueOrder = {
      command,
      orderId: `v${this.#count}`,
      acceptedUs: nowUs,
      trades: [],
      endedUs: 0,
      end: undefined,
    };
    this.orders.set(command.clientId, order);
    const { clientId } = command;
    const { orderId } = order;
    const head = { venue: 0, epoch: 1, recvUs: nowUs };
    this.#say(() => ({ ...head, type: "orderAccepted", clientId, orderId }));
    this.#report(order);
    let left = command.lots;
    let atUs = nowUs;
    while (left > 0 && this.#chance() < 0.7) {
      const lots = 1 + Math.floor(this.#chance() * left);
      left -= lots;
      if (command.timeInForce === "gtc") atUs += Math.floor(this.#chance() * 3 * S);
      this.#at(atUs, (when) => this.#trade(order, lots, when));
    }
    // An order that takes what there is ends at once; one that rests, when somebody cancels it.
    if (command.timeInForce === "ioc" && left > 0) {
      this.#at(atUs, (when) => this.#end(order, "expired", when));
    }
  }

  #trade(order: TrueOrder, lots: number, nowUs: number): void {
    if (order.end !== undefined) return;
    const { command } = order;
    this.#count++;
    const fill: FillView = {
      clientId: this.#chance() < 0.5 ? command.clientId : "",
      orderId: order.orderId,
      instrument: command.instrument,
      tradeId: `t${this.#count}`,
      side: command.side,
      priceTicks: command.priceTicks + (command.side === "buy" ? -1 : 1),
      lots,
      fee: FEE,
      feeAsset: "USDT",
      isMaker: false,
      exchangeUs: nowUs,
    };
    order.trades.push({ atUs: nowUs, fill });
    const head = { venue: 0, epoch: 1, recvUs: nowUs };
    this.#say(() => ({ ...head, type: "orderFilled", source: "stream", fill }));
    if (filledOf(order) === command.lots) this.#end(order, "filled", nowUs);
  }

  #end(order: TrueOrder, end: VenueOrderState, nowUs: number): void {
    if (order.end !== undefined) return;
    order.end = end;
    order.endedUs = nowUs;
    this.#report(order);
  }

  #report(order: TrueOrder): void {
    const head = { venue: 0, epoch: 1, recvUs: this.nowUs };
    const view = this.#viewOf(order, this.nowUs);
    this.#say(() => ({ ...head, type: "orderReported", source: "stream", order: view }));
  }

  #refusal(command: PlaceOrder, name: "rejected" | "unknown"): AccountEvent {
    const head = { venue: 0, epoch: 1, recvUs: this.nowUs };
    const refusal = { class: name, code: name, text: "", isListed: true };
    return { ...head, type: "orderRefused", clientId: command.clientId, refusal };
  }

  #viewOf(order: TrueOrder, atUs: number): OrderView {
    const { command, orderId } = order;
    const hasEnded = order.end !== undefined && order.endedUs <= atUs;
    const filledLots = this.#tradesOf(order, atUs).reduce((sum, { lots }) => sum + lots, 0);
    const { clientId, instrument, side, lots, priceTicks } = command;
    const state = hasEnded ? (order.end ?? "open") : filledLots > 0 ? "partiallyFilled" : "open";
    const names = { clientId, orderId, instrument, side };
    return { ...names, state, lots, filledLots, priceTicks, reason: "", exchangeUs: atUs };
  }

  #tradesOf(order: TrueOrder, atUs: number): FillView[] {
    return order.trades.filter((trade) => trade.atUs <= atUs).map(({ fill }) => fill);
  }

  /** Says something on the stream: lost, twice, late, or as it should be. */
  #say(make: () => AccountEvent): void {
    const event = make();
    if (this.#isUnlucky(0.1)) return;
    const times = this.#isUnlucky(0.1) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const delayUs = this.isLying ? Math.floor(this.#chance() * this.#chance() * 2 * S) : 0;
      this.#at(this.nowUs + delayUs, (nowUs) => this.#hear(event, nowUs));
    }
  }

  #hear(event: AccountEvent, nowUs: number): void {
    this.#deliver({ kind: "event", event, nowUs });
  }

  #at(atUs: number, act: (nowUs: number) => void): void {
    this.#agenda.push({ atUs, act });
  }

  #isUnlucky(share: number): boolean {
    return this.isLying && this.#chance() < share;
  }

  /** Change of each asset by all that was really traded. */
  truth(): Map<string, bigint> {
    const moves = new Map<string, bigint>();
    const add = (asset: string, amount: bigint): void => {
      moves.set(asset, (moves.get(asset) ?? 0n) + amount);
    };
    for (const { command, trades } of this.orders.values()) {
      const instrument = INSTRUMENTS[command.instrument];
      if (instrument === undefined) throw new Error("the instrument is known");
      const sign = command.side === "buy" ? 1n : -1n;
      for (const { fill } of trades) {
        add(instrument.baseAsset, sign * lotsToAmount(instrument, fill.lots));
        add("USDT", -sign * notionalAmount(instrument, fill.priceTicks, fill.lots));
        add("USDT", -(parseAmount(FEE) ?? 0n));
      }
    }
    return moves;
  }
}

export function filledOf(order: TrueOrder): number {
  return order.trades.reduce((sum, { fill }) => sum + fill.lots, 0);
}

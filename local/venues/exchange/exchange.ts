/**
 * Station: requests at the engine's door -> orders, trades, balances, events.
 *
 * One venue's matching engine over the market's living books: orders of accounts take what the crowd
 * rests, rest beside it and are hit by its flow, and the public book shows all of that. Synchronous and
 * pure: the time is an argument and nothing is drawn. What goes wrong on the way in or out happens in
 * `back-end.ts`; here is only what is true.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { Side } from "../market/book.ts";
import type { Market } from "../market/market.ts";
import { AccountBooks } from "./account-books.ts";
import { type AdmissionDesk, admit } from "./admission.ts";
import { Announcer } from "./announcer.ts";
import { DeadMen } from "./dead-men.ts";
import type { FeeModel, FeeRates } from "./fees.ts";
import { Ledger, OUTSIDE } from "./ledger.ts";
import { LiveOrder } from "./live-order.ts";
import { Matching, onSelfTrade } from "./matching.ts";
import { OrderLog } from "./order-log.ts";
import type {
  CancelResult,
  EndCause,
  ExchangeEvent,
  Order,
  OrderKey,
  OrderRequest,
  PlaceResult,
  RejectReason,
} from "./orders.ts";
import { type TradingRules, usualRules } from "./rules.ts";
import { Settlement } from "./settlement.ts";

export type ExchangeOptions = {
  readonly market: Market;
  readonly fees: FeeModel;
  /** Digits after the point to which a fill's quote amount is cut; 18 leaves it exact. */
  readonly quoteDigits: number;
  readonly firstOrderId: number;
};

/** When a request reached the engine, and the request's own name where the venue gives it one. */
export type CancelTime = { readonly nowUs: Micros; readonly cancelId?: string };

/** One venue's engine, accounts and logs. */
export class Exchange {
  readonly market: Market;
  readonly ledger = new Ledger();
  /** Every accepted order and trade; queries go here. */
  readonly log = new OrderLog();
  readonly settlement: Settlement;
  /** Rules by position of the instrument; they may be changed while the market runs. */
  readonly rules: readonly TradingRules[];
  /** What accounts began with and what came from outside; the oracle is made from it. */
  readonly books = new AccountBooks();
  readonly #announcer: Announcer;
  readonly #desk: AdmissionDesk;
  readonly #matchings: readonly Matching[];
  /** Timers that cancel an account's orders unless they are set again. */
  readonly deadMen = new DeadMen();
  #nextOrderId: number;
  #nowUs: Micros = 0;

  constructor(options: ExchangeOptions) {
    const { market, fees, quoteDigits } = options;
    this.market = market;
    this.#nextOrderId = options.firstOrderId;
    this.settlement = new Settlement(this.ledger, { market, fees, quoteDigits });
    this.rules = market.instruments.map(({ rules }) => usualRules(rules));
    this.#matchings = market.instruments.map((_, index) => new Matching(market, index));
    this.#announcer = new Announcer(this.ledger);
    const { log, settlement, rules } = this;
    this.#desk = { market, log, settlement, rules, matchings: this.#matchings };
    for (const [index, instrument] of market.instruments.entries()) {
      instrument.onTaken = (side, ticks, lots) => this.#onCrowd(index, { side, ticks, lots });
    }
  }

  /** Hears of everything that happens, in order; it must not call back into the exchange. */
  set onEvent(listener: (event: ExchangeEvent) => void) {
    this.#announcer.onEvent = listener;
  }

  /** Opens an account with its start balances. */
  openAccount(accountId: string, start: ReadonlyMap<string, bigint>): void {
    this.ledger.open(accountId, start);
    this.books.noteStart(accountId, start);
  }

  /**
   * Lets time pass: dead-man timers fire, and orders that the market has left too far behind for its
   * book to show them expire. Call it before the market's own step.
   */
  tick(nowUs: Micros): void {
    this.#advance(nowUs);
    for (const { accountId, symbols } of this.deadMen.takeDue(nowUs)) {
      for (const order of this.log.open(accountId, null)) {
        if (symbols?.includes(order.state.symbol) ?? true) this.#end(order, "canceledByDeadMan");
      }
    }
    for (const matching of this.#matchings) {
      for (const order of matching.farOrders()) this.#end(order, "venue");
    }
  }

  /** Checks a request in every respect and changes nothing: a test order. */
  check(request: OrderRequest, nowUs: Micros): RejectReason | null {
    const admitted = admit(this.#desk, request, nowUs);
    return typeof admitted === "string" ? admitted : null;
  }

  /** Places one order; everything it causes has been told before this returns. */
  place(request: OrderRequest, nowUs: Micros): PlaceResult {
    this.#advance(nowUs);
    const admitted = admit(this.#desk, request, nowUs);
    if (typeof admitted === "string") {
      this.log.rejectedCount += 1;
      return { kind: "rejected", reason: admitted };
    }
    const { index, sized, need } = admitted;
    const { base, quote } = this.market.instrumentAt(index).rules;
    const assets = [base, quote] as const;
    const order = new LiveOrder(request, sized, {
      orderId: this.#nextOrderId,
      index,
      assets,
      nowUs: this.#nowUs,
    });
    this.#nextOrderId += 1;
    this.settlement.hold(order, need);
    this.log.add(order);
    this.#announcer.accepted(order, this.#nowUs);
    this.#match(order);
    const last = order.revisions.at(-1);
    assert(last !== undefined, "an accepted order has been told of");
    return { kind: "accepted", order: last, trades: [...order.trades] };
  }

  /** Cancels one order. A break lets cancels through, a halt does not. */
  cancel(accountId: string, key: OrderKey, at: CancelTime): CancelResult {
    this.#advance(at.nowUs);
    const order = this.log.find(accountId, key);
    if (order === undefined || order.isVanished) {
      return { kind: "refused", reason: "unknownOrder" };
    }
    if (!order.isOpen) return { kind: "refused", reason: "notOpen" };
    if (this.rules[order.index]?.status === "halt") return { kind: "refused", reason: "halted" };
    return { kind: "canceled", order: this.#end(order, "canceledByOwner", at.cancelId) };
  }

  /** Cancels every open order of an account, in one symbol or in all (null). */
  cancelAll(accountId: string, symbol: string | null, at: CancelTime): Order[] {
    this.#advance(at.nowUs);
    const open = this.log.open(accountId, symbol);
    return open.map((order) => this.#end(order, "canceledByOwner", at.cancelId));
  }

  /** A deposit (positive) or a withdrawal of at most what is free; returns what moved. */
  moveExternally(
    accountId: string,
    move: { asset: string; deltaAtto: bigint },
    nowUs: Micros,
  ): bigint {
    this.#advance(nowUs);
    const { asset } = move;
    const free = this.ledger.free(accountId, asset);
    const deltaAtto = move.deltaAtto < -free ? -free : move.deltaAtto;
    const isDeposit = deltaAtto >= 0n;
    const parties = isDeposit ? { from: OUTSIDE, to: accountId } : { from: accountId, to: OUTSIDE };
    this.ledger.move(asset, isDeposit ? deltaAtto : -deltaAtto, parties);
    this.books.noteMove(accountId, asset, deltaAtto);
    this.#announcer.moved(accountId, { asset, deltaAtto }, this.#nowUs);
    return deltaAtto;
  }

  /** Changes the fee rates of an account, in one symbol or in all (null). */
  setRates(accountId: string, symbol: string | null, rates: FeeRates): void {
    this.settlement.setRates(accountId, symbol, rates);
  }

  /** The crowd takes lots from one resting order now (a fault's doing); returns the lots it took. */
  hit(accountId: string, key: OrderKey, at: { lots: number; nowUs: Micros }): number {
    this.#advance(at.nowUs);
    const order = this.log.find(accountId, key);
    if (order?.isResting !== true) return 0;
    const lots = Math.min(at.lots, order.leftLots);
    if (lots > 0) this.#fillMaker(order, lots);
    return lots;
  }

  /** Loses every open order of an account without a word (a venue's bad restart). */
  vanish(accountId: string, nowUs: Micros): number {
    this.#advance(nowUs);
    const open = this.log.open(accountId, null);
    for (const order of open) {
      this.#close(order, "vanished");
      order.isVanished = true;
      order.copy(this.#nowUs);
    }
    return open.length;
  }

  #advance(nowUs: Micros): void {
    this.#nowUs = Math.max(this.#nowUs, nowUs);
  }

  #match(order: LiveOrder): void {
    const matching = this.#matchingAt(order.index);
    const { state } = order;
    const { side, limitTicks, timeInForce } = state;
    if (timeInForce === "FOK" && !canFillWhole(order, matching)) {
      this.#end(order, "fokUnfilled");
      return;
    }
    while (order.isOpen && order.leftLots > 0) {
      const ticks = matching.bestTicks(side, limitTicks);
      if (ticks === 0) break;
      this.#takeOne(order, matching, ticks);
    }
    if (!order.isOpen) return;
    if (state.type === "market") this.#end(order, "noLiquidity");
    else if (timeInForce === "GTC") matching.resting.join(order);
    else this.#end(order, "iocRemainder");
  }

  #takeOne(taker: LiveOrder, matching: Matching, ticks: number): void {
    const { side, accountId, selfTradeRule } = taker.state;
    const piece = matching.nextPiece(side, ticks, taker.leftLots);
    assert(piece !== undefined, `the level ${ticks} has somebody behind it`);
    const { maker, lots } = piece;
    if (maker?.state.accountId === accountId && selfTradeRule !== "none") {
      const { expireMaker, expireTaker } = onSelfTrade(taker);
      if (expireMaker) this.#end(maker, "selfTrade");
      if (expireTaker) this.#end(taker, "selfTrade");
      return;
    }
    const what = { ticks, lots, isBuyerMaker: side === "sell" };
    const { tradeId } = this.market.print(taker.index, what);
    const fill = { ticks, lots, tradeId, nowUs: this.#nowUs };
    const trades = this.settlement.settle(taker, maker, fill);
    matching.remove(side, ticks, piece);
    for (const trade of trades) {
      const order = trade.orderId === taker.state.orderId ? taker : maker;
      if (order !== null) this.#afterFill(order, trade.tradeId);
    }
  }

  /** The crowd takes from a level where orders of accounts rest; returns the lots that hit them. */
  #onCrowd(index: number, taken: { side: Side; ticks: number; lots: number }): number {
    const { resting } = this.#matchingAt(index);
    let hitLots = 0;
    let crowdLots = 0;
    for (const { maker, lots } of resting.pieces(taken.side, taken.ticks, taken.lots)) {
      if (maker === null) {
        crowdLots += lots;
      } else {
        hitLots += lots;
        this.#fillMaker(maker, lots);
      }
    }
    resting.advance(taken.side, taken.ticks, crowdLots);
    return hitLots;
  }

  #fillMaker(maker: LiveOrder, lots: number): void {
    const { side, limitTicks: ticks } = maker.state;
    const { tradeId } = this.market.print(maker.index, {
      ticks,
      lots,
      isBuyerMaker: side === "buy",
    });
    this.settlement.settleMaker(maker, { ticks, lots, tradeId, nowUs: this.#nowUs });
    this.#matchingAt(maker.index).resting.reduce(maker, lots);
    this.#afterFill(maker, tradeId);
  }

  #afterFill(order: LiveOrder, tradeId: number): void {
    if (order.leftLots === 0) {
      order.end("filled");
      this.settlement.keepHeld(order, 0n);
      this.log.close(order);
    }
    const trade = order.trades.find((one) => one.tradeId === tradeId);
    assert(trade !== undefined, `trade ${tradeId} belongs to its order`);
    this.log.addTrade(trade);
    this.#announcer.filled(order, trade, this.#nowUs);
  }

  #end(order: LiveOrder, cause: EndCause, cancelId = ""): Order {
    this.#close(order, cause);
    return this.#announcer.ended(order, cancelId, this.#nowUs);
  }

  #close(order: LiveOrder, cause: EndCause): void {
    if (order.isResting) this.#matchingAt(order.index).resting.leave(order);
    order.end(cause);
    this.settlement.keepHeld(order, 0n);
    this.log.close(order);
  }

  #matchingAt(index: number): Matching {
    const matching = this.#matchings[index];
    assert(matching !== undefined, `instrument ${index} has a book`);
    return matching;
  }
}

function canFillWhole(order: LiveOrder, matching: Matching): boolean {
  const { side, limitTicks, lots, selfTradeRule, accountId } = order.state;
  const withoutAccountId = selfTradeRule === "none" ? null : accountId;
  const reach = { limitTicks, lotsMax: lots, fundsAtto: null, withoutAccountId };
  return matching.walk(side, reach).lots >= lots;
}

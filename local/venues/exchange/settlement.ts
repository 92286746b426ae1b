/**
 * Station: a fill -> money and fees changing hands; an order -> what it must hold.
 *
 * The venue's arithmetic of money, with every rounding stated: an order holds its worst price rounded
 * up, a fill moves its quote amount rounded down, a fee is rounded as its model says and never exceeds
 * what the account has left. It decides no match.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { InstrumentRules } from "../market/instrument.ts";
import type { Market } from "../market/market.ts";
import { attoOf, divide, notionalAtto, partOf, roundTo } from "./atto.ts";
import { discountedRate, type FeeModel, type FeeRates, plainFee } from "./fees.ts";
import { CROWD, FEES, type Ledger } from "./ledger.ts";
import type { LiveOrder } from "./live-order.ts";
import type { OrderSide, OwnTrade } from "./orders.ts";

const ONE_ATTO = 10n ** 18n;

export type Fill = {
  readonly ticks: number;
  readonly lots: number;
  readonly tradeId: number;
  readonly nowUs: Micros;
};

export class Settlement {
  readonly ledger: Ledger;
  readonly fees: FeeModel;
  readonly #market: Market;
  readonly #quoteDigits: number;
  /** Rates that differ from the model's, by account or by `account symbol`. */
  readonly #rates = new Map<string, FeeRates>();

  constructor(ledger: Ledger, options: { market: Market; fees: FeeModel; quoteDigits: number }) {
    this.ledger = ledger;
    this.fees = options.fees;
    this.#market = options.market;
    this.#quoteDigits = options.quoteDigits;
  }

  /** The rates of an account in an instrument. */
  ratesOf(accountId: string, symbol: string): FeeRates {
    return (
      this.#rates.get(`${accountId} ${symbol}`) ?? this.#rates.get(accountId) ?? this.fees.rates
    );
  }

  /** Changes the rates of an account, in one instrument or in all. */
  setRates(accountId: string, symbol: string | null, rates: FeeRates): void {
    this.#rates.set(symbol === null ? accountId : `${accountId} ${symbol}`, rates);
  }

  /** What `lots` cost at `ticks`, rounded as a fill is. */
  fillQuoteAtto(rules: InstrumentRules, ticks: number, lots: number): bigint {
    return roundTo(notionalAtto({ ticks, lots }, rules), this.#quoteDigits, "floor");
  }

  /** What an order must hold for `lots` more at `ticks`. */
  holdFor(
    order: { accountId: string; side: OrderSide },
    rules: InstrumentRules,
    size: { ticks: number; lots: number },
  ): { asset: string; amount: bigint } {
    if (order.side === "sell") {
      return { asset: rules.base, amount: attoOf(size.lots, rules.lotDigits) };
    }
    const cost = roundTo(notionalAtto(size, rules), this.#quoteDigits, "ceil");
    return { asset: rules.quote, amount: this.withFee(order.accountId, rules.symbol, cost) };
  }

  /** A cost plus the worst fee where the venue holds fees. */
  withFee(accountId: string, symbol: string, cost: bigint): bigint {
    if (!this.fees.isHeld) return cost;
    const { maker, taker } = this.ratesOf(accountId, symbol);
    const rate = maker > taker ? maker : taker;
    return cost + partOf(cost, rate, { digits: this.fees.digits, rounding: "ceil" });
  }

  /** Puts on hold what a new order needs. */
  hold(order: LiveOrder, need: { asset: string; amount: bigint }): void {
    order.heldAsset = need.asset;
    order.heldAtto = need.amount;
    this.ledger.hold(order.state.accountId, need.asset, need.amount);
  }

  /** Brings the hold of an order down to `amount`. */
  keepHeld(order: LiveOrder, amount: bigint): void {
    const kept = amount < order.heldAtto ? amount : order.heldAtto;
    const freed = order.heldAtto - kept;
    order.heldAtto = kept;
    if (freed > 0n) this.ledger.release(order.state.accountId, order.heldAsset, freed);
  }

  /** Settles one fill between a taker and a maker (null is the crowd); returns the own trades. */
  settle(taker: LiveOrder, maker: LiveOrder | null, fill: Fill): OwnTrade[] {
    const { rules } = this.#market.instrumentAt(taker.index);
    const quoteAtto = this.fillQuoteAtto(rules, fill.ticks, fill.lots);
    this.#free(taker, rules, fill.lots, quoteAtto);
    if (maker !== null) this.#free(maker, rules, fill.lots, quoteAtto);
    const other = maker?.state.accountId ?? CROWD;
    this.#exchange(taker.state, other, { rules, lots: fill.lots, quoteAtto });
    const trades = [this.#trade(taker, false, { rules, fill, quoteAtto })];
    if (maker !== null) trades.push(this.#trade(maker, true, { rules, fill, quoteAtto }));
    return trades;
  }

  /** Settles one fill of a resting order that the crowd took. */
  settleMaker(maker: LiveOrder, fill: Fill): OwnTrade {
    const { rules } = this.#market.instrumentAt(maker.index);
    const quoteAtto = this.fillQuoteAtto(rules, fill.ticks, fill.lots);
    this.#free(maker, rules, fill.lots, quoteAtto);
    this.#exchange(maker.state, CROWD, { rules, lots: fill.lots, quoteAtto });
    return this.#trade(maker, true, { rules, fill, quoteAtto });
  }

  /** Counts the fill in the order and frees what it no longer needs to hold. */
  #free(order: LiveOrder, rules: InstrumentRules, lots: number, quoteAtto: bigint): void {
    const { state } = order;
    state.filledLots += lots;
    state.filledQuoteAtto += quoteAtto;
    state.tradeCount += 1;
    if (state.side === "buy" && state.type === "market") {
      const spent = this.withFee(state.accountId, rules.symbol, quoteAtto);
      this.keepHeld(order, order.heldAtto > spent ? order.heldAtto - spent : 0n);
      return;
    }
    const size = { ticks: state.limitTicks, lots: order.leftLots };
    this.keepHeld(order, this.holdFor(state, rules, size).amount);
  }

  #exchange(
    party: { accountId: string; side: OrderSide },
    other: string,
    what: { rules: InstrumentRules; lots: number; quoteAtto: bigint },
  ): void {
    const { rules, lots, quoteAtto } = what;
    const isBuyer = party.side === "buy";
    const buyer = isBuyer ? party.accountId : other;
    const seller = isBuyer ? other : party.accountId;
    const baseAtto = attoOf(lots, rules.lotDigits);
    this.ledger.move(rules.base, baseAtto, { from: seller, to: buyer });
    this.ledger.move(rules.quote, quoteAtto, { from: buyer, to: seller });
  }

  #trade(
    order: LiveOrder,
    isMaker: boolean,
    what: { rules: InstrumentRules; fill: Fill; quoteAtto: bigint },
  ): OwnTrade {
    const { fill, quoteAtto } = what;
    const { orderId, accountId, clientOrderId, symbol, side } = order.state;
    const fee = this.#charge(order, isMaker, what);
    const trade: OwnTrade = Object.freeze({
      tradeId: fill.tradeId,
      orderId,
      accountId,
      clientOrderId,
      symbol,
      side,
      ticks: fill.ticks,
      lots: fill.lots,
      quoteAtto,
      feeAsset: fee.asset,
      feeAtto: fee.amount,
      isMaker,
      tradeUs: fill.nowUs,
    });
    order.trades.push(trade);
    return trade;
  }

  #charge(
    order: LiveOrder,
    isMaker: boolean,
    what: { rules: InstrumentRules; fill: Fill; quoteAtto: bigint },
  ): { asset: string; amount: bigint } {
    const { rules, fill, quoteAtto } = what;
    const { accountId, side } = order.state;
    const { base, quote } = rules;
    const baseAtto = attoOf(fill.lots, rules.lotDigits);
    const rates = this.ratesOf(accountId, rules.symbol);
    const basis = { side, isMaker, base, quote, baseAtto, quoteAtto };
    const plain = plainFee(this.fees, rates, basis);
    const fee = this.#discounted(accountId, plain, {
      atto: plain.asset === base ? baseAtto : quoteAtto,
      rate: isMaker ? rates.maker : rates.taker,
    });
    const free = this.ledger.free(accountId, fee.asset);
    // Rounding up fill by fill may ask a unit more than was held for the whole; nobody owes that.
    const amount = fee.amount < free ? fee.amount : free;
    this.ledger.move(fee.asset, amount, { from: accountId, to: FEES });
    return { asset: fee.asset, amount };
  }

  /** The same fee in the third asset, when that is switched on and the account has enough of it. */
  #discounted(
    accountId: string,
    plain: { asset: string; amount: bigint },
    basis: { atto: bigint; rate: bigint },
  ): { asset: string; amount: bigint } {
    const { discount } = this.fees;
    if (discount?.isEnabled !== true) return plain;
    const worth = this.#inAsset(plain.asset, basis.atto, discount.asset);
    if (worth === undefined) return plain;
    const amount = partOf(worth, discountedRate(discount, basis.rate), this.fees);
    return amount > this.ledger.free(accountId, discount.asset)
      ? plain
      : { asset: discount.asset, amount };
  }

  /** What an amount is worth in another asset by the middle of their common book. */
  #inAsset(from: string, amount: bigint, to: string): bigint | undefined {
    if (from === to) return amount;
    for (const { rules, book } of this.#market.instruments) {
      const isAsked = rules.base === to && rules.quote === from;
      const isBid = rules.base === from && rules.quote === to;
      if (!(isAsked || isBid)) continue;
      const twice = attoOf(book.bestBidTicks + book.bestAskTicks, rules.priceDigits);
      if (twice === 0n) return undefined;
      return isAsked
        ? divide(amount * 2n * ONE_ATTO, twice, "floor")
        : divide(amount * twice, 2n * ONE_ATTO, "floor");
    }
    return undefined;
  }
}

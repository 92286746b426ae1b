/**
 * A market with an exchange on it, for the tests of the exchange: time moves only when told.
 */
import { Exchange } from "../../../../local/venues/exchange/exchange.ts";
import { binanceFees, type FeeModel } from "../../../../local/venues/exchange/fees.ts";
import type { ExchangeEvent, OrderRequest } from "../../../../local/venues/exchange/orders.ts";
import { FairValues } from "../../../../local/venues/market/fair-values.ts";
import { assetValues, spotListings } from "../../../../local/venues/market/listings.ts";
import { Market } from "../../../../local/venues/market/market.ts";

export const START_US = 1_795_000_000_000_000;
export const ONE = 10n ** 18n;
export const ACCOUNT = "main";

/** An exchange over a small market, its clock and everything it told. */
export class Rig {
  readonly market: Market;
  readonly exchange: Exchange;
  readonly events: ExchangeEvent[] = [];
  nowUs = START_US;

  constructor(options: { seed?: number; fees?: FeeModel; quoteDigits?: number } = {}) {
    const seed = options.seed ?? 1;
    const fairValues = new FairValues(assetValues(), { seed, nowUs: START_US });
    this.market = new Market(fairValues, {
      name: "exchange",
      seed,
      seqRule: "perInstrument",
      listings: spotListings(6, 200),
      profile: "quiet",
      stepsPerDiff: 1,
    });
    this.exchange = new Exchange({
      market: this.market,
      fees: options.fees ?? binanceFees(),
      quoteDigits: options.quoteDigits ?? 8,
      firstOrderId: 1_000,
    });
    this.exchange.openAccount(
      ACCOUNT,
      new Map([
        ["USDT", 1_000_000n * ONE],
        ["BTC", 10n * ONE],
        ["ETH", 100n * ONE],
        ["BNB", 100n * ONE],
      ]),
    );
    this.exchange.onEvent = (event) => this.events.push(event);
  }

  /** Lets the market live `count` steps of 20 ms. */
  live(count: number): void {
    for (let at = 0; at < count; at += 1) {
      this.nowUs += 20_000;
      this.exchange.tick(this.nowUs);
      for (let index = 0; index < this.market.instruments.length; index += 1) {
        this.market.step(index, this.nowUs);
      }
    }
  }

  /** Best prices of BTCUSDT in ticks of 0.01... whatever the market lists. */
  best(symbol = "BTCUSDT"): { bidTicks: number; askTicks: number; digits: number } {
    const { book, rules } = this.market.instrumentAt(this.market.indexOf(symbol) ?? 0);
    return {
      bidTicks: book.bestBidTicks,
      askTicks: book.bestAskTicks,
      digits: rules.priceDigits,
    };
  }

  /** A price in ticks as decimal text. */
  price(ticks: number, symbol = "BTCUSDT"): string {
    return (ticks / 10 ** this.best(symbol).digits).toFixed(this.best(symbol).digits);
  }
}

let nextId = 0;

/** A limit order to buy 0.01 BTC; whatever is given replaces what it says. */
export function order(change: Partial<OrderRequest>): OrderRequest {
  nextId += 1;
  return {
    accountId: ACCOUNT,
    clientOrderId: `test${nextId}`,
    symbol: "BTCUSDT",
    side: "buy",
    type: "limit",
    timeInForce: "GTC",
    isPostOnly: false,
    price: "",
    quantity: "0.01",
    funds: "",
    selfTradeRule: "none",
    notAfterUs: Number.POSITIVE_INFINITY,
    ...change,
  };
}

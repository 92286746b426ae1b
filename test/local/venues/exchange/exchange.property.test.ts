/**
 * Goal: money is neither made nor lost, and no hold goes below zero, whatever is ordered. Method: random
 * streams of orders and cancels over a living market, with every fee model, checked after each step
 * against sums kept apart from the ledger.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  binanceFees,
  type FeeModel,
  krakenFees,
  kucoinFees,
} from "../../../../local/venues/exchange/fees.ts";
import type { OrderRequest } from "../../../../local/venues/exchange/orders.ts";
import { ACCOUNT, ONE, order, Rig } from "./rig.ts";

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "ETHBTC", "BNBUSDT", "BNBBTC"] as const;

const wish = fc.record({
  symbol: fc.constantFrom(...SYMBOLS),
  side: fc.constantFrom("buy" as const, "sell" as const),
  kind: fc.constantFrom("limit", "post", "market", "funds", "cancel", "cancelAll", "second"),
  timeInForce: fc.constantFrom("GTC" as const, "IOC" as const, "FOK" as const),
  offsetTicks: fc.integer({ min: -60, max: 60 }),
  lots: fc.integer({ min: 1, max: 4_000 }),
  selfTradeRule: fc.constantFrom(
    "none" as const,
    "expireMaker" as const,
    "expireTaker" as const,
    "expireBoth" as const,
  ),
  steps: fc.integer({ min: 0, max: 3 }),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

function requestOf(rig: Rig, one: Wish): OrderRequest {
  const { rules } = rig.market.instrumentAt(rig.market.indexOf(one.symbol) ?? 0);
  const { bidTicks, askTicks } = rig.best(one.symbol);
  const touch = one.side === "buy" ? askTicks : bidTicks;
  const isMarket = one.kind === "market" || one.kind === "funds";
  const isByFunds = one.kind === "funds";
  return order({
    symbol: one.symbol,
    side: one.side,
    type: isMarket ? "market" : "limit",
    timeInForce: one.kind === "post" ? "GTC" : one.timeInForce,
    isPostOnly: one.kind === "post",
    price: isMarket ? "" : rig.price(touch + one.offsetTicks, one.symbol),
    quantity: isByFunds ? "" : (one.lots / 10 ** rules.lotDigits).toFixed(rules.lotDigits),
    funds: isByFunds ? (one.lots / 100).toFixed(4) : "",
    selfTradeRule: one.selfTradeRule,
    accountId: one.kind === "second" ? "second" : ACCOUNT,
  });
}

/** Balances of an account from its trades alone. */
function fromTrades(rig: Rig, accountId: string): Map<string, bigint> {
  const sums = new Map(rig.exchange.books.startOf(accountId));
  const add = (asset: string, amount: bigint) => sums.set(asset, (sums.get(asset) ?? 0n) + amount);
  for (const trade of rig.exchange.log.trades(accountId, null)) {
    const index = rig.market.indexOf(trade.symbol) ?? 0;
    const { base, quote, lotDigits } = rig.market.instrumentAt(index).rules;
    const baseAtto = BigInt(trade.lots) * 10n ** BigInt(18 - lotDigits);
    add(base, trade.side === "buy" ? baseAtto : -baseAtto);
    add(quote, trade.side === "buy" ? -trade.quoteAtto : trade.quoteAtto);
    add(trade.feeAsset, -trade.feeAtto);
  }
  return sums;
}

function check(rig: Rig): void {
  const { exchange, market } = rig;
  for (const [asset, sum] of exchange.ledger.sums()) expect(`${asset} ${sum}`).toBe(`${asset} 0`);
  for (const accountId of exchange.books.accountIds) {
    const expected = fromTrades(rig, accountId);
    const holds = new Map<string, bigint>();
    for (const open of exchange.log.open(accountId, null)) {
      holds.set(open.heldAsset, (holds.get(open.heldAsset) ?? 0n) + open.heldAtto);
    }
    for (const { asset, freeAtto, heldAtto } of exchange.ledger.balances(accountId)) {
      expect(freeAtto).toBeGreaterThanOrEqual(0n);
      expect(heldAtto).toBe(holds.get(asset) ?? 0n);
      expect(freeAtto + heldAtto).toBe(expected.get(asset) ?? 0n);
    }
  }
  for (const { book } of market.instruments) {
    // A side may be taken whole; the flow brings it back with its next step.
    if (book.bestAskTicks > 0) expect(book.bestBidTicks).toBeLessThan(book.bestAskTicks);
  }
}

const MODELS: readonly (readonly [string, () => FeeModel, number])[] = [
  ["fees from what is received", binanceFees, 8],
  ["fees from quote, held", krakenFees, 10],
  ["fees from quote, exact", kucoinFees, 18],
  [
    "fees in a third asset",
    () => {
      const fees = binanceFees();
      if (fees.discount !== null) fees.discount.isEnabled = true;
      return fees;
    },
    8,
  ],
];

describe("random orders", () => {
  test.each(MODELS)("balance to the last unit, %s", (_name, fees, quoteDigits) => {
    let tradeCount = 0;
    const wishes = fc.array(wish, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(wishes, fc.integer({ min: 1, max: 1_000 }), (list, seed) => {
        const rig = new Rig({ seed, fees: fees(), quoteDigits });
        rig.exchange.openAccount(
          "second",
          new Map([
            ["USDT", 50_000n * ONE],
            ["BTC", ONE],
          ]),
        );
        for (const one of list) {
          rig.live(one.steps);
          if (one.kind === "cancelAll") {
            rig.exchange.cancelAll(ACCOUNT, one.symbol, { nowUs: rig.nowUs });
          } else if (one.kind === "cancel") {
            const [first] = rig.exchange.log.openOrders(ACCOUNT, null);
            const key = { orderId: first?.orderId ?? 1 };
            rig.exchange.cancel(ACCOUNT, key, { nowUs: rig.nowUs });
          } else {
            rig.exchange.place(requestOf(rig, one), rig.nowUs);
          }
          check(rig);
        }
        tradeCount += rig.exchange.log.trades(ACCOUNT, null).length;
      }),
      { numRuns: process.env.RECKONER_LONG === undefined ? 60 : 3_000 },
    );
    expect(tradeCount).toBeGreaterThan(100);
  });
});

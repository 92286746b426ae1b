// Goal: the exchange matches, holds, charges, refuses and remembers as its venues do.
import { beforeEach, describe, expect, test } from "vitest";
import {
  attoText,
  divide,
  parseAtto,
  roundTo,
  shortAttoText,
} from "../../../../local/venues/exchange/atto.ts";
import { binanceFees, krakenFees } from "../../../../local/venues/exchange/fees.ts";
import type {
  ExchangeEvent,
  OrderRequest,
  PlaceResult,
} from "../../../../local/venues/exchange/orders.ts";
import { ordersAndTrades, truthOf } from "../../../../local/venues/exchange/truth.ts";
import { ACCOUNT, ONE, order, Rig } from "./rig.ts";

let rig: Rig;

beforeEach(() => {
  rig = new Rig();
});

function place(change: Partial<OrderRequest>): PlaceResult {
  return rig.exchange.place(order(change), rig.nowUs);
}

function accepted(change: Partial<OrderRequest>) {
  const result = place(change);
  if (result.kind === "rejected") throw new Error(`refused: ${result.reason}`);
  return result;
}

const at = (ticks: number) => rig.price(ticks);
const lots = (symbol: string, count: number) => {
  const { lotDigits } = rig.market.instrumentAt(rig.market.indexOf(symbol) ?? 0).rules;
  return (count / 10 ** lotDigits).toFixed(lotDigits);
};
const btc = () => rig.market.instrumentAt(rig.market.indexOf("BTCUSDT") ?? 0);
const free = (asset: string) => rig.exchange.ledger.free(ACCOUNT, asset);
const held = (asset: string) => rig.exchange.ledger.held(ACCOUNT, asset);

describe("a taker", () => {
  test("takes level after level at each level's price, and the book shows it", () => {
    const instrument = btc();
    const levels = instrument.book.levels("ask", 3);
    const wanted = levels.reduce((sum, [, resting]) => sum + resting, 0);
    const seq = instrument.lastSeq;
    const result = accepted({
      timeInForce: "IOC",
      price: at(levels[2]?.[0] ?? 0),
      quantity: lots("BTCUSDT", wanted),
    });
    expect(result.order).toMatchObject({ status: "filled", filledLots: wanted });
    expect(result.trades.map((trade) => [trade.ticks, trade.lots])).toEqual(levels);
    expect(instrument.lastSeq).toBe(seq + 3);
    expect(instrument.book.bestAskTicks).toBeGreaterThan(levels[2]?.[0] ?? 0);
  });

  test("appears on the tape with the next step, each trade under an id of its own", () => {
    const result = accepted({ timeInForce: "IOC", price: at(rig.best().askTicks + 3) });
    const told = rig.market.step(rig.market.indexOf("BTCUSDT") ?? 0, rig.nowUs + 1);
    const own = told.slice(0, result.trades.length);
    expect(own.map(({ tradeId }) => tradeId)).toEqual(result.trades.map(({ tradeId }) => tradeId));
    expect(own.every(({ isBuyerMaker }) => !isBuyerMaker)).toBe(true);
    expect(new Set(told.map(({ tradeId }) => tradeId)).size).toBe(told.length);
  });

  test("that may not wait leaves nothing behind", () => {
    const { bidTicks } = rig.best();
    expect(accepted({ timeInForce: "IOC", price: at(bidTicks - 10) }).order).toMatchObject({
      status: "expired",
      endCause: "iocRemainder",
    });
    expect(
      accepted({ timeInForce: "FOK", price: at(rig.best().askTicks), quantity: "5" }).order,
    ).toMatchObject({ status: "expired", endCause: "fokUnfilled", filledLots: 0 });
    expect(accepted({ timeInForce: "FOK", price: at(rig.best().askTicks + 20) }).order.status).toBe(
      "filled",
    );
    expect(held("USDT")).toBe(0n);
  });

  test("at market by funds spends no more than that, and by base no more than there is", () => {
    const market = { type: "market", price: "", timeInForce: "IOC" } as const;
    const bought = accepted({ ...market, quantity: "", funds: "1000" });
    expect(bought.order.filledQuoteAtto).toBeLessThanOrEqual(1_000n * ONE);
    expect(bought.order.filledQuoteAtto).toBeGreaterThan(950n * ONE);
    const sold = accepted({ ...market, side: "sell", quantity: "", funds: "1000" });
    expect(sold.order.filledQuoteAtto).toBeLessThanOrEqual(1_000n * ONE);
    expect(place({ ...market, quantity: "", funds: "0.001" })).toMatchObject({
      reason: "minNotional",
    });
    expect(place({ ...market, quantity: "", funds: "6" }).kind).toBe("rejected");
  });
});

describe("a resting order", () => {
  test("holds what it may cost, and gives back what it did not", () => {
    const { bidTicks } = rig.best();
    const before = free("USDT");
    accepted({ clientOrderId: "one", price: at(bidTicks - 100), quantity: "0.1" });
    expect(held("USDT")).toBe((BigInt(bidTicks - 100) * ONE) / 10n);
    expect(free("USDT") + held("USDT")).toBe(before);
    const canceled = rig.exchange.cancel(
      ACCOUNT,
      { clientOrderId: "one" },
      { nowUs: rig.nowUs, cancelId: "c" },
    );
    expect(canceled).toMatchObject({ kind: "canceled", order: { endCause: "canceledByOwner" } });
    expect(free("USDT")).toBe(before);
    expect(rig.events.at(-2)).toMatchObject({ type: "orderEnded", cancelId: "c" });
  });

  test("holds its fee as well where the venue does", () => {
    rig = new Rig({ fees: krakenFees(), quoteDigits: 10 });
    const { bidTicks } = rig.best();
    accepted({ price: at(bidTicks - 100), quantity: "0.1" });
    const cost = (BigInt(bidTicks - 100) * ONE) / 10n;
    expect(held("USDT")).toBe(cost + (cost * 40n) / 10_000n);
  });

  test("is hit by the flow in its turn, at its own price, as a maker", () => {
    for (let run = 0; run < 5; run += 1) {
      accepted({ price: at(rig.best().bidTicks), quantity: "0.0005" });
      accepted({ side: "sell", price: at(rig.best().askTicks), quantity: "0.0005" });
      rig.live(40);
    }
    const trades = rig.exchange.log.trades(ACCOUNT, "BTCUSDT");
    expect(trades.length).toBeGreaterThan(2);
    expect(trades.every(({ isMaker }) => isMaker)).toBe(true);
    for (const trade of trades) {
      const found = rig.exchange.log.order(ACCOUNT, { orderId: trade.orderId });
      expect(trade.ticks).toBe(found?.limitTicks);
    }
  });

  test("never leaves the book crossed when the price goes through it", () => {
    for (let run = 0; run < 60; run += 1) {
      const { bidTicks, askTicks } = rig.best();
      place({ price: at(Math.max(bidTicks, askTicks - 1)), quantity: "0.002" });
      place({ side: "sell", price: at(Math.min(askTicks, bidTicks + 1)), quantity: "0.002" });
      rig.live(2);
      const { book } = btc();
      expect(book.bestBidTicks).toBeLessThan(book.bestAskTicks);
    }
    expect(rig.exchange.log.trades(ACCOUNT, null).length).toBeGreaterThan(10);
  });

  test("waits behind what came before it", () => {
    const instrument = btc();
    const { bidTicks } = rig.best();
    const crowd = instrument.crowdLotsAt("bid", bidTicks);
    accepted({ clientOrderId: "late", price: at(bidTicks), quantity: lots("BTCUSDT", 100) });
    expect(instrument.book.lotsAt("bid", bidTicks)).toBe(crowd + 100);
    expect(instrument.take("bid", bidTicks, crowd - 1)).toBe(crowd - 1);
    expect(rig.exchange.log.order(ACCOUNT, { clientOrderId: "late" })?.filledLots).toBe(0);
    expect(instrument.take("bid", bidTicks, 41)).toBe(1);
    expect(rig.exchange.log.order(ACCOUNT, { clientOrderId: "late" })?.filledLots).toBe(40);
    instrument.sweep("bid", bidTicks);
    expect(rig.exchange.log.order(ACCOUNT, { clientOrderId: "late" })?.status).toBe("filled");
    expect(instrument.book.lotsAt("bid", bidTicks)).toBe(0);
  });

  test("of another account is a counterparty like the crowd", () => {
    rig.exchange.openAccount("other", new Map([["BTC", ONE]]));
    const ticks =
      rig.best().askTicks - 1 > rig.best().bidTicks ? rig.best().askTicks - 1 : rig.best().askTicks;
    accepted({ accountId: "other", side: "sell", price: at(ticks), quantity: "0.01" });
    const size = lots("BTCUSDT", btc().book.lotsAt("ask", ticks));
    const result = accepted({ timeInForce: "IOC", price: at(ticks), quantity: size });
    expect(result.order.status).toBe("filled");
    expect(rig.exchange.log.trades("other", null)).toHaveLength(1);
    expect(rig.exchange.ledger.free("other", "USDT")).toBeGreaterThan(900n * ONE);
  });

  test("that the market leaves far behind is expired by the venue", () => {
    accepted({ clientOrderId: "far", price: at(rig.best().bidTicks - 1_000) });
    rig.live(1);
    expect(rig.exchange.log.open(ACCOUNT, null)).toHaveLength(1);
    rig.market.lean(rig.market.indexOf("BTCUSDT") ?? 0, 1.02);
    rig.live(100);
    expect(rig.exchange.log.order(ACCOUNT, { clientOrderId: "far" })?.endCause).toBe("venue");
  });
});

describe("self-trade prevention", () => {
  const own = () => {
    const { askTicks, bidTicks } = rig.best();
    const ticks = Math.min(askTicks, bidTicks + 1);
    accepted({ clientOrderId: "maker", side: "sell", price: at(ticks), quantity: "0.001" });
    // The crowd leaves the level, so that the taker meets its own order first.
    btc().change("ask", ticks, 0);
    return ticks;
  };

  test.each([
    ["expireMaker", "expired", "filled"],
    ["expireTaker", "open", "expired"],
    ["expireBoth", "expired", "expired"],
    ["none", "filled", "filled"],
  ] as const)("%s", (selfTradeRule, maker, taker) => {
    const ticks = own();
    const result = accepted({
      selfTradeRule,
      timeInForce: "IOC",
      price: at(ticks + 10),
      quantity: "0.001",
    });
    expect(rig.exchange.log.order(ACCOUNT, { clientOrderId: "maker" })?.status).toBe(maker);
    expect(result.order.status).toBe(taker);
    if (taker === "expired") expect(result.order.endCause).toBe("selfTrade");
    for (const sum of rig.exchange.ledger.sums().values()) expect(sum).toBe(0n);
  });
});

describe("a request", () => {
  test.each<[string, () => Partial<OrderRequest>, string]>([
    ["of nobody", () => ({ accountId: "nobody" }), "unknownAccount"],
    ["for nothing", () => ({ symbol: "NOSUCH" }), "unknownInstrument"],
    ["without a price", () => ({ price: "" }), "malformed"],
    ["with price and market", () => ({ type: "market" }), "malformed"],
    ["with two sizes", () => ({ funds: "10" }), "malformed"],
    ["without a size", () => ({ quantity: "" }), "malformed"],
    ["with letters", () => ({ quantity: "1e3" }), "malformed"],
    ["off its tick", () => ({ price: "94000.5" }), "priceFilter"],
    ["off its lot", () => ({ quantity: "0.0100001" }), "lotSize"],
    ["too small", () => ({ quantity: "0.0000" }), "malformed"],
    ["too large", () => ({ quantity: "9000000" }), "lotSize"],
    [
      "too large at market",
      () => ({
        type: "market",
        price: "",
        quantity: lots("BTCUSDT", btc().rules.medianLots * 2_000),
      }),
      "marketLotSize",
    ],
    ["worth too little", () => ({ quantity: lots("BTCUSDT", 1), price: "19000" }), "minNotional"],
    ["worth too much", () => ({ side: "sell", quantity: "99", price: "95000" }), "maxNotional"],
    ["priced absurdly", () => ({ price: "1000000" }), "percentPrice"],
    ["priced beyond the book", () => ({ price: "80000" }), "percentPrice"],
    ["above its means", () => ({ quantity: "20" }), "insufficientBalance"],
    ["after its window", () => ({ notAfterUs: rig.nowUs - 1 }), "windowClosed"],
    ["that would take", () => ({ isPostOnly: true, price: at(rig.best().askTicks) }), "wouldTake"],
  ])("%s is refused and leaves no trace", (_what, change, reason) => {
    const before = rig.exchange.ledger.balances(ACCOUNT);
    const request = order({ price: at(rig.best().bidTicks - 10), ...change() });
    expect(rig.exchange.check(request, rig.nowUs)).toBe(reason);
    expect(rig.exchange.place(request, rig.nowUs)).toEqual({ kind: "rejected", reason });
    expect(rig.exchange.ledger.balances(ACCOUNT)).toEqual(before);
    expect(rig.events).toEqual([]);
    expect(rig.exchange.log.rejectedCount).toBe(1);
  });

  test("with an open order's id is refused; with an ended one's it is a second order", () => {
    const price = at(rig.best().bidTicks - 10);
    accepted({ clientOrderId: "same", price });
    expect(place({ clientOrderId: "same", price })).toMatchObject({ reason: "duplicateClientId" });
    rig.exchange.cancel(ACCOUNT, { clientOrderId: "same" }, { nowUs: rig.nowUs });
    accepted({ clientOrderId: "same", price });
    const [account] = truthOf(rig.exchange).accounts;
    expect(account?.duplicates).toEqual([{ clientOrderId: "same", count: 2 }]);
    expect(rig.exchange.log.order(ACCOUNT, { clientOrderId: "same" })?.status).toBe("open");
  });

  test("without an id gets one", () => {
    const { order: placed } = accepted({ clientOrderId: "", price: at(rig.best().bidTicks - 10) });
    expect(placed.clientOrderId).toBe(`auto${placed.orderId}`);
  });

  test("meets the limit of open orders", () => {
    const index = rig.market.indexOf("BTCUSDT") ?? 0;
    const rules = rig.exchange.rules[index];
    if (rules !== undefined) rules.openOrdersMax = 1;
    accepted({ price: at(rig.best().bidTicks - 10) });
    expect(place({ price: at(rig.best().bidTicks - 10) })).toMatchObject({
      reason: "tooManyOrders",
    });
  });

  test.each([
    ["halt", "halted"],
    ["break", "halted"],
    ["cancelOnly", "cancelOnly"],
    ["postOnly", "postOnlyMode"],
  ] as const)("during %s is refused, and cancels are so only in a halt", (status, reason) => {
    accepted({ clientOrderId: "before", price: at(rig.best().bidTicks - 10) });
    const rules = rig.exchange.rules[rig.market.indexOf("BTCUSDT") ?? 0];
    if (rules !== undefined) rules.status = status;
    expect(place({ price: at(rig.best().bidTicks - 10) })).toMatchObject({ reason });
    const result = rig.exchange.cancel(ACCOUNT, { clientOrderId: "before" }, { nowUs: rig.nowUs });
    expect(result.kind).toBe(status === "halt" ? "refused" : "canceled");
    const post = place({ isPostOnly: true, price: at(rig.best().bidTicks - 10) });
    expect(post.kind).toBe(status === "postOnly" ? "accepted" : "rejected");
  });
});

describe("the log", () => {
  test("tells an order as of a moment", () => {
    const key = { clientOrderId: "one" };
    accepted({ ...key, price: at(rig.best().bidTicks - 10) });
    const placedUs = rig.nowUs;
    rig.nowUs += 1_000;
    rig.exchange.cancel(ACCOUNT, key, { nowUs: rig.nowUs });
    expect(rig.exchange.log.order(ACCOUNT, key, placedUs - 1)).toBeUndefined();
    expect(rig.exchange.log.order(ACCOUNT, key, placedUs)?.status).toBe("open");
    expect(rig.exchange.log.openOrders(ACCOUNT, null, placedUs)).toHaveLength(1);
    expect(rig.exchange.log.openOrders(ACCOUNT, null)).toEqual([]);
    expect(rig.exchange.log.order(ACCOUNT, { ...key, symbol: "ETHUSDT" })).toBeUndefined();
    expect(rig.exchange.log.order("other", key)).toBeUndefined();
    expect(rig.exchange.cancel(ACCOUNT, key, { nowUs: rig.nowUs })).toMatchObject({
      reason: "notOpen",
    });
    expect(rig.exchange.cancel(ACCOUNT, { orderId: 1 }, { nowUs: rig.nowUs })).toMatchObject({
      reason: "unknownOrder",
    });
  });

  test("loses orders that vanish, but the truth does not, and the money is free again", () => {
    const before = free("USDT");
    accepted({ clientOrderId: "gone", price: at(rig.best().bidTicks - 10) });
    rig.events.length = 0;
    expect(rig.exchange.vanish(ACCOUNT, rig.nowUs)).toBe(1);
    expect(rig.events).toEqual([]);
    expect(rig.exchange.log.order(ACCOUNT, { clientOrderId: "gone" })).toBeUndefined();
    expect(rig.exchange.log.orders(ACCOUNT, null)).toEqual([]);
    expect(ordersAndTrades(rig.exchange, ACCOUNT).orders).toHaveLength(1);
    expect(free("USDT")).toBe(before);
    const key = { clientOrderId: "gone" };
    expect(rig.exchange.cancel(ACCOUNT, key, { nowUs: rig.nowUs }).kind).toBe("refused");
  });
});

describe("a dead man's timer", () => {
  const arm = (timeoutUs: number, symbols: readonly string[] | null) =>
    rig.exchange.deadMen.arm({ accountId: ACCOUNT, dueUs: rig.nowUs + timeoutUs, symbols });

  test("cancels what it was set for when nobody sets it again, once", () => {
    const price = at(rig.best().bidTicks - 300);
    accepted({ price });
    accepted({
      symbol: "ETHUSDT",
      quantity: "0.1",
      price: rig.price(rig.best("ETHUSDT").bidTicks - 300, "ETHUSDT"),
    });
    arm(50_000, ["ETHUSDT"]);
    rig.live(1);
    arm(50_000, ["ETHUSDT"]);
    rig.live(2);
    expect(rig.exchange.log.open(ACCOUNT, null)).toHaveLength(2);
    rig.live(1);
    expect(rig.exchange.log.open(ACCOUNT, null)).toHaveLength(1);
    expect(rig.exchange.deadMen.timerOf(ACCOUNT)).toBeUndefined();
    arm(10_000, null);
    rig.exchange.deadMen.disarm(ACCOUNT);
    rig.live(2);
    expect(rig.exchange.log.open(ACCOUNT, null)).toHaveLength(1);
    arm(10_000, null);
    rig.live(1);
    expect(rig.exchange.log.open(ACCOUNT, null)).toEqual([]);
    expect(rig.exchange.deadMen.firedCount).toBe(2);
  });
});

describe("money from outside", () => {
  test("is told, and the truth keeps it apart from what trading brought", () => {
    const start = free("BNB");
    expect(rig.exchange.moveExternally(ACCOUNT, { asset: "BNB", deltaAtto: ONE }, rig.nowUs)).toBe(
      ONE,
    );
    expect(rig.events.at(-1)).toMatchObject({ type: "balancesChanged", cause: "external" });
    const all = { asset: "BNB", deltaAtto: -1_000n * ONE };
    expect(rig.exchange.moveExternally(ACCOUNT, all, rig.nowUs)).toBe(-start - ONE);
    const [account] = truthOf(rig.exchange).accounts;
    expect(account?.pnl.BNB).toBe("0");
    expect(account?.external.BNB).toBe((-start).toString());
    expect(truthOf(rig.exchange).unbalanced).toEqual({});
  });
});

describe("fees", () => {
  const feeOf = (events: readonly ExchangeEvent[]) =>
    events.flatMap((one) => (one.type === "orderFilled" ? [one.trade] : []));

  test("are taken from what is received", () => {
    accepted({ timeInForce: "IOC", price: at(rig.best().askTicks + 5), quantity: "0.001" });
    const [bought] = feeOf(rig.events);
    expect(bought).toMatchObject({ feeAsset: "BTC", feeAtto: ONE / 1_000_000n });
    accepted({
      side: "sell",
      timeInForce: "IOC",
      price: at(rig.best().bidTicks - 5),
      quantity: "0.001",
    });
    const sold = feeOf(rig.events).at(-1);
    expect(sold?.feeAsset).toBe("USDT");
    expect(sold?.feeAtto).toBe(roundTo((sold?.quoteAtto ?? 0n) / 1_000n, 8, "floor"));
  });

  test("are taken from a third asset at a discount, until it is used up", () => {
    const fees = binanceFees();
    if (fees.discount !== null) fees.discount.isEnabled = true;
    rig = new Rig({ fees });
    const buy = () =>
      accepted({ timeInForce: "IOC", price: at(rig.best().askTicks + 9), quantity: "0.1" });
    buy();
    const [trade] = feeOf(rig.events);
    expect(trade?.feeAsset).toBe("BNB");
    const value = Number(trade?.feeAtto) * 912;
    const plain = Number(trade?.quoteAtto) * 0.001 * 0.75;
    expect(value / plain).toBeGreaterThan(0.98);
    expect(value / plain).toBeLessThan(1.02);
    rig.exchange.moveExternally(ACCOUNT, { asset: "BNB", deltaAtto: -10_000n * ONE }, rig.nowUs);
    buy();
    expect(feeOf(rig.events).at(-1)?.feeAsset).toBe("BTC");
  });

  test("follow the account and the instrument", () => {
    const none = { maker: 0n, taker: 0n };
    rig.exchange.setRates(ACCOUNT, null, { maker: 1n, taker: 200_000n });
    rig.exchange.setRates(ACCOUNT, "ETHUSDT", none);
    expect(rig.exchange.settlement.ratesOf(ACCOUNT, "ETHUSDT")).toEqual(none);
    expect(rig.exchange.settlement.ratesOf(ACCOUNT, "BTCUSDT").taker).toBe(200_000n);
    expect(rig.exchange.settlement.ratesOf("other", "BTCUSDT").taker).toBe(100_000n);
  });
});

describe("amounts", () => {
  test("are read and shown exactly", () => {
    expect(parseAtto("0.29")).toBe(29n * 10n ** 16n);
    expect(parseAtto("1.0000000000000000000000")).toBe(ONE);
    expect(attoText(29n * 10n ** 16n, 8)).toBe("0.29000000");
    expect(attoText(-ONE, 0)).toBe("-1");
    expect(shortAttoText(29n * 10n ** 16n)).toBe("0.29");
    expect(shortAttoText(0n)).toBe("0");
    for (const text of ["", "-1", "1e5", ".5", "1.", "0.0000000000000000001"]) {
      expect(parseAtto(text)).toBeUndefined();
    }
    expect(() => attoText(1n, 8)).toThrow("shows all it is");
  });

  test("are rounded as named", () => {
    expect(["floor", "ceil", "halfEven"].map((how) => divide(25n, 10n, how as "floor"))).toEqual([
      2n,
      3n,
      2n,
    ]);
    expect(divide(35n, 10n, "halfEven")).toBe(4n);
    expect(divide(26n, 10n, "halfEven")).toBe(3n);
    expect(divide(30n, 10n, "ceil")).toBe(3n);
  });
});

// Goal: orders and questions over the WebSocket API are answered as Binance spot does, and told alike.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Params, rest } from "./trading-client.ts";
import { TradingRig } from "./trading-rig.ts";

let rig: TradingRig;

beforeAll(async () => {
  rig = await TradingRig.start(3);
});

afterEach(() => rig.tidy());

afterAll(async () => {
  await rig.venues.stop();
});

describe("an order", () => {
  test("that takes is answered with its fills and told fill by fill", async () => {
    const client = await rig.listening();
    const params = await rig.ioc({ newClientOrderId: "rk00001-00000001" });
    const { status, result } = (await client.order("order.place", params)) as {
      status: number;
      result: { fills: { qty: string; commission: string }[]; orderId: number };
    };
    expect(status).toBe(200);
    expect(result).toMatchObject({
      symbol: "BTCUSDT",
      clientOrderId: "rk00001-00000001",
      status: "FILLED",
      executedQty: "0.01000000",
      selfTradePreventionMode: "EXPIRE_MAKER",
    });
    const sum = result.fills.reduce((all, fill) => all + Number(fill.qty), 0);
    expect(sum).toBeCloseTo(0.01, 8);
    await client.client.until(() => client.events().some((one) => one.X === "FILLED"), "filled");
    const reports = client.events().filter((one) => one.e === "executionReport");
    expect(reports.map((one) => one.x)).toEqual(["NEW", ...result.fills.map(() => "TRADE")]);
    expect(reports.at(-1)).toMatchObject({
      i: result.orderId,
      z: "0.01000000",
      N: "BTC",
      m: false,
    });
    const positions = client.events().filter((one) => one.e === "outboundAccountPosition");
    expect(positions.length).toBe(reports.length);
  });

  test.each([
    ["ACK", ["symbol", "orderId", "orderListId", "clientOrderId", "transactTime"]],
    ["RESULT", undefined],
  ] as const)("is answered as %s on request", async (newOrderRespType, keys) => {
    const client = await rig.dial();
    const { result } = await client.order("order.place", await rig.ioc({ newOrderRespType }));
    if (keys !== undefined) expect(Object.keys(result as object)).toEqual(keys);
    expect(result).not.toHaveProperty("fills");
  });

  test("that finds nothing expires with its reason", async () => {
    const client = await rig.listening();
    const { bid } = await rig.prices();
    const params = await rig.ioc({ price: String(bid - 300) });
    const { result } = await client.order("order.place", params);
    expect(result).toMatchObject({
      status: "EXPIRED",
      expiryReason: "UNFILLED_IOC_QUANTITY_EXPIRED",
    });
    await client.client.until(() => client.events().some((one) => one.x === "EXPIRED"), "expired");
    const report = client.events().find((one) => one.x === "EXPIRED");
    expect(report).toMatchObject({ eR: "UNFILLED_IOC_QUANTITY_EXPIRED", w: false, t: -1 });
  });

  test("that rests is found, listed, canceled, and its id is free again", async () => {
    const client = await rig.listening();
    const params = await rig.resting({ newClientOrderId: "rk00001-00000002" });
    const placed = await client.order("order.place", params);
    expect(placed.result).toMatchObject({ status: "NEW" });
    const again = await client.order("order.place", params);
    expect(again).toMatchObject({
      status: 400,
      error: { code: -2_010, msg: "Duplicate order sent." },
    });
    const key = { symbol: "BTCUSDT", origClientOrderId: "rk00001-00000002" };
    const found = await client.order("order.status", key);
    expect(found.result).toMatchObject({ status: "NEW", isWorking: true });
    const open = await client.order("openOrders.status", { symbol: "BTCUSDT" });
    expect(open.result).toHaveLength(1);
    expect((await client.order("openOrders.status")).result).toHaveLength(1);
    const canceled = await client.order("order.cancel", { ...key, newClientOrderId: "c1" });
    expect(canceled.result).toMatchObject({
      status: "CANCELED",
      origClientOrderId: "rk00001-00000002",
      clientOrderId: "c1",
    });
    await client.client.until(() => client.events().some((one) => one.x === "CANCELED"), "gone");
    const report = client.events().find((one) => one.x === "CANCELED");
    expect(report).toMatchObject({ c: "c1", C: "rk00001-00000002", X: "CANCELED" });
    expect(await client.order("order.cancel", key)).toMatchObject({
      status: 400,
      error: { code: -2_011 },
    });
    const second = await client.order("order.place", params);
    expect(second.status).toBe(200);
    const all = await client.order("openOrders.cancelAll", { symbol: "BTCUSDT" });
    expect(all.result).toHaveLength(1);
    expect(await client.order("openOrders.cancelAll", { symbol: "BTCUSDT" })).toMatchObject({
      error: { code: -2_011 },
    });
  });

  test("shows in the public book while it rests", async () => {
    const client = await rig.dial();
    const { bid } = await rig.prices();
    const before = await fetch(`${rig.endpoints.rest}/api/v3/depth?symbol=BTCUSDT&limit=5000`);
    const levels = ((await before.json()) as { bids: string[][] }).bids.map(([price]) => price);
    let ticks = Math.round(bid) - 500;
    while (levels.includes(`${ticks}.00000000`)) ticks -= 1;
    const params = await rig.resting({ price: String(ticks), quantity: "0.123" });
    await client.order("order.place", params);
    const after = await fetch(`${rig.endpoints.rest}/api/v3/depth?symbol=BTCUSDT&limit=5000`);
    const { bids } = (await after.json()) as { bids: string[][] };
    expect(bids).toContainEqual([`${ticks}.00000000`, "0.12300000"]);
    await client.order("openOrders.cancelAll", { symbol: "BTCUSDT" });
  });

  test.each<[string, Params, number, string]>([
    ["an unknown symbol", { symbol: "NOSUCH" }, -1_121, "Invalid symbol."],
    ["a wrong side", { side: "HOLD" }, -1_117, "Invalid side."],
    ["a wrong type", { type: "ICEBERG" }, -1_116, "Invalid orderType."],
    ["a wrong time in force", { timeInForce: "DAY" }, -1_115, "Invalid timeInForce."],
    ["an illegal id", { newClientOrderId: "no spaces" }, -1_100, "newClientOrderId"],
    ["an unreadable price", { price: "1e5" }, -1_100, "price"],
    ["a price off its tick", { price: "94000.5" }, -1_013, "PRICE_FILTER"],
    ["a quantity off its step", { quantity: "0.0100001" }, -1_013, "LOT_SIZE"],
    ["a price far away", { price: "1" }, -1_013, "PERCENT_PRICE_BY_SIDE"],
    ["a small notional", { quantity: "0.0001", price: "20000" }, -1_013, "NOTIONAL"],
    ["more than there is", { quantity: "90" }, -2_010, "insufficient balance"],
    ["an unknown prevention mode", { selfTradePreventionMode: "TRANSFER" }, -1_020, "supported"],
    ["a superfluous field", { quoteOrderQty: "10" }, -1_106, "quoteOrderQty"],
  ])("with %s is refused", async (_what, change, code, msg) => {
    const client = await rig.dial();
    const answer = await client.order("order.place", { ...(await rig.ioc()), ...change });
    expect(answer).toMatchObject({
      status: 400,
      error: { code, msg: expect.stringContaining(msg) },
    });
  });

  test.each(["side", "type", "quantity", "price", "timeInForce", "symbol"])(
    "without %s is refused",
    async (name) => {
      const client = await rig.dial();
      const { [name]: _, ...params } = await rig.ioc();
      const answer = await client.order("order.place", params);
      expect(answer).toMatchObject({ error: { code: -1_102 } });
    },
  );

  test("that must not take is refused when it would", async () => {
    const client = await rig.dial();
    const { ask } = await rig.prices();
    const { timeInForce: _, ...params } = await rig.ioc({
      type: "LIMIT_MAKER",
      price: String(ask + 50),
    });
    expect(await client.order("order.place", params)).toMatchObject({
      error: { code: -2_010, msg: "Order would immediately match and take." },
    });
  });

  test("at market takes by size and by funds", async () => {
    const client = await rig.dial();
    const market = { symbol: "BTCUSDT", side: "SELL", type: "MARKET" };
    const sold = await client.order("order.place", { ...market, quantity: "0.002" });
    expect(sold.result).toMatchObject({ status: "FILLED", executedQty: "0.00200000" });
    const bought = await client.order("order.place", {
      ...market,
      side: "BUY",
      quoteOrderQty: "500",
    });
    const { cummulativeQuoteQty } = bought.result as { cummulativeQuoteQty: string };
    expect(Number(cummulativeQuoteQty)).toBeLessThanOrEqual(500);
    expect(Number(cummulativeQuoteQty)).toBeGreaterThan(400);
  });

  test("under test is checked and never placed", async () => {
    const client = await rig.dial();
    const count = () => (rig.venues.trading.orders("binance-spot") as { orders: [] }).orders.length;
    const before = count();
    expect((await client.order("order.test", await rig.ioc())).result).toEqual({});
    const rates = await client.order("order.test", await rig.ioc({ computeCommissionRates: true }));
    expect(rates.result).toMatchObject({ standardCommissionForOrder: { taker: "0.00100000" } });
    const bad = await client.order("order.test", await rig.ioc({ quantity: "0.00000001" }));
    expect(bad).toMatchObject({ error: { code: -1_013 } });
    expect(await client.order("order.test", { symbol: "BTCUSDT" })).toMatchObject({
      error: { code: -1_102 },
    });
    expect(count()).toBe(before);
  });
});

describe("a question", () => {
  test("about orders and trades is answered by page", async () => {
    const client = await rig.dial();
    const orders = await client.order("allOrders", { symbol: "BTCUSDT", limit: 2 });
    expect((orders.result as unknown[]).length).toBe(2);
    const trades = (await client.order("myTrades", { symbol: "BTCUSDT" })).result as {
      id: number;
      orderId: number;
    }[];
    expect(trades.length).toBeGreaterThan(1);
    const [first] = trades;
    const fromId = trades.at(-1)?.id ?? 0;
    const last = await client.order("myTrades", { symbol: "BTCUSDT", fromId });
    expect(last.result).toHaveLength(1);
    const ofOne = await client.order("myTrades", {
      symbol: "BTCUSDT",
      orderId: first?.orderId ?? 0,
    });
    expect(
      (ofOne.result as { orderId: number }[]).every((one) => one.orderId === first?.orderId),
    ).toBe(true);
    const none = await client.order("myTrades", {
      symbol: "BTCUSDT",
      startTime: Date.now() + 60_000,
    });
    expect(none.result).toEqual([]);
  });

  test.each<[string, Params, number]>([
    ["order.status", { symbol: "BTCUSDT", orderId: 1 }, -2_013],
    ["order.status", { symbol: "BTCUSDT" }, -1_128],
    ["order.status", { symbol: "BTCUSDT", orderId: "x" }, -1_100],
    ["order.status", {}, -1_102],
    ["order.cancel", {}, -1_102],
    ["openOrders.cancelAll", {}, -1_102],
    ["openOrders.status", { symbol: "NOSUCH" }, -1_121],
    ["openOrders.status", { symbol: "?" }, -1_100],
    ["allOrders", { symbol: "NOSUCH" }, -1_121],
    ["allOrders", { symbol: "BTCUSDT", limit: "x" }, -1_100],
    ["myTrades", {}, -1_102],
    ["account.commission", { symbol: "NOSUCH" }, -1_121],
    ["account.commission", {}, -1_102],
    ["order.place", { newOrderRespType: "SOME", symbol: "BTCUSDT" }, -1_020],
  ])("%s %j has its error", async (method, params, code) => {
    const client = await rig.dial();
    const base = method === "order.place" ? await rig.ioc() : {};
    expect(await client.order(method, { ...base, ...params })).toMatchObject({ error: { code } });
  });

  test("with two names that disagree is refused", async () => {
    const client = await rig.dial();
    const params = await rig.resting({ newClientOrderId: "named" });
    const { result } = await client.order("order.place", params);
    const { orderId } = result as { orderId: number };
    const key = { symbol: "BTCUSDT", orderId, origClientOrderId: "other" };
    expect(await client.order("order.cancel", key)).toMatchObject({ error: { code: -2_039 } });
    const right = await client.order("order.cancel", { ...key, origClientOrderId: "named" });
    expect(right.status).toBe(200);
  });

  test("about the account tells balances and fees, over both doors", async () => {
    const client = await rig.dial();
    const account = await client.order("account.status", { omitZeroBalances: true });
    const overRest = await rest(rig.endpoints, "GET /api/v3/account", { omitZeroBalances: "true" });
    expect(account.result).toMatchObject({ canTrade: true, accountType: "SPOT" });
    expect(overRest.body.balances).toEqual((account.result as { balances: unknown }).balances);
    const fees = await client.order("account.commission", { symbol: "BTCUSDT" });
    expect(fees.result).toMatchObject({
      standardCommission: { maker: "0.00100000", taker: "0.00100000" },
      discount: { discountAsset: "BNB", discount: "0.75000000", enabledForAccount: false },
    });
    const limits = await client.order("account.rateLimits.orders");
    expect(limits.result).toMatchObject([{ interval: "SECOND" }, { interval: "DAY" }]);
  });

  test("anybody may ask is answered without a key", async () => {
    const client = await rig.dial();
    expect((await client.ask("ping")).result).toEqual({});
    const { serverTime } = (await client.ask("time")).result as { serverTime: number };
    expect(Math.abs(serverTime - Date.now())).toBeLessThan(5_000);
    const info = await client.ask("exchangeInfo", { symbol: "BTCUSDT" });
    expect(info.result).toMatchObject({
      symbols: [{ symbol: "BTCUSDT", status: "TRADING" }],
      rateLimits: expect.arrayContaining([expect.objectContaining({ limit: 10_000 })]),
    });
    expect(await client.ask("exchangeInfo", { symbol: "NOSUCH" })).toMatchObject({
      error: { code: -1_121 },
    });
    expect(await client.ask("order.sing")).toMatchObject({ error: { code: -1_020 } });
    client.client.send("{");
    expect(await client.client.find((one) => one.id === null)).toMatchObject({ status: 400 });
  });
});

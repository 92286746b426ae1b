// Goal: the WebSocket API answers as Binance spot does, and its user data stream tells the same story.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { VenuesHandle } from "../../../../../local/venues/handle.ts";
import { startVenues } from "../../../../../local/venues/start.ts";
import type { TradingEndpoints } from "../../../../../local/venues/venue-model.ts";
import { type Params, rest, TradingClient } from "./trading-client.ts";

let venues: VenuesHandle;
let endpoints: TradingEndpoints;
const clients: TradingClient[] = [];

beforeAll(async () => {
  venues = await startVenues({
    seed: 3,
    spotInstruments: 6,
    usdmInstruments: 1,
    kucoinInstruments: 1,
    krakenInstruments: 1,
    levelsPerSide: 300,
    diffsPerSecond: 200,
    venueSpeed: 100,
    spotOrdersPerTenSeconds: 10_000,
    spotWeightPerMinute: 100_000,
    dialsMax: 10_000,
  });
  const { trading } = venues.endpoints["binance-spot"];
  if (trading === undefined) throw new Error("binance spot takes orders");
  endpoints = trading;
});

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  venues.trading.inject({ rates: {} });
  venues.changeKeys("binance-spot", { isRevoked: false });
});

afterAll(async () => {
  await venues.stop();
});

async function dial(kind = "hmac", query = ""): Promise<TradingClient> {
  const client = new TradingClient(endpoints, kind, query);
  clients.push(client);
  return await client.opened();
}

/** A dial that hears its account. */
async function listening(): Promise<TradingClient> {
  const client = await dial();
  await client.order("userDataStream.subscribe.signature");
  return client;
}

async function prices(): Promise<{ bid: number; ask: number }> {
  const url = `${endpoints.rest}/api/v3/depth?symbol=BTCUSDT&limit=5`;
  const depth = (await (await fetch(url)).json()) as { bids: string[][]; asks: string[][] };
  return { bid: Number(depth.bids[0]?.[0]), ask: Number(depth.asks[0]?.[0]) };
}

async function ioc(change: Params = {}): Promise<Params> {
  const { ask } = await prices();
  return {
    symbol: "BTCUSDT",
    side: "BUY",
    type: "LIMIT",
    timeInForce: "IOC",
    price: String(ask + 30),
    quantity: "0.01",
    ...change,
  };
}

async function resting(change: Params = {}): Promise<Params> {
  const { bid } = await prices();
  return { ...(await ioc()), timeInForce: "GTC", price: String(bid - 400), ...change };
}

describe("an order", () => {
  test("that takes is answered with its fills and told fill by fill", async () => {
    const client = await listening();
    const params = await ioc({ newClientOrderId: "rk00001-00000001" });
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
    const client = await dial();
    const { result } = await client.order("order.place", await ioc({ newOrderRespType }));
    if (keys !== undefined) expect(Object.keys(result as object)).toEqual(keys);
    expect(result).not.toHaveProperty("fills");
  });

  test("that finds nothing expires with its reason", async () => {
    const client = await listening();
    const { bid } = await prices();
    const params = await ioc({ price: String(bid - 300) });
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
    const client = await listening();
    const params = await resting({ newClientOrderId: "rk00001-00000002" });
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
    const client = await dial();
    const { bid } = await prices();
    const before = await fetch(`${endpoints.rest}/api/v3/depth?symbol=BTCUSDT&limit=5000`);
    const levels = ((await before.json()) as { bids: string[][] }).bids.map(([price]) => price);
    let ticks = Math.round(bid) - 500;
    while (levels.includes(`${ticks}.00000000`)) ticks -= 1;
    const params = await resting({ price: String(ticks), quantity: "0.123" });
    await client.order("order.place", params);
    const after = await fetch(`${endpoints.rest}/api/v3/depth?symbol=BTCUSDT&limit=5000`);
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
    const client = await dial();
    const answer = await client.order("order.place", { ...(await ioc()), ...change });
    expect(answer).toMatchObject({
      status: 400,
      error: { code, msg: expect.stringContaining(msg) },
    });
  });

  test.each(["side", "type", "quantity", "price", "timeInForce", "symbol"])(
    "without %s is refused",
    async (name) => {
      const client = await dial();
      const { [name]: _, ...params } = await ioc();
      const answer = await client.order("order.place", params);
      expect(answer).toMatchObject({ error: { code: -1_102 } });
    },
  );

  test("that must not take is refused when it would", async () => {
    const client = await dial();
    const { ask } = await prices();
    const { timeInForce: _, ...params } = await ioc({
      type: "LIMIT_MAKER",
      price: String(ask + 50),
    });
    expect(await client.order("order.place", params)).toMatchObject({
      error: { code: -2_010, msg: "Order would immediately match and take." },
    });
  });

  test("at market takes by size and by funds", async () => {
    const client = await dial();
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
    const client = await dial();
    const count = () => (venues.trading.orders("binance-spot") as { orders: [] }).orders.length;
    const before = count();
    expect((await client.order("order.test", await ioc())).result).toEqual({});
    const rates = await client.order("order.test", await ioc({ computeCommissionRates: true }));
    expect(rates.result).toMatchObject({ standardCommissionForOrder: { taker: "0.00100000" } });
    const bad = await client.order("order.test", await ioc({ quantity: "0.00000001" }));
    expect(bad).toMatchObject({ error: { code: -1_013 } });
    expect(await client.order("order.test", { symbol: "BTCUSDT" })).toMatchObject({
      error: { code: -1_102 },
    });
    expect(count()).toBe(before);
  });
});

describe("a question", () => {
  test("about orders and trades is answered by page", async () => {
    const client = await dial();
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
    const client = await dial();
    const base = method === "order.place" ? await ioc() : {};
    expect(await client.order(method, { ...base, ...params })).toMatchObject({ error: { code } });
  });

  test("with two names that disagree is refused", async () => {
    const client = await dial();
    const params = await resting({ newClientOrderId: "named" });
    const { result } = await client.order("order.place", params);
    const { orderId } = result as { orderId: number };
    const key = { symbol: "BTCUSDT", orderId, origClientOrderId: "other" };
    expect(await client.order("order.cancel", key)).toMatchObject({ error: { code: -2_039 } });
    const right = await client.order("order.cancel", { ...key, origClientOrderId: "named" });
    expect(right.status).toBe(200);
  });

  test("about the account tells balances and fees, over both doors", async () => {
    const client = await dial();
    const account = await client.order("account.status", { omitZeroBalances: true });
    const overRest = await rest(endpoints, "GET /api/v3/account", { omitZeroBalances: "true" });
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
    const client = await dial();
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

describe("a session", () => {
  test("logs on with Ed25519 and signs no more", async () => {
    const client = await dial("ed25519");
    expect((await client.ask("session.status")).result).toMatchObject({ apiKey: null });
    expect(await client.ask("userDataStream.subscribe")).toMatchObject({ error: { code: -1_000 } });
    const logon = await client.order("session.logon");
    expect(logon.result).toMatchObject({ apiKey: client.key.apiKey, userDataStream: false });
    expect((await client.ask("userDataStream.subscribe")).result).toEqual({ subscriptionId: 0 });
    const params = { ...(await ioc()), timestamp: Date.now() };
    expect((await client.ask("order.place", params)).status).toBe(200);
    const late = { ...params, timestamp: Date.now() - 60_000 };
    expect(await client.ask("order.place", late)).toMatchObject({ error: { code: -1_021 } });
    expect((await client.ask("session.logout")).result).toMatchObject({ apiKey: null });
    expect(await client.ask("order.place", params)).toMatchObject({ error: { code: -1_102 } });
  });

  test("cannot log on with HMAC, and not with a wrong signature", async () => {
    const client = await dial();
    expect(await client.order("session.logon")).toMatchObject({ error: { code: -1_020 } });
    const params = { ...client.signed({}), signature: "0".repeat(64) };
    for (const method of [
      "session.logon",
      "userDataStream.subscribe.signature",
      "account.status",
    ]) {
      expect(await client.ask(method, params)).toMatchObject({ error: { code: -1_022 } });
    }
    const { signature: _, ...unsigned } = params;
    expect(await client.ask("account.status", unsigned)).toMatchObject({ error: { code: -1_102 } });
    expect(await client.ask("account.status", { ...params, apiKey: "who" })).toMatchObject({
      status: 401,
      error: { code: -2_015 },
    });
  });

  test("hears its account once, and the end of it", async () => {
    const client = await dial();
    const subscribe = () => client.order("userDataStream.subscribe.signature");
    expect((await subscribe()).result).toEqual({ subscriptionId: 0 });
    expect(await subscribe()).toMatchObject({ error: { code: -2_035 } });
    await client.ask("userDataStream.unsubscribe", { subscriptionId: 0 });
    await client.client.until(
      () => client.events().some((one) => one.e === "eventStreamTerminated"),
      "terminated",
    );
    expect((await subscribe()).result).toEqual({ subscriptionId: 1 });
    await client.ask("userDataStream.unsubscribe");
  });

  test("may decline the rate limits, and gets them otherwise", async () => {
    const declining = await dial("hmac", "?returnRateLimits=false");
    expect(await declining.ask("ping")).not.toHaveProperty("rateLimits");
    const client = await dial();
    const placed = await client.order("order.place", await ioc());
    expect(placed.rateLimits).toMatchObject([
      { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10 },
      { rateLimitType: "ORDERS", interval: "DAY" },
      { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE" },
    ]);
  });

  test("answers pings of the client and is told before it is cut", async () => {
    const client = await dial();
    client.client.socket.ping("hello");
    await client.client.until(() => client.client.pongs.includes("hello"), "pong");
    venues.inject({ kind: "serverShutdown", venue: "binance-spot", durationMs: 20 });
    await client.client.until(
      () => client.events().some((one) => one.e === "serverShutdown"),
      "said",
    );
    await client.client.until(() => client.client.closeCode !== null, "cut");
  });

  test("of a revoked key is refused with the next request", async () => {
    const client = await dial("ed25519");
    await client.order("session.logon");
    venues.changeKeys("binance-spot", { isRevoked: true });
    const params = { ...(await ioc()), timestamp: Date.now() };
    expect(await client.ask("order.place", params)).toMatchObject({
      status: 401,
      error: { code: -2_015 },
    });
  });
});

describe("an order list", () => {
  const exits = async (): Promise<Params> => {
    const { bid, ask } = await prices();
    return {
      symbol: "BTCUSDT",
      side: "SELL",
      quantity: "0.01",
      aboveType: "LIMIT_MAKER",
      abovePrice: String(ask + 400),
      aboveClientOrderId: "up1",
      belowType: "STOP_LOSS",
      belowStopPrice: String(bid - 400),
      belowClientOrderId: "down1",
      listClientOrderId: "list1",
    };
  };

  test("of two exits is placed, told and canceled as a whole", async () => {
    const client = await listening();
    const placed = await client.order("orderList.place.oco", await exits());
    expect(placed.result).toMatchObject({
      contingencyType: "OCO",
      listOrderStatus: "EXECUTING",
      orderReports: [{ clientOrderId: "up1", status: "NEW" }],
    });
    const canceled = await client.order("orderList.cancel", {
      symbol: "BTCUSDT",
      listClientOrderId: "list1",
    });
    expect(canceled.result).toMatchObject({ listOrderStatus: "ALL_DONE" });
    const lists = () => client.events().filter((one) => one.e === "listStatus");
    await client.client.until(() => lists().length === 2, "two states");
    expect(lists().map((one) => one.l)).toEqual(["EXEC_STARTED", "ALL_DONE"]);
    expect(await client.order("orderList.cancel", { orderListId: 1 })).toMatchObject({
      error: { code: -2_011 },
    });
  });

  test("behind an entry is placed over REST", async () => {
    const { ask } = await prices();
    const { side: _, quantity: __, ...legs } = await exits();
    const pending = Object.fromEntries(
      Object.entries(legs).map(([name, value]) =>
        /^(above|below)/.test(name)
          ? [`pending${name[0]?.toUpperCase()}${name.slice(1)}`, value]
          : [name, value],
      ),
    );
    const placed = await rest(endpoints, "POST /api/v3/orderList/otoco", {
      ...pending,
      listClientOrderId: "list2",
      pendingSide: "SELL",
      pendingQuantity: "0.01",
      workingType: "LIMIT",
      workingSide: "BUY",
      workingTimeInForce: "GTC",
      workingPrice: String(ask + 30),
      workingQuantity: "0.01",
      workingClientOrderId: "in1",
    });
    expect(placed.body).toMatchObject({ contingencyType: "OTO" });
    const client = await dial();
    const isOpen = async () =>
      (await client.order("order.status", { symbol: "BTCUSDT", origClientOrderId: "up1" })).status;
    while ((await isOpen()) !== 200) await new Promise((resolve) => setTimeout(resolve, 5));
    const gone = await rest(endpoints, "DELETE /api/v3/orderList", {
      symbol: "BTCUSDT",
      listClientOrderId: "list2",
    });
    expect(gone.status).toBe(200);
  });

  test.each<[Params, number]>([
    [{ side: "HOLD" }, -1_117],
    [{ aboveType: "TAKE_PROFIT" }, -1_020],
    [{ symbol: "NOSUCH" }, -1_121],
    [{ symbol: "?" }, -1_100],
    [{ abovePrice: "20000" }, -2_010],
    [{ abovePrice: "" }, -1_102],
    [{ belowStopPrice: "" }, -1_102],
    [{ quantity: "" }, -1_102],
    [{ quantity: "900" }, -1_013],
  ])("with %j is refused", async (change, code) => {
    const client = await dial();
    const answer = await client.order("orderList.place.oco", { ...(await exits()), ...change });
    expect(answer).toMatchObject({ error: { code } });
  });

  test("with an unreadable entry, or in trouble, is refused", async () => {
    const client = await dial();
    const params = {
      ...(await exits()),
      pendingSide: "SELL",
      pendingQuantity: "0.01",
      pendingAboveType: "LIMIT_MAKER",
      pendingAbovePrice: "99000",
      pendingBelowType: "STOP_LOSS",
      pendingBelowStopPrice: "90000",
    };
    expect(await client.order("orderList.place.otoco", params)).toMatchObject({
      error: { code: -1_102 },
    });
    venues.trading.inject({ venue: "binance-spot", kind: "timestampRefused" });
    expect(await client.order("orderList.place.oco", await exits())).toMatchObject({
      error: { code: -1_021 },
    });
  });
});

describe("the signed REST endpoints", () => {
  test("place, find and cancel, with the counts in the headers", async () => {
    const params = await resting({ newClientOrderId: "rk00001-00000009" });
    const placed = await rest(endpoints, "POST /api/v3/order", params);
    expect(placed.status).toBe(200);
    expect(placed.headers.get("x-mbx-order-count-10s")).toMatch(/^\d+$/);
    expect(placed.headers.get("x-mbx-used-weight-1m")).toMatch(/^\d+$/);
    const key = { symbol: "BTCUSDT", origClientOrderId: "rk00001-00000009" };
    const found = await rest(endpoints, "GET /api/v3/order", key, "ed25519");
    expect(found.body).toMatchObject({ status: "NEW", clientOrderId: "rk00001-00000009" });
    expect((await rest(endpoints, "DELETE /api/v3/order", key)).body).toMatchObject({
      status: "CANCELED",
    });
    expect(await rest(endpoints, "DELETE /api/v3/order", key)).toMatchObject({
      status: 400,
      body: { code: -2_011 },
    });
  });

  test("tell what a key may do, and can be made to lie", async () => {
    const ask = async () => (await rest(endpoints, "GET /sapi/v1/account/apiRestrictions")).body;
    expect(await ask()).toMatchObject({ ipRestrict: true, enableWithdrawals: false });
    venues.changeKeys("binance-spot", { ipRestrict: false, enableWithdrawals: true });
    expect(await ask()).toMatchObject({ ipRestrict: false, enableWithdrawals: true });
    venues.changeKeys("binance-spot", { ipRestrict: true, enableWithdrawals: false });
    const client = await dial();
    expect(await client.order("sapi.apiRestrictions")).toMatchObject({ error: { code: -1_020 } });
  });

  test("refuse what is unsigned, and a body without end", async () => {
    const url = `${endpoints.rest}/api/v3/account?timestamp=${Date.now()}`;
    const unsigned = await fetch(url);
    expect(unsigned.status).toBe(400);
    const huge = fetch(`${endpoints.rest}/api/v3/order`, { method: "POST", body: "a".repeat(1e6) });
    await expect(huge).rejects.toThrow();
  });
});

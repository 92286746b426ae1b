// Goal: sessions, order lists and signed REST behave as Binance spot's pages say.
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

describe("a session", () => {
  test("logs on with Ed25519 and signs no more", async () => {
    const client = await rig.dial("ed25519");
    expect((await client.ask("session.status")).result).toMatchObject({ apiKey: null });
    expect(await client.ask("userDataStream.subscribe")).toMatchObject({ error: { code: -1_000 } });
    const logon = await client.order("session.logon");
    expect(logon.result).toMatchObject({ apiKey: client.key.apiKey, userDataStream: false });
    expect((await client.ask("userDataStream.subscribe")).result).toEqual({ subscriptionId: 0 });
    const params = { ...(await rig.ioc()), timestamp: Date.now() };
    expect((await client.ask("order.place", params)).status).toBe(200);
    const late = { ...params, timestamp: Date.now() - 60_000 };
    expect(await client.ask("order.place", late)).toMatchObject({ error: { code: -1_021 } });
    expect((await client.ask("session.logout")).result).toMatchObject({ apiKey: null });
    expect(await client.ask("order.place", params)).toMatchObject({ error: { code: -1_102 } });
  });

  test("cannot log on with HMAC, and not with a wrong signature", async () => {
    const client = await rig.dial();
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
    const client = await rig.dial();
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
    const declining = await rig.dial("hmac", "?returnRateLimits=false");
    expect(await declining.ask("ping")).not.toHaveProperty("rateLimits");
    const client = await rig.dial();
    const placed = await client.order("order.place", await rig.ioc());
    expect(placed.rateLimits).toMatchObject([
      { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10 },
      { rateLimitType: "ORDERS", interval: "DAY" },
      { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE" },
    ]);
  });

  test("answers pings of the client and is told before it is cut", async () => {
    const client = await rig.dial();
    client.client.socket.ping("hello");
    await client.client.until(() => client.client.pongs.includes("hello"), "pong");
    rig.venues.inject({ kind: "serverShutdown", venue: "binance-spot", durationMs: 20 });
    await client.client.until(
      () => client.events().some((one) => one.e === "serverShutdown"),
      "said",
    );
    await client.client.until(() => client.client.closeCode !== null, "cut");
  });

  test("of a revoked key is refused with the next request", async () => {
    const client = await rig.dial("ed25519");
    await client.order("session.logon");
    rig.venues.changeKeys("binance-spot", { isRevoked: true });
    const params = { ...(await rig.ioc()), timestamp: Date.now() };
    expect(await client.ask("order.place", params)).toMatchObject({
      status: 401,
      error: { code: -2_015 },
    });
  });
});

describe("an order list", () => {
  const exits = async (): Promise<Params> => {
    const { bid, ask } = await rig.prices();
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
    const client = await rig.listening();
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
    const { ask } = await rig.prices();
    const { side: _, quantity: __, ...legs } = await exits();
    const pending = Object.fromEntries(
      Object.entries(legs).map(([name, value]) =>
        /^(above|below)/.test(name)
          ? [`pending${name[0]?.toUpperCase()}${name.slice(1)}`, value]
          : [name, value],
      ),
    );
    const placed = await rest(rig.endpoints, "POST /api/v3/orderList/otoco", {
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
    const client = await rig.dial();
    const isOpen = async () =>
      (await client.order("order.status", { symbol: "BTCUSDT", origClientOrderId: "up1" })).status;
    while ((await isOpen()) !== 200) await new Promise((resolve) => setTimeout(resolve, 5));
    const gone = await rest(rig.endpoints, "DELETE /api/v3/orderList", {
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
    const client = await rig.dial();
    const answer = await client.order("orderList.place.oco", { ...(await exits()), ...change });
    expect(answer).toMatchObject({ error: { code } });
  });

  test("with an unreadable entry, or in trouble, is refused", async () => {
    const client = await rig.dial();
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
    rig.venues.trading.inject({ venue: "binance-spot", kind: "timestampRefused" });
    expect(await client.order("orderList.place.oco", await exits())).toMatchObject({
      error: { code: -1_021 },
    });
  });
});

describe("the signed REST endpoints", () => {
  test("place, find and cancel, with the counts in the headers", async () => {
    const params = await rig.resting({ newClientOrderId: "rk00001-00000009" });
    const placed = await rest(rig.endpoints, "POST /api/v3/order", params);
    expect(placed.status).toBe(200);
    expect(placed.headers.get("x-mbx-order-count-10s")).toMatch(/^\d+$/);
    expect(placed.headers.get("x-mbx-used-weight-1m")).toMatch(/^\d+$/);
    const key = { symbol: "BTCUSDT", origClientOrderId: "rk00001-00000009" };
    const found = await rest(rig.endpoints, "GET /api/v3/order", key, "ed25519");
    expect(found.body).toMatchObject({ status: "NEW", clientOrderId: "rk00001-00000009" });
    expect((await rest(rig.endpoints, "DELETE /api/v3/order", key)).body).toMatchObject({
      status: "CANCELED",
    });
    expect(await rest(rig.endpoints, "DELETE /api/v3/order", key)).toMatchObject({
      status: 400,
      body: { code: -2_011 },
    });
  });

  test("tell what a key may do, and can be made to lie", async () => {
    const ask = async () =>
      (await rest(rig.endpoints, "GET /sapi/v1/account/apiRestrictions")).body;
    expect(await ask()).toMatchObject({ ipRestrict: true, enableWithdrawals: false });
    rig.venues.changeKeys("binance-spot", { ipRestrict: false, enableWithdrawals: true });
    expect(await ask()).toMatchObject({ ipRestrict: false, enableWithdrawals: true });
    rig.venues.changeKeys("binance-spot", { ipRestrict: true, enableWithdrawals: false });
    const client = await rig.dial();
    expect(await client.order("sapi.apiRestrictions")).toMatchObject({ error: { code: -1_020 } });
  });

  test("refuse what is unsigned, and a body without end", async () => {
    const url = `${rig.endpoints.rest}/api/v3/account?timestamp=${Date.now()}`;
    const unsigned = await fetch(url);
    expect(unsigned.status).toBe(400);
    const huge = fetch(`${rig.endpoints.rest}/api/v3/order`, {
      method: "POST",
      body: "a".repeat(1e6),
    });
    await expect(huge).rejects.toThrow();
  });
});

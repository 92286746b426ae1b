// Goal: the account side over signed REST answers as KuCoin's pages say: every credential and every order is
// checked, lists agree with the log, timers fire, and every fault reaches the wire with its own face.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { REJECT_REASONS } from "../../../../../local/venues/exchange/orders.ts";
import { REJECT_CODES, refusedFor } from "../../../../../local/venues/kucoin/trading/codes.ts";
import { signed } from "../kucoin-client.ts";
import { SYMBOL, TradingRig } from "./trading-rig.ts";

const ORDERS = "/api/v1/hf/orders";
let rig: TradingRig;

beforeAll(async () => {
  rig = await TradingRig.start(11);
});

afterEach(async () => {
  await rig.tidy();
});

afterAll(async () => {
  await rig.venues.stop();
});

describe("credentials", () => {
  test.each([
    ["400001", { "KC-API-KEY": "" }],
    ["400003", { "KC-API-KEY": "someone-else" }],
    ["400004", { "KC-API-PASSPHRASE": "clear text" }],
    ["400005", { "KC-API-SIGN": "AAAA" }],
  ])("%s is the answer to %j", async (code, spoil) => {
    const { status, envelope } = await signed(rig.venues, "GET", "/api/v1/accounts?type=trade", {
      spoil,
    });
    expect(status).toBe(401);
    expect(envelope.code).toBe(code);
  });

  test("a time more than five seconds away is refused, and so is a revoked key", async () => {
    const late = await signed(rig.venues, "GET", "/api/v1/accounts", {
      timeMs: Date.now() - 6000,
    });
    expect(late.envelope.code).toBe("400002");
    rig.venues.changeKeys("kucoin", { isRevoked: true });
    expect((await rig.call("GET", "/api/v1/accounts")).code).toBe("400003");
  });

  test("a key tells its rights, and may lie of them when it is told to", async () => {
    const before = await rig.call("GET", "/api/v1/user/api-key");
    expect(before.data).toMatchObject({ permission: "General,Spot", ipWhitelist: "127.0.0.1" });
    rig.venues.changeKeys("kucoin", { enableWithdrawals: true });
    const after = await rig.call("GET", "/api/v1/user/api-key");
    expect(after.data).toMatchObject({ permission: "General,Spot,Withdrawal" });
  });

  test("an address that nobody serves is not found", async () => {
    expect((await rig.call("GET", "/api/v1/hf/nothing")).code).toBe("404000");
  });
});

describe("an order", () => {
  test.each([
    ["400100", { side: "both" }],
    ["400100", { type: "stop" }],
    ["400100", { timeInForce: "GTX" }],
    ["400100", { clientOid: "no blanks please" }],
    ["400100", { allowMaxTimeWindow: 1000 }],
    ["400100", { clientTimestamp: 1, allowMaxTimeWindow: 1000 }],
    ["400100", { price: "0.123456789" }],
    ["400100", { size: "0.0000000001" }],
    ["400100", { price: "1" }],
    ["900001", { symbol: "NO-SUCH" }],
    ["102434", { size: "900" }],
    ["200004", { size: "80" }],
  ])("is refused with %s for %j", async (code, change) => {
    const order = await rig.ioc(change);
    expect((await rig.call("POST", ORDERS, order)).code).toBe(code);
    const { code: tested } = await rig.call("POST", `${ORDERS}/test`, order);
    expect(tested).toBe(code);
  });

  test("without a body that is JSON is refused", async () => {
    const { envelope } = await signed(rig.venues, "POST", ORDERS, { body: "{" });
    expect(envelope.code).toBe("400100");
  });

  test("is placed once while it is open", async () => {
    const order = await rig.resting();
    const { code, data } = await rig.call("POST", ORDERS, order);
    expect(code).toBe("200000");
    expect(data).toEqual({
      orderId: expect.stringMatching(/^[0-9a-f]{24}$/),
      clientOid: order.clientOid,
    });
    expect((await rig.call("POST", ORDERS, order)).code).toBe("102426");
  });

  test("of a test reaches no log", async () => {
    const order = await rig.ioc();
    expect((await rig.call("POST", `${ORDERS}/test`, order)).code).toBe("200000");
    expect(await rig.order(order.clientOid)).toMatchObject({
      code: "400100",
      msg: "order not exist.",
    });
  });

  test("that would take is refused when it must not", async () => {
    const order = await rig.ioc({ timeInForce: "GTC", postOnly: true });
    expect((await rig.call("POST", ORDERS, order)).code).toBe("400100");
  });

  test("has a code for each reason of the exchange", () => {
    for (const reason of REJECT_REASONS) expect(refusedFor(reason).code).toMatch(/^\d{6}$/);
  });
});

describe("lists", () => {
  test("fills run from the newest to the oldest, page by page, with fees that add up", async () => {
    const orders: string[] = [];
    for (let i = 0; i < 3; i++) {
      const order = await rig.ioc();
      const { data } = await rig.call("POST", ORDERS, order);
      orders.push((data as { orderId: string }).orderId);
      await rig.until(async () => {
        const { data: seen } = await rig.order(order.clientOid);
        return (seen as { active: boolean } | undefined)?.active === false;
      });
    }
    type Fills = { items: { id: number; orderId: string; fee: string }[]; lastId: number };
    const page = async (more: string) =>
      (await rig.call("GET", `/api/v1/hf/fills?symbol=${SYMBOL}${more}`)).data as Fills;
    const all = await page("");
    expect(all.items.map(({ id }) => id)).toEqual(
      all.items.map(({ id }) => id).sort((a, b) => b - a),
    );
    const first = await page("&limit=2");
    expect(first.items).toEqual(all.items.slice(0, 2));
    expect(await page(`&limit=100&lastId=${first.lastId}`)).toMatchObject({
      items: all.items.slice(2),
    });
    const own = await page(`&orderId=${orders[0]}`);
    expect(own.items.length).toBeGreaterThan(0);
    expect(own.items.every(({ orderId }) => orderId === orders[0])).toBe(true);
    expect(await page(`&startAt=${Date.now() + 60_000}`)).toEqual({ items: [], lastId: 0 });
    const { data } = await rig.call("GET", `${ORDERS}/${orders[0]}?symbol=${SYMBOL}`);
    const atto = (text: string) => {
      const [whole = "0", fraction = ""] = text.split(".");
      return BigInt(whole + fraction.padEnd(18, "0"));
    };
    const fees = own.items.reduce((sum, { fee }) => sum + atto(fee), 0n);
    expect(fees).toBeGreaterThan(0n);
    expect(atto((data as { fee: string }).fee)).toBe(fees);
    expect((await rig.call("GET", "/api/v1/hf/fills?symbol=NO-SUCH")).code).toBe("900001");
  });

  test("open orders stand in the list of their symbol until they are canceled", async () => {
    const order = await rig.resting();
    const { data } = await rig.call("POST", ORDERS, order);
    const { orderId } = data as { orderId: string };
    const active = () => rig.call("GET", `${ORDERS}/active?symbol=${SYMBOL}`);
    await rig.until(async () => ((await active()).data as unknown[]).length === 1);
    expect((await active()).data).toMatchObject([
      { id: orderId, clientOid: order.clientOid, active: true, dealSize: "0", price: order.price },
    ]);
    const symbols = await rig.call("GET", `${ORDERS}/active/symbols`);
    expect(symbols.data).toEqual({ symbolSize: 1, symbols: [SYMBOL] });
    const cancel = await rig.call("DELETE", `${ORDERS}/${orderId}?symbol=${SYMBOL}`);
    expect(cancel).toMatchObject({ code: "200000", data: { orderId } });
    await rig.until(async () => ((await active()).data as unknown[]).length === 0);
    expect((await rig.order(order.clientOid)).data).toMatchObject({
      active: false,
      cancelExist: true,
      cancelledSize: order.size,
    });
  });

  test("a cancel finds nothing, or something that is over", async () => {
    const target = (name: string) => `${ORDERS}/client-order/${name}?symbol=${SYMBOL}`;
    expect((await rig.call("DELETE", target("rk00001-nosuch"))).code).toBe("102436");
    const order = await rig.ioc();
    await rig.call("POST", ORDERS, order);
    await rig.until(async () => (await rig.order(order.clientOid)).code === "200000");
    expect((await rig.call("DELETE", target(order.clientOid))).code).toBe("100004");
  });

  test("all orders of one symbol, or of all, are canceled at once", async () => {
    const place = async () => {
      const { clientOid } = await rig.resting();
      await rig.call("POST", ORDERS, await rig.resting({ clientOid }));
    };
    await place();
    expect(await rig.call("DELETE", `${ORDERS}?symbol=${SYMBOL}`)).toMatchObject({
      code: "200000",
      data: "success",
    });
    await place();
    await rig.call("DELETE", `${ORDERS}/cancelAll`);
    await rig.until(async () => {
      const { data } = await rig.call("GET", `${ORDERS}/active/symbols`);
      return (data as { symbolSize: number }).symbolSize === 0;
    });
  });

  test("balances are exact, and what is held is not available", async () => {
    const order = await rig.resting({ size: "0.01" });
    await rig.call("POST", ORDERS, order);
    const { data } = await rig.call("GET", "/api/v1/accounts?type=trade");
    const rows = data as Record<string, string>[];
    const row = rows.find(({ currency }) => currency === "USDT");
    expect(Number(row?.holds)).toBeGreaterThan(0);
    const total = Number(row?.available) + Number(row?.holds);
    expect(total).toBeCloseTo(Number(row?.balance), 6);
  });

  test("fees are told for ten symbols at most, all of them listed", async () => {
    const fees = (symbols: string) => rig.call("GET", `/api/v1/trade-fees?symbols=${symbols}`);
    expect((await fees(SYMBOL)).data).toEqual([
      { symbol: SYMBOL, takerFeeRate: "0.001", makerFeeRate: "0.001" },
    ]);
    expect((await fees(new Array(11).fill(SYMBOL).join(","))).code).toBe("400100");
    expect((await fees("NO-SUCH")).code).toBe("900001");
  });
});

describe("the dead man's timer", () => {
  const set = (body: Record<string, unknown>) =>
    rig.call("POST", `${ORDERS}/dead-cancel-all`, body);
  const query = () => rig.call("GET", `${ORDERS}/dead-cancel-all/query`);

  test("is five seconds or more, is told, and is taken back", async () => {
    expect((await set({ timeout: 4 })).code).toBe("400100");
    expect((await query()).data).toBeNull();
    const { data } = await set({ timeout: 60, symbols: SYMBOL });
    const { currentTime, triggerTime } = data as Record<string, number>;
    expect(Number(triggerTime) - Number(currentTime)).toBe(60);
    expect((await query()).data).toMatchObject({ symbols: SYMBOL, triggerTime });
    expect((await set({ timeout: -1 })).data).toMatchObject({ triggerTime: 0 });
    expect((await query()).data).toBeNull();
  });

  test("cancels what rests when nobody sets it again", async () => {
    const order = await rig.resting();
    await rig.call("POST", ORDERS, order);
    await set({ timeout: 5 });
    await rig.until(async () => (await query()).data === null, 5000);
    const { data } = await rig.order(order.clientOid);
    expect(data).toMatchObject({ active: false });
  }, 20_000);
});

describe("faults", () => {
  test("every code of the list is shown in turn", async () => {
    rig.arm({ kind: "rejectCode", count: REJECT_CODES.length });
    const codes: string[] = [];
    for (let i = 0; i < REJECT_CODES.length; i++) {
      codes.push((await rig.call("POST", ORDERS, await rig.ioc())).code);
    }
    expect(codes.sort()).toEqual([...REJECT_CODES].sort());
  });

  test("server errors have three faces and say nothing about the order", async () => {
    const seen = new Set<string>();
    for (const kind of ["errorExecuted", "errorNotExecuted"] as const) {
      rig.arm({ kind, count: 12 });
      for (let i = 0; i < 12; i++) {
        const order = await rig.ioc();
        const text = JSON.stringify(order);
        const { status, headers, envelope } = await signed(rig.venues, "POST", ORDERS, {
          body: text,
        });
        const budget = headers.has("gw-ratelimit-reset") ? "with" : "without";
        seen.add(`${status} ${envelope.code} ${budget}`);
        const { code } = await rig.order(order.clientOid);
        expect(code === "200000").toBe(kind === "errorExecuted");
      }
    }
    expect([...seen].sort()).toEqual(["200 230005 with", "429 429000 without", "500 500000 with"]);
  });

  test("a spent pool says how long to be silent", async () => {
    rig.arm({ kind: "rateLimited" });
    const { status, headers, envelope } = await signed(rig.venues, "POST", ORDERS, {
      body: JSON.stringify(await rig.ioc()),
    });
    expect([status, envelope.code]).toEqual([429, "429000"]);
    expect(Number(headers.get("gw-ratelimit-reset"))).toBeGreaterThan(0);
    expect(headers.get("gw-ratelimit-remaining")).toBe("0");
    await rig.until(
      async () => (await rig.call("POST", ORDERS, await rig.ioc())).code === "200000",
    );
  });

  test("clocks are refused, cancels fail or come too late, queries fail", async () => {
    rig.arm({ kind: "timestampRefused" });
    expect((await rig.call("POST", ORDERS, await rig.ioc())).code).toBe("400002");
    const order = await rig.resting();
    await rig.call("POST", ORDERS, order);
    rig.arm({ kind: "cancelError" });
    const target = `${ORDERS}/client-order/${order.clientOid}?symbol=${SYMBOL}`;
    expect(["500000", "230005", "429000"]).toContain((await rig.call("DELETE", target)).code);
    rig.arm({ kind: "queryError", count: 3 });
    for (const path of [
      `/active?symbol=${SYMBOL}`,
      "/active/symbols",
      `/client-order/x?symbol=${SYMBOL}`,
    ]) {
      expect(["500000", "230005", "429000"]).toContain(
        (await rig.call("GET", `${ORDERS}${path}`)).code,
      );
    }
    const other = await rig.resting();
    await rig.call("POST", ORDERS, other);
    rig.arm({ kind: "cancelAfterFill" });
    const late = `${ORDERS}/client-order/${other.clientOid}?symbol=${SYMBOL}`;
    expect((await rig.call("DELETE", late)).code).toBe("100004");
  });

  test("a lost request is never answered, and the order is not there", async () => {
    rig.arm({ kind: "requestLost" });
    const order = await rig.ioc();
    const isAnswered = await Promise.race([
      rig.call("POST", ORDERS, order).then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 60)),
    ]);
    expect(isAnswered).toBe(false);
    expect((await rig.order(order.clientOid)).code).toBe("400100");
  });

  test("a halted symbol takes no order and no cancel", async () => {
    const order = await rig.resting();
    await rig.call("POST", ORDERS, order);
    rig.arm({ kind: "halt", symbol: SYMBOL, durationMs: 60_000 });
    const target = `${ORDERS}/client-order/${order.clientOid}?symbol=${SYMBOL}`;
    expect((await rig.call("POST", ORDERS, await rig.ioc())).code).toBe("200001");
    expect((await rig.call("DELETE", target)).code).toBe("200002");
    await rig.until(async () => (await rig.call("DELETE", target)).code === "200000");
  });
});

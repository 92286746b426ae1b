// Goal: trading faults reach the wire as Binance shows them, and the control port switches and tells them.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  REJECT_CODES,
  rejectError,
  shownErrors,
} from "../../../../../local/venues/binance/trading/errors.ts";
import { REJECT_REASONS } from "../../../../../local/venues/exchange/orders.ts";
import type { VenuesHandle } from "../../../../../local/venues/handle.ts";
import { startVenues } from "../../../../../local/venues/start.ts";
import type { TradingFaultRequest } from "../../../../../local/venues/trading-plan.ts";
import type { TradingEndpoints } from "../../../../../local/venues/venue-model.ts";
import { type Params, rest, TradingClient } from "./trading-client.ts";

const SPEED = 200;
let venues: VenuesHandle;
let endpoints: TradingEndpoints;
let client: TradingClient;
let count = 0;

beforeAll(async () => {
  venues = await startVenues({
    seed: 4,
    spotInstruments: 6,
    usdmInstruments: 1,
    kucoinInstruments: 1,
    krakenInstruments: 1,
    levelsPerSide: 300,
    diffsPerSecond: 200,
    venueSpeed: SPEED,
    spotOrdersPerTenSeconds: 5,
    spotWeightPerMinute: 100_000,
  });
  const { trading } = venues.endpoints["binance-spot"];
  if (trading === undefined) throw new Error("binance spot takes orders");
  endpoints = trading;
  client = await new TradingClient(endpoints).opened();
  await client.order("userDataStream.subscribe.signature");
});

afterEach(() => {
  venues.trading.inject({ rates: {} });
});

afterAll(async () => {
  client.close();
  await venues.stop();
});

function arm(fault: TradingFaultRequest): void {
  const wish = venues.trading.inject({ venue: "binance-spot", ...fault });
  expect(wish).toEqual({ kind: "done", venueCount: 1 });
}

function clientId(): string {
  count += 1;
  return `rk00001-${String(count).padStart(8, "0")}`;
}

const ioc = (change: Params = {}): Params => ({
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "IOC",
  price: "96000",
  quantity: "0.001",
  newClientOrderId: clientId(),
  ...change,
});

async function placed(id: string): Promise<boolean> {
  const answer = await client.order("order.status", { symbol: "BTCUSDT", origClientOrderId: id });
  return answer.status === 200;
}

describe("a request", () => {
  test.each([
    ["requestLost", false],
    ["ackLost", true],
  ] as const)("with %s is not answered", async (kind, isPlaced) => {
    arm({ kind });
    const params = ioc();
    const id = client.send("order.place", client.signed(params));
    // The next answer on the same session comes after the one that is lost.
    expect(await placed(String(params.newClientOrderId))).toBe(isPlaced);
    expect(client.client.messages().some((one) => one.id === id)).toBe(false);
  });

  test("that is accepted late answers late", async () => {
    arm({ kind: "lateAcceptance" });
    const params = ioc({ recvWindow: 60_000 });
    const answer = await client.order("order.place", params);
    expect(answer.status).toBe(200);
    expect(await placed(String(params.newClientOrderId))).toBe(true);
  });

  test("with a doubled answer is answered twice over the socket", async () => {
    arm({ kind: "duplicateAck" });
    const id = client.send("order.place", client.signed(ioc()));
    const answers = () => client.client.messages().filter((one) => one.id === id);
    await client.client.until(() => answers().length === 2, "two answers");
    expect(answers()[0]?.result).toEqual(answers()[1]?.result);
  });

  test("shows every error of the catalog, each with its own status", async () => {
    arm({ kind: "rejectCode", count: REJECT_CODES.length });
    const codes: number[] = [];
    for (let at = 0; at < REJECT_CODES.length; at += 1) {
      const answer = await client.order("order.place", ioc());
      codes.push((answer.error as { code: number }).code);
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
    const shown = shownErrors().slice(0, REJECT_CODES.length);
    expect(codes).toEqual(shown.map(({ code }) => code));
    expect(new Set(codes).size).toBeGreaterThan(25);
  });

  test("shows server errors that say nothing about the order", async () => {
    const seen = new Set<string>();
    for (const kind of ["errorExecuted", "errorNotExecuted"] as const) {
      arm({ kind, count: 15 });
      for (let at = 0; at < 15; at += 1) {
        const params = ioc();
        const answer = await client.order("order.place", params);
        seen.add(`${String(answer.status)} ${(answer.error as { code: number }).code}`);
        const isPlaced = await placed(String(params.newClientOrderId));
        expect(isPlaced).toBe(kind === "errorExecuted");
      }
    }
    expect([...seen].sort()).toEqual([
      "500 -1000",
      "500 -1006",
      "502 -1001",
      "503 -1007",
      "504 -1007",
    ]);
    arm({ kind: "errorExecuted", count: 10 });
    const pages = [];
    for (let at = 0; at < 10; at += 1) {
      const { status, text } = await rest(endpoints, "POST /api/v3/order", ioc());
      expect(status).toBeGreaterThanOrEqual(500);
      pages.push(text);
    }
    expect(pages.some((text) => text.startsWith("<html>"))).toBe(true);
  });

  test("too many gives 429 and 418 with the time to wait", async () => {
    arm({ kind: "rateLimited" });
    const limited = await client.order("order.place", ioc());
    const error = limited.error as { data: { serverTime: number; retryAfter: number } };
    expect(limited).toMatchObject({ status: 429, error: { code: -1_003 } });
    expect(error.data.retryAfter).toBeGreaterThan(error.data.serverTime);
    await until(async () => (await rest(endpoints, "POST /api/v3/order", ioc())).status === 200);
    arm({ kind: "banned" });
    const banned = await rest(endpoints, "POST /api/v3/order", ioc());
    expect(banned.status).toBe(418);
    expect(Number(banned.headers.get("retry-after"))).toBeGreaterThan(0);
    await until(async () => (await rest(endpoints, "POST /api/v3/order", ioc())).status === 200);
  });

  test("outside of its window is refused with -1021", async () => {
    arm({ kind: "timestampRefused" });
    expect(await client.order("order.place", ioc())).toMatchObject({ error: { code: -1_021 } });
  });
});

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let at = 0; at < 2_000; at += 1) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("never came true");
}

describe("a cancel", () => {
  const restOne = async () => {
    const params = ioc({ timeInForce: "GTC", price: "93500" });
    expect((await client.order("order.place", params)).status).toBe(200);
    return { symbol: "BTCUSDT", origClientOrderId: String(params.newClientOrderId) };
  };

  test("refused because the order is filled, halted, or shown as a server error", async () => {
    arm({ kind: "cancelAfterFill" });
    expect(await client.order("order.cancel", await restOne())).toMatchObject({
      error: { code: -2_011 },
    });
    const halted = await restOne();
    arm({ kind: "halt", symbol: "BTCUSDT", durationMs: 60_000 });
    expect(await client.order("order.cancel", halted)).toMatchObject({ error: { code: -2_010 } });
    const info = await fetch(`${endpoints.rest}/api/v3/exchangeInfo?symbol=BTCUSDT`);
    expect(await info.json()).toMatchObject({ symbols: [{ status: "HALT" }] });
    await until(async () => (await client.order("order.cancel", halted)).status === 200);
    arm({ kind: "cancelError" });
    const failed = await client.order("order.cancel", await restOne());
    expect(failed.status).toBeGreaterThanOrEqual(500);
    await client.order("openOrders.cancelAll", { symbol: "BTCUSDT" });
  });
});

describe("the account", () => {
  test("hears of a deposit, and a query of it may fail", async () => {
    arm({ kind: "deposit", asset: "BNB", amount: "1.5" });
    await client.client.until(
      () => client.events().some((one) => one.e === "balanceUpdate" && one.d === "1.50000000"),
      "balanceUpdate",
    );
    arm({ kind: "queryError", count: 4 });
    for (const method of ["order.status", "openOrders.status", "allOrders", "myTrades"]) {
      const params = { symbol: "BTCUSDT", ...(method === "order.status" ? { orderId: 1 } : {}) };
      const answer = await client.order(method, params);
      expect(answer.status).toBeGreaterThanOrEqual(500);
    }
  });

  test("may not leave too many orders unfilled", async () => {
    const quiet = { timeInForce: "GTC", price: "93000" };
    let refused: unknown;
    for (let at = 0; at < 12 && refused === undefined; at += 1) {
      const answer = await client.order("order.place", ioc(quiet));
      if (answer.status !== 200) refused = answer;
    }
    expect(refused).toMatchObject({ status: 429, error: { code: -1_015 } });
    await client.order("openOrders.cancelAll", { symbol: "BTCUSDT" });
  });

  test("loses its stream when the venue cuts it", async () => {
    const other = await new TradingClient(endpoints).opened();
    await other.order("userDataStream.subscribe.signature");
    arm({ kind: "privateStreamCut" });
    await other.client.until(() => other.client.closeCode !== null, "cut");
    client = await new TradingClient(endpoints).opened();
    await client.order("userDataStream.subscribe.signature");
  });
});

describe("the catalog", () => {
  test("has an error for each reason of the exchange", () => {
    for (const reason of REJECT_REASONS) expect(rejectError(reason).code).toBeLessThan(-1_000);
  });
});

describe("the control port", () => {
  const control = async (path: string, body?: unknown) => {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(`${venues.endpoints.control}${path}`, init);
    const json = (await response.json()) as Record<string, unknown>;
    return { status: response.status, json };
  };

  test("tells the truth: nothing twice, nothing out of nothing", async () => {
    const { json } = await control("/trading/truth");
    const truth = json["binance-spot"] as {
      unbalanced: object;
      accounts: { duplicates: unknown[]; orderCount: number; pnl: Record<string, string> }[];
      faultCounts: Record<string, number>;
    };
    expect(truth.unbalanced).toEqual({});
    expect(truth.accounts[0]?.duplicates).toEqual([]);
    expect(truth.accounts[0]?.orderCount).toBeGreaterThan(20);
    expect(truth.accounts[0]?.pnl.USDT).toMatch(/^-?\d+$/);
    expect(truth.faultCounts).toMatchObject({ requestLost: 1, ackLost: 1, duplicateAck: 1 });
    const orders = await control("/trading/orders?venue=binance-spot");
    expect((orders.json.orders as unknown[]).length).toBe(truth.accounts[0]?.orderCount);
    expect((await control("/trading/orders?venue=binance-usdm")).status).toBe(422);
  });

  test.each([
    [{ kind: "nap" }, "kind"],
    [{}, "kind"],
    [{ venue: "binance-usdm", kind: "ackLost" }, "venue"],
    [{ kind: "halt", symbol: "NOSUCH" }, "symbol"],
    [{ rates: { ackLost: 2 } }, "rates.ackLost"],
    [{ rates: { nap: 1 } }, "rates.nap"],
    [{ kind: "deposit", amount: "much" }, "amount"],
  ])("refuses %j for its %s", async (body, field) => {
    const { status, json } = await control("/trading/faults", body);
    expect(status).toBe(422);
    expect(json.field).toBe(field);
  });

  test("switches rates and keys", async () => {
    const rates = { venue: "binance-spot", rates: { rejectCode: 1 } };
    expect((await control("/trading/faults", rates)).status).toBe(200);
    expect((await client.order("order.place", ioc())).status).not.toBe(200);
    expect((await control("/trading/faults", { rates: {} })).status).toBe(200);
    const keys = { venue: "binance-spot", enableWithdrawals: true };
    expect((await control("/trading/keys", keys)).status).toBe(200);
    const told = await rest(endpoints, "GET /sapi/v1/account/apiRestrictions");
    expect(told.body.enableWithdrawals).toBe(true);
    expect((await control("/trading/keys", { venue: "binance-usdm" })).status).toBe(422);
    expect((await control("/trading/keys", { venue: "nowhere" })).status).toBe(422);
  });
});

// Goal: rules that have changed reach the loop, and a read that fails changes nothing. Method: a local server.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { TradeEvent } from "../../hotpath/core/trade/events.ts";
import type { Log } from "../../hotpath/io/log.ts";
import type { HotPlan } from "../../hotpath/plan.ts";
import { RulesRefresh, refreshEvents } from "../../hotpath/rules-refresh.ts";
import { planOf } from "./recorded-run.ts";

type Rules = Parameters<typeof refreshEvents>[2];

let server: Server | undefined;
let asked = 0;
let status = 200;
let body = "{}";
const told: TradeEvent[] = [];
const warned: string[] = [];
/** Of the log, only a warning is expected. */
const log = {
  warn: (text: string) => {
    warned.push(text);
  },
} as unknown as Log;

beforeEach(async () => {
  told.length = 0;
  warned.length = 0;
  asked = 0;
  status = 200;
  server = createServer((_, response) => {
    asked++;
    response.writeHead(status).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A plan that trades one instrument at the server. */
function tradingPlan(): HotPlan {
  const plan = planOf(["BTCUSDT"]);
  const address = server?.address() as AddressInfo | undefined;
  const rest = `http://127.0.0.1:${address?.port ?? 1}`;
  const venues = plan.venues.map((venue) => ({
    ...venue,
    addresses: { ...venue.addresses, rest },
  }));
  const trading = { venues: [{ venue: 0 }] } as unknown as NonNullable<HotPlan["trading"]>;
  return { ...plan, venues, trading };
}

/** What the venue publishes, as its own page of rules would be. */
function publish(plan: HotPlan): void {
  const [instrument] = plan.instruments;
  const symbol = {
    symbol: "BTCUSDT",
    status: "BREAK",
    baseAsset: "BTC",
    quoteAsset: "USDT",
    filters: [
      { filterType: "PRICE_FILTER", tickSize: instrument?.tickSize, minPrice: "0", maxPrice: "0" },
      { filterType: "LOT_SIZE", stepSize: instrument?.lotSize, minQty: "0", maxQty: "0" },
    ],
  };
  const rateLimits = [
    { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 6000 },
  ];
  body = JSON.stringify({ serverTime: 1, rateLimits, symbols: [symbol] });
}

function refreshOf(plan: HotPlan, soonMs = 0, intervalMs = 3_600_000): RulesRefresh {
  return new RulesRefresh({ plan, log, tell: (event) => told.push(event), intervalMs, soonMs });
}

describe("the rules of a venue", () => {
  test("are read after a refusal, and told with the time of the question", async () => {
    const plan = tradingPlan();
    publish(plan);
    const refresh = refreshOf(plan);
    refresh.soon(0);
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(told[0]).toMatchObject({ type: "instrumentRefreshed", instrument: 0, status: "halted" });
    refresh.stop();
  });

  test("are read no oftener than allowed, however many orders are refused", async () => {
    const plan = tradingPlan();
    publish(plan);
    const refresh = refreshOf(plan, 3_600_000);
    for (let refused = 0; refused < 5; refused++) refresh.soon(0);
    await vi.waitFor(() => expect(told).toHaveLength(1));
    refresh.soon(0);
    expect(asked).toBe(1);
    refresh.stop();
  });

  test("are read again at every interval until it is stopped", async () => {
    const plan = tradingPlan();
    publish(plan);
    const refresh = refreshOf(plan, 0, 10);
    refresh.start();
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(1));
    refresh.stop();
  });

  test("that cannot be read change nothing, and are logged", async () => {
    const refresh = refreshOf(tradingPlan());
    status = 403;
    refresh.soon(0);
    await vi.waitFor(() => expect(warned).toHaveLength(1));
    expect(told).toEqual([]);
    refresh.stop();
  });

  test("that come after the stop are told to nobody", async () => {
    const plan = tradingPlan();
    publish(plan);
    const refresh = refreshOf(plan);
    refresh.soon(0);
    refresh.stop();
    await vi.waitFor(() => expect(asked).toBe(1));
    await new Promise((done) => setImmediate(done));
    expect(told).toEqual([]);
  });

  test("of a venue that is not in the plan are not asked for", async () => {
    const refresh = refreshOf(tradingPlan());
    refresh.soon(7);
    await new Promise((done) => setImmediate(done));
    expect([asked, told]).toEqual([0, []]);
  });

  test("are not read on a schedule where nothing trades", async () => {
    const { trading: _, ...plan } = tradingPlan();
    const refresh = refreshOf(plan, 0, 1);
    refresh.start();
    await new Promise((done) => setTimeout(done, 10));
    expect(asked).toBe(0);
    refresh.stop();
  });
});

describe("what the published rules say of an instrument", () => {
  const plan = planOf(["BTCUSDT"]);
  const [instrument] = plan.instruments;
  if (instrument === undefined) throw new Error("it follows one");
  const { symbol, tickSize, lotSize, filters, baseAsset, quoteAsset } = instrument;
  const row = {
    symbol,
    tickSize,
    lotSize,
    baseAsset,
    quoteAsset,
    filters: { ...filters, notionalMin: "77" },
    status: "limitOnly",
    isTrading: true,
  };
  const eventOf = (rows: readonly unknown[]): TradeEvent | undefined =>
    refreshEvents(
      plan,
      instrument.venue,
      { instruments: rows, weightPerMinute: 1 } as unknown as Rules,
      9,
    )[0];

  test("is taken up: its filters and its state", () => {
    expect(eventOf([row])).toEqual({
      type: "instrumentRefreshed",
      instrument: 0,
      status: "limitOnly",
      filters: row.filters,
      rulesUs: 9,
    });
  });

  test("and one without a state trades", () => {
    const { status: _, ...silent } = row;
    expect(eventOf([silent])).toMatchObject({ status: "trading" });
  });

  test("one that is listed no more is halted under its old filters", () => {
    expect(eventOf([])).toMatchObject({ status: "halted", filters });
  });

  test.each([{ tickSize: "0.5" }, { lotSize: "0.5" }])(
    "one with other steps (%o) is halted",
    (step) => {
      expect(eventOf([{ ...row, ...step }])).toMatchObject({ status: "halted" });
    },
  );

  test("those of another venue are left alone", () => {
    const rules = { instruments: [row], weightPerMinute: 1 } as unknown as Rules;
    expect(refreshEvents(plan, "kraken", rules, 9)).toEqual([]);
  });
});

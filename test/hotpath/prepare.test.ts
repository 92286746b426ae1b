// Goal: configuration and the venues' rules become one plan, or one clear sentence that says what is wrong.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Config, VenueConfig } from "../../contracts/schema/config.ts";
import { standardConfig } from "../../hotpath/config.ts";
import { coreLimitsOf, venueRulesOf } from "../../hotpath/limits-of.ts";
import {
  decodersOf,
  type HotPlan,
  PLAN_VERSION,
  sessionsOf,
  worldPlanOf,
} from "../../hotpath/plan.ts";
import { chooseInstruments, preparePlan } from "../../hotpath/prepare.ts";
import { VENUES } from "../../hotpath/venues/registry.ts";
import { warmUp } from "../../hotpath/warm-up.ts";
import { startVenues, type VenuesHandle } from "../../local/venues/start.ts";

let venues: VenuesHandle;
let server: Server | undefined;

beforeAll(async () => {
  venues = await startVenues({ spotInstruments: 4, usdmInstruments: 3, diffsPerSecond: 10 });
});

afterAll(async () => {
  await venues.stop();
});

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

function configOf(change: Partial<VenueConfig> = {}): Config {
  const standard = standardConfig();
  const spot = standard.venues["binance-spot"];
  if (spot === undefined) throw new Error("the standard has spot");
  return { ...standard, venues: { "binance-spot": { ...spot, ...change } } };
}

/** Addresses of a server that answers every request like this, and how often it was asked. */
async function answering(
  status: number,
  body: string,
): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  server = createServer((_, response) => {
    asked++;
    response.writeHead(status).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
  };
}

/** The standard configuration, with the two venues of which these tests know the numbers. */
function twoVenues(): Config {
  const standard = standardConfig();
  const binance = Object.entries(standard.venues).filter(([id]) => id.startsWith("binance"));
  return { ...standard, venues: Object.fromEntries(binance) };
}

async function planOf(config: Config = twoVenues()): Promise<HotPlan> {
  const prepared = await preparePlan(config, venues.endpoints);
  if (!prepared.ok) throw new Error(prepared.reason);
  return prepared.plan;
}

describe("a plan", () => {
  test("numbers the instruments of all venues in one row, and hangs each book on one session", async () => {
    const plan = await planOf();
    expect(plan.version).toBe(PLAN_VERSION);
    expect(plan.instruments).toHaveLength(7);
    expect(plan.instruments.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const sessions = sessionsOf(plan);
    const books = sessions.flatMap((session) => session.books);
    expect([...books].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const { venue, books: own } of sessions) {
      for (const book of own) expect(plan.instruments[book]?.venue).toBe(plan.venues[venue]?.id);
    }
    const world = worldPlanOf(plan);
    expect(world.sessions).toHaveLength(sessions.length);
    expect(world.venues.map(({ continuity }) => continuity)).toEqual([
      VENUES["binance-spot"].continuity,
      VENUES["binance-usdm"].continuity,
    ]);
    expect(decodersOf(plan)).toHaveLength(2);
  });

  test("is plain data: what a journal keeps of it makes the same sessions", async () => {
    const plan = await planOf();
    const kept = JSON.parse(JSON.stringify(plan)) as HotPlan;
    expect(kept).toEqual(plan);
    expect(sessionsOf(kept).map(({ books }) => books)).toEqual(
      sessionsOf(plan).map(({ books }) => books),
    );
  });

  test("is warmed up by its own venues' frames, all of which are applied", async () => {
    const applied = warmUp(await planOf());
    // Three kinds of frame a step, two venues.
    expect(applied % 6).toBe(0);
    expect(applied).toBeGreaterThan(10_000);
  });

  test("keeps to the instruments that the file names", async () => {
    const all = await planOf(configOf());
    const symbols = all.instruments.map(({ symbol }) => symbol).slice(1, 3);
    const plan = await planOf(configOf({ instruments: symbols }));
    expect(plan.instruments.map(({ symbol }) => symbol)).toEqual(symbols);
    expect((await planOf(configOf({ instrumentsMax: 2 }))).instruments).toHaveLength(2);
  });
});

describe("what cannot be planned", () => {
  test("an instrument that the venue does not list, by its name", async () => {
    expect(await preparePlan(configOf({ instruments: ["NOSUCH"] }), venues.endpoints)).toEqual({
      ok: false,
      isOutside: false,
      reason: "venues.binance-spot.instruments: binance-spot does not list NOSUCH",
    });
  });

  test("a simulated venue that nobody started", async () => {
    expect(await preparePlan(configOf(), {})).toMatchObject({
      ok: false,
      isOutside: false,
      reason: expect.stringContaining("no simulated venue was given an address"),
    });
  });

  test("no venue at all", async () => {
    expect(await preparePlan({ ...standardConfig(), venues: {} }, {})).toMatchObject({
      ok: false,
      isOutside: false,
    });
  });

  test.each([
    [451, 1],
    [403, 1],
    [418, 1],
    [500, 3],
  ])("a venue that answers %i, asked %i times", async (status, times) => {
    const { url, asked } = await answering(status, "no");
    const config = configOf({ environment: "custom", restUrl: url, wsUrl: "ws://127.0.0.1:1" });
    const prepared = await preparePlan(config, {});
    expect(prepared).toMatchObject({ ok: false, isOutside: true });
    expect(prepared.ok ? "" : prepared.reason).toContain(String(status));
    expect(asked()).toBe(times);
  });

  test("a venue whose answer is no exchange info", async () => {
    const { url, asked } = await answering(200, "<html>maintenance</html>");
    const config = configOf({ environment: "custom", restUrl: url, wsUrl: "ws://127.0.0.1:1" });
    expect(await preparePlan(config, {})).toMatchObject({
      ok: false,
      isOutside: true,
      reason: expect.stringContaining("something that is no exchange info"),
    });
    expect(asked()).toBe(3);
  });

  test("a venue that is not there", async () => {
    const { url } = await answering(200, "");
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    const config = configOf({ environment: "custom", restUrl: url, wsUrl: "ws://127.0.0.1:1" });
    expect(await preparePlan(config, {})).toMatchObject({
      ok: false,
      isOutside: true,
      reason: expect.stringContaining("ECONNREFUSED"),
    });
  });
});

describe("the choice of instruments", () => {
  const row = (symbol: string, change: Record<string, unknown> = {}) => ({
    id: `binance-spot:${symbol}` as const,
    venue: "binance-spot" as const,
    symbol,
    tickSize: "0.01",
    lotSize: "0.1",
    isTrading: true,
    filters: { priceMin: "", priceMax: "", quantityMin: "", quantityMax: "", notionalMin: "" },
    ...change,
  });
  const choose = (
    instruments: "all" | string[],
    rows: ReturnType<typeof row>[],
    instrumentsMax = 9,
  ) =>
    chooseInstruments(
      "binance-spot",
      { instruments, instrumentsMax },
      { instruments: rows, weightPerMinute: 1 },
    );

  test("what an earlier life has traded is followed, whether it trades now or not, and first", () => {
    const rows = [row("A"), row("B", { isTrading: false }), row("C")];
    const mustFollow = new Set(["binance-spot:B"]);
    const rules = { instruments: rows, weightPerMinute: 1 };
    const of = (instruments: "all" | string[]) => {
      const config = { instruments, instrumentsMax: 2 };
      const chosen = chooseInstruments("binance-spot", config, rules, mustFollow);
      return chosen.ok ? chosen.instruments.map(({ symbol }) => symbol) : chosen.reason;
    };
    expect(of("all")).toEqual(["B", "A"]);
    expect(of(["C", "B"])).toEqual(["C", "B"]);
  });

  test("all means all that trade", () => {
    const chosen = choose("all", [row("A"), row("B", { isTrading: false }), row("C")]);
    expect(chosen.ok && chosen.instruments.map(({ symbol }) => symbol)).toEqual(["A", "C"]);
  });

  test.each([
    ["one that is not trading", ["B"], "B is not trading now"],
    ["one whose steps cannot be used", ["Z"], "Z has steps that cannot be used (tick 0, lot 0.1)"],
    ["none", [], "nothing is trading"],
  ])("%s is refused by name", (_, wanted, reason) => {
    const chosen = choose(wanted, [
      row("A"),
      row("B", { isTrading: false }),
      row("Z", { tickSize: "0" }),
    ]);
    expect(chosen).toEqual({ ok: false, reason: `venues.binance-spot.instruments: ${reason}` });
  });
});

describe("limits", () => {
  test("milliseconds of the file are microseconds of the core, each of them", () => {
    const config = standardConfig();
    const limits = coreLimitsOf(config);
    expect(limits.silenceFloorUs).toBe(config.limits.silenceFloorMs * 1000);
    expect(limits.rotateAfterUs).toBe(config.limits.rotateAfterMinutes * 60_000_000);
    expect(limits.stableUs).toBe(config.limits.stableAfterS * 1_000_000);
    for (const [name, value] of Object.entries(limits)) {
      expect(Number.isFinite(value) && value > 0, name).toBe(true);
      if (name.endsWith("Us")) expect(Number.isSafeInteger(value), name).toBe(true);
    }
  });

  test("our share of what a venue allows is below all of it", () => {
    const config = configOf().venues["binance-spot"];
    if (config === undefined) throw new Error("it has spot");
    const rules = venueRulesOf(VENUES["binance-spot"], config, 6000);
    expect(rules.weightLimit).toBeLessThanOrEqual(4800);
    expect(rules.dialsMax).toBeLessThan(300);
    expect(rules.depthWeight).toBe(VENUES["binance-spot"].depthWeight(rules.depthLimit));
    const deep = venueRulesOf(VENUES["binance-usdm"], { ...config, snapshotLevels: 5000 }, 2400);
    expect(deep.depthLimit).toBe(1000);
  });
});

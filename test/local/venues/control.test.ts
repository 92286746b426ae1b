/** Goal: the control port injects, records, compares and stops, and names what it cannot accept. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VenuesHandle } from "../../../local/venues/handle.ts";
import { startVenues } from "../../../local/venues/start.ts";
import { VenueClient } from "./venue-client.ts";

const SMALL = {
  seed: 2,
  spotInstruments: 2,
  usdmInstruments: 1,
  diffsPerSecond: 300,
  levelsPerSide: 100,
};
let venues: VenuesHandle;

beforeAll(async () => {
  venues = await startVenues(SMALL);
});

afterAll(async () => {
  await venues.stop();
});

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${venues.endpoints.control}${path}`);
  return { status: response.status, body: await response.json() };
}

async function post(path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const url = `${venues.endpoints.control}${path}`;
  const response = await fetch(url, { method: "POST", body: text });
  return { status: response.status, body: await response.json() };
}

describe("faults over the control port", () => {
  it("are injected and stay on record", async () => {
    const { status, body } = await post("/faults", { kind: "cut", venue: "binance-spot" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ faultId: 1, kind: "cut", origin: "demand", sessionCount: 0 });
    const records = (await get("/faults")).body as { faultId: number; endedUs: number }[];
    expect(records).toHaveLength(1);
    expect(Math.abs((records[0]?.endedUs ?? 0) / 1_000 - Date.now())).toBeLessThan(5_000);
  });

  it.each([
    [{ kind: "nap", venue: "binance-spot" }, "kind"],
    [{ kind: "cut", venue: "binance-spot", symbol: "NOSUCH" }, "symbol"],
    [{ kind: "dropDiff", venue: "binance-spot" }, "symbol"],
    [{ kind: "serverShutdown", venue: "binance-usdm" }, "kind"],
    ["{", "(whole)"],
  ])("%j is refused for its %s", async (fault, field) => {
    const { status, body } = await post("/faults", fault);
    expect(status).toBe(422);
    expect(body).toMatchObject({ field, error: expect.stringContaining(field) });
  });
});

describe("comparison over the control port", () => {
  it("tells an equal book from a different one, and an unknown sequence from both", async () => {
    const url = `${venues.endpoints["binance-usdm"].rest}/fapi/v1/depth?symbol=BTCUSDT&limit=5`;
    const body = (await (await fetch(url)).json()) as {
      lastUpdateId: number;
      bids: [string, string][];
      asks: [string, string][];
    };
    const units = (levels: [string, string][]) =>
      levels.map((level) => level.map((text) => Number(text.replace(".", ""))));
    const [bids, asks] = [units(body.bids), units(body.asks)];
    const book = {
      venue: "binance-usdm",
      symbol: "BTCUSDT",
      seq: body.lastUpdateId,
      bids,
      asks,
      bidHorizonTicks: bids.at(-1)?.[0],
      askHorizonTicks: asks.at(-1)?.[0],
    };
    expect((await post("/compare", book)).body).toEqual({ verdict: "equal", differences: [] });
    const all = await post("/compare", { ...book, bidHorizonTicks: null });
    expect(all.body).toMatchObject({ verdict: "different" });
    const later = await post("/compare", { ...book, seq: body.lastUpdateId + 1e9 });
    expect(later.body).toMatchObject({ verdict: "unknownSequence" });
    expect(await post("/compare", { ...book, symbol: "NOSUCH" })).toMatchObject({ status: 422 });
    expect(await post("/compare", { ...book, bids: [[1]] })).toMatchObject({
      status: 422,
      body: { field: "bids.0" },
    });
  });
});

describe("the rest of the control port", () => {
  it("is healthy, counts, and changes delays one by one", async () => {
    expect((await get("/health")).body).toEqual({ ok: true });
    expect((await post("/delays", { dialMs: [1, 2] })).body).toMatchObject({ dialMs: [1, 2] });
    expect((await post("/delays", { snapshotMs: [3, 4] })).body).toEqual({
      dialMs: [1, 2],
      subscribeMs: null,
      snapshotMs: [3, 4],
    });
    await post("/delays", { dialMs: null, snapshotMs: null });
    expect((await get("/delays")).body).toMatchObject({ dialMs: null });
    expect(await post("/delays", { dialMs: 5 })).toMatchObject({ status: 422 });
    const client = await new VenueClient(
      `${venues.endpoints["binance-spot"].ws}/ws/btcusdt@depth@100ms`,
    ).opened();
    await client.until(() => client.texts.length > 5, "diffs");
    const stats = (await get("/stats")).body as { venues: Record<string, Record<string, number>> };
    const spot = stats.venues["binance-spot"] ?? {};
    expect(spot).toMatchObject({ sessionCount: 1, instrumentCount: 2, weightLimit: 6_000 });
    expect(spot.framesSent).toBeGreaterThanOrEqual(5);
    expect(spot.bytesSent).toBeGreaterThan(500);
    client.close();
  });

  it("has no other routes, and refuses a body that is too large", async () => {
    expect((await get("/nothing")).status).toBe(404);
    const large = await post("/compare", `"${"x".repeat(8 * 1_024 * 1_024)}"`);
    expect(large).toMatchObject({ status: 422, body: { field: "(whole)" } });
  });
});

describe("plans and chance", () => {
  it("inject at their times and at their rate, the same kinds for the same seed", async () => {
    const kinds: string[] = [];
    for (let at = 0; at < 2; at += 1) {
      const chaos = await startVenues({
        ...SMALL,
        faultsPerMinute: 6_000,
        faultKinds: ["cut", "silent"],
      });
      const client = new VenueClient(`${chaos.endpoints["binance-spot"].ws}/ws`);
      await client.until(() => chaos.faults().length >= 8, "eight faults");
      expect(chaos.faults().every((one) => one.origin === "random")).toBe(true);
      kinds.push(
        JSON.stringify(
          chaos
            .faults()
            .slice(0, 8)
            .map((one) => [one.kind, one.venue]),
        ),
      );
      await chaos.stop();
    }
    expect(kinds[1]).toBe(kinds[0]);
  });

  it("skip what finds nobody to hit, and count it", async () => {
    const chaos = await startVenues({ ...SMALL, faultsPerMinute: 6_000, faultKinds: ["dropDiff"] });
    const client = new VenueClient(`${chaos.endpoints["binance-spot"].ws}/ws`);
    await client.until(() => chaos.stats().skippedFaultCount >= 3, "three skipped");
    expect(chaos.faults()).toEqual([]);
    await chaos.stop();
  });

  it("overlap without bringing the venue back too early", async () => {
    const chaos = await startVenues(SMALL);
    const restart = (durationMs: number) =>
      chaos.inject({ kind: "venueRestart", venue: "binance-spot", durationMs });
    restart(60);
    const longer = restart(180);
    if (longer.kind === "refused") throw new Error(longer.reason);
    const client = new VenueClient(`${chaos.endpoints["binance-usdm"].ws}/public/ws`);
    await client.until(() => chaos.faults()[0]?.endedUs !== null, "the first one is over");
    await expect(fetch(`${chaos.endpoints["binance-spot"].rest}/api/v3/ping`)).rejects.toThrow();
    await client.until(() => longer.record.endedUs !== null, "the second one is over");
    expect((await fetch(`${chaos.endpoints["binance-spot"].rest}/api/v3/ping`)).status).toBe(200);
    restart(5_000);
    await chaos.stop();
  });
});

// Goal: a seed names every frame of every venue; a subset of venues is a world of its own, whatever the order.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { VENUE_IDS, type VenueId } from "../../../../contracts/ids.ts";
import { seededBytes } from "../../../../local/sim/venues/memory-venues.ts";
import type { VenuesOptions } from "../../../../local/venues/options.ts";
import { MemoryRig } from "./memory-rig.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const SMALL = {
  spotInstruments: 3,
  usdmInstruments: 2,
  kucoinInstruments: 2,
  krakenInstruments: 2,
};

/** Listens to every book of every venue for three seconds of a bad day; the hash of all that was told. */
function livedThrough(seed: number, options: Partial<VenuesOptions> = {}): string {
  const rig = new MemoryRig({
    seed,
    ...SMALL,
    faultsPerMinute: 600,
    trianglesPerMinute: 60,
    tradingFaults: { ackLost: 0.2, lateFill: 0.2 },
    delays: { dialMs: [1, 20], subscribeMs: [1, 20], snapshotMs: [1, 50] },
    ...options,
  });
  rig.venues.built.desk.startPlan({ faults: [], trading: [], faultsPerMinute: 600 });
  const symbols = (venue: VenueId) =>
    rig.venues.model(venue).market.instruments.map(({ rules }) => rules.symbol);
  const streams = (venue: VenueId) =>
    symbols(venue)
      .map((symbol) => `${symbol.toLowerCase()}@depth@100ms`)
      .join("/");
  const { data } = rig.body("kucoin", "POST /api/v1/bullet-public") as { data: { token: string } };
  for (let second = 0; second < 3; second += 1) {
    rig.dial("binance-spot", `/stream?streams=${streams("binance-spot")}`);
    rig.dial("binance-usdm", `/public/stream?streams=${streams("binance-usdm")}`);
    const kraken = rig.dial("kraken", "/v2");
    const kucoin = rig.dial("kucoin", `/?token=${data.token}&connectId=me`);
    rig.run(50);
    const book = { channel: "book", symbol: symbols("kraken"), depth: 10 };
    kraken.say({ method: "subscribe", params: book });
    const topic = `/market/level2:${symbols("kucoin").join(",")}`;
    kucoin.say({ id: 1, type: "subscribe", topic, response: true });
    rig.run(950);
    rig.ask("binance-spot", "GET /api/v3/depth?symbol=BTCUSDT&limit=50");
  }
  rig.venues.built.stop();
  return rig.digest();
}

describe("a seed", () => {
  it("names every frame, answer and end of a bad day, and another seed names others", () => {
    const digest = livedThrough(21);
    expect(livedThrough(21)).toBe(digest);
    expect(livedThrough(22)).not.toBe(digest);
  });

  it("draws the bytes of keys from a stream of each venue's own", () => {
    const bytes = seededBytes(1, "a")(64);
    expect(seededBytes(1, "a")(64)).toEqual(bytes);
    expect(seededBytes(1, "b")(64)).not.toEqual(bytes);
    expect(new Set(bytes).size).toBeGreaterThan(40);
  });
});

describe("a world of some venues", () => {
  it("is the same in whatever order they are named, and knows no others", () => {
    const told = (venues: readonly VenueId[]) => {
      const rig = new MemoryRig({ seed: 3, ...SMALL }, venues);
      rig.dial("binance-spot", "/ws/btcusdt@depth@100ms");
      rig.run(500);
      return { digest: rig.digest(), ids: rig.venues.built.models.map(({ id }) => id) };
    };
    const world = told(["kraken", "binance-spot"]);
    expect(world.ids).toEqual(["binance-spot", "kraken"]);
    expect(told(["binance-spot", "kraken"])).toEqual(world);
    const rig = new MemoryRig({ seed: 3, ...SMALL }, ["kraken"]);
    expect(() => rig.venues.model("kucoin")).toThrow("kucoin");
    expect(() => rig.dial("kucoin", "ws://127.0.0.1:1/")).toThrow("kucoin");
    expect(Object.keys(rig.venues.built.stats().venues)).toEqual(["kraken"]);
  });

  it("is all of them where none is named", () => {
    const rig = new MemoryRig({ seed: 3, ...SMALL });
    expect(rig.venues.built.models.map(({ id }) => id)).toEqual(VENUE_IDS);
  });
});

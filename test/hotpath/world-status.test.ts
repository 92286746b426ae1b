// Goal: what the engine says of itself is what is so, and quantiles are those of the repairs alone.
import { describe, expect, test } from "vitest";
import type { ResyncRecord } from "../../contracts/resync.ts";
import { MarketRing } from "../../hotpath/core/market-ring.ts";
import { ResyncKeeper } from "../../hotpath/resync-summary.ts";
import { copyBook, ringStatus, worldStatus } from "../../hotpath/world-status.ts";
import { Driver, MS, SECOND } from "./core/driver.ts";

describe("the status", () => {
  test("is ready only while every book is live and nothing has halted", () => {
    const driver = new Driver({ books: 3 }).start();
    expect(worldStatus(driver.world, driver.nowUs, {}).ready).toBe(true);
    driver.emit({ type: "resyncRequested", instrument: 1, cause: "operator" });
    expect(worldStatus(driver.world, driver.nowUs, {}).ready).toBe(false);
    driver.speak(SECOND);
    driver.world.halted = "because";
    expect(worldStatus(driver.world, driver.nowUs, {})).toMatchObject({
      ready: false,
      halted: "because",
    });
  });

  test("shows the touch of live books only, in the venue's decimals", () => {
    const driver = new Driver({ books: 2 }).start();
    driver.emit({ type: "resyncRequested", instrument: 1, cause: "operator" });
    const { books, venues, counters } = worldStatus(driver.world, driver.nowUs + 5 * MS, {
      frames: 7,
    });
    const bid = driver.slot(0).book.bids.bestTicks;
    expect(books[0]).toMatchObject({
      state: "live",
      bid: (bid / 100).toFixed(2),
      epoch: 1,
      resyncs: 1,
    });
    expect(books[1]).toMatchObject({ bid: "", ask: "" });
    expect(venues[0]).toMatchObject({ booksLive: 1, booksTotal: 2, mode: driver.venue.mode });
    expect(venues[0]?.sessions[0]).toMatchObject({
      state: "live",
      epoch: 1,
      classification: "none",
    });
    expect(venues[0]?.sessions[0]?.silenceUs).toBeGreaterThan(0);
    expect(counters).toMatchObject({ frames: 7, ticks: driver.world.tick });
  });

  test("of a world that has not begun is empty and well", () => {
    const { venues, ready } = worldStatus(new Driver().world, 5, {});
    expect(ready).toBe(false);
    expect(venues[0]?.sessions[0]).toMatchObject({ state: "idle", silenceUs: 0, confidence: 0 });
  });

  test("of rings", () => {
    const ring = new MarketRing(4, 65_536);
    ring.commit(ring.reserve());
    expect(ringStatus(ring)).toEqual({ capacity: 4, depth: 1, highWater: 1, overflows: 0 });
    expect(ringStatus(new Driver().loop.control)).toMatchObject({ depth: 0, overflows: 0 });
  });
});

test("the copy of a book is every level, best first, with its horizon and the last decision", () => {
  const driver = new Driver({ rules: { depthLimit: 5 } }).start();
  driver.speak(SECOND);
  const copy = copyBook(driver.slot(0));
  const { bids, asks } = (driver.truth[0] as NonNullable<(typeof driver.truth)[0]>).levels();
  expect(copy).toMatchObject({ state: "live", bids, asks, seq: driver.truth[0]?.seq });
  expect(copy.bidHorizonTicks).toBeGreaterThan(0);
  expect(copy.decided.seq).toBe(driver.slot(0).decidedSeq);
  const whole = copyBook(new Driver().start().slot(0));
  expect(whole).toMatchObject({ bidHorizonTicks: null, askHorizonTicks: null });
});

describe("the keeper of resyncs", () => {
  const record = (totalUs: number, cause: ResyncRecord["cause"] = "sequenceGap"): ResyncRecord => ({
    resyncId: 1,
    venue: "binance-spot",
    instrument: "binance-spot:X",
    shard: 0,
    cause,
    epoch: 1,
    degradedUs: 0,
    liveUs: totalUs,
    totalUs,
    stagesUs: { detect: 0, dial: 0, subscribe: 0, snapshot: totalUs, rebuild: 0, validate: 0 },
    snapshotCount: 1,
    tick: 1,
  });

  test("tells quantiles of the repairs; the first load of a book is none", () => {
    const keeper = new ResyncKeeper();
    expect(keeper.summary()).toMatchObject({ count: 0, ms: { p50: 0, p99: 0, max: 0 } });
    keeper.add(record(9_000_000, "start"));
    for (let i = 100; i >= 1; i--) keeper.add(record(i * 1000));
    const { count, ms, stagesMs, recent } = keeper.summary();
    expect(count).toBe(100);
    expect(ms).toEqual({ p50: 50, p99: 99, max: 100 });
    expect(stagesMs.snapshot).toEqual({ p50: 50, p99: 99 });
    expect(stagesMs.dial).toEqual({ p50: 0, p99: 0 });
    expect(recent).toHaveLength(20);
    expect(recent.at(-1)?.totalUs).toBe(1000);
  });

  test("keeps a bounded number and goes on counting", () => {
    const keeper = new ResyncKeeper();
    for (let i = 0; i < 20_010; i++) keeper.add(record(i));
    expect(keeper.all).toHaveLength(20_000);
    expect(keeper.all[0]?.totalUs).toBe(10);
    expect(keeper.count).toBe(20_010);
  });
});

// Goal: a book that is not true is void at once, and becomes true again by itself, whatever the venue does.
import { describe, expect, test } from "vitest";
import type { ResyncRecord } from "../../../contracts/resync.ts";
import { Driver, MINUTE, MS, SECOND } from "./driver.ts";

function stagesOf(record: ResyncRecord | undefined): number {
  return Object.values(record?.stagesUs ?? {}).reduce((sum, stageUs) => sum + stageUs, 0);
}

describe.each(["binance-spot", "binance-usdm"] as const)("%s", (venue) => {
  test("one dropped diff: void in the tick of the next one, one snapshot, live again", () => {
    const driver = new Driver({ books: 50, venue, isWatched: true }).start();
    driver.noted.length = 0;
    driver.step(7);
    const breaking = driver.step(7);
    driver.deliver(7, breaking);
    expect(driver.slot(7).book.state).not.toBe("live");
    const [told] = driver.commandsOf("recordVoid");
    expect(told).toMatchObject({ tick: driver.world.tick });
    expect(told?.command).toMatchObject({ instrument: 7, cause: "sequenceGap", epoch: 1 });
    expect(driver.liveCount).toBe(49);
    driver.speak(SECOND);
    expect(driver.liveCount).toBe(50);
    expect(driver.commandsOf("fetchSnapshot")).toHaveLength(1);
    const [record] = driver.records;
    expect(record).toMatchObject({ cause: "sequenceGap", snapshotCount: 1, epoch: 1 });
    expect(record?.stagesUs).toMatchObject({ dial: 0, subscribe: 0 });
    expect(stagesOf(record)).toBe(record?.totalUs);
    expect(driver.wrongBooks).toEqual([]);
  });

  test("a delta that the book holds already is ignored and counted", () => {
    const driver = new Driver({ venue }).start();
    const delta = driver.step(0);
    driver.deliver(0, delta);
    const text = driver.textOf(0);
    const { staleDeltas } = driver.world.counters;
    driver.deliver(0, delta);
    driver.deliver(0, delta);
    expect(driver.world.counters.staleDeltas - staleDeltas).toBe(2);
    expect(driver.textOf(0)).toBe(text);
    expect(driver.liveCount).toBe(1);
  });

  test("a snapshot older than the stream is never applied, and asked for again", () => {
    const driver = new Driver({ venue, isWatched: true }).start();
    driver.save();
    driver.speak(200 * MS);
    let asked = 0;
    driver.fateOf = () => (asked++ < 3 ? "old" : "good");
    driver.cut();
    driver.speak(5 * SECOND);
    expect(driver.world.counters.staleSnapshots).toBeGreaterThan(0);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });

  test("deltas that arrive while the snapshot is on its way are all in the book", () => {
    const driver = new Driver({ venue }).start();
    driver.snapshotUs = 700 * MS;
    driver.cut();
    driver.speak(3 * SECOND, 1 * MS);
    expect(driver.world.counters.bufferedDeltas).toBeGreaterThan(300);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });
});

describe("a venue that keeps failing", () => {
  test("30 minutes of failing snapshots: asked on, within the weight, and live with the first good one", () => {
    const driver = new Driver({ books: 20, rules: { weightLimit: 600, depthWeight: 50 } }).start();
    driver.fateOf = () => "fail";
    driver.emit({ type: "resyncRequested", instrument: -1, cause: "operator" });
    driver.noted.length = 0;
    driver.speak(30 * MINUTE, SECOND);
    const asked = driver.commandsOf("fetchSnapshot").map(({ atUs }) => atUs);
    const perMinute = new Map<number, number>();
    for (const atUs of asked) {
      const minute = Math.floor(atUs / MINUTE);
      perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
    }
    expect(perMinute.size).toBeGreaterThanOrEqual(30);
    expect(Math.max(...perMinute.values()) * 50).toBeLessThanOrEqual(600);
    expect(driver.venue.mode).toBe("suspended");
    driver.fateOf = () => "good";
    driver.speak(4 * MINUTE, 500 * MS);
    expect(driver.liveCount).toBe(20);
    expect(driver.wrongBooks).toEqual([]);
    expect(stagesOf(driver.records.at(-1))).toBe(driver.records.at(-1)?.totalUs);
  });

  test.each(["crossed", "empty"] as const)(
    "%s snapshots are never believed, nor asked for without pause",
    (fate) => {
      const driver = new Driver({ isWatched: true }).start();
      driver.fateOf = () => fate;
      driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" });
      driver.noted.length = 0;
      driver.speak(20 * SECOND, 20 * MS);
      expect(driver.liveCount).toBe(0);
      expect(driver.commandsOf("fetchSnapshot").length).toBeGreaterThan(3);
      expect(driver.commandsOf("fetchSnapshot").length).toBeLessThan(20);
      driver.fateOf = () => "good";
      driver.speak(10 * SECOND, 20 * MS);
      expect(driver.liveCount).toBe(1);
    },
  );

  test("after 429 the venue is left in silence for as long as it said, its clock too", () => {
    const driver = new Driver({ books: 10 }).start();
    driver.fateOf = () => "fail";
    driver.retryAfterUs = 40 * SECOND;
    driver.emit({ type: "resyncRequested", instrument: -1, cause: "operator" });
    driver.advance(driver.snapshotUs);
    driver.noted.length = 0;
    driver.retryAfterUs = 0;
    driver.speak(39 * SECOND, 100 * MS);
    expect(driver.commandsOf("fetchSnapshot")).toEqual([]);
    expect(driver.commandsOf("measureClock")).toEqual([]);
    driver.fateOf = () => "good";
    driver.speak(6 * SECOND, 100 * MS);
    expect(driver.liveCount).toBe(10);
    expect(driver.commandsOf("measureClock")).toHaveLength(1);
  });

  test("a clock that is refused for asking too much silences the snapshots as well", () => {
    const driver = new Driver().start();
    const refusal = { type: "clockFailed", venue: 0, reason: "HTTP 418" } as const;
    driver.emit({ ...refusal, retryAfterUs: 20 * SECOND });
    driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" });
    driver.noted.length = 0;
    driver.speak(19 * SECOND, 100 * MS);
    expect(driver.commandsOf("fetchSnapshot")).toEqual([]);
    expect(driver.commandsOf("measureClock")).toEqual([]);
    driver.speak(3 * SECOND, 100 * MS);
    expect(driver.liveCount).toBe(1);
  });

  test("a request without an answer is hedged by a second one; the answer that comes late serves nobody", () => {
    const driver = new Driver().start();
    let asked = 0;
    driver.fateOf = () => (asked++ === 0 ? "never" : "good");
    driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" });
    driver.noted.length = 0;
    driver.speak(driver.world.limits.snapshotHedgeUs + 300 * MS);
    expect(driver.liveCount).toBe(1);
    expect(driver.records.at(-1)?.snapshotCount).toBe(2);
    driver.save();
    const { lateSnapshots } = driver.world.counters;
    driver.snapshot(0, 1, { seq: 1, bids: [[1, 1]], asks: [[2, 1]] });
    expect(driver.world.counters.lateSnapshots).toBe(lateSnapshots + 1);
    expect(driver.wrongBooks).toEqual([]);
    expect(driver.liveCount).toBe(1);
  });

  test("a buffer that overflows starts over, and no partial book comes of it", () => {
    const driver = new Driver({ limits: { bufferedDeltasMax: 32 }, isWatched: true }).start();
    driver.snapshotUs = 400 * MS;
    driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" });
    driver.noted.length = 0;
    driver.speak(3 * SECOND, 5 * MS);
    expect(driver.liveCount).toBe(0);
    expect(driver.commandsOf("fetchSnapshot").length).toBeLessThan(12);
    driver.snapshotUs = 20 * MS;
    driver.speak(20 * SECOND, 5 * MS);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });

  test("a buffer that holds no chain is thrown away and begun anew", () => {
    const driver = new Driver({ isWatched: true }).start();
    driver.snapshotUs = 200 * MS;
    driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" });
    driver.tell(0);
    driver.step(0);
    driver.tell(0);
    driver.speak(3 * SECOND);
    expect(driver.world.counters.staleSnapshots).toBeGreaterThanOrEqual(0);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });
});

describe("many at once", () => {
  test("50 books void at once: most active first, inside the weight, none refused, all live", () => {
    const rules = { weightLimit: 1000, depthWeight: 50 };
    const driver = new Driver({ books: 50, rules, limits: { snapshotsInFlightMax: 12 } }).start();
    driver.speak(4 * MINUTE, 200 * MS);
    expect(driver.liveCount).toBe(50);
    driver.world.slots.forEach((slot, index) => {
      slot.activity = 1000 + ((index * 7919) % 997);
    });
    driver.venue.weightUsed = 0;
    driver.noted.length = 0;
    driver.emit({ type: "resyncRequested", instrument: -1, cause: "operator" });
    const { snapshotsInFlightMax } = driver.world.limits;
    const first = driver.commandsOf("fetchSnapshot").map(({ command }) => command.instrument);
    expect(first).toHaveLength(snapshotsInFlightMax);
    const wanted = driver.world.slots
      .map(({ instrument, activity }) => ({ index: instrument.index, activity }))
      .sort((a, b) => b.activity - a.activity)
      .slice(0, snapshotsInFlightMax)
      .map(({ index }) => index);
    expect(first).toEqual(wanted);
    driver.speak(4 * MINUTE, 200 * MS);
    expect(driver.liveCount).toBe(50);
    const windows = new Map<number, number>();
    for (const { atUs } of driver.commandsOf("fetchSnapshot")) {
      const window = Math.floor(atUs / MINUTE);
      windows.set(window, (windows.get(window) ?? 0) + rules.depthWeight);
    }
    expect(Math.max(...windows.values())).toBeLessThanOrEqual(rules.weightLimit);
    expect(driver.commandsOf("fetchSnapshot")).toHaveLength(50);
  });

  test("the venue's own count of our weight is believed when it is higher", () => {
    const driver = new Driver({ rules: { weightLimit: 1000, depthWeight: 50 } }).start();
    driver.weightUsed = 990;
    driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" });
    driver.speak(100 * MS);
    expect(driver.liveCount).toBe(1);
    driver.noted.length = 0;
    driver.weightUsed = -1;
    driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" });
    driver.advance(500 * MS);
    expect(driver.commandsOf("fetchSnapshot")).toEqual([]);
    driver.speak(MINUTE + SECOND, 100 * MS);
    expect(driver.liveCount).toBe(1);
  });

  test("an answer to a request of the window before says nothing about this one", () => {
    const driver = new Driver({ rules: { weightLimit: 1000, depthWeight: 50 } }).start();
    driver.speak(MINUTE - (driver.nowUs % MINUTE) - 50 * MS);
    driver.advance(MINUTE - (driver.nowUs % MINUTE) - 5 * MS);
    driver.weightUsed = 990;
    driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" });
    driver.speak(100 * MS);
    expect(driver.liveCount).toBe(1);
    expect(driver.venue.weightUsed).toBe(0);
    driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" });
    driver.speak(100 * MS);
    expect(driver.venue.weightUsed).toBe(990);
  });

  test("a corrected clock that leads back into a window gives no weight back", () => {
    const driver = new Driver().start();
    driver.advance(MINUTE - (driver.nowUs % MINUTE) + 100 * MS);
    driver.emit({ type: "timerFired" });
    driver.venue.weightUsed = 4000;
    const clock = { type: "clockMeasured", venue: 0, errorUs: 0, weightUsed: -1 } as const;
    driver.emit({ ...clock, offsetUs: -1 * SECOND });
    driver.emit({ type: "timerFired" });
    expect(driver.venue.weightUsed).toBeGreaterThanOrEqual(4000);
  });
});

describe("proof", () => {
  const PATIENT = {
    firstDataUs: MINUTE,
    suspectFloorUs: MINUTE,
    silenceFloorUs: MINUTE,
    silenceFastUs: MINUTE,
  };

  test("an answer to a request from before the break does not prove a quiet stream", () => {
    const driver = new Driver({ limits: PATIENT }).start();
    driver.snapshotUs = SECOND;
    driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" });
    driver.advance(600 * MS);
    // The snapshot was taken at 500 ms. What happens after it is lost with the session.
    driver.step(0);
    driver.cut();
    driver.advance(driver.dialUs + driver.subscribeUs + 370 * MS);
    const { requestsBefore } = driver.slot(0);
    expect(requestsBefore).toBeGreaterThan(0);
    // The old answer is here and the stream is quiet: only the newer answer may be believed.
    driver.advance(5 * SECOND);
    expect(driver.liveCount).toBe(1);
    expect(driver.slot(0).book.seq).toBe(driver.truth[0]?.seq);
  });

  test("a quiet stream's book is taken after the limit, not before", () => {
    const driver = new Driver();
    driver.emit({ type: "started" });
    driver.advance(driver.dialUs + driver.subscribeUs + driver.snapshotUs + 5 * MS);
    expect(driver.slot(0).phase).toBe("waitingDelta");
    driver.advance(driver.world.limits.quietAcceptUs - 10 * MS);
    expect(driver.liveCount).toBe(0);
    driver.advance(20 * MS);
    expect(driver.liveCount).toBe(1);
  });

  test("while the loop was away no stream was quiet", () => {
    const driver = new Driver({ limits: { firstDataUs: MINUTE } });
    driver.emit({ type: "started" });
    driver.advance(driver.dialUs + driver.subscribeUs + driver.snapshotUs + 5 * MS);
    driver.timerDueUs = Number.POSITIVE_INFINITY;
    driver.advance(5 * SECOND);
    driver.emit({ type: "loopStalled", stalledUs: 5 * SECOND });
    expect(driver.liveCount).toBe(0);
    driver.advance(driver.world.limits.quietAcceptUs + 5 * MS);
    expect(driver.liveCount).toBe(1);
  });

  test("the snapshot's horizon is kept, and a whole book has none", () => {
    const driver = new Driver({ rules: { depthLimit: 5 } });
    driver.emit({ type: "started" });
    driver.advance(driver.dialUs + driver.subscribeUs + driver.snapshotUs);
    const { book } = driver.slot(0);
    const { bids, asks } = (driver.truth[0] as NonNullable<(typeof driver.truth)[0]>).levels();
    expect(book.horizonBidTicks).toBe(bids.at(-1)?.[0]);
    expect(book.horizonAskTicks).toBe(asks.at(-1)?.[0]);
    const whole = new Driver().start();
    expect(whole.slot(0).book).toMatchObject({ horizonBidTicks: 0, horizonAskTicks: 0 });
  });

  test.each(["bids", "asks"] as const)(
    "a book whose best %s have left what its snapshot has shown is void until a new one",
    (side) => {
      const driver = new Driver({ rules: { depthLimit: 5 } }).start();
      const { book } = driver.slot(0);
      const shown = driver.truth[0]?.levels()[side] ?? [];
      const away = side === "bids" ? book.horizonBidTicks - 1 : book.horizonAskTicks + 1;
      const eaten = shown.map(([ticks]) => [ticks, 0] as const);
      const delta = driver.step(0);
      driver.noted.length = 0;
      driver.deliver(0, { ...delta, bids: [], asks: [], [side]: [...eaten, [away, 9]] });
      expect(book.state).not.toBe("live");
      const [told] = driver.commandsOf("recordVoid");
      expect(told?.command).toMatchObject({ instrument: 0, cause: "horizonPassed" });
      driver.speak(SECOND);
      expect(driver.liveCount).toBe(1);
      expect(driver.records[0]).toMatchObject({ cause: "horizonPassed" });
    },
  );

  test("a snapshot that the deltas behind it leave at once makes no book", () => {
    const driver = new Driver({ rules: { depthLimit: 5 } });
    driver.emit({ type: "started" });
    driver.advance(driver.dialUs + driver.subscribeUs + driver.snapshotUs / 2);
    const { book } = driver.slot(0);
    const asks = driver.truth[0]?.levels().asks ?? [];
    const eaten = asks.map(([ticks]) => [ticks, 0] as const);
    const [last = 0] = asks.at(-1) ?? [];
    const delta = driver.step(0);
    driver.deliver(0, { ...delta, bids: [], asks: [...eaten, [last + 1, 9]] });
    driver.advance(driver.snapshotUs + 5 * MS);
    expect(book.state).not.toBe("live");
    driver.speak(3 * SECOND);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });

  test("a step of another resync is not this one's", () => {
    const driver = new Driver();
    driver.emit({ type: "started" });
    driver.advance(driver.dialUs + driver.subscribeUs + driver.snapshotUs + 2 * MS);
    const before = driver.slot(0).phase;
    driver.emit({ type: "resyncStepped", instrument: 0, resyncId: 999 });
    expect(driver.slot(0).phase).toBe(before);
  });
});

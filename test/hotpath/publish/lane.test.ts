// Goal: a lane tells the run that is being written first, works off those before it, waits where it must, and
// gives up only what can never be read.
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { realDisk } from "../../../hotpath/io/journal/disk.ts";
import { HEAD_FILE } from "../../../hotpath/io/journal/head.ts";
import { Places } from "../../../hotpath/io/journal/places.ts";
import { recoverRuns } from "../../../hotpath/io/journal/runs.ts";
import { segmentFiles } from "../../../hotpath/io/journal/segment.ts";
import { deliverFacts } from "../../../hotpath/publish/deliveries.ts";
import { Lane, type LanePlace, type TurnResult } from "../../../hotpath/publish/lane.ts";
import { compareFacts, factsOfJournal } from "../../fixtures/publish/journal-facts.ts";
import { LiveJournal, placeOrder } from "../../fixtures/publish/live-journal.ts";
import { WaysOut } from "../../fixtures/publish/ways-out.ts";
import { alarmRecord, opportunityRecord } from "../../fixtures/trading/record-fixture.ts";
import { temporaryRoot } from "../io/journal/fixture.ts";

let folder: ReturnType<typeof temporaryRoot>;
let out: WaysOut;
let unreadable: string[];
beforeEach(() => {
  folder = temporaryRoot();
  out = new WaysOut();
  unreadable = [];
});
afterEach(() => folder[Symbol.dispose]());

const places = (): Places<LanePlace> => new Places<LanePlace>(realDisk, folder.root, "l.json");

function laneOf(journal: LiveJournal, disk = realDisk): Lane {
  return new Lane({
    disk,
    root: folder.root,
    engine: "paper",
    runId: path.basename(journal.directory),
    ackedSeq: () => journal.ackedSeq,
    places: places(),
    deliver: (batch) => deliverFacts(out.factQueue, batch.facts),
    nowUs: () => journal.nowUs,
    onUnreadable: (runId, reason) => void unreadable.push(`${runId}: ${reason}`),
  });
}

const live = (runId: string): LiveJournal => new LiveJournal({ root: folder.root, runId });
const alarm = (text: string) => ({ type: "recordAlarm", alarm: alarmRecord({ text }) }) as const;

async function dry(lane: Lane): Promise<TurnResult[]> {
  const results: TurnResult[] = [];
  for (let turn = 0; turn < 50; turn++) {
    const result = await lane.turn();
    results.push(result);
    if (result === "idle") return results;
  }
  throw new Error("the lane found no end");
}

const texts = (): string[] =>
  out.facts.flatMap((fact) => (fact.kind === "alert" ? [fact.payload.text] : [fact.kind]));

describe("a lane", () => {
  test("tells the run that is being written before those that were left over", async () => {
    const old = live("run-1");
    old.record(alarm("old"));
    await old.stop();
    const journal = live("run-2");
    journal.record(alarm("new")).commit();
    const lane = laneOf(journal);
    await dry(lane);
    expect(texts()).toEqual(["run", "new", "run", "old", "run"]);
    journal.record(alarm("newer")).commit();
    await dry(lane);
    lane.close();
    expect(texts().at(-1)).toBe("newer");
    expect(places().get("run-1")).toMatchObject({ isDone: true });
    expect(places().get("run-2")).toMatchObject({ isDone: false, seq: journal.ackedSeq });
    await dry(laneOf(journal));
    expect(out.facts).toHaveLength(6);
  });

  test("notes its place only after everything has left", async () => {
    const journal = live("run-1").record(alarm("one")).commit();
    const lane = laneOf(journal);
    expect(await lane.turn()).toBe("worked");
    out.refusals = 1;
    expect(await lane.turn()).toEqual({ blocked: "refused" });
    expect(places().get("run-1")).toBeUndefined();
    expect(lane.publishedSeq).toBe(0);
    expect(await lane.turn()).toBe("worked");
    expect(lane.publishedSeq).toBe(journal.ackedSeq);
    expect(texts()).toEqual(["run", "one"]);
    lane.close();
  });

  test("says how long its oldest record has been waiting", async () => {
    const journal = live("run-1").commit();
    const lane = laneOf(journal);
    await dry(lane);
    expect(lane.lagUs).toBe(0);
    journal.record(alarm("one"), alarm("two")).commit();
    expect(lane.lagUs).toBe(2000);
    await dry(lane);
    expect(lane.lagUs).toBe(0);
    lane.close();
  });

  test("notes now and then what held nothing, and at its end", async () => {
    const journal = live("run-1").commit();
    const lane = laneOf(journal);
    await dry(lane);
    const suppressed = opportunityRecord({ decision: "suppressed" });
    journal.record({ type: "recordOpportunity", opportunity: suppressed }).commit();
    await dry(lane);
    expect(lane.publishedSeq).toBe(journal.ackedSeq);
    expect(places().get("run-1")?.seq).toBeLessThan(journal.ackedSeq);
    lane.close();
    expect(places().get("run-1")?.seq).toBe(journal.ackedSeq);
    journal.nowUs += 3_000_000;
    journal.record({ type: "recordOpportunity", opportunity: suppressed }).commit();
    await dry(lane);
    expect(places().get("run-1")?.seq).toBe(journal.ackedSeq);
  });
});

describe("a run that cannot be read", () => {
  test("is given up after three looks where it is over, up to where it could be", async () => {
    const old = live("run-1");
    old.record(alarm("good")).commit();
    const goodBytes = fs.statSync(path.join(old.directory, segmentFiles(1).open)).size;
    old.record(alarm("bad")).commit();
    const journal = live("run-2").commit();
    const file = path.join(old.directory, segmentFiles(1).open);
    const bytes = fs.readFileSync(file);
    bytes.writeUInt8(0xff, goodBytes + 60);
    fs.writeFileSync(file, bytes);
    const lane = laneOf(journal);
    const results = await dry(lane);
    expect(results.filter((result) => typeof result !== "string")).toHaveLength(2);
    expect(unreadable).toHaveLength(1);
    expect(unreadable[0]).toContain("run-1: damaged");
    expect(places().get("run-1")).toMatchObject({ isDone: true });
    lane.close();
  });

  test("because its head is gone bad is given up as well", async () => {
    const old = live("run-1");
    await old.stop();
    const journal = live("run-2").commit();
    fs.writeFileSync(path.join(old.directory, HEAD_FILE), "no head");
    await dry(laneOf(journal));
    expect(unreadable).toEqual(["run-1: its head file cannot be read"]);
  });

  test("because a record has no meaning is given up where it is over, and never passed over", async () => {
    const odd = { type: "recordOrder" } as never;
    const old = live("run-1");
    old.record(odd);
    await old.stop();
    const journal = live("run-2").commit();
    const lane = laneOf(journal);
    await dry(lane);
    expect(unreadable).toHaveLength(1);
    const publishedSeq = lane.publishedSeq;
    journal.record(odd, alarm("after")).commit();
    for (let look = 0; look < 5; look++) {
      expect(await lane.turn()).toMatchObject({ blocked: expect.any(String) });
    }
    expect(lane.publishedSeq).toBe(publishedSeq);
    lane.close();
  });

  test("while it is being written is looked at again for ever", async () => {
    const journal = live("run-1").record(alarm("one")).commit();
    let isBroken = true;
    const disk = {
      ...realDisk,
      read: (...args: Parameters<typeof realDisk.read>): number => {
        if (isBroken) throw new Error("EIO");
        return realDisk.read(...args);
      },
    };
    const lane = laneOf(journal, disk);
    for (let look = 0; look < 5; look++) {
      expect(await lane.turn()).toMatchObject({ blocked: expect.stringContaining("EIO") });
    }
    isBroken = false;
    await dry(lane);
    lane.close();
    expect(unreadable).toEqual([]);
    expect(texts()).toEqual(["run", "one"]);
  });

  test("a disk that takes no note is a blocked way, not an end", async () => {
    const journal = live("run-1").commit();
    let isFull = false;
    const disk = {
      ...realDisk,
      rename: (from: string, to: string): void => {
        if (isFull) throw new Error("ENOSPC");
        realDisk.rename(from, to);
      },
    };
    const parts = new Places<LanePlace>(disk, folder.root, "l.json");
    const lane = new Lane({
      disk,
      root: folder.root,
      engine: "paper",
      runId: "run-1",
      ackedSeq: () => journal.ackedSeq,
      places: parts,
      deliver: (batch) => deliverFacts(out.factQueue, batch.facts),
      nowUs: () => journal.nowUs,
      onUnreadable: () => undefined,
    });
    await lane.turn();
    isFull = true;
    expect(await lane.turn()).toEqual({ blocked: "ENOSPC" });
    isFull = false;
    await dry(lane);
    lane.close();
    const compared = compareFacts(factsOfJournal(journal.directory, "paper", false), out.facts);
    expect(compared).toMatchObject({ missing: [], invented: [], different: [] });
  });
});

test("a run is taken up in its middle with the names of its header", async () => {
  const journal = live("run-1").record(placeOrder(1)).commit();
  const first = laneOf(journal);
  await dry(first);
  first.close();
  journal.record(alarm("later")).commit();
  await recoverRuns(realDisk, folder.root, "run-1");
  const second = laneOf(journal);
  await dry(second);
  second.close();
  expect(out.facts.at(-1)).toMatchObject({
    venue: "binance-spot",
    payload: { instrument: "binance-spot:BTCUSDT", text: "later" },
  });
});

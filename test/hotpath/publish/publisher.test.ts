// Goal: what the journal holds arrives outside, all of it and nothing else, whatever fails on the way.
// Method: the production journal, publisher and SDK clients against the embedded stand-ins.
import fs from "node:fs";
import path from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { SegmentUpload } from "../../../contracts/archive.ts";
import type { Fact } from "../../../contracts/history.ts";
import { createAlertQueue } from "../../../hotpath/io/aws/alert-queue.ts";
import { createFactQueue } from "../../../hotpath/io/aws/fact-queue.ts";
import { createOrderRecords } from "../../../hotpath/io/aws/order-records.ts";
import { createSegmentBucket } from "../../../hotpath/io/aws/segment-bucket.ts";
import { sha256Of } from "../../../hotpath/io/journal/compress.ts";
import { realDisk } from "../../../hotpath/io/journal/disk.ts";
import { recoverRuns } from "../../../hotpath/io/journal/runs.ts";
import type { PublisherMessage } from "../../../hotpath/publish/messages.ts";
import { type Pauses, Publisher } from "../../../hotpath/publish/publisher.ts";
import { compareFacts, factsOfJournal, factsOfRoot } from "../../fixtures/publish/journal-facts.ts";
import {
  fillRecord,
  LiveJournal,
  OF_ACCOUNT,
  placeOrder,
} from "../../fixtures/publish/live-journal.ts";
import { Outside } from "../../fixtures/publish/outside.ts";
import { alarmRecord, cycleRecord, orderRecord } from "../../fixtures/trading/record-fixture.ts";
import { temporaryRoot } from "../io/journal/fixture.ts";

const QUICK: Pauses = { idleMs: 2, firstMs: 5, capMs: 40, progressMs: 20 };

let outside: Outside;
let root = "";
let folder: ReturnType<typeof temporaryRoot>;
let awsFolder: ReturnType<typeof temporaryRoot>;

beforeAll(async () => {
  awsFolder = temporaryRoot();
  outside = await Outside.start(awsFolder.root);
});
afterAll(async () => {
  await outside.leave();
  awsFolder[Symbol.dispose]();
});
beforeEach(() => {
  folder = temporaryRoot();
  root = folder.root;
});
afterEach(() => folder[Symbol.dispose]());

class Running {
  readonly messages: PublisherMessage[] = [];
  readonly publisher: Publisher;
  readonly ended: Promise<void>;

  constructor(journal: LiveJournal, engine = outside.engine) {
    const { tables, queues, objects } = outside.clients();
    this.publisher = new Publisher({
      disk: realDisk,
      root,
      runId: path.basename(journal.directory),
      engine,
      ackedSeq: () => journal.ackedSeq,
      facts: createFactQueue(queues, outside.prefix),
      alerts: createAlertQueue(queues, outside.prefix),
      orders: createOrderRecords(tables, outside.prefix),
      bucket: createSegmentBucket(objects, outside.prefix, outside.bucketPlace),
      nowUs: () => journal.nowUs + 1,
      chance: () => 0.5,
      emit: (message) => void this.messages.push(message),
      pauses: QUICK,
    });
    this.ended = this.publisher.run();
  }

  get progress(): Extract<PublisherMessage, { type: "progress" }> | undefined {
    return this.messages.filter((message) => message.type === "progress").at(-1);
  }

  blocked(): readonly string[] {
    return this.messages.flatMap((message) =>
      message.type === "blocked" && message.reason !== "" ? [message.path] : [],
    );
  }

  async caughtUp(seq: number): Promise<void> {
    await vi.waitFor(() => expect(this.progress?.publishedSeq).toBeGreaterThanOrEqual(seq), {
      timeout: 15_000,
      interval: 10,
    });
  }

  async stop(): Promise<boolean> {
    this.publisher.stop(10_000_000);
    await this.ended;
    const last = this.messages.at(-1);
    return last?.type === "stopped" && last.isFlushed;
  }
}

/** One order from its place to its fill and end. */
function orderLife(command: number) {
  const order = placeOrder(command, { cycle: 0 });
  const { clientId } = order;
  return [
    order,
    { ...OF_ACCOUNT, type: "orderAccepted", clientId, orderId: `o-${command}` },
    { type: "recordFill", fill: fillRecord({ clientId, tradeId: `t-${command}`, cycle: 0 }) },
    { type: "recordOrder", order: orderRecord({ clientId, cycle: 0 }) },
  ] as const;
}

const ofRun = (facts: readonly Fact[], ...runs: readonly string[]) =>
  facts.filter(({ run_id }) => runs.includes(run_id));

describe("facts", () => {
  test("arrive from a run that is being written, each once", async () => {
    const journal = new LiveJournal({ root, runId: "live-1" }).commit();
    const running = new Running(journal);
    for (let command = 1; command <= 20; command++) journal.record(...orderLife(command)).commit();
    await running.caughtUp(journal.ackedSeq);
    expect(await running.stop()).toBe(true);
    const told = ofRun(await outside.facts(), "live-1");
    const compared = compareFacts(factsOfJournal(journal.directory, "paper", false), told);
    expect(compared).toMatchObject({ missing: [], invented: [], different: [], repeatedCount: 0 });
    expect(compared.toldCount).toBe(41);
    expect(running.progress?.lagUs).toBe(0);
    await journal.stop();
  });

  test("of earlier runs that were never published come as well, with their end", async () => {
    const earlier = new LiveJournal({ root, runId: "old-1" });
    earlier.record(...orderLife(1)).commit();
    const orderly = new LiveJournal({ root, runId: "old-2" });
    orderly.record({ type: "shutdownRequested" });
    await orderly.stop();
    await recoverRuns(realDisk, root, "old-3");
    const journal = new LiveJournal({ root, runId: "old-3" }).commit();
    const running = new Running(journal);
    expect(await running.stop()).toBe(true);
    const told = ofRun(await outside.facts(), "old-1", "old-2", "old-3");
    expect(compareFacts(factsOfRoot(root, "paper", "old-3"), told)).toMatchObject({
      missing: [],
      invented: [],
      different: [],
      repeatedCount: 0,
    });
    expect(told.filter(({ fact_id }) => fact_id.endsWith(".ended"))).toHaveLength(2);
    await journal.stop();
  });

  test("are neither lost nor doubled in history when the publisher dies anywhere and begins again", async () => {
    const journal = new LiveJournal({ root, runId: "dies-1", segmentBytes: 20_000 }).commit();
    for (let command = 1; command <= 34; command++) {
      const running = new Running(journal);
      journal.record(...orderLife(command)).raw(700);
      await journal.sealed();
      // A death at any point is as if its last notes had never been written: the file of an earlier moment.
      if (command % 3 === 0) await running.caughtUp(journal.ackedSeq);
      const places = path.join(root, "published", "records.json");
      const before = fs.existsSync(places) ? fs.readFileSync(places) : undefined;
      await running.stop();
      if (command % 2 === 0 && before !== undefined) fs.writeFileSync(places, before);
      if (command % 17 === 0) fs.writeFileSync(places, "{ torn");
    }
    const last = new Running(journal);
    await last.caughtUp(journal.ackedSeq);
    await last.stop();
    const told = ofRun(await outside.facts(), "dies-1");
    const compared = compareFacts(factsOfJournal(journal.directory, "paper", false), told);
    expect(compared).toMatchObject({ missing: [], invented: [], different: [] });
    expect(compared.repeatedCount).toBeGreaterThan(0);
    await journal.stop();
  }, 60_000);

  test("that no journal holds are sent too, and given up where there is no room", async () => {
    const journal = new LiveJournal({ root, runId: "own-1" }).commit();
    const running = new Running(journal);
    const [fact] = factsOfJournal(journal.directory, "paper", false);
    if (fact === undefined) throw new Error("a run begins");
    running.publisher.tellFacts([{ ...fact, fact_id: "own-1.position.1" }]);
    running.publisher.tellFacts(Array.from({ length: 2_500 }, () => fact));
    expect(await running.stop()).toBe(true);
    const told = ofRun(await outside.facts(), "own-1");
    expect(told.length).toBe(2_001);
    expect(running.progress?.droppedFacts).toBe(501);
    await journal.stop();
  });
});

describe("AWS away", () => {
  test("for a while loses nothing, doubles nothing, and is told of once for each way out", async () => {
    const journal = new LiveJournal({ root, runId: "away-1", segmentBytes: 4_000 }).commit();
    const running = new Running(journal);
    await running.caughtUp(journal.ackedSeq);
    await outside.leave();
    for (let command = 1; command <= 30; command++) journal.record(...orderLife(command));
    journal.record({ type: "recordAlarm", alarm: alarmRecord({ text: "while away" }) });
    await journal.sealed();
    await vi.waitFor(() => expect(new Set(running.blocked()).size).toBe(4), { timeout: 15_000 });
    expect(running.progress?.lagUs).toBeGreaterThan(0);
    await outside.comeBack();
    await running.caughtUp(journal.ackedSeq);
    expect(await running.stop()).toBe(true);
    const told = ofRun(await outside.facts(), "away-1");
    const compared = compareFacts(factsOfJournal(journal.directory, "paper", false), told);
    expect(compared).toMatchObject({ missing: [], invented: [], different: [] });
    const states = await outside.orderStates();
    for (let command = 1; command <= 30; command++) {
      expect(states[placeOrder(command).clientId]).toBe("terminal");
    }
    expect((await outside.alerts()).map(({ text }) => text).join()).toContain("while away");
    await journal.stop();
  }, 60_000);

  test("at the end leaves the rest to the next start", async () => {
    const journal = new LiveJournal({ root, runId: "end-1" }).commit();
    await outside.leave();
    const running = new Running(journal);
    journal.record(...orderLife(1));
    await journal.stop();
    await vi.waitFor(() => expect(running.blocked()).toContain("records"), { timeout: 15_000 });
    running.publisher.stop(-1);
    await running.ended;
    expect(running.messages.at(-1)).toMatchObject({ type: "stopped", isFlushed: false });
    await outside.comeBack();
    const next = new LiveJournal({ root, runId: "end-2" }).commit();
    const later = new Running(next);
    expect(await later.stop()).toBe(true);
    const told = ofRun(await outside.facts(), "end-1", "end-2");
    expect(compareFacts(factsOfRoot(root, "paper", "end-2"), told).missing).toEqual([]);
    await next.stop();
  }, 60_000);
});

describe("alerts", () => {
  test("of severity 1 and 2 and kills go ahead of the bulk, once an incident", async () => {
    const journal = new LiveJournal({ root, runId: "alarm-1" });
    const alarm = (over: Parameters<typeof alarmRecord>[0]) =>
      ({ type: "recordAlarm", alarm: alarmRecord(over) }) as const;
    journal
      .record(alarm({ kind: "twice", text: "first" }), alarm({ kind: "twice", text: "second" }))
      .record(alarm({ kind: "quiet", severity: 3 }), alarm({ kind: "other", severity: 2 }))
      .record({
        type: "recordKill",
        scope: "all",
        target: "",
        isKilled: true,
        by: "ann",
        reason: "drill",
      })
      .commit();
    const running = new Running(journal);
    expect(await running.stop()).toBe(true);
    const kinds = (await outside.alerts())
      .filter(({ kind }) => ["twice", "quiet", "other", "killed"].includes(kind))
      .map(({ kind }) => kind);
    expect(kinds).toEqual(["twice", "other", "killed"]);
    await journal.stop();
  });
});

describe("sealed segments", () => {
  test("go up with their facts, manifest last, and are the bytes of the disk", async () => {
    const journal = new LiveJournal({ root, runId: "seal-1", segmentBytes: 6_000 }).commit();
    const running = new Running(journal);
    for (let command = 1; command <= 12; command++) {
      const cycle = cycleRecord({ cycle: command, corr: `3-${command}` });
      journal.record(...orderLife(command), { type: "recordCycle", cycle });
      await journal.sealed();
    }
    await journal.stop();
    expect(await running.stop()).toBe(true);
    const next = new LiveJournal({ root, runId: "seal-2" }).commit();
    const later = new Running(next);
    expect(await later.stop()).toBe(true);
    const keys = (await outside.objectKeys()).filter((key) => key.includes("run=seal-1/"));
    const manifests = keys.filter((key) => key.endsWith(".manifest.json"));
    expect(manifests.length).toBeGreaterThan(2);
    expect(keys).toHaveLength(3 * manifests.length);
    const facts: Fact[] = [];
    for (const key of manifests) {
      const stem = key.slice(0, -".manifest.json".length);
      const upload = JSON.parse(
        new TextDecoder().decode(await outside.object(key)),
      ) as SegmentUpload;
      const segment = await outside.object(`${stem}.seg.zst`);
      const twin = await outside.object(`${stem}.facts.jsonl.zst`);
      expect(sha256Of(segment)).toBe(upload.manifest.compressedSha256);
      expect(sha256Of(twin)).toBe(upload.facts.sha256);
      const lines = zstdDecompressSync(twin).toString().split("\n").filter(Boolean);
      expect(lines).toHaveLength(upload.facts.count);
      facts.push(...lines.map((line) => JSON.parse(line) as Fact));
      const name = `${path.basename(stem)}.seg.zst`;
      expect(fs.readFileSync(path.join(journal.directory, name)).equals(segment)).toBe(true);
    }
    const compared = compareFacts(factsOfJournal(journal.directory, "paper", false), facts);
    expect(compared).toMatchObject({ missing: [], invented: [], different: [], repeatedCount: 0 });
    await next.stop();
  }, 30_000);
});

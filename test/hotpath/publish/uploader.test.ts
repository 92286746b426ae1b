// Goal: each sealed segment goes up once, in order, and what cannot go up is told of and hinders no other.
import fs from "node:fs";
import path from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Alert } from "../../../contracts/alert.ts";
import type { Fact } from "../../../contracts/history.ts";
import { sha256Of } from "../../../hotpath/io/journal/compress.ts";
import { realDisk } from "../../../hotpath/io/journal/disk.ts";
import { decodeManifest, encodeManifest } from "../../../hotpath/io/journal/manifest.ts";
import { Places, UPLOADS_FILE } from "../../../hotpath/io/journal/places.ts";
import { retireSegment } from "../../../hotpath/io/journal/retire.ts";
import { recoverRuns } from "../../../hotpath/io/journal/runs.ts";
import { segmentFiles } from "../../../hotpath/io/journal/segment.ts";
import {
  Uploader,
  type UploaderParts,
  type UploadPlace,
} from "../../../hotpath/publish/uploader.ts";
import { compareFacts, factsOfJournal } from "../../fixtures/publish/journal-facts.ts";
import { fillRecord, LiveJournal, placeOrder } from "../../fixtures/publish/live-journal.ts";
import { WaysOut } from "../../fixtures/publish/ways-out.ts";
import { orderRecord } from "../../fixtures/trading/record-fixture.ts";
import { temporaryRoot } from "../io/journal/fixture.ts";

let folder: ReturnType<typeof temporaryRoot>;
let out: WaysOut;
let alerts: Alert[];
beforeEach(() => {
  folder = temporaryRoot();
  out = new WaysOut();
  alerts = [];
});
afterEach(() => folder[Symbol.dispose]());

function partsOf(runId: string): UploaderParts {
  return {
    disk: realDisk,
    root: folder.root,
    engine: "paper",
    runId,
    places: new Places<UploadPlace>(realDisk, folder.root, UPLOADS_FILE),
    bucket: out.bucket,
    nowUs: () => 1_790_000_000_000_000,
    onLost: (alert) => void alerts.push(alert),
  };
}

const uploaderOf = (runId: string): Uploader => new Uploader(partsOf(runId));

/** A run of `count` sealed segments and an open one; orders span segments. */
async function journalOf(runId: string, count: number): Promise<LiveJournal> {
  const journal = new LiveJournal({ root: folder.root, runId, segmentBytes: 4_000 });
  for (let command = 1; command <= count; command++) {
    const { clientId } = placeOrder(command);
    journal.record(placeOrder(command)).raw(4_000);
    await journal.sealed();
    journal.record(
      { type: "recordFill", fill: fillRecord({ clientId, tradeId: `t-${command}` }) },
      { type: "recordOrder", order: orderRecord({ clientId }) },
    );
  }
  journal.commit();
  return journal;
}

async function all(uploader: Uploader): Promise<readonly unknown[]> {
  const results: unknown[] = [];
  for (let turn = 0; turn < 50; turn++) {
    const result = await uploader.turn();
    results.push(result);
    if (result === "idle") break;
  }
  return results;
}

const keys = (): string[] => out.objects.map(({ key }) => key.slice(key.indexOf("run=")));

function twins(): Fact[] {
  return out.objects
    .filter(({ key }) => key.endsWith(".facts.jsonl.zst"))
    .flatMap(({ bytes }) => zstdDecompressSync(bytes).toString().split("\n").filter(Boolean))
    .map((line) => JSON.parse(line) as Fact);
}

describe("sealed segments", () => {
  test("go up in order, facts first and manifest last, and none before it is sealed", async () => {
    await journalOf("run-1", 2);
    await all(uploaderOf("run-1"));
    expect(keys()).toEqual([
      "run=run-1/00000001.facts.jsonl.zst",
      "run=run-1/00000001.seg.zst",
      "run=run-1/00000001.manifest.json",
      "run=run-1/00000002.facts.jsonl.zst",
      "run=run-1/00000002.seg.zst",
      "run=run-1/00000002.manifest.json",
    ]);
    expect(alerts).toEqual([]);
  });

  test("of a run that crashed tell its end with the last of them, whoever uploads which", async () => {
    const journal = await journalOf("run-1", 4);
    const first = uploaderOf("run-1");
    await first.turn();
    await first.turn();
    await recoverRuns(realDisk, folder.root, "run-2");
    new LiveJournal({ root: folder.root, runId: "run-2" }).commit();
    const second = uploaderOf("run-2");
    await second.turn();
    await all(uploaderOf("run-2"));
    const compared = compareFacts(factsOfJournal(journal.directory, "paper", true), twins());
    expect(compared).toMatchObject({ missing: [], invented: [], different: [], repeatedCount: 0 });
    const place = new Places<UploadPlace>(realDisk, folder.root, UPLOADS_FILE).get("run-1");
    expect(place).toEqual({ segment: 5, isDone: true, memory: null });
  });

  test("wait while the bucket refuses, and are then put from the first object on", async () => {
    await journalOf("run-1", 1);
    const uploader = uploaderOf("run-1");
    out.refusals = 2;
    expect(await uploader.turn()).toEqual({ blocked: "refused" });
    expect(await uploader.turn()).toEqual({ blocked: "refused" });
    expect(await uploader.turn()).toBe("worked");
    expect(out.objects).toHaveLength(3);
    expect(uploader.uploadedCount).toBe(1);
    expect(await uploader.turn()).toBe("idle");
  });

  test("of a run that is over and empty are not looked for again", async () => {
    new LiveJournal({ root: folder.root, runId: "run-0" });
    await recoverRuns(realDisk, folder.root, "run-1");
    await journalOf("run-1", 1);
    await all(uploaderOf("run-1"));
    const places = new Places<UploadPlace>(realDisk, folder.root, UPLOADS_FILE);
    expect(places.get("run-0")).toMatchObject({ isDone: true });
  });
});

describe("a segment that is not whole in the archive", () => {
  const file = (journal: LiveJournal, segment: number): string =>
    path.join(journal.directory, segmentFiles(segment).sealed);

  test("because it is damaged is looked at three times, told of, and passed over", async () => {
    const journal = await journalOf("run-1", 2);
    fs.appendFileSync(file(journal, 1), "x");
    const uploader = uploaderOf("run-1");
    expect(await uploader.turn()).toMatchObject({ blocked: expect.stringContaining("damaged") });
    await uploader.turn();
    expect(await uploader.turn()).toBe("worked");
    expect(uploader.lostCount).toBe(1);
    expect(alerts).toMatchObject([{ severity: 2, kind: "segmentLost", engine: "paper" }]);
    await all(uploader);
    expect(keys()).toContain("run=run-1/00000002.manifest.json");
  });

  test("because its manifest is no manifest is told of as well", async () => {
    const journal = await journalOf("run-1", 1);
    fs.writeFileSync(path.join(journal.directory, segmentFiles(1).manifest), "{");
    const uploader = uploaderOf("run-1");
    await all(uploader);
    expect(alerts[0]?.text).toContain("not JSON");
  });

  test("because retention was faster goes up without what is gone", async () => {
    const journal = await journalOf("run-1", 1);
    const read = decodeManifest(
      fs.readFileSync(path.join(journal.directory, segmentFiles(1).manifest)),
    );
    if (read.kind !== "manifest") throw new Error(read.reason);
    await retireSegment(realDisk, journal.directory, read.manifest);
    const uploader = uploaderOf("run-1");
    await all(uploader);
    expect(out.objects).toHaveLength(3);
    expect(alerts[0]?.text).toContain("raw and norm were retired");
    expect(uploader.lostCount).toBe(1);
    expect(twins().map(({ kind }) => kind)).toEqual(["run"]);
  });

  test("because another object stands in its place is told of, and passed over", async () => {
    await journalOf("run-1", 2);
    const { put } = out.bucket;
    const uploader = new Uploader({
      ...partsOf("run-1"),
      bucket: {
        put: async (object) =>
          object.key.endsWith("00000001.seg.zst")
            ? { ok: false, reason: "another object", isTaken: true }
            : await put(object),
      },
    });
    await all(uploader);
    expect(alerts[0]?.text).toContain("segment 1 of run run-1 is not whole");
    expect(keys()).not.toContain("run=run-1/00000001.manifest.json");
    expect(keys()).toContain("run=run-1/00000002.manifest.json");
  });

  test("because a record of it has no meaning is told of as well", async () => {
    const journal = new LiveJournal({ root: folder.root, runId: "run-1", segmentBytes: 4_000 });
    journal.record({ type: "recordOrder" } as never).raw(4_000);
    await journal.sealed();
    const uploader = uploaderOf("run-1");
    await all(uploader);
    expect(uploader.lostCount).toBe(1);
  });

  test("because it is larger than an object may be is told of", async () => {
    const journal = await journalOf("run-1", 1);
    const sealed = file(journal, 1);
    const padded = Buffer.concat([fs.readFileSync(sealed), zstdSkippable(8_000_001)]);
    fs.writeFileSync(sealed, padded);
    const manifestFile = path.join(journal.directory, segmentFiles(1).manifest);
    const read = decodeManifest(fs.readFileSync(manifestFile));
    if (read.kind !== "manifest") throw new Error(read.reason);
    const manifest = {
      ...read.manifest,
      compressedBytes: padded.length,
      compressedSha256: sha256Of(padded),
    };
    fs.writeFileSync(manifestFile, encodeManifest(manifest));
    await all(uploaderOf("run-1"));
    expect(alerts[0]?.text).toContain("more than the 8000000 of an object");
    expect(out.objects).toEqual([]);
  });
});

/** A frame that every reader of zstd passes over: magic, length, anything. */
function zstdSkippable(bytes: number): Uint8Array {
  const frame = Buffer.alloc(8 + bytes);
  frame.writeUInt32LE(0x184d2a50, 0);
  frame.writeUInt32LE(bytes, 4);
  return frame;
}

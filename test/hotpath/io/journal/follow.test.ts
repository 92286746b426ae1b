// Goal: whoever follows a run sees every wanted record once, in order, as it is acknowledged and never before,
// whatever becomes of the segments meanwhile.
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLASS_CMD, CMD_COMMAND } from "../../../../contracts/journal.ts";
import { realDisk } from "../../../../hotpath/io/journal/disk.ts";
import {
  type FollowedRecord,
  type FollowLimits,
  JournalFollower,
} from "../../../../hotpath/io/journal/follow.ts";
import { decodeManifest } from "../../../../hotpath/io/journal/manifest.ts";
import { openJournal } from "../../../../hotpath/io/journal/reader.ts";
import { retireSegment } from "../../../../hotpath/io/journal/retire.ts";
import { segmentFiles } from "../../../../hotpath/io/journal/segment.ts";
import { LiveJournal, placeOrder } from "../../../fixtures/publish/live-journal.ts";
import { temporaryRoot } from "./fixture.ts";

const MUCH = { recordsMax: 1_000_000, bytesMax: 1e12 } as const;
const isCommand = (classCode: number, type: number): boolean =>
  classCode === CLASS_CMD && type === CMD_COMMAND;

let root = "";
let folder: ReturnType<typeof temporaryRoot>;
beforeEach(() => {
  folder = temporaryRoot();
  root = folder.root;
});
afterEach(() => folder[Symbol.dispose]());

function follow(journal: LiveJournal, fromSeq = 1, fromSegment = 1): JournalFollower {
  const { directory } = journal;
  const place = { directory, runId: "run-1", fromSeq, fromSegment };
  return new JournalFollower({ disk: realDisk, ...place, wants: isCommand });
}

function taken(
  follower: JournalFollower,
  ackedSeq: number,
  limits: FollowLimits = MUCH,
): readonly FollowedRecord[] {
  const followed = follower.take(ackedSeq, limits);
  if (!followed.ok) throw new Error(followed.error.reason);
  return followed.records;
}

function live(segmentBytes = 4096): LiveJournal {
  return new LiveJournal({ root, runId: "run-1", segmentBytes });
}

/** What the verifying reader sees of the same journal. */
function readAll(directory: string): { seq: number; body: string }[] {
  const opened = openJournal(directory);
  if (!opened.ok) throw new Error(opened.error.reason);
  const cursor = opened.journal.cursor();
  const found: { seq: number; body: string }[] = [];
  while (cursor.next()) {
    if (!isCommand(cursor.classCode, cursor.type)) continue;
    const { bytes, offset, end, seq } = cursor;
    found.push({ seq, body: new TextDecoder().decode(bytes.subarray(offset + 40, end)) });
  }
  expect(cursor.error).toBeNull();
  return found;
}

const brief = (records: readonly FollowedRecord[]) =>
  records.map(({ seq, body }) => ({ seq, body }));

type Step =
  | { readonly kind: "order" | "commit" }
  | { readonly kind: "raw"; readonly bytes: number }
  | { readonly kind: "take"; readonly recordsMax: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom("order" as const, "commit" as const) }),
  fc.record({ kind: fc.constant("raw" as const), bytes: fc.integer({ min: 1, max: 9000 }) }),
  fc.record({ kind: fc.constant("take" as const), recordsMax: fc.integer({ min: 1, max: 5 }) }),
);

async function play(
  journal: LiveJournal,
  follower: JournalFollower,
  steps: readonly Step[],
): Promise<FollowedRecord[]> {
  const seen: FollowedRecord[] = [];
  for (const [index, each] of steps.entries()) {
    switch (each.kind) {
      case "order":
        journal.record(placeOrder(index + 1));
        break;
      case "commit":
        await journal.sealed();
        break;
      case "raw":
        journal.raw(each.bytes);
        break;
      case "take":
        seen.push(...taken(follower, journal.ackedSeq, { ...each, bytesMax: 4000 }));
        break;
    }
  }
  await journal.stop();
  return [...seen, ...taken(follower, journal.ackedSeq)];
}

describe("following a run", () => {
  test("shows nothing before it is acknowledged, and everything once afterwards", () => {
    const journal = live();
    journal.record(placeOrder(1)).commit();
    const follower = follow(journal);
    journal.record(placeOrder(2));
    expect(taken(follower, journal.ackedSeq).map(({ seq }) => seq)).toEqual([2]);
    expect(taken(follower, journal.ackedSeq)).toEqual([]);
    journal.commit();
    expect(taken(follower, journal.ackedSeq).map(({ seq }) => seq)).toEqual([3]);
    follower.close();
  });

  test("sees what the verifying reader sees, over any segments, pauses, limits and starts", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 60 }), async (steps) => {
        run++;
        const runRoot = path.join(root, `case-${run}`);
        fs.mkdirSync(runRoot);
        const journal = new LiveJournal({ root: runRoot, runId: "run-1", segmentBytes: 4096 });
        const follower = follow(journal);
        const seen = await play(journal, follower, steps);
        follower.close();
        const all = readAll(journal.directory);
        expect(brief(seen)).toEqual(all);
        const fromSeq = Math.ceil(journal.ackedSeq / 2);
        const late = follow(journal, fromSeq);
        expect(brief(taken(late, journal.ackedSeq))).toEqual(
          all.filter(({ seq }) => seq >= fromSeq),
        );
        late.close();
      }),
      { numRuns: 25 },
    );
  });

  test("goes on in the open file although sealing has removed its name", async () => {
    const journal = live();
    const follower = follow(journal);
    journal.record(placeOrder(1)).commit();
    expect(taken(follower, journal.ackedSeq)).toHaveLength(1);
    journal.record(placeOrder(2)).raw(5000);
    await journal.sealed();
    expect(fs.existsSync(path.join(journal.directory, segmentFiles(1).open))).toBe(false);
    journal.record(placeOrder(3)).commit();
    expect(taken(follower, journal.ackedSeq).map(({ seq }) => seq)).toEqual([3, 5]);
    follower.close();
    await journal.stop();
  });

  test("passes the end of a segment whose last records retention has taken", async () => {
    const journal = live();
    journal.record(placeOrder(1)).raw(5000);
    await journal.sealed();
    journal.record(placeOrder(2)).commit();
    const files = segmentFiles(1);
    const read = decodeManifest(fs.readFileSync(path.join(journal.directory, files.manifest)));
    if (read.kind !== "manifest") throw new Error(read.reason);
    expect((await retireSegment(realDisk, journal.directory, read.manifest)).ok).toBe(true);
    const follower = follow(journal);
    expect(taken(follower, read.manifest.lastSeq).map(({ seq }) => seq)).toEqual([2]);
    expect(taken(follower, journal.ackedSeq).map(({ seq }) => seq)).toEqual([4]);
    follower.close();
    await journal.stop();
  });

  test("begins in the segment that it is told, without looking at those before", async () => {
    const journal = live();
    journal.record(placeOrder(1)).raw(5000);
    await journal.sealed();
    journal.record(placeOrder(2)).commit();
    fs.rmSync(path.join(journal.directory, segmentFiles(1).manifest));
    const follower = follow(journal, 4, 2);
    expect(taken(follower, journal.ackedSeq).map(({ seq }) => seq)).toEqual([4]);
    follower.close();
  });

  test("takes a record that is larger than its window", () => {
    const journal = live(1 << 24);
    const reason = "x".repeat(1_500_000);
    journal.record({ type: "halt", reason }).record(placeOrder(1)).commit();
    const follower = follow(journal);
    const [halt, order] = taken(follower, journal.ackedSeq);
    expect(halt?.body).toHaveLength(reason.length + 27);
    expect(order?.seq).toBe(3);
    follower.close();
  });
});

describe("what does not hold is refused", () => {
  function damagedAt(offsetFromEnd: number): JournalFollower {
    const journal = live(1 << 22);
    journal.record(placeOrder(1)).commit();
    const file = path.join(journal.directory, segmentFiles(1).open);
    const bytes = fs.readFileSync(file);
    bytes.writeUInt8((bytes.at(-offsetFromEnd) ?? 0) ^ 0xff, bytes.length - offsetFromEnd);
    fs.writeFileSync(file, bytes);
    return follow(journal);
  }

  test("a wanted record whose checksum does not hold", () => {
    const follower = damagedAt(96 + 20);
    expect(follower.take(2, MUCH)).toMatchObject({ ok: false, error: { code: "damaged" } });
    follower.close();
  });

  test("more acknowledged than is there", () => {
    const journal = live();
    journal.record(placeOrder(1)).commit();
    const follower = follow(journal);
    expect(follower.take(9, MUCH)).toMatchObject({ ok: false, error: { code: "missing" } });
  });

  test("a length that no record has", () => {
    const journal = live();
    journal.commit();
    const file = path.join(journal.directory, segmentFiles(1).open);
    fs.appendFileSync(file, new Uint8Array(64));
    const follower = follow(journal);
    expect(follower.take(5, MUCH)).toMatchObject({ ok: false, error: { code: "damaged" } });
    follower.close();
  });

  test("a sealed segment whose bytes are not its manifest's, or whose manifest is no JSON", async () => {
    const journal = live();
    journal.record(placeOrder(1));
    await journal.stop();
    const sealed = path.join(journal.directory, segmentFiles(1).sealed);
    const whole = fs.readFileSync(sealed);
    fs.writeFileSync(sealed, whole.subarray(1));
    expect(follow(journal).take(2, MUCH)).toMatchObject({ ok: false, error: { code: "damaged" } });
    fs.writeFileSync(path.join(journal.directory, segmentFiles(1).manifest), "{");
    expect(follow(journal).take(2, MUCH)).toMatchObject({ ok: false, error: { code: "damaged" } });
  });

  test("a disk that throws becomes a value", () => {
    const journal = live();
    journal.record(placeOrder(1)).commit();
    const { directory } = journal;
    const disk = { ...realDisk, read: (): number => raise("EIO") };
    const place = { directory, runId: "run-1", fromSeq: 1, wants: isCommand };
    const follower = new JournalFollower({ disk, ...place });
    expect(follower.take(2, MUCH)).toMatchObject({
      ok: false,
      error: { code: "disk", reason: "EIO" },
    });
    follower.close();
  });

  test("an open file that is gone at that very moment is looked for sealed", () => {
    const journal = live();
    journal.record(placeOrder(1)).commit();
    const { directory } = journal;
    const disk = { ...realDisk, open: (): number => raise("ENOENT") };
    const place = { directory, runId: "run-1", fromSeq: 1, wants: isCommand };
    const follower = new JournalFollower({ disk, ...place });
    expect(follower.take(2, MUCH)).toMatchObject({ ok: false });
  });
});

function raise(message: string): never {
  throw new Error(message);
}

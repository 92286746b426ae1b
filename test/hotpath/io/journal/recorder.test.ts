// Goal: the recorder moves records from the ring to the disk and stops at the first failure.
import { describe, expect, test } from "vitest";
import { CLASS_CMD, CLASS_CTL, CMD_COMMAND, CTL_EVENT } from "../../../../contracts/journal.ts";
import { ByteRing, createRingMemory } from "../../../../hotpath/io/byte-ring.ts";
import {
  createStatusMemory,
  Recorder,
  type RecorderMessage,
  type RecorderOptions,
  STATUS_ACKED_SEQ,
  STATUS_BYTES_WRITTEN,
  STATUS_COMMITS,
  STATUS_DISK_BYTES,
  STATUS_FAILED,
  STATUS_FREE_BYTES,
  STATUS_LAG_US,
  STATUS_SEALED_SEGMENTS,
  STATUS_SEGMENTS,
  STATUS_TURN_US,
} from "../../../../hotpath/io/journal/recorder.ts";
import { recoverJournal } from "../../../../hotpath/io/journal/recovery.ts";
import { beginRun } from "../../../../hotpath/io/journal/run.ts";
import {
  readAll,
  recordOf,
  START_US,
  sampleLines,
  sampleRecord,
  WRITER_OPTIONS,
  writeSegments,
} from "./fixture.ts";
import { MemoryDisk } from "./memory-disk.ts";

const ROOT = "/journal";
const DIRECTORY = "/journal/run-a";
const RETENTION = { retainBytes: 1e15, retainUs: 1e15, reserveFreeBytes: 0 };

class Rig {
  readonly disk = new MemoryDisk();
  readonly ring: ByteRing;
  readonly status = new Float64Array(createStatusMemory());
  readonly messages: RecorderMessage[] = [];
  readonly recorder: Recorder;
  nowUs = START_US;
  /** Every acknowledged sequence that was seen while the recorder worked. */
  readonly acked = new Set<number>();
  #seq = 0;

  constructor(options: Partial<RecorderOptions> = {}, ringBytes = 64 * 1024) {
    this.ring = new ByteRing(createRingMemory(ringBytes));
    const begun = beginRun(this.disk, DIRECTORY, { runId: "run-a", firstSeq: 1 });
    if (!begun.ok) throw new Error(begun.error.reason);
    this.recorder = new Recorder({
      disk: this.disk,
      ring: this.ring,
      status: this.status,
      root: ROOT,
      directory: DIRECTORY,
      start: begun.start,
      options: { ...WRITER_OPTIONS, retention: RETENTION, ...options },
      nowUs: () => {
        this.acked.add(this.status[STATUS_ACKED_SEQ] ?? 0);
        return this.nowUs;
      },
      emit: (message) => this.messages.push(message),
    });
  }

  publish(count: number): void {
    for (let index = 0; index < count; index += 1) this.#put((seq) => sampleRecord(seq));
    this.ring.publish();
  }

  /** Records of these kinds and sizes, published together as one turn of the hot thread. */
  publishRecords(
    kinds: readonly { classCode: number; type: number; payloadBytes: number }[],
  ): void {
    for (const { payloadBytes, ...kind } of kinds) {
      this.#put((seq) => recordOf(seq, kind, new Uint8Array(payloadBytes)));
    }
    this.ring.publish();
  }

  #put(make: (seq: number) => Uint8Array): void {
    this.#seq += 1;
    const record = make(this.#seq);
    const recordBytes = new DataView(record.buffer).getUint32(0, true);
    const offset = this.ring.reserve(recordBytes);
    if (offset < 0) throw new Error("the ring is full");
    this.ring.bytes.set(record.subarray(8, recordBytes), offset + 8);
  }

  types(): string[] {
    return this.messages.map((message) => message.type);
  }
}

describe("the recorder", () => {
  test("ends no group within a tick, however large what an event has caused is", () => {
    const rig = new Rig({}, 8 * 1024 * 1024);
    const event = { classCode: CLASS_CTL, type: CTL_EVENT, payloadBytes: 64 };
    const command = { classCode: CLASS_CMD, type: CMD_COMMAND, payloadBytes: 500_000 };
    // A tick of 2 MB and one of 1.5, where a group is full at one MB and a turn at two.
    rig.publishRecords([event, command, command, command, command]);
    rig.publishRecords([event, command, command, command]);
    while (rig.recorder.turn());
    expect(rig.status[STATUS_ACKED_SEQ]).toBe(9);
    const tickEnds = [0, 5, 9];
    expect([...rig.acked].filter((seq) => !tickEnds.includes(seq))).toEqual([]);
  });

  test("commits what the ring holds as one group and shows it as acknowledged", () => {
    const rig = new Rig();
    expect(rig.messages).toEqual([{ type: "ready", runId: "run-a", nextSeq: 1 }]);
    expect(rig.recorder.turn()).toBe(false);
    expect(rig.status[STATUS_COMMITS]).toBe(0);
    rig.publish(7);
    rig.nowUs += 50;
    expect(rig.recorder.turn()).toBe(false);
    expect(rig.status[STATUS_ACKED_SEQ]).toBe(7);
    expect(rig.status[STATUS_COMMITS]).toBe(1);
    expect(rig.status[STATUS_SEGMENTS]).toBe(1);
    expect(rig.status[STATUS_TURN_US]).toBe(START_US + 50);
    expect(rig.status[STATUS_LAG_US]).toBe(49);
    expect(rig.status[STATUS_BYTES_WRITTEN]).toBe(rig.disk.sizeBytes(`${DIRECTORY}/00000001.seg`));
    expect(rig.ring.status().depthBytes).toBe(0);
    expect(readAll(DIRECTORY, rig.disk)).toEqual(sampleLines(1, 7));
  });

  test("stops by draining, committing and sealing", async () => {
    const rig = new Rig();
    rig.publish(4);
    await rig.recorder.stop();
    expect(rig.types()).toEqual(["ready", "sealed", "stopped"]);
    expect(rig.messages.at(-1)).toEqual({ type: "stopped", lastSeq: 4 });
    expect(rig.disk.list(DIRECTORY)).toEqual([
      "00000001.manifest.json",
      "00000001.seg.zst",
      "head",
    ]);
    expect(rig.status[STATUS_SEALED_SEGMENTS]).toBe(1);
    expect(rig.disk.openHandles).toBe(0);
    expect(readAll(DIRECTORY, rig.disk)).toEqual(sampleLines(1, 4));
  });

  test("ends segments by size, seals them beside its turns and keeps the disk in budget", async () => {
    const rig = new Rig({
      segmentBytes: 2000,
      retention: { ...RETENTION, retainBytes: 16_000 },
    });
    for (let round = 0; round < 60; round += 1) {
      rig.publish(30);
      rig.recorder.turn();
    }
    await rig.recorder.stop();
    expect(rig.types().filter((type) => type === "sealed")).toHaveLength(60);
    expect(rig.types()).toContain("retired");
    expect(rig.types().at(-1)).toBe("stopped");
    const lines = readAll(DIRECTORY, rig.disk);
    expect(lines.at(-1)).toBe(sampleLines(1800, 1800)[0]);
    expect(lines.length).toBeLessThan(1800);
    expect(lines.filter((line) => Number(line.split(":")[0]) % 5 === 0)).toHaveLength(360);
    expect(rig.status[STATUS_DISK_BYTES]).toBeGreaterThan(0);
    expect(rig.status[STATUS_FREE_BYTES]).toBe(rig.disk.free);
  });

  test("ends segments by age", async () => {
    const rig = new Rig({ segmentUs: 1000 });
    rig.publish(2);
    rig.recorder.turn();
    rig.nowUs += 2000;
    rig.recorder.turn();
    expect(rig.recorder.isCatchingUp).toBe(true);
    await rig.recorder.settle();
    expect(rig.recorder.isCatchingUp).toBe(false);
    expect(rig.types()).toEqual(["ready", "sealed"]);
  });

  test("seals what recovery left, and goes on in the same run", async () => {
    const disk = new MemoryDisk();
    writeSegments(disk, ROOT, [[3], [2]]);
    const result = recoverJournal(disk, DIRECTORY);
    if (!result.ok) throw new Error(result.error.reason);
    const messages: RecorderMessage[] = [];
    const recorder = new Recorder({
      disk,
      ring: new ByteRing(createRingMemory(1024)),
      status: new Float64Array(createStatusMemory()),
      root: ROOT,
      directory: DIRECTORY,
      start: result.recovered.start,
      options: { ...WRITER_OPTIONS, retention: RETENTION },
      nowUs: () => START_US,
      emit: (message) => messages.push(message),
    });
    recorder.sealLater(result.recovered.unsealed);
    await recorder.stop();
    expect(messages.map((message) => message.type)).toEqual([
      "ready",
      "sealed",
      "sealed",
      "stopped",
    ]);
    expect(messages[0]).toMatchObject({ nextSeq: 6 });
    expect(readAll(DIRECTORY, disk)).toEqual(sampleLines(1, 5));
  });
});

describe("a failure", () => {
  const faults: readonly [string, (rig: Rig) => void, string][] = [
    ["of a write", (rig) => throwing(rig, "write", "EIO"), "disk: EIO"],
    ["of an fsync", (rig) => throwing(rig, "sync", "EIO"), "disk: EIO"],
    ["of a full disk", (rig) => throwing(rig, "write", "ENOSPC"), "disk: ENOSPC"],
    ["of asking the disk for its space", (rig) => throwing(rig, "freeBytes", "EIO"), "disk: EIO"],
  ];

  test.each(faults)(
    "%s is told once, and nothing is acknowledged after",
    async (_, breakDisk, reason) => {
      const rig = new Rig();
      rig.publish(3);
      rig.recorder.turn();
      breakDisk(rig);
      rig.nowUs += 2_000_000;
      rig.publish(3);
      rig.recorder.turn();
      expect(rig.recorder.hasFailed).toBe(true);
      const acked = rig.status[STATUS_ACKED_SEQ] ?? -1;
      rig.disk.faults = {};
      rig.publish(3);
      expect(rig.recorder.turn()).toBe(false);
      await rig.recorder.stop();
      expect(rig.status[STATUS_ACKED_SEQ]).toBe(acked);
      expect(rig.status[STATUS_FAILED]).toBe(1);
      expect(rig.types()).toEqual(["ready", "failed"]);
      expect(rig.messages[1]).toMatchObject({ reason: expect.stringContaining(reason) });
      expect(rig.disk.openHandles).toBe(0);
      const recovered = recoverJournal(rig.disk, DIRECTORY);
      expect(recovered.ok && recovered.recovered.lastSeq).toBeGreaterThanOrEqual(acked);
    },
  );

  test("of a record that is none is our own, and as final", async () => {
    const rig = new Rig();
    rig.ring.reserve(64);
    rig.ring.publish();
    expect(rig.recorder.turn()).toBe(false);
    await rig.recorder.stop();
    expect(rig.messages[1]).toMatchObject({ type: "failed", error: { code: "badRecord" } });
  });

  test("of sealing is a failure of the recorder", async () => {
    const rig = new Rig({ segmentBytes: 200 });
    rig.publish(3);
    rig.disk.faults.rename = () => {
      throw new Error("EIO");
    };
    rig.recorder.turn();
    await rig.recorder.settle();
    expect(rig.messages[1]).toMatchObject({
      type: "failed",
      error: { code: "disk", reason: "EIO" },
    });
    await rig.recorder.stop();
    expect(rig.types()).toEqual(["ready", "failed"]);
  });

  test("of sealing is also one when what was written reads otherwise", async () => {
    const rig = new Rig({ segmentBytes: 200 });
    rig.publish(3);
    rig.disk.faults.rename = (file) => {
      if (!file.endsWith(".zst.tmp")) return;
      // A zstd frame of nothing: the file is sound, and it is not the segment.
      rig.disk.put(file, Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0]));
      rig.disk.faults = {};
    };
    rig.recorder.turn();
    await rig.recorder.settle();
    expect(rig.messages[1]).toMatchObject({
      type: "failed",
      reason: expect.stringContaining("reads otherwise"),
    });
    expect(rig.disk.sizeBytes(`${DIRECTORY}/00000001.seg`)).toBeGreaterThan(0);
  });

  test("to keep the reserve free halts before the disk is full", async () => {
    const rig = new Rig({ retention: { ...RETENTION, reserveFreeBytes: 1000 } });
    rig.publish(3);
    rig.recorder.turn();
    rig.disk.free = 999;
    rig.nowUs += 2_000_000;
    rig.publish(3);
    rig.recorder.turn();
    await rig.recorder.settle();
    expect(rig.messages.at(-1)).toMatchObject({
      type: "failed",
      error: { code: "noSpace", reason: "999 bytes are free, the reserve is 1000" },
    });
    expect(rig.status[STATUS_ACKED_SEQ]).toBe(6);
  });

  test("of retention is a failure of the recorder", async () => {
    const rig = new Rig();
    rig.publish(3);
    const list = rig.disk.listDirectories.bind(rig.disk);
    rig.disk.listDirectories = () => {
      throw new Error("EIO");
    };
    rig.nowUs += 2_000_000;
    rig.recorder.turn();
    await rig.recorder.settle();
    rig.disk.listDirectories = list;
    expect(rig.messages[1]).toMatchObject({ type: "failed", error: { file: ROOT, reason: "EIO" } });
  });
});

function throwing(rig: Rig, operation: "write" | "sync" | "freeBytes", message: string): void {
  rig.disk.faults[operation] = () => {
    throw new Error(message);
  };
}

// Goal: the recorder's real thread on a real disk: it records, stops, resumes, refuses, and a kill
// at any moment loses nothing that was acknowledged.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { ByteRing, createRingMemory } from "../../hotpath/io/byte-ring.ts";
import { realDisk } from "../../hotpath/io/journal/disk.ts";
import { openJournal } from "../../hotpath/io/journal/reader.ts";
import {
  createStatusMemory,
  type RecorderMessage,
  STATUS_ACKED_SEQ,
} from "../../hotpath/io/journal/recorder.ts";
import { recoverJournal } from "../../hotpath/io/journal/recovery.ts";
import { verifyJournal } from "../../hotpath/io/journal/verify-journal.ts";
import type { RecorderWorkerData } from "../../hotpath/recorder-thread.ts";
import {
  readAll,
  sampleLines,
  sampleRecord,
  temporaryRoot,
  WRITER_OPTIONS,
  writeSegments,
} from "./io/journal/fixture.ts";

const OPTIONS = {
  ...WRITER_OPTIONS,
  retention: { retainBytes: 1e12, retainUs: 1e15, reserveFreeBytes: 0 },
};

type Rig = {
  readonly ring: ByteRing;
  readonly status: Float64Array;
  readonly worker: Worker;
  readonly messages: RecorderMessage[];
  readonly ended: Promise<number>;
};

function startRecorder(data: Partial<RecorderWorkerData> & { root: string }): Rig {
  const ring = createRingMemory(256 * 1024);
  const status = createStatusMemory();
  const workerData: RecorderWorkerData = {
    ring,
    status,
    runId: "run-a",
    open: "begin",
    recoversEarlier: false,
    options: OPTIONS,
    ...data,
  };
  const worker = new Worker(new URL("../../hotpath/recorder-thread.ts", import.meta.url), {
    workerData,
  });
  const messages: RecorderMessage[] = [];
  worker.on("message", (message: RecorderMessage) => messages.push(message));
  const ended = new Promise<number>((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", resolve);
  });
  return { ring: new ByteRing(ring), status: new Float64Array(status), worker, messages, ended };
}

async function publish(ring: ByteRing, first: number, last: number): Promise<void> {
  for (let seq = first; seq <= last; ) {
    const record = sampleRecord(seq);
    const recordBytes = new DataView(record.buffer).getUint32(0, true);
    const offset = ring.reserve(recordBytes);
    if (offset < 0) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    ring.bytes.set(record.subarray(8, recordBytes), offset + 8);
    ring.publish();
    seq += 1;
  }
}

async function acked(rig: Rig, seq: number): Promise<void> {
  while ((rig.status[STATUS_ACKED_SEQ] ?? 0) < seq) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe("the recorder's thread", () => {
  test("records what is published, seals when stopped, and resumes the run", async () => {
    using temporary = temporaryRoot();
    const { root } = temporary;
    const directory = path.join(root, "run-a");
    const first = startRecorder({ root });
    await publish(first.ring, 1, 5000);
    await acked(first, 5000);
    first.worker.postMessage({ type: "stop" });
    first.worker.postMessage({ type: "stop" });
    expect(await first.ended).toBe(0);
    expect(first.messages.map((message) => message.type)).toEqual(["ready", "sealed", "stopped"]);
    expect(first.messages.at(-1)).toEqual({ type: "stopped", lastSeq: 5000 });

    const second = startRecorder({ root, open: "resume" });
    await publish(second.ring, 5001, 5100);
    second.worker.postMessage({ type: "stop" });
    expect(await second.ended).toBe(0);
    expect(second.messages[0]).toEqual({ type: "ready", runId: "run-a", nextSeq: 5001 });
    expect(readAll(directory, realDisk)).toEqual(sampleLines(1, 5100));
  });

  test("refuses to begin a run that exists, and to resume one that is damaged", async () => {
    using temporary = temporaryRoot();
    const { root } = temporary;
    const first = startRecorder({ root });
    first.worker.postMessage({ type: "stop" });
    await first.ended;
    const again = startRecorder({ root });
    expect(await again.ended).toBe(0);
    expect(again.messages).toMatchObject([{ type: "failed", error: { code: "exists" } }]);
    fs.rmSync(path.join(root, "run-a", "head"));
    const damaged = startRecorder({ root, open: "resume" });
    expect(await damaged.ended).toBe(0);
    expect(damaged.messages).toMatchObject([{ type: "failed", error: { code: "missing" } }]);
  });

  test("brings earlier runs in order first when it owns the folder", async () => {
    using temporary = temporaryRoot();
    const { root } = temporary;
    writeSegments(realDisk, root, [[3], [2]], "run-before");
    const segment = path.join(root, "run-before", "00000002.seg");
    fs.appendFileSync(segment, "torn");
    const rig = startRecorder({ root, recoversEarlier: true });
    rig.worker.postMessage({ type: "stop" });
    expect(await rig.ended).toBe(0);
    expect(rig.messages.map((message) => message.type)).toEqual(["recovered", "ready", "stopped"]);
    expect(rig.messages[0]).toMatchObject({
      runs: [{ ok: true, runId: "run-before", lastSeq: 5, cutBytes: 4, sealedSegments: 2 }],
    });
    expect(fs.existsSync(segment)).toBe(false);
  });

  test("that fails says so and waits to be stopped", async () => {
    using temporary = temporaryRoot();
    const rig = startRecorder({ root: temporary.root });
    rig.ring.reserve(64);
    rig.ring.publish();
    while (rig.messages.at(-1)?.type !== "failed") {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    rig.worker.postMessage({ type: "stop" });
    expect(await rig.ended).toBe(0);
    expect(rig.messages.map((message) => message.type)).toEqual(["ready", "failed"]);
  });

  test("killed with its process at any moment keeps what it had acknowledged", async () => {
    using temporary = temporaryRoot();
    const { root } = temporary;
    const script = new URL("./recorder-victim.ts", import.meta.url).pathname;
    for (let life = 0; life < 4; life += 1) {
      const runId = `run-${life}`;
      const victim = spawn(process.execPath, [script, root, runId], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      await new Promise<void>((resolve) => {
        victim.stdout.on("data", (chunk: Buffer) => {
          said += chunk.toString();
          if (said.split("\n").length > 3 + life * 5) resolve();
        });
      });
      victim.kill("SIGKILL");
      await new Promise((resolve) => victim.once("close", resolve));
      const ackedSeq = Number(said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1));
      const directory = path.join(root, runId);
      const recovered = recoverJournal(realDisk, directory);
      if (!recovered.ok) throw new Error(recovered.error.reason);
      expect(ackedSeq).toBeGreaterThan(0);
      expect(recovered.recovered.lastSeq).toBeGreaterThanOrEqual(ackedSeq);
      const opened = openJournal(directory);
      if (!opened.ok) throw new Error(opened.error.reason);
      expect(verifyJournal(opened.journal)).toMatchObject({
        ok: true,
        records: recovered.recovered.lastSeq,
      });
    }
  });
});

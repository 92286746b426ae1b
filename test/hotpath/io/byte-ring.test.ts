// Goal: what is published comes out once, whole and in order, whatever the sizes and wraps.
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteRing, createRingMemory } from "../../../hotpath/io/byte-ring.ts";

const BATCH_BYTES_MAX = 4096;

function put(ring: ByteRing, size: number, value: number): boolean {
  const offset = ring.reserve(size);
  if (offset < 0) return false;
  ring.bytes.fill(value & 255, offset + 4, offset + size);
  return true;
}

/** Takes everything published and returns each record's size, checking that its bytes are equal. */
function take(ring: ByteRing, bytesMax = BATCH_BYTES_MAX): { size: number; value: number }[] {
  const taken: { size: number; value: number }[] = [];
  for (let bytes = ring.peek(bytesMax); bytes > 0; bytes = ring.peek(bytesMax)) {
    for (let at = ring.peekOffset; at < ring.peekOffset + bytes; ) {
      const size = ring.view.getUint32(at, true);
      const body = ring.bytes.subarray(at + 4, at + size);
      const value = body[0] ?? -1;
      expect(body.every((byte) => byte === value)).toBe(true);
      const padded = Math.ceil(size / 8) * 8;
      expect(ring.bytes.subarray(at + size, at + padded).every((byte) => byte === 0)).toBe(true);
      taken.push({ size, value });
      at += padded;
    }
    ring.consume(bytes);
  }
  return taken;
}

type Step = "publish" | { readonly take: number } | { readonly size: number };
type Taken = { readonly size: number; readonly value: number };
type Run = { readonly ring: ByteRing; readonly sent: Taken[]; readonly received: Taken[] };

function applyStep(run: Run, step: Step): void {
  if (step === "publish") run.ring.publish();
  else if ("take" in step) run.received.push(...take(run.ring, step.take));
  else if (put(run.ring, step.size, run.sent.length)) {
    run.sent.push({ size: step.size, value: run.sent.length & 255 });
  }
}

describe("the byte ring", () => {
  test("nothing is seen before it is published", () => {
    const ring = new ByteRing(createRingMemory(1024));
    expect(put(ring, 40, 7)).toBe(true);
    expect(ring.peek(BATCH_BYTES_MAX)).toBe(0);
    ring.publish();
    expect(take(ring)).toEqual([{ size: 40, value: 7 }]);
    expect(ring.peek(BATCH_BYTES_MAX)).toBe(0);
  });

  test("a full ring refuses, counts, and accepts again once something was consumed", () => {
    const ring = new ByteRing(createRingMemory(1024), 0);
    let stored = 0;
    while (put(ring, 64, stored)) stored += 1;
    expect(stored).toBe(16);
    expect(ring.status().overflows).toBe(1);
    ring.publish();
    expect(ring.status()).toMatchObject({ depthBytes: 1024, highWaterBytes: 1024 });
    ring.consume(ring.peek(64));
    expect(put(ring, 64, 99)).toBe(true);
    expect(put(ring, 64, 99)).toBe(false);
  });

  test("the reserve holds control records when market records no longer fit", () => {
    const ring = new ByteRing(createRingMemory(1024), 1 / 4);
    let market = 0;
    while (ring.reserve(64) >= 0) market += 1;
    expect(market).toBe(12);
    let control = 0;
    while (ring.reserveControl(64) >= 0) control += 1;
    expect(control).toBe(4);
    expect(ring.status()).toMatchObject({ overflows: 1, controlOverflows: 1 });
  });

  test("a record larger than the ring is refused, not waited for", () => {
    const ring = new ByteRing(createRingMemory(1024));
    expect(ring.reserveControl(2048)).toBe(-1);
    expect(ring.reserve(1025)).toBe(-1);
  });

  test("positions survive the wrap of their 32 bits", () => {
    const memory = createRingMemory(1024);
    const nearTheEnd = 0x7fffffff - 40;
    new Int32Array(memory).set([nearTheEnd, nearTheEnd]);
    const ring = new ByteRing(memory);
    for (let round = 0; round < 40; round += 1) {
      expect(put(ring, 72, round)).toBe(true);
      ring.publish();
      expect(take(ring)).toEqual([{ size: 72, value: round }]);
    }
    expect(new Int32Array(memory)[0]).toBeLessThan(0);
  });

  test("a capacity that is no power of two and an empty record are programmer's errors", () => {
    expect(() => createRingMemory(1000)).toThrow("power of two");
    expect(() => createRingMemory(512)).toThrow("at least");
    expect(() => new ByteRing(new SharedArrayBuffer(64 + 1000))).toThrow("power of two");
    expect(() => new ByteRing(createRingMemory(1024), 1)).toThrow("share");
    const ring = new ByteRing(createRingMemory(1024));
    expect(() => ring.reserve(4)).toThrow("own length");
    expect(() => ring.consume(4)).toThrow("whole records");
  });

  test("a damaged length does not lead the consumer outside the ring", () => {
    const ring = new ByteRing(createRingMemory(1024));
    const offset = ring.reserve(40);
    ring.publish();
    ring.view.setUint32(offset, 4000, true);
    expect(() => ring.peek(BATCH_BYTES_MAX)).toThrow("published part");
  });

  test("any mix of sizes, publishes and reads comes out as it went in", () => {
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 5, arbitrary: fc.record({ size: fc.integer({ min: 8, max: 300 }) }) },
      { weight: 2, arbitrary: fc.constant("publish" as const) },
      { weight: 1, arbitrary: fc.record({ take: fc.integer({ min: 8, max: 1000 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const run = { ring: new ByteRing(createRingMemory(1024)), sent: [], received: [] };
        for (const each of steps) applyStep(run, each);
        run.ring.publish();
        applyStep(run, { take: BATCH_BYTES_MAX });
        expect(run.received).toEqual(run.sent);
      }),
      { numRuns: 200 },
    );
  });

  test("a real producer thread and this consumer lose and reorder nothing", async () => {
    const memory = createRingMemory(4096);
    const ring = new ByteRing(memory);
    const records = 100_000;
    const worker = new Worker(new URL("./byte-ring-producer.ts", import.meta.url), {
      workerData: { memory, records },
    });
    const ended = new Promise<number>((resolve, reject) => {
      worker.once("error", reject);
      worker.once("exit", resolve);
    });
    let expected = 0;
    let wrong = 0;
    while (expected < records) {
      const bytes = ring.peek(BATCH_BYTES_MAX);
      for (let at = ring.peekOffset; at < ring.peekOffset + bytes; ) {
        const size = ring.view.getUint32(at, true);
        const tailByte = ring.bytes[at + size - 1];
        if (ring.f64[(at + 8) >> 3] !== expected || tailByte !== (expected & 255)) wrong += 1;
        expected += 1;
        at += Math.ceil(size / 8) * 8;
      }
      if (bytes > 0) ring.consume(bytes);
      else await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await ended).toBe(0);
    expect(wrong).toBe(0);
    expect(ring.status()).toMatchObject({ depthBytes: 0 });
    expect(ring.status().highWaterBytes).toBeGreaterThan(0);
  });
});

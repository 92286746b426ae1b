/**
 * Station: bytes of the head file -> a fuzzer of its reader. What it answers decides whether a torn tail is cut or
 * the journal refused, so of two slots it must be the newest that holds.
 */
import { decodeHead, encodeHeadSlot, type HeadRead } from "../../../../hotpath/io/journal/head.ts";
import type { Bench, Fuzzer } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import { slowCrc32c } from "../oracle/crc.ts";
import { binaryDraw } from "./binary-draw.ts";

const SPACING_BYTES = 4096;
const SLOT_BYTES = 96;

function fileOf(counters: readonly number[]): Uint8Array {
  const file = new Uint8Array(SPACING_BYTES + SLOT_BYTES);
  for (const counter of counters) {
    const head = { runId: "run-1", counter, ackedSeq: 40 + counter, segment: 2, offset: 4096 };
    file.set(encodeHeadSlot(head), (counter % 2) * SPACING_BYTES);
  }
  return file;
}

/** Both slots where both are in reach. */
function reseal(bytes: Uint8Array, length: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (const at of [0, SPACING_BYTES]) {
    if (at + SLOT_BYTES > length) return;
    view.setUint32(at, slowCrc32c(bytes, at + 4, at + SLOT_BYTES), true);
  }
}

export const heads: Fuzzer = {
  name: "journal heads",
  guards: "hotpath/io/journal/head.ts",
  prepare,
};

function prepare(): Bench {
  const corpus = [fileOf([7, 8]), fileOf([9, 8]), fileOf([1])];
  return {
    corpus,
    // A whole slot is a few fields of a long file: edits look for them at every eighth byte of it.
    draw: binaryDraw({ corpus: corpus.map(both), fieldBytes: 8, reseal: resealBoth }),
    begin: () => {
      let read: HeadRead = { kind: "unreadable" };
      let file = new Uint8Array();
      return {
        run: (input) => {
          file = input.length === SPACING_BYTES + SLOT_BYTES ? input.slice() : spread(input);
          read = decodeHead(file);
          return read.kind === "head";
        },
        judge: () => (read.kind === "head" ? judge(read, file) : undefined),
      };
    },
  };
}

/** The two slots beside each other, so that no edit is wasted on what lies between them. */
function both(file: Uint8Array): Uint8Array {
  const slots = [file.subarray(0, SLOT_BYTES), file.subarray(SPACING_BYTES)];
  return new Uint8Array(Buffer.concat(slots));
}

function spread(slots: Uint8Array): Uint8Array<ArrayBuffer> {
  const rest = slots.subarray(SLOT_BYTES, 2 * SLOT_BYTES);
  const file = new Uint8Array(SPACING_BYTES + rest.length);
  file.set(slots.subarray(0, SLOT_BYTES));
  file.set(rest, SPACING_BYTES);
  return file.subarray(0, slots.length < SLOT_BYTES ? slots.length : file.length);
}

function resealBoth(bytes: Uint8Array, length: number): void {
  const file = spread(bytes.subarray(0, length));
  reseal(file, file.length);
  bytes.set(file.subarray(0, Math.min(length, SLOT_BYTES)));
  if (length > SLOT_BYTES) bytes.set(file.subarray(SPACING_BYTES), SLOT_BYTES);
}

function judge(
  { head }: Extract<HeadRead, { kind: "head" }>,
  file: Uint8Array,
): string | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const isCount = (each: number): boolean => Number.isSafeInteger(each) && each >= 0;
  const holding = [0, SPACING_BYTES].filter(
    (at) =>
      at + SLOT_BYTES <= file.length &&
      view.getUint32(at, true) === slowCrc32c(file, at + 4, at + SLOT_BYTES) &&
      [8, 16, 24, 32].every((field) => isCount(view.getFloat64(at + field, true))),
  );
  const slot = holding.find((at) => Object.is(view.getFloat64(at + 8, true), head.counter));
  if (slot === undefined) return "a slot that does not hold is believed";
  const isNewest = holding.every((at) => !(view.getFloat64(at + 8, true) > head.counter));
  const numbers = [head.ackedSeq, head.segment, head.offset];
  return firstBroken([
    [isNewest, "an older slot is believed"],
    [
      numbers.every((each, i) => Object.is(each, view.getFloat64(slot + 16 + i * 8, true))),
      "another number",
    ],
  ]);
}

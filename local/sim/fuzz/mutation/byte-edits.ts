/**
 * Station: input -> input with a few bytes changed, whatever they mean.
 *
 * Flips, cuts, insertions, doublings and pieces of other inputs: what a torn write, a rotten disk or a
 * hostile sender make of bytes. It knows no format.
 */
import type { Random } from "../../../venues/market/random.ts";
import type { Scratch } from "./scratch.ts";

/** Bytes that mean something in text, in numbers or in UTF-8. */
const TELLING = Uint8Array.from([
  0, 9, 10, 13, 32, 34, 43, 44, 45, 46, 47, 48, 49, 57, 58, 64, 69, 91, 92, 93, 95, 101, 123, 125,
  127, 128, 191, 192, 194, 224, 237, 240, 244, 254, 255,
]);
const CHUNK_MAX = 48;
const EDITS = 8;

/** Makes one edit of bytes at a place that is drawn; `others` are what pieces may come from. */
export function editBytes(scratch: Scratch, chance: Random, others: readonly Uint8Array[]): void {
  const { bytes, length } = scratch;
  if (length === 0) {
    scratch.addByte(chance.integer(256));
    return;
  }
  const at = chance.integer(length);
  const byte = bytes[at] as number;
  const count = 1 + chance.integer(Math.min(CHUNK_MAX, length - at));
  switch (chance.integer(EDITS)) {
    case 0:
      bytes[at] = byte ^ (1 << chance.integer(8));
      return;
    case 1:
      bytes[at] = chance.integer(256);
      return;
    case 2:
      bytes[at] = TELLING[chance.integer(TELLING.length)] as number;
      return;
    case 3:
      scratch.open(at, 1);
      bytes[at] = TELLING[chance.integer(TELLING.length)] as number;
      return;
    case 4:
      scratch.remove(at, count);
      return;
    case 5:
      scratch.length = at;
      return;
    case 6:
      // What stood there stands there twice.
      scratch.open(at, count);
      return;
    default:
      graft(scratch, chance, others, at);
  }
}

/** Overwrites what stands at `at` with a piece of another input. */
function graft(scratch: Scratch, chance: Random, others: readonly Uint8Array[], at: number): void {
  const other = others[chance.integer(others.length)] as Uint8Array;
  if (other.length === 0) return;
  const from = chance.integer(other.length);
  const count = Math.min(1 + chance.integer(CHUNK_MAX), other.length - from, scratch.length - at);
  for (let i = 0; i < count; i++) scratch.bytes[at + i] = other[from + i] as number;
}

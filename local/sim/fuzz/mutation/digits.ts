/**
 * Station: a number in an input -> another one, or what is almost one. Most stay numbers, so that the readers
 * behind the first glance have something to read.
 */
import type { Random } from "../../../venues/market/random.ts";
import type { Scratch } from "./scratch.ts";

const MARKS = Uint8Array.from("0123456789.-+eE0", (each) => each.charCodeAt(0));
const ZERO = 48;

/** Digits in `[from, end)` are drawn anew, added or taken away; now and then comes a mark among them. */
export function changeDigits(scratch: Scratch, from: number, end: number, chance: Random): void {
  if (end <= from) return;
  const { bytes } = scratch;
  const at = from + chance.integer(end - from);
  switch (chance.integer(8)) {
    case 0:
      scratch.open(at, 1);
      bytes[at] = digitOf(chance);
      return;
    case 1:
      scratch.remove(at, 1);
      return;
    case 2:
      bytes[at] = MARKS[chance.integer(MARKS.length)] as number;
      return;
    case 3:
      for (let p = from; p < end; p++) if (isDigit(bytes[p])) bytes[p] = digitOf(chance);
      return;
    default:
      if (isDigit(bytes[at])) bytes[at] = digitOf(chance);
  }
}

function isDigit(byte: number | undefined): boolean {
  return ((byte ?? 0) ^ ZERO) < 10;
}

function digitOf(chance: Random): number {
  return ZERO + chance.integer(10);
}

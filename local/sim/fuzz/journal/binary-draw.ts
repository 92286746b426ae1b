/**
 * Station: corpus of binary files -> one spoiled file after another.
 *
 * Bytes alone are nearly always caught by a checksum, so half of the draws make the checksums right again
 * afterwards (`reseal`): only then are the readers behind them asked anything.
 */
import type { Random } from "../../../venues/market/random.ts";
import { editBytes } from "../mutation/byte-edits.ts";
import { Scratch } from "../mutation/scratch.ts";

const UNCHANGED = 4;
const FIELDS = 60;
/** Numbers that lengths, counts and sequences stumble over. */
const ODD_NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 60,
  1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MIN_VALUE,
] as const;

export type BinaryDraw = {
  readonly corpus: readonly Uint8Array[];
  /** Where the numbers of a file begin; they are multiples of this. */
  readonly fieldBytes: number;
  /** Makes checksums right again in `bytes[0, length)`. */
  readonly reseal: (bytes: Uint8Array, length: number, chance: Random) => void;
};

/** Draws files; the bytes are good until the next draw. */
export function binaryDraw({
  corpus,
  fieldBytes,
  reseal,
}: BinaryDraw): (chance: Random) => Uint8Array {
  const scratch = new Scratch();
  const view = new DataView(scratch.bytes.buffer);
  return (chance) => {
    const source = corpus[chance.integer(corpus.length)] as Uint8Array;
    scratch.reset();
    scratch.add(source);
    const way = chance.integer(100);
    if (way < UNCHANGED) return scratch.input;
    const count = 1 + chance.integer(2);
    for (let i = 0; i < count; i++) {
      if (way < FIELDS) editField(scratch, view, fieldBytes, chance);
      else editBytes(scratch, chance, corpus);
    }
    if (chance.integer(100) < 60) reseal(scratch.bytes, scratch.length, chance);
    return scratch.input;
  };
}

/** Puts an odd number where one stands, as a double, a word or a byte. */
function editField(scratch: Scratch, view: DataView, fieldBytes: number, chance: Random): void {
  if (scratch.length < 8) return;
  const fields = Math.floor((scratch.length - 8) / fieldBytes) + 1;
  const at = chance.integer(fields) * fieldBytes;
  const odd = ODD_NUMBERS[chance.integer(ODD_NUMBERS.length)] as number;
  switch (chance.integer(6)) {
    case 0:
      view.setFloat64(at, odd, true);
      return;
    case 1:
      view.setFloat64(at, view.getFloat64(at, true) + chance.integer(5) - 2, true);
      return;
    case 2:
      view.setUint32(at, odd >>> 0, true);
      return;
    case 3:
      view.setUint32(at, (view.getUint32(at, true) + chance.integer(17) - 8) >>> 0, true);
      return;
    case 4:
      view.setUint16(at, chance.integer(65_536), true);
      return;
    default:
      view.setUint8(at + chance.integer(8), chance.integer(256));
  }
}

/**
 * Station: book -> checksum. CRC-32 (IEEE 802.3) of decimal digits, without making their text.
 *
 * Some venues sign the top of their book with the CRC of its printed digits. A CRC is linear, so what a
 * level contributes can be computed once, kept, and moved behind whatever stands before it: a book of
 * which one level changed costs one level and a few moves, not three hundred bytes. Digits are taken four
 * at a time, as the word that their text would be.
 */
import { assert } from "../../../contracts/assert.ts";

/** The polynomial 0x04C11DB7, bit-reversed. */
const POLYNOMIAL_REVERSED = 0xedb88320;
/** Two numbers of sixteen digits, the longest that fit 2^53 each. */
export const PIECE_BYTES_MAX = 32;
/** Ten such pieces. */
export const RUN_BYTES_MAX = 320;
const LANE = 256;
const SHIFT_ENTRIES = 4 * LANE;
const ZERO_BYTE = 48;
/** Numbers are cut here, so that each part fits an int32. */
const HALF_VALUES = 100_000_000;

const BYTES = byteTable();
const SHIFTS = shiftTables(BYTES, 1, PIECE_BYTES_MAX);
/** Moves by multiples of `PIECE_BYTES_MAX`. */
const LONG_SHIFTS = longShiftTables();
/** The text of two digits as a number, the first in the low byte. */
const PAIRS = Int32Array.from({ length: 100 }, (_, value) => {
  const [tens, ones] = [Math.floor(value / 10), value % 10];
  return ZERO_BYTE + tens + ((ZERO_BYTE + ones) << 8);
});

/** A register before the first byte. */
export const CRC_START = -1;

function shiftBy(tables: Int32Array, at: number, register: number): number {
  return (
    (tables[at + (register & 255)] as number) ^
    (tables[at + LANE + ((register >>> 8) & 255)] as number) ^
    (tables[at + 2 * LANE + ((register >>> 16) & 255)] as number) ^
    (tables[at + 3 * LANE + (register >>> 24)] as number)
  );
}

/** Moves what a register holds over `byteCount` bytes yet to come; at most `PIECE_BYTES_MAX`. */
export function shiftCrc(register: number, byteCount: number): number {
  return shiftBy(SHIFTS, byteCount * SHIFT_ENTRIES, register);
}

/** The same over as many bytes as ten pieces have. */
export function shiftCrcFar(register: number, byteCount: number): number {
  const far = shiftBy(LONG_SHIFTS, (byteCount >>> 5) * SHIFT_ENTRIES, register);
  return shiftCrc(far, byteCount & (PIECE_BYTES_MAX - 1));
}

/** What `finish` makes of a register: the checksum as a signed 32-bit integer. */
export function finishCrc(register: number): number {
  return ~register;
}

/** Moves a register over one to four bytes whose text is `word`. */
function appendWord(register: number, word: number, byteCount: number): number {
  return shiftCrc(register ^ word, byteCount);
}

function fourDigits(value: number): number {
  const high = (value / 100) | 0;
  return (PAIRS[high] as number) | ((PAIRS[value - high * 100] as number) << 16);
}

/** How many digits `numbers[at]` has, an integer of 1 to 2^53 - 1. */
export function digitCount(numbers: Float64Array, at: number): number {
  const value = numbers[at] as number;
  if (value < HALF_VALUES) return halfDigitCount(value | 0);
  return 8 + halfDigitCount((value / HALF_VALUES) | 0);
}

function halfDigitCount(value: number): number {
  if (value >= 10_000) return 4 + groupDigitCount((value / 10_000) | 0);
  return groupDigitCount(value);
}

function groupDigitCount(value: number): number {
  if (value >= 100) return value >= 1000 ? 4 : 3;
  return value >= 10 ? 2 : 1;
}

/** Moves a register over the decimal digits of `numbers[at]`, an integer of 1 to 2^53 - 1. */
export function appendDigits(register: number, numbers: Float64Array, at: number): number {
  const value = numbers[at] as number;
  if (value < HALF_VALUES) return appendHalf(register, value | 0);
  let high = (value / HALF_VALUES) | 0;
  let low = (value - high * HALF_VALUES) | 0;
  // The quotient of two doubles may be rounded up to the next integer.
  if (low < 0) {
    high--;
    low += HALF_VALUES;
  }
  const lowHigh = (low / 10_000) | 0;
  const crc = appendWord(appendHalf(register, high), fourDigits(lowHigh), 4);
  return appendWord(crc, fourDigits(low - lowHigh * 10_000), 4);
}

/** Up to eight digits, without leading zeros. */
function appendHalf(register: number, value: number): number {
  if (value < 10_000) return appendGroup(register, value);
  const first = (value / 10_000) | 0;
  return appendWord(appendGroup(register, first), fourDigits(value - first * 10_000), 4);
}

/** Up to four digits, without leading zeros: the zeros are cut off the front of the word. */
function appendGroup(register: number, value: number): number {
  const digits = groupDigitCount(value);
  return appendWord(register, fourDigits(value) >>> ((4 - digits) << 3), digits);
}

/** The checksum of ASCII text, byte by byte: for tests and for whoever makes wires. */
export function crc32OfText(text: string): number {
  let register = CRC_START;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    assert(code < 128, "the text is ASCII");
    register = (register >>> 8) ^ (BYTES[(register ^ code) & 255] as number);
  }
  return finishCrc(register) >>> 0;
}

function byteTable(): Int32Array {
  const table = new Int32Array(LANE);
  for (let byte = 0; byte < LANE; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL_REVERSED : crc >>> 1;
    }
    table[byte] = crc;
  }
  return table;
}

/** For each count of steps: what each byte of a register becomes behind so many times `stepBytes` zeros. */
function shiftTables(bytes: Int32Array, stepBytes: number, steps: number): Int32Array {
  const table = new Int32Array((steps + 1) * SHIFT_ENTRIES);
  for (let i = 0; i < SHIFT_ENTRIES; i++) table[i] = (i & 255) << (8 * (i >>> 8));
  for (let i = SHIFT_ENTRIES; i < table.length; i++) {
    let crc = table[i - SHIFT_ENTRIES] as number;
    for (let byte = 0; byte < stepBytes; byte++) {
      crc = (crc >>> 8) ^ (bytes[crc & 255] as number);
    }
    table[i] = crc;
  }
  return table;
}

function longShiftTables(): Int32Array {
  return shiftTables(BYTES, PIECE_BYTES_MAX, RUN_BYTES_MAX / PIECE_BYTES_MAX);
}

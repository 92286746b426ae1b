/**
 * Station: book -> checksum. CRC-32 (IEEE 802.3) of decimal digits, without making their text.
 *
 * Some venues sign the top of their book with the CRC of its printed digits. A CRC is linear, so what a
 * level contributes can be computed once, kept, and moved behind whatever stands before it: a book of
 * which one level changed costs one level and twenty moves, not three hundred bytes. (Bytes by table:
 * 0.8 us a message; pieces: 0.15 us. Node 24.21, 2026-11.)
 */
import { assert } from "../../../contracts/assert.ts";

/** The polynomial 0x04C11DB7, bit-reversed. */
const POLYNOMIAL_REVERSED = 0xedb88320;
/** Two numbers of sixteen digits, the longest that fit 2^53 each. */
export const PIECE_BYTES_MAX = 32;
const LANE = 256;
const SHIFT_ENTRIES = 4 * LANE;
const ZERO_BYTE = 48;
const GROUP_DIGITS = 4;
const GROUP_VALUES = 10_000;
/** Numbers are cut here, so that each part fits an int32. */
const HALF_VALUES = 100_000_000;
/** Where the table of one, two, three and four digits begins in `DIGITS`. */
const DIGITS_AT: readonly number[] = [0, 0, 10, 110, 1110];

const BYTES = byteTable();
const SHIFTS = shiftTables();
const DIGITS = digitTables();

/** A register before the first byte. */
export const CRC_START = -1;

/** Moves what a register holds over `byteCount` bytes yet to come; at most `PIECE_BYTES_MAX`. */
export function shiftCrc(register: number, byteCount: number): number {
  const at = byteCount * SHIFT_ENTRIES;
  return (
    (SHIFTS[at + (register & 255)] as number) ^
    (SHIFTS[at + LANE + ((register >>> 8) & 255)] as number) ^
    (SHIFTS[at + 2 * LANE + ((register >>> 16) & 255)] as number) ^
    (SHIFTS[at + 3 * LANE + (register >>> 24)] as number)
  );
}

/** What `finish` makes of a register: the checksum as a signed 32-bit integer. */
export function finishCrc(register: number): number {
  return ~register;
}

/** A piece of digits under way: its register from nothing, and how many bytes it has. */
export type CrcPiece = { register: number; byteCount: number };

/** Appends the decimal digits of `numbers[at]`, an integer of 1 to 2^53 - 1, to the piece. */
export function appendDigits(piece: CrcPiece, numbers: Float64Array, at: number): void {
  const value = numbers[at] as number;
  const high = Math.floor(value / HALF_VALUES) | 0;
  const low = (value - high * HALF_VALUES) | 0;
  if (high === 0) {
    appendHalf(piece, low);
    return;
  }
  appendHalf(piece, high);
  appendGroup(piece, (low / GROUP_VALUES) | 0, GROUP_DIGITS);
  appendGroup(piece, (low % GROUP_VALUES) | 0, GROUP_DIGITS);
}

/** Up to eight digits, without leading zeros. */
function appendHalf(piece: CrcPiece, value: number): void {
  const first = (value / GROUP_VALUES) | 0;
  const last = value - first * GROUP_VALUES;
  if (first === 0) {
    appendGroup(piece, last, digitCount(last));
    return;
  }
  appendGroup(piece, first, digitCount(first));
  appendGroup(piece, last, GROUP_DIGITS);
}

function digitCount(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  return value < 1000 ? 3 : 4;
}

function appendGroup(piece: CrcPiece, value: number, digits: number): void {
  const own = DIGITS[(DIGITS_AT[digits] as number) + value] as number;
  piece.register = shiftCrc(piece.register, digits) ^ own;
  piece.byteCount += digits;
}

/** The checksum of ASCII text, byte by byte: for snapshots of tests and for who makes wires. */
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

/** For each count of bytes: what each byte of a register becomes behind so many zero bytes. */
function shiftTables(): Int32Array {
  const table = new Int32Array((PIECE_BYTES_MAX + 1) * SHIFT_ENTRIES);
  for (let i = 0; i < SHIFT_ENTRIES; i++) table[i] = (i & 255) << (8 * (i >>> 8));
  for (let i = SHIFT_ENTRIES; i < table.length; i++) {
    const before = table[i - SHIFT_ENTRIES] as number;
    table[i] = (before >>> 8) ^ (BYTES[before & 255] as number);
  }
  return table;
}

/** Registers of every number of one to four digits, leading zeros included. */
function digitTables(): Int32Array {
  const table = new Int32Array(11_110);
  for (let digits = 1; digits <= GROUP_DIGITS; digits++) {
    const at = DIGITS_AT[digits] as number;
    for (let value = 0; value < 10 ** digits; value++) {
      let register = 0;
      for (const digit of String(value).padStart(digits, "0")) {
        const byte = Number(digit) + ZERO_BYTE;
        register = (register >>> 8) ^ (BYTES[(register ^ byte) & 255] as number);
      }
      table[at + value] = register;
    }
  }
  return table;
}

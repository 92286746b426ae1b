// Goal: digits joined as pieces have the CRC of their text. Method: node's own crc32 as the oracle.
import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  appendDigits,
  CRC_START,
  crc32OfText,
  finishCrc,
  PIECE_BYTES_MAX,
  shiftCrc,
} from "../../../../hotpath/core/book/crc32.ts";

/** The checksum of several numbers, each a piece of its own, as the checksum rule joins them. */
function joined(numbers: readonly number[]): number {
  let register = CRC_START;
  for (const number of numbers) {
    const piece = { register: 0, byteCount: 0 };
    appendDigits(piece, Float64Array.of(number), 0);
    expect(piece.byteCount).toBe(String(number).length);
    register = shiftCrc(register, piece.byteCount) ^ piece.register;
  }
  return finishCrc(register) >>> 0;
}

describe("the CRC of digits", () => {
  test("text by bytes is the CRC that everybody knows", () => {
    expect(crc32OfText("123456789")).toBe(0xcbf43926);
    expect(crc32OfText("")).toBe(0);
  });

  test.each([
    1, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 99_999_999, 100_000_000, 100_000_001, 1_000_000_000,
    452_852_100_000_000, 9_007_199_254_740_991,
  ])("the digits of %i", (number) => {
    expect(joined([number])).toBe(crc32(String(number)));
  });

  test("pieces of every length, one behind another", () => {
    let seed = 7;
    for (let round = 0; round < 500; round++) {
      const numbers = Array.from({ length: 20 }, () => {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
        return 1 + (seed % 10 ** (1 + (seed % 9))) * (seed % 7 === 0 ? 1_000_003 : 1);
      });
      expect(joined(numbers)).toBe(crc32(numbers.join("")));
    }
  });

  test("a piece may be as long as two numbers of sixteen digits", () => {
    const piece = { register: 0, byteCount: 0 };
    appendDigits(piece, Float64Array.of(9_007_199_254_740_991), 0);
    appendDigits(piece, Float64Array.of(1_234_567_890_123_456), 0);
    expect(piece.byteCount).toBe(PIECE_BYTES_MAX);
    const register = shiftCrc(CRC_START, piece.byteCount) ^ piece.register;
    expect(finishCrc(register) >>> 0).toBe(crc32("90071992547409911234567890123456"));
  });
});

// Goal: digits joined as pieces have the CRC of their text. Method: node's own crc32 as the oracle.
import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  appendDigits,
  CRC_START,
  crc32OfText,
  digitCount,
  finishCrc,
  RUN_BYTES_MAX,
  shiftCrc,
  shiftCrcFar,
} from "../../../../hotpath/core/book/crc32.ts";

/** The checksum of several numbers, each a piece of its own, moved behind those before it. */
function joined(numbers: readonly number[]): number {
  let register = CRC_START;
  for (const number of numbers) {
    const own = Float64Array.of(number);
    const bytes = digitCount(own, 0);
    expect(bytes).toBe(String(number).length);
    register = shiftCrc(register, bytes) ^ appendDigits(0, own, 0);
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

  test("a number goes on where another ended, without a piece of its own", () => {
    let register = CRC_START;
    for (const number of [45_285, 9_007_199_254_740_991, 7, 100_000_000]) {
      register = appendDigits(register, Float64Array.of(number), 0);
    }
    expect(finishCrc(register) >>> 0).toBe(crc32("4528590071992547409917100000000"));
  });

  test("a quotient that is rounded up is taken back", () => {
    for (const number of [8_999_999_999_999_999, 9_000_000_099_999_999, 199_999_999]) {
      expect(joined([number])).toBe(crc32(String(number)));
    }
  });

  test("runs of every length up to ten pieces are moved at once", () => {
    const text = "0123456789".repeat(RUN_BYTES_MAX / 10);
    for (let bytes = 0; bytes <= RUN_BYTES_MAX; bytes++) {
      const behind = text.slice(0, bytes);
      // The register of a text from nothing: its CRC without what the start has left in it.
      const start = shiftCrcFar(CRC_START, bytes);
      const own = finishCrc(crc32(behind)) ^ start;
      const register = shiftCrcFar(finishCrc(crc32("head")), bytes) ^ own;
      expect(finishCrc(register) >>> 0).toBe(crc32(`head${behind}`));
    }
  });
});

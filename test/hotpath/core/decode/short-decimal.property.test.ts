// Goal: a decimal read by the word is the one that the byte scanner reads, or a misfit; never another one and
// never one that the byte scanner refuses. Method: the byte scanner as oracle, over texts of every shape.
import { describe, expect, test } from "vitest";
import { SCAN, scanTicks } from "../../../../hotpath/core/decode/scan.ts";
import { scanShortDecimal } from "../../../../hotpath/core/decode/short-decimal.ts";
import { seeded } from "../../../bench/frames.ts";

const out = new Float64Array(2);
const bytes = new Uint8Array(64);
const view = new DataView(bytes.buffer);

function both(text: string, decimals: number) {
  bytes.fill(0);
  new TextEncoder().encodeInto(`${text}"`, bytes);
  const scale = { priceDecimals: decimals, tickUnits: 1, quantityDecimals: 0, lotUnits: 1 };
  const end = scanShortDecimal(view, 0, decimals, out, 0);
  // What follows is compared by the caller: only a number that ends at its quote counts.
  const isRead = end >= 0 && bytes[end] === 34;
  const patient = scanTicks(bytes, 0, scale, out, 1);
  return {
    byWord: isRead ? [end + 1, out[0]] : undefined,
    byByte: patient >= 0 ? [patient, out[1]] : undefined,
  };
}

function check(text: string, decimals: number): boolean {
  const { byWord, byByte } = both(text, decimals);
  if (byWord !== undefined) expect(byWord, `${text} with ${decimals} digits`).toEqual(byByte);
  return byWord !== undefined;
}

describe("a decimal by the word", () => {
  test.each([
    ["0", 8, 0],
    ["0.1", 1, 1],
    ["67991.9", 1, 679_919],
    ["0.00000001", 8, 1],
    ["9999999.99999999", 8, 999_999_999_999_999],
    ["12", 0, 12],
  ])("%s with %i digits is read", (text, decimals, value) => {
    expect(both(text, decimals).byWord).toEqual([text.length + 1, value]);
  });

  test.each([
    ["", 1],
    [".", 1],
    [".5", 1],
    ["1.23", 1],
    ["1e5", 1],
    ["-1", 1],
    ["1234567890123456", 0],
    ["1.2.3", 4],
    ["12/4", 1],
    ["1:2", 1],
    ["\u00b12", 1],
  ])("%j with %i digits is a misfit, or ends before its quote", (text, decimals) => {
    expect(both(text, decimals).byWord).toBeUndefined();
  });

  test("ends where the digits end, whatever comes then", () => {
    for (let byte = 0; byte < 256; byte++) {
      if (byte >= 48 && byte <= 57) continue;
      bytes.set([49, 50, 46, 51, byte, 52, 53, 34]);
      const end = scanShortDecimal(view, 0, 4, out, 0);
      expect([end, out[0]], `before byte ${byte}`).toEqual([4, 123_000]);
    }
    bytes.fill(120);
    expect(scanShortDecimal(view, 0, 4, out, 0)).toBe(SCAN.misfit);
  });

  test("40,000 texts agree with the byte scanner", () => {
    const random = seeded(31);
    const digits = (max: number) =>
      Array.from({ length: Math.floor(random() * (max + 1)) }, () => Math.floor(random() * 10));
    let read = 0;
    for (let i = 0; i < 40_000; i++) {
      const whole = random() < 0.3 ? "0" : digits(12).join("");
      const text = random() < 0.2 ? whole : `${whole}.${digits(9).join("")}`;
      if (check(text, Math.floor(random() * 9))) read++;
    }
    expect(read).toBeGreaterThan(10_000);
  });
});

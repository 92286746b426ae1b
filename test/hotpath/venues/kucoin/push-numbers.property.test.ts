// Goal: a trade's sequence is exact modulo 2^53, whatever its digits. Method: BigInt as the oracle.
import { describe, expect, test } from "vitest";
import { scanSequence } from "../../../../hotpath/venues/kucoin/push-numbers.ts";
import { seeded } from "../../../bench/frames.ts";
import { bytesOf } from "../frames.ts";

const out = new Float64Array(1);

function scanned(text: string): number {
  expect(scanSequence(bytesOf(`${text}"`), 0, out, 0), text).toBe(text.length);
  return out[0] as number;
}

describe("sequences", () => {
  test("the venue's own, and the corners of 2^53", () => {
    const corners = [0n, 1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 10n ** 18n - 1n];
    const seen = [11_067_996_711_960_577n, 20_631_804_219_899_904n, 1_613_277_184_661n];
    for (const value of [...corners, ...seen]) {
      expect(scanned(value.toString())).toBe(Number(value % 2n ** 53n));
    }
  });

  test("20,000 others of one to eighteen digits", () => {
    const random = seeded(53);
    for (let i = 0; i < 20_000; i++) {
      const count = 1 + Math.floor(random() * 18);
      const digits = Array.from({ length: count }, () => Math.floor(random() * 10)).join("");
      expect(scanned(digits)).toBe(Number(BigInt(digits) % 2n ** 53n));
    }
  });
});

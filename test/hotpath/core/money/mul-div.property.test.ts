// Goal: products and quotients of safe integers equal those of bigints on every path and at every border.
import { describe, expect, test } from "vitest";
import { mulDivCeil, mulDivFloor } from "../../../../hotpath/core/money/mul-div.ts";
import { seeded } from "../true-book.ts";

const isLong = process.env.RECKONER_LONG === "1";

const MAX = Number.MAX_SAFE_INTEGER;

function check(a: number, b: number, c: number): void {
  const product = BigInt(a) * BigInt(b);
  const divisor = BigInt(c);
  const floor = product / divisor;
  const ceil = (product + divisor - 1n) / divisor;
  const expected = (value: bigint): number => (value > BigInt(MAX) ? Number.NaN : Number(value));
  const found = [mulDivFloor(a, b, c), mulDivCeil(a, b, c)];
  const wanted = [expected(floor), expected(ceil)];
  if (Object.is(found[0], wanted[0]) && Object.is(found[1], wanted[1])) return;
  expect({ a, b, c, found }).toEqual({ a, b, c, found: wanted });
}

describe("a product divided", () => {
  test("is exact at the borders of every path", () => {
    const edges = [0, 1, 2, 3, 10, 2 ** 26, 2 ** 27, 2 ** 27 + 1, 1e9, 1_001_000_000, 2 ** 51];
    const near = edges.flatMap((value) => [value - 1, value, value + 1]);
    const values = [...near, 2 ** 52 - 1, 2 ** 52, 2 ** 52 + 1, MAX - 1, MAX].filter((v) => v >= 0);
    for (const a of values) {
      for (const b of values) {
        for (const c of values) if (c > 0) check(a, b, c);
      }
    }
  });

  test("is exact for operands of every size", () => {
    const random = seeded(20_261_121);
    const whole = (): number => Math.floor(random() * 2 ** 26) * 2 ** 27 + random() * 2 ** 27;
    const draw = (): number => Math.floor(whole() / 2 ** Math.floor(random() * 52));
    const count = isLong ? 2_000_000 : 200_000;
    for (let i = 0; i < count; i++) check(draw(), draw(), 1 + draw());
  });

  test("is exact next to whole quotients, where an estimate is most easily wrong", () => {
    const random = seeded(7);
    for (let i = 0; i < 100_000; i++) {
      const c = 1 + Math.floor(random() * 2 ** (10 + random() * 41));
      const q = 1 + Math.floor((random() * 2 ** 52) / c);
      const a = q * c;
      check(a, 1_000_000_000, c);
      check(Math.max(0, a - 1), 1_000_000_000, c);
      check(Math.min(MAX, a + 1), 999_000_000, 1_000_000_000);
    }
  });
});

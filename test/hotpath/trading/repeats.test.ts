// Goal: what repeats itself is told once a second, and the number it stands for adds up.
import { expect, test } from "vitest";
import { Repeats } from "../../../hotpath/trading/repeats.ts";

const SECOND = 1_000_000;

test("the first is told at once, the others by the first of the next second", () => {
  const repeats = new Repeats();
  const counts = [0, 1, 999_999, SECOND, SECOND + 1, 2 * SECOND].map((us) => repeats.take("a", us));
  expect(counts).toEqual([1, 0, 0, 3, 0, 2]);
});

test("each name has a second of its own", () => {
  const repeats = new Repeats();
  expect([repeats.take("a", 0), repeats.take("b", 0), repeats.take("a", 1)]).toEqual([1, 1, 0]);
});

test("of more names than are remembered the oldest are told anew", () => {
  const repeats = new Repeats();
  for (let n = 0; n <= 1000; n++) expect(repeats.take(`name ${n}`, n)).toBe(1);
  expect(repeats.take("name 0", 1002)).toBe(1);
  expect(repeats.take("name 1000", 1003)).toBe(0);
});

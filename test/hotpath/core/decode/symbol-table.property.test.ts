// Goal: a symbol is found by its bytes and by its words alike, in either case, and no other text is. Method: a
// Map of lower-case names as oracle, over listed names, their neighbors and made-up ones.
import { describe, expect, test } from "vitest";
import { SymbolTable, symbolEndOf } from "../../../../hotpath/core/decode/symbol-table.ts";
import { seeded } from "../../../bench/frames.ts";

const random = seeded(17);
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

function madeUp(): string {
  const count = 1 + Math.floor(random() * 20);
  const letters = Array.from({ length: count }, () => LETTERS[Math.floor(random() * 37)]);
  return letters.join("");
}

function listed(): string[] {
  const names = new Set<string>();
  for (let i = 0; i < 60; i++) names.add(`SIM${i}-USDT`).add(`1000X${i}-USDT`).add(`A${i}-B`);
  while (names.size < 400) names.add(madeUp());
  return [...names];
}

function neighborsOf(name: string): string[] {
  const at = Math.floor(random() * name.length);
  const other = LETTERS[Math.floor(random() * 37)] ?? "";
  return [
    name.toLowerCase(),
    name.slice(1),
    name.slice(0, -1),
    `${name}${other}`,
    `${name.slice(0, at)}${other}${name.slice(at + 1)}`,
  ];
}

describe("a table of symbols", () => {
  const names = listed();
  const table = new SymbolTable(
    names,
    names.map((_, position) => position * 3),
  );
  const oracle = new Map(names.map((name, position) => [name.toLowerCase(), position * 3]));
  const bytes = new Uint8Array(128);
  const view = new DataView(bytes.buffer);

  test("finds what is listed and nothing else, by bytes and by words", () => {
    const asked = [
      ...names,
      ...names.flatMap(neighborsOf),
      ...Array.from({ length: 2000 }, madeUp),
    ];
    for (const name of asked.filter(({ length }) => length > 0)) {
      const from = Math.floor(random() * 40);
      bytes.fill(120);
      new TextEncoder().encodeInto(name, bytes.subarray(from));
      const expected = oracle.get(name.toLowerCase()) ?? -1;
      expect(table.find(bytes, from, from + name.length), name).toBe(expected);
      if (name.length >= 4) {
        expect(table.findWords(view, from, from + name.length), name).toBe(expected);
      }
      expect(symbolEndOf(view, from), name).toBe(-1);
      bytes[from + name.length] = 34;
      expect(symbolEndOf(view, from), name).toBe(from + name.length);
    }
  });
});

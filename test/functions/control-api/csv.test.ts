// Goal: what is written is what a reader of RFC 4180 reads back, and no cell is a formula.
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvOf } from "../../../functions/control-api/csv.ts";

/** A reader by the book: quoted cells, doubled quotes, CRLF. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (match === null) throw new Error("this is no CSV");
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "\r\n") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

test("any texts come back as they were, but for the mark before a formula", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom('a"b', "a,b", "a\r\nb", "=1+1", "@x", "-x", "-1.5", "+1", "\tx"),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ a: text, b: text }), { minLength: 1 }), (rows) => {
      const read = readCsv(csvOf(rows, ["b"]));
      expect(read[0]).toEqual(["b", "a"]);
      for (const [index, row] of rows.entries()) {
        const cells = read[index + 1] ?? [];
        for (const [at, value] of [row.b, row.a].entries()) {
          const isFormula = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(?:\.\d+)?$/.test(value);
          expect(cells[at]).toBe(isFormula ? `'${value}` : value);
        }
      }
    }),
  );
});

test("nothing, lists and missing fields have their cells, and no rows are their names", () => {
  const rows = [
    { a: null, b: [1, "x"] },
    { c: 2.5, d: true },
  ];
  expect(csvOf(rows, ["a"])).toBe('a,b,c,d\r\n,"[1,""x""]",,\r\n,,2.5,true\r\n');
  expect(csvOf([], ["a", "b"])).toBe("a,b\r\n");
});

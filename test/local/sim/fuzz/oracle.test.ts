// Goal: what judges go by is right itself. Method: the judges' own reader of JSON beside the language's, over
// texts that are JSON and texts that were spoiled; numbers, times and checksums by known values.
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { jsonDraw } from "../../../../local/sim/fuzz/mutation/json-draw.ts";
import { placesOf } from "../../../../local/sim/fuzz/mutation/json-places.ts";
import { slowCrc32c } from "../../../../local/sim/fuzz/oracle/crc.ts";
import {
  bareOf,
  isPresent,
  itemsOf,
  memberOf,
  plainOf,
  readLooseTree,
  readStrictTree,
  readTree,
  stringOf,
} from "../../../../local/sim/fuzz/oracle/json-tree.ts";
import { exactOf, isSteps, isWhole, microsOf } from "../../../../local/sim/fuzz/oracle/numbers.ts";
import { isRuntimeFault } from "../../../../local/sim/fuzz/oracle/runtime-fault.ts";
import { Random } from "../../../../local/venues/market/random.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function languageReads(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

describe("the reader of the judges", () => {
  test("reads JSON as the language does", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const tree = readStrictTree(bytesOf(text));
        expect(tree === undefined ? tree : plainOf(tree)).toEqual(JSON.parse(text));
      }),
    );
  });

  test("refuses what the language refuses, and takes the rest", () => {
    const corpus = ['{"a":[1,-2.5e3,"x\\n\\u00e9",true,null,{}],"b":"é😀"}', "[[],[0],{}]"].map(
      bytesOf,
    );
    const draw = jsonDraw(corpus);
    const chance = new Random(5, "oracle");
    let taken = 0;
    for (let i = 0; i < 3000; i++) {
      const input = draw(chance).slice();
      const tree = readStrictTree(input);
      if (isRuntimeFault(input) || input.length > 5000) continue;
      let text: string | undefined;
      try {
        text = new TextDecoder("utf-8", { fatal: true }).decode(input);
      } catch {
        text = undefined;
      }
      const read = text === undefined ? undefined : languageReads(text);
      expect(tree !== undefined, JSON.stringify(text)).toBe(read !== undefined);
      if (tree === undefined) continue;
      taken++;
      expect(plainOf(tree), text).toEqual(read?.value);
    }
    expect(taken).toBeGreaterThan(500);
  });

  test.each([
    ["nothing", ""],
    ["a key that is no string", "{1:2}"],
    ["a key without a colon", '{"a" 1}'],
    ["an object without an end", '{"a":1'],
    ["a list without an end", "[1"],
    ["a string without an end", '"a'],
    ["something behind it", "1 2"],
    ["a list too deep", "[".repeat(3000)],
  ])("takes %s for no tree at all", (_name, text) => {
    expect(readTree(bytesOf(text))).toBeUndefined();
  });

  test.each([
    ["a word", "[yes]"],
    ["a number with a zero before it", "[01]"],
    ["a control character", '["\n"]'],
    ["a broken escape", '["\\x"]'],
  ])("is strict or lenient about %s", (_name, text) => {
    expect(readStrictTree(bytesOf(text))).toBeUndefined();
    expect(readTree(bytesOf(text))).toBeDefined();
  });

  test("asks for UTF-8 only where it is strict", () => {
    const bytes = Uint8Array.of(34, 255, 34);
    expect(readStrictTree(bytes)).toBeUndefined();
    expect(readLooseTree(bytes)).toBe("\ufffd");
  });

  test("gives the last of equal keys, and nothing of what is another kind", () => {
    const tree = readStrictTree(bytesOf('{"a":1,"a":[null],"b":"x"}'));
    expect(itemsOf(memberOf(tree, "a"))).toHaveLength(1);
    expect(stringOf(memberOf(tree, "b"))).toBe("x");
    expect(isPresent(itemsOf(memberOf(tree, "a"))?.[0])).toBe(false);
    expect([memberOf("x", "a"), itemsOf(tree), stringOf(tree), bareOf(tree)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(memberOf(tree, "c")).toBeUndefined();
  });
});

describe("exact numbers", () => {
  test("are what their digits say", () => {
    expect(exactOf("-1.50e2")).toEqual({ units: -150n * 1n, places: 0 });
    expect(exactOf("0.001")).toEqual({ units: 1n, places: 3 });
    for (const text of [undefined, "", "1.2.3", "0x1", ".5", "1e9999"]) {
      expect(exactOf(text)).toBeUndefined();
    }
  });

  test("are steps, or are not", () => {
    expect(isSteps("0.15", 3, { decimals: 2, units: 5 })).toBe(true);
    expect(isSteps("0.16", 3, { decimals: 2, units: 5 })).toBe(false);
    expect(isSteps("0.15", -3, { decimals: 2, units: -5 })).toBe(false);
    expect(isWhole("9007199254740993", 9_007_199_254_740_992)).toBe(false);
    expect(isWhole("12", 12_000, 1000)).toBe(true);
  });

  test("of times are those of the calendar", () => {
    expect(microsOf("2024-02-29T23:59:60.1234567Z")).toBe(Date.UTC(2024, 2, 1) * 1000 + 123_456);
    for (const text of [
      undefined,
      "2023-02-29T00:00:00Z",
      "2300-01-01T00:00:00Z",
      "1969-12-31T23:59:59Z",
    ]) {
      expect(microsOf(text)).toBeUndefined();
    }
  });
});

test("the checksum is the one that everybody knows", () => {
  const bytes = bytesOf("x123456789");
  expect(slowCrc32c(bytes, 1, bytes.length)).toBe(0xe3069283);
});

describe("what the language misreads", () => {
  test.each([
    ["has no escaped key", '{"a":1}'],
    ["is no JSON", '{"\\n":'],
    ["is read as it is written", '[1,{"\\n":[null],"x":{"\\t":2}}]'],
  ])("is never a text that %s", (_name, text) => {
    expect(isRuntimeFault(bytesOf(text))).toBe(false);
  });

  test.each([
    ['{"b":1,"\\u0062":2}', { b: 1, "\\": 2 }],
    ['[{"a":1,"\\t":5,"\\\\":{}}]', [{ a: 1, "\\": {} }]],
    ['[{"a":{"\\n":5}}]', [{ a: { "\\": 5 } }]],
    ['{"\\n":5}', { "\n": { x: 1 } }],
    ['{"b":"1","\\u0062":[],"\\\\":2}', { b: "1", "\\": 2 }],
    ['{"b":["x"],"\\u0062":"x","\\\\":2}', { b: ["x"], "\\": 2 }],
    ['{"b":true,"\\u0062":null,"\\\\":2}', { b: true, "\\": 2 }],
    ['{"b":{},"\\u0062":[],"\\\\":2}', { b: {}, "\\": 2 }],
    ['{"b":7,"\\u0062":8,"\\\\":2}', { b: 7, "\\": 2 }],
  ])("is %s where it is read as something else", (text, misread) => {
    // What the language of tomorrow reads right must not fail here: so it is made wrong.
    const { parse } = JSON;
    const spy = vi.spyOn(JSON, "parse");
    spy.mockImplementation((part) => (part.startsWith('"') ? parse(part) : misread));
    expect(isRuntimeFault(bytesOf(text))).toBe(true);
    spy.mockRestore();
  });
});

test("bytes that are no UTF-8 are misread as the text that was made of them", () => {
  const { parse } = JSON;
  const spy = vi.spyOn(JSON, "parse");
  spy.mockImplementation((part) => (part.startsWith('"') ? parse(part) : { "\ufffd": 1, "\\": 2 }));
  expect(isRuntimeFault(Buffer.from('{"\xff":1,"\\u0062":2}', "latin1"))).toBe(true);
  spy.mockRestore();
});

describe("the places of a text", () => {
  test("are none where it is no JSON", () => {
    expect(placesOf(bytesOf("a: 1"))).toEqual([]);
  });

  test("are one for each key and each value", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const bytes = bytesOf(text);
        const decoder = new TextDecoder();
        for (const { from, end } of placesOf(bytes)) {
          const piece = decoder.decode(bytes.subarray(from, end));
          expect(() => JSON.parse(piece), piece).not.toThrow();
        }
      }),
    );
  });
});

// Goal: what is read is what everybody else would read, and whatever could be read in two ways is refused
// with its place. Method: properties against JSON.parse, and a table of what it would let through.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JSON_DEPTH_MAX, parseStrictJson } from "../../../functions/control-api/strict-json.ts";

const REFUSED_NAMES = ["__proto__", "constructor", "prototype"];

/** JSON values that strict reading lets through: no deep nesting, no names of an object's workings, no whole
 * number beyond 2^53, however it is spelled. */
const value = fc.jsonValue({ maxDepth: JSON_DEPTH_MAX - 1 }).filter((each) => {
  const text = JSON.stringify(each);
  const isPlain = text.isWellFormed() && !/[\u007f-\u009f]/.test(text);
  const isExact = !/(?<![\d.eE+"-])-?\d{16,}(?![\d.eE])/.test(text) && !/\\ud[89a-f]/.test(text);
  const isNear = !/\de\+/.test(text);
  return isPlain && isExact && isNear && !REFUSED_NAMES.some((name) => text.includes(`"${name}"`));
});

test("any plain JSON is read as JSON.parse reads it, however it is spaced", () => {
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 2, "\t"), (given, indent) => {
      const text = JSON.stringify(given, null, indent);
      expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
    }),
  );
});

test("any text is read or refused, never thrown at, and nothing is read that JSON.parse refuses", () => {
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"a"',
    '"',
    "1",
    "-",
    "0",
    ".5",
    "e9",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(pieces).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (given) => {
      const read = parseStrictJson(given);
      if (read.ok) expect(read.value).toEqual(JSON.parse(given));
    }),
    { numRuns: 2_000 },
  );
});

describe("the place of what is wrong is named", () => {
  test.each([
    ['{"a":1,"a":2}', "a", "twice"],
    ['{"a":{"b":[{"c":1},{"d":2,"d":3}]}}', "a.b.1.d", "twice"],
    ['{"a":{"__proto__":1}}', "a.__proto__", "name"],
    ['{"\\u005f_proto__":1}', "__proto__", "name"],
    ['{"constructor":1}', "constructor", "name"],
    ['{"a":[1,1e400]}', "a.1", "exactly"],
    ['{"a":-9007199254740993}', "a", "exactly"],
    ['{"a":"\\udfff"}', "a", "half"],
    [`${"[".repeat(11)}${"]".repeat(11)}`, "0.0.0.0.0.0.0.0.0.0", "deeper"],
    ['{"a":01}', "", 'expected "}"'],
    ['{"a":.5}', "a", "JSON value"],
    ['{"a":+1}', "a", "JSON value"],
    ['{"a":truely}', "", 'expected "}"'],
    ["{'a':1}", "", "string"],
    ['{"a" 1}', "a", 'expected ":"'],
    ['{"a":"x\ny"}', "a", "string"],
    ["[1,]", "1", "JSON value"],
    ["", "", "JSON value"],
    ["1 2", "", "follows"],
  ])("%s", (text, field, says) => {
    const read = parseStrictJson(text);
    expect(read.ok).toBe(false);
    if (!read.ok) {
      expect(read.field).toBe(field);
      expect(read.reason).toContain(says);
    }
  });
});

test("ten levels are read, and empty things are", () => {
  const text = `${"[".repeat(10)}${"]".repeat(10)}`;
  expect(parseStrictJson(text).ok).toBe(true);
  expect(parseStrictJson(' { "a" : [ ] , "b" : { } } ')).toEqual({
    ok: true,
    value: { a: [], b: {} },
  });
});

test("a long text is read in a time that grows with its length", () => {
  const text = JSON.stringify({ a: "x".repeat(60_000), b: Array.from({ length: 5_000 }, () => 1) });
  expect(parseStrictJson(text).ok).toBe(true);
  expect(parseStrictJson(`"${"\\".repeat(60_001)}`).ok).toBe(false);
});

// Goal: numbers of parsed JSON keep their text, and exponents become plain decimals or nothing.
import { describe, expect, test } from "vitest";
import {
  decimalOf,
  integerOf,
  NumberText,
  parseExactJson,
  parseExactText,
  plainDecimal,
} from "../../../../hotpath/core/decode/exact-json.ts";

describe("JSON whose numbers keep their text", () => {
  test("trailing zeros, long digits and exponents stand as they were sent", () => {
    const parsed = parseExactText(
      '{"a":0.50930100,"b":[13834774380200032777],"c":1e-08,"d":"0.5"}',
    );
    expect(parsed?.a).toEqual(new NumberText("0.50930100"));
    expect(parsed?.b).toEqual([new NumberText("13834774380200032777")]);
    expect(parsed?.c).toEqual(new NumberText("1e-08"));
    expect(parsed?.d).toBe("0.5");
  });

  test.each(["", "{", "1", '"text"', "null", "true"])("%j is no object", (text) => {
    expect(parseExactText(text)).toBeUndefined();
  });

  test("bytes that are no UTF-8 are refused", () => {
    expect(parseExactJson(Uint8Array.of(0x7b, 0xff, 0x7d))).toBeUndefined();
    expect(parseExactJson(new TextEncoder().encode("[1]"))).toEqual([new NumberText("1")]);
  });
});

describe("plain decimals", () => {
  test.each([
    ["1e-08", "0.00000001"],
    ["1E+2", "100"],
    ["1.25e1", "12.5"],
    ["12.5e-1", "1.25"],
    ["-2.5e-3", "-0.0025"],
    ["1.5e3", "1500"],
    ["0.10", "0.10"],
    ["64525.0", "64525.0"],
  ])("%s is %s", (text, plain) => {
    expect(plainDecimal(text)).toBe(plain);
  });

  test.each(["", "1e99", "1e-99", ".5", "5.", "1e", "0x1", "1,5", "NaN"])("%j is none", (text) => {
    expect(plainDecimal(text)).toBeUndefined();
  });

  test("only numbers are decimals, only whole ones are integers", () => {
    expect(decimalOf(new NumberText("1e1"))).toBe("10");
    expect(decimalOf("10")).toBeUndefined();
    expect(integerOf(new NumberText("10"))).toBe(10);
    for (const odd of [new NumberText("1.0"), new NumberText("-1"), new NumberText("1e1"), "10"]) {
      expect(integerOf(odd)).toBeUndefined();
    }
    expect(integerOf(new NumberText("9007199254740993"))).toBeUndefined();
  });
});

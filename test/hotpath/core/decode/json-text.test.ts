// Goal: what the runtime may misread is refused, and everything else is read as it is written.
import { describe, expect, test } from "vitest";
import { parseExactText } from "../../../../hotpath/core/decode/exact-json.ts";
import { parseJson, parseText } from "../../../../hotpath/core/decode/json-text.ts";
import { parseFrame } from "../../../../hotpath/venues/binance-spot/execute/json.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a text", () => {
  test.each([
    '{"\\u0062":1}',
    '{"a":[{"\\n" :1}]}',
    '{"\\"":1}',
    '{"\\\\":1}',
    '{"b":"0.05","\\u0062":[],"\\\\":"x"}',
  ])("with an escaped key is read by nobody: %s", (text) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(() => parseText(text)).toThrow("an escaped key");
    expect(parseJson(bytesOf(text))).toBeUndefined();
    expect(parseExactText(text)).toBeUndefined();
    expect(parseFrame(bytesOf(text))).toBeUndefined();
  });

  test.each([
    '{"a":"\\u0062"}',
    '{"a":"\\n","b":"\\\\"}',
    '{"a":["\\"","\\/"]}',
    '{"a\\nb":1}',
    '{"a":1}',
  ])("with an escape elsewhere is read as ever: %s", (text) => {
    expect(parseText(text)).toEqual(JSON.parse(text));
  });

  test("gives its numbers to who asks for their text", () => {
    const read = parseText('[1.50,{"a":2e3}]', (_, value, { source }) => source ?? value);
    expect(read).toEqual(["1.50", { a: "2e3" }]);
  });
});

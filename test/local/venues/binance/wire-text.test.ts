/** Goal: integers become the decimal text and the frames of the wire exactly, at every size. */
import { describe, expect, it } from "vitest";
import { DecimalTexts, decimalText } from "../../../../local/venues/binance/decimal-text.ts";
import { pingFrame, pongFrame, textFrame } from "../../../../local/venues/socket-frame.ts";

describe("decimal text", () => {
  it.each([
    [1, 8, 8, "0.00000001"],
    [0, 3, 3, "0.000"],
    [6_173_763, 2, 8, "61737.63000000"],
    [42, 0, 8, "42.00000000"],
    [42, 0, 0, "42"],
    [123_456, 4, 4, "12.3456"],
    [9_007_199_254_740_991, 8, 8, "90071992.54740991"],
  ])("of %d with %d digits, %d shown, is %s", (units, digits, shown, text) => {
    expect(decimalText(units, digits, shown)).toBe(text);
  });

  it("never loses a digit silently", () => {
    expect(() => decimalText(1, 8, 2)).toThrow(/digits/);
  });

  it("is the same when kept, also when two prices share a cell", () => {
    const shown = { priceDigits: 8, lotDigits: 8, windowTicks: 1_024 };
    const texts = new DecimalTexts({ priceDigits: 1, lotDigits: 3 }, shown);
    for (const ticks of [5_000, 5_000 + 1_024, 5_000]) {
      expect(texts.price(ticks)).toBe(decimalText(ticks, 1, 8));
    }
    for (const lots of [7, 7, 16_384, 1_000_000]) {
      expect(texts.lots(lots)).toBe(decimalText(lots, 3, 8));
    }
  });
});

describe("frames", () => {
  it.each([0, 1, 125, 126, 65_535, 65_536])("of %d bytes say their length", (size) => {
    const frame = textFrame("x".repeat(size));
    expect(frame[0]).toBe(0x81);
    const short = frame[1] ?? 0;
    const length =
      short === 127
        ? Number(frame.readBigUInt64BE(2))
        : short === 126
          ? frame.readUInt16BE(2)
          : short;
    expect(length).toBe(size);
    expect(frame.length - size).toBe(size <= 125 ? 2 : size <= 65_535 ? 4 : 10);
  });

  it("of control carry their payload", () => {
    expect([...pingFrame("ab")]).toEqual([0x89, 2, 97, 98]);
    expect([...pongFrame(Buffer.from("c"))]).toEqual([0x8a, 1, 99]);
    expect(() => pingFrame("x".repeat(126))).toThrow(/short/);
    expect(() => pongFrame(Buffer.alloc(126))).toThrow(/short/);
  });
});

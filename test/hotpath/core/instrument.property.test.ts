// Goal: decimal text and whole steps are each other's exact inverse, and a symbol finds its instrument.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDecimal } from "../../../hotpath/core/decode/field-parse.ts";
import { SYMBOL_BYTES_MAX, SymbolTable } from "../../../hotpath/core/decode/symbol-table.ts";
import {
  instrumentOf,
  lotsToText,
  parseStep,
  stepsToText,
  ticksToText,
} from "../../../hotpath/core/instrument.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("steps", () => {
  test.each([
    ["0.01", { decimals: 2, units: 1 }],
    ["0.05", { decimals: 2, units: 5 }],
    ["0.10", { decimals: 1, units: 1 }],
    ["1", { decimals: 0, units: 1 }],
    ["10", { decimals: 0, units: 10 }],
    ["1.00000000", { decimals: 0, units: 1 }],
    ["0.000000000001", { decimals: 12, units: 1 }],
    ["2.50", { decimals: 1, units: 25 }],
  ])("%s", (text, step) => expect(parseStep(text)).toEqual(step));

  test.each([
    "",
    "0",
    "0.00",
    "-1",
    "1e-3",
    ".5",
    "5.",
    "a",
    "0.0000000000001",
    "999999999999999.999999999999",
    " 1",
  ])("%j is no step", (text) => {
    expect(parseStep(text)).toBeUndefined();
    const rules = { id: "binance-spot:X", venue: "binance-spot", symbol: "X" } as const;
    expect(instrumentOf({ ...rules, tickSize: text, lotSize: "1" }, 0)).toBeUndefined();
    expect(instrumentOf({ ...rules, tickSize: "1", lotSize: text }, 0)).toBeUndefined();
  });

  test("steps to text and back is the same number, for every step and size that is exact", () => {
    const step = fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 0, max: 12 }));
    fc.assert(
      fc.property(
        step,
        step,
        fc.maxSafeNat(),
        ([units, decimals], [lotUnits, quantityDecimals], large) => {
          const scale = { priceDecimals: decimals, tickUnits: units, quantityDecimals, lotUnits };
          for (const [isPrice, places, unit] of [
            [true, decimals, units],
            [false, quantityDecimals, lotUnits],
          ] as const) {
            const steps = Math.floor(large / unit);
            const text = stepsToText(steps, places, unit);
            const out = new Float64Array(1);
            expect(BigInt(text.replace(".", ""))).toBe(BigInt(steps) * BigInt(unit));
            expect(readDecimal(text, scale, isPrice, out, 0)).toBe(0);
            expect(out[0]).toBe(steps);
          }
        },
      ),
      { seed: 3, numRuns: 3000 },
    );
  });

  test("text of an instrument's prices and quantities", () => {
    const instrument = instrumentOf(
      { id: "binance-spot:X", venue: "binance-spot", symbol: "X", tickSize: "0.05", lotSize: "10" },
      4,
    );
    if (instrument === undefined) throw new Error("it has steps");
    expect(ticksToText(instrument, 2001)).toBe("100.05");
    expect(ticksToText(instrument, 1)).toBe("0.05");
    expect(ticksToText(instrument, -1)).toBe("-0.05");
    expect(lotsToText(instrument, 12)).toBe("120");
    expect(lotsToText(instrument, -12)).toBe("-120");
    expect(() => ticksToText(instrument, 0.5)).toThrow("safe integer");
  });
});

describe("the symbol table", () => {
  const symbols = Array.from(
    { length: 500 },
    (_, i) => `S${(i * 7919).toString(36).toUpperCase()}USDT`,
  );
  const table = new SymbolTable(
    symbols,
    symbols.map((_, i) => i + 1000),
  );

  test("finds each symbol, in either case, anywhere in a frame", () => {
    symbols.forEach((symbol, i) => {
      const frame = bytes(`xx${symbol}yy`);
      expect(table.find(frame, 2, 2 + symbol.length)).toBe(i + 1000);
      expect(table.find(bytes(symbol.toLowerCase()), 0, symbol.length)).toBe(i + 1000);
    });
  });

  test("finds nothing else", () => {
    const known = new Set(symbols.map((symbol) => symbol.toLowerCase()));
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."SUDT0123456789abcxyz"), maxLength: 12 }),
        (text) => {
          fc.pre(!known.has(text.toLowerCase()));
          expect(table.find(bytes(text), 0, text.length)).toBe(-1);
        },
      ),
      { seed: 5 },
    );
    expect(table.find(bytes("x".repeat(5000)), 0, 5000)).toBe(-1);
    expect(new SymbolTable([], []).find(bytes("A"), 0, 1)).toBe(-1);
  });

  test("refuses what it could not find again", () => {
    expect(() => new SymbolTable(["A".repeat(SYMBOL_BYTES_MAX + 1)], [0])).toThrow(
      "fits the table",
    );
    expect(() => new SymbolTable(["A"], [])).toThrow("every symbol");
  });
});

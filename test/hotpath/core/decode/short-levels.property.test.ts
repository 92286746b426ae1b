// Goal: levels read by the word are those that the byte scanner reads, or a misfit, never others; and prices
// below one are read by the word too. Method: the byte scanner as oracle, over good texts and damaged ones.
import { describe, expect, test } from "vitest";
import { LevelLayout } from "../../../../hotpath/core/decode/level-layout.ts";
import { type LevelSink, type Scale, scanLevels } from "../../../../hotpath/core/decode/scan.ts";
import { SLACK_BYTES, scanShortLevels } from "../../../../hotpath/core/decode/short-levels.ts";
import { seeded } from "../../../bench/frames.ts";

const BYTES_MAX = 4096;
const bytes = new Uint8Array(BYTES_MAX);
const view = new DataView(bytes.buffer);
const FROM = 8;

function sink(): LevelSink {
  return { ticks: new Float64Array(64), lots: new Float64Array(64), start: 0, limit: 64, count: 0 };
}

type Read = { readonly end: number; readonly levels: readonly (readonly [number, number])[] };

function levelsOf({ count, ticks, lots }: LevelSink): Read["levels"] {
  return Array.from({ length: count }, (_, i) => [ticks[i] as number, lots[i] as number]);
}

/** What both scanners make of a text; undefined for a misfit of either. */
function both(text: string, layout: LevelLayout, scale: Scale) {
  bytes.fill(0);
  const length = new TextEncoder().encodeInto(text, bytes.subarray(FROM)).written;
  expect(FROM + length + SLACK_BYTES).toBeLessThan(BYTES_MAX);
  const [quick, patient] = [sink(), sink()];
  const quickEnd = scanShortLevels(view, FROM, layout, quick);
  const patientEnd = scanLevels(bytes, FROM, scale, patient);
  return {
    byWord: quickEnd < 0 ? undefined : { end: quickEnd, levels: levelsOf(quick) },
    byByte: patientEnd < 0 ? undefined : { end: patientEnd, levels: levelsOf(patient) },
  };
}

function scaleOf(priceDecimals: number, quantityDecimals: number): Scale {
  return { priceDecimals, tickUnits: 1, quantityDecimals, lotUnits: 1 };
}

/** Decimal text with eight places, whatever the step, as Binance prints it. */
function textOf(steps: number, decimals: number): string {
  const digits = String(steps).padStart(decimals + 1, "0");
  const cut = digits.length - decimals;
  return `${digits.slice(0, cut)}.${digits.slice(cut).padEnd(8, "0")}`;
}

describe("prices below one", () => {
  test.each([
    ["0.00008332", 8, 8332],
    ["0.05999855", 8, 5_999_855],
    ["0.99999999", 8, 99_999_999],
    ["0.12345670", 7, 1_234_567],
  ])("%s with %i digits is read by the word", (price, decimals, ticks) => {
    const scale = scaleOf(decimals, 5);
    const layout = new LevelLayout(scale);
    const { byWord, byByte } = both(`[["${price}","12.50000000"]]`, layout, scale);
    expect(byWord?.levels).toEqual([[ticks, 1_250_000]]);
    expect(byWord).toEqual(byByte);
  });

  test("give way to the byte scanner at one, and are read by the word again below it", () => {
    const scale = scaleOf(8, 5);
    const layout = new LevelLayout(scale);
    const of = (price: string) => both(`[["${price}","1.00000000"]]`, layout, scale);
    expect(of("0.99999998").byWord).toBeDefined();
    expect(of("1.00000002").byWord).toBeUndefined();
    expect(of("1.00000002").byByte?.levels).toEqual([[100_000_002, 100_000]]);
    expect(of("0.99999997").byWord?.levels).toEqual([[99_999_997, 100_000]]);
  });

  test.each(["1.00008332", "0,00008332", "00.0008332", "x.00008332"])(
    "a later %s is never taken for one of them",
    (price) => {
      const scale = scaleOf(8, 5);
      const layout = new LevelLayout(scale);
      const text = `[["0.00008332","1.00000000"],["${price}","1.00000000"]]`;
      const { byWord } = both(text, layout, scale);
      expect(byWord).toBeUndefined();
    },
  );
});

describe("levels by the word", () => {
  test("are those of the byte scanner for 20,000 sides of every scale, most of them read", () => {
    const random = seeded(11);
    let read = 0;
    let asked = 0;
    for (let round = 0; round < 200; round++) {
      const scale = scaleOf(Math.floor(random() * 9), Math.floor(random() * 7));
      const layout = new LevelLayout(scale);
      const most = 10 ** (1 + Math.floor(random() * 8));
      for (let side = 0; side < 100; side++) {
        const levels = Array.from({ length: 1 + Math.floor(random() * 5) }, () => {
          const price = textOf(1 + Math.floor(random() * most), scale.priceDecimals);
          const quantity = textOf(Math.floor(random() ** 3 * 1e7), scale.quantityDecimals);
          return `["${price}","${quantity}"]`;
        });
        const { byWord, byByte } = both(`[${levels.join(",")}]`, layout, scale);
        expect(byByte).toBeDefined();
        if (byWord !== undefined) expect(byWord).toEqual(byByte);
        asked++;
        if (byWord !== undefined) read++;
      }
    }
    expect(read / asked).toBeGreaterThan(0.6);
  });

  test("with one byte changed are a misfit, or what the byte scanner reads", () => {
    const random = seeded(12);
    const letters = '0123456789.",[]x-e ';
    let misfits = 0;
    for (let round = 0; round < 20_000; round++) {
      const scale = scaleOf(round % 2 === 0 ? 8 : 2, 5);
      const layout = new LevelLayout(scale);
      const price = (): string => textOf(1 + Math.floor(random() * 9_999_999), scale.priceDecimals);
      const good = `[["${price()}","3.25000000"],["${price()}","17.00010000"]]`;
      const at = Math.floor(random() * good.length);
      const letter = letters[Math.floor(random() * letters.length)] ?? "x";
      const { byWord, byByte } = both(
        good.slice(0, at) + letter + good.slice(at + 1),
        layout,
        scale,
      );
      if (byWord === undefined) misfits++;
      else expect(byWord, good).toEqual(byByte);
    }
    expect(misfits).toBeGreaterThan(1000);
  });
});

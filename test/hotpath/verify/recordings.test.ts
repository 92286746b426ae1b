// Goal: real recordings give every top of book that the venue itself said; a missing line is never
// believed over. Method: the recordings beside the checkout, skipped (and said so) where they are not.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type RecordedLine, readRecording } from "../../../hotpath/verify/recording.ts";
import { surveyRecording } from "../../../hotpath/verify/survey.ts";
import { verifyRecording } from "../../../hotpath/verify/verify.ts";

const FOLDER = join(import.meta.dirname, "../../../../shared/data/binance");

/** File, venue, depth updates, and the comparisons that its own page counts. */
const RECORDINGS = [
  ["spot_btcusdt_20240808.gz", "binance-spot", 3451, 3449],
  ["spot_ethusdt_20240808.gz", "binance-spot", 3434, 3432],
  ["usdm_btcusdt_20240718.gz", "binance-usdm", 3326, 3321],
  ["usdm_ethusdt_20240718.gz", "binance-usdm", 3273, 3268],
  ["usdm_btcusdt_20230404.gz", "binance-usdm", 4322, 4322],
  ["spot_10sym_20210405.jsonl.gz", "binance-spot", 4709, 4629],
  ["spot_4sym_20210814.jsonl.gz", "binance-spot", 546, 527],
  ["usdm_5sym_20210405.jsonl.gz", "binance-usdm", 4423, 4381],
  ["us_10sym_20210417.jsonl.gz", "binance-spot", 807, 778],
] as const;

/** Deletions tried in each file; `RECKONER_LONG=1` tries every line. */
const DELETIONS = process.env.RECKONER_LONG === "1" ? Number.POSITIVE_INFINITY : 8;

async function linesOf(file: string): Promise<RecordedLine[]> {
  const lines: RecordedLine[] = [];
  for await (const line of readRecording(join(FOLDER, file))) lines.push(line);
  return lines;
}

async function* replayed(lines: readonly RecordedLine[]): AsyncGenerator<RecordedLine> {
  yield* lines;
}

type Delta = { readonly at: number; readonly symbol: string };

/** Depth lines behind the symbol's first applied one and before its last. */
function deletable(lines: readonly RecordedLine[]): Delta[] {
  const bySymbol = new Map<string, number[]>();
  lines.forEach((line, at) => {
    const match = /^\{"stream":"(\w+)@depth/.exec(line.text);
    if (line.kind === "frame" && match?.[1] !== undefined) {
      const symbol = match[1].toUpperCase();
      bySymbol.set(symbol, [...(bySymbol.get(symbol) ?? []), at]);
    }
  });
  return [...bySymbol].flatMap(([symbol, ats]) => {
    // Five lines in, every book of these files has applied its first update.
    return ats.slice(Math.min(6, ats.length), -1).map((at) => ({ at, symbol }));
  });
}

describe.skipIf(!existsSync(FOLDER))("recordings of the venue", () => {
  test.each(RECORDINGS)(
    "%s: every applied update has the quote's top",
    async (file, venue, deltas, compared) => {
      const lines = await linesOf(file);
      const survey = await surveyRecording(file, replayed(lines));
      const report = await verifyRecording(survey, new Map(), replayed(lines));
      expect(report).toMatchObject({ venue, deltas, compared, unequal: 0, refused: 0, breaks: [] });
    },
  );

  test.each(RECORDINGS)(
    "%s: a deleted depth line voids the book at the next one, for good",
    async (file) => {
      const lines = await linesOf(file);
      const survey = await surveyRecording(file, replayed(lines));
      const candidates = deletable(lines);
      const step = Math.max(1, Math.floor(candidates.length / DELETIONS));
      for (let i = 0; i < candidates.length; i += step) {
        const { at, symbol } = candidates[i] as Delta;
        const next = candidates.find((delta) => delta.symbol === symbol && delta.at > at);
        const cut = lines.filter((_, index) => index !== at);
        const report = await verifyRecording(survey, new Map(), replayed(cut));
        expect(report.breaks, `${symbol} without line ${at + 1}`).toHaveLength(1);
        expect(report.breaks[0]?.symbol).toBe(symbol);
        if (next !== undefined)
          expect(report.breaks[0]?.line).toBe((lines[next.at] as RecordedLine).line);
        expect(report.symbols.find((row) => row.symbol === symbol)?.isLive).toBe(false);
        expect(report.unequal).toBe(0);
      }
    },
  );
});

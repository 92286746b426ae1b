// Goal: KuCoin's real recording gives every top of book that the venue itself said; a missing line is never
// believed over. Method: the recording beside the checkout, skipped (and said so) where it is not.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type RecordedLine, readRecording } from "../../../hotpath/verify/recording.ts";
import { surveyRecording } from "../../../hotpath/verify/survey.ts";
import { verifyRecording } from "../../../hotpath/verify/verify.ts";

const FOLDER = join(import.meta.dirname, "../../../../shared/data/kucoin");
const FILE = join(FOLDER, "level2_ticker_match_5sym_20210425.jsonl.gz");
/** Deletions tried; `RECKONER_LONG=1` tries every line. */
const DELETIONS = process.env.RECKONER_LONG === "1" ? Number.POSITIVE_INFINITY : 12;

type Delta = { readonly at: number; readonly symbol: string };

const lines: RecordedLine[] = [];

async function* replayed(some: readonly RecordedLine[]): AsyncGenerator<RecordedLine> {
  yield* some;
}

/** Lines of deltas behind the symbol's snapshot and its first applied one, and before its last. */
function deletable(): Delta[] {
  const bySymbol = new Map<string, number[]>();
  const lastRest = lines.findLastIndex(({ kind }) => kind === "rest");
  lines.forEach(({ kind, text }, at) => {
    const found = /"topic":"\/market\/level2:([\w-]+)"/.exec(text);
    if (kind !== "frame" || at < lastRest || found?.[1] === undefined) return;
    if (!text.includes("trade.l2update")) return;
    bySymbol.set(found[1], [...(bySymbol.get(found[1]) ?? []), at]);
  });
  return [...bySymbol].flatMap(([symbol, ats]) =>
    ats.slice(Math.min(20, ats.length), -1).map((at) => ({ at, symbol })),
  );
}

describe.skipIf(!existsSync(FILE))("the recording of KuCoin", () => {
  beforeAll(async () => {
    for await (const line of readRecording(FILE)) lines.push(line);
  });

  test("every applied delta has the quote's top, wherever both tell of the same moment", async () => {
    const survey = await surveyRecording(FILE, replayed(lines));
    const report = await verifyRecording(survey, new Map(), replayed(lines));
    expect(report).toMatchObject({
      venue: "kucoin",
      deltas: 2782,
      compared: 495,
      unequal: 0,
      refused: 0,
      breaks: [],
    });
  });

  test("a deleted delta voids the book at the next one, for good", async () => {
    const survey = await surveyRecording(FILE, replayed(lines));
    const candidates = deletable();
    expect(candidates.length).toBeGreaterThan(1000);
    const step = Math.max(1, Math.floor(candidates.length / DELETIONS));
    for (let i = 0; i < candidates.length; i += step) {
      const { at, symbol } = candidates[i] as Delta;
      const next = candidates.find((delta) => delta.symbol === symbol && delta.at > at);
      const report = await verifyRecording(
        survey,
        new Map(),
        replayed(lines.filter((_, index) => index !== at)),
      );
      expect(report.breaks, `${symbol} without line ${at + 1}`).toHaveLength(1);
      expect(report.breaks[0]?.symbol).toBe(symbol);
      if (next !== undefined) {
        expect(report.breaks[0]?.line).toBe((lines[next.at] as RecordedLine).line);
      }
      expect(report.symbols.find((row) => row.symbol === symbol)?.isLive).toBe(false);
      expect(report.unequal).toBe(0);
    }
  });
});

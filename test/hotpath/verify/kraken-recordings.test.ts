// Goal: what Kraken itself signed agrees with the book after every message, and a missing line is found by
// the next signature of that book. Method: a recording of v2 through the production code, and one of the
// older v1, whose checksum is the same, through a reader of its own here, over production books.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Book } from "../../../hotpath/core/book/book.ts";
import type { BookChecksum } from "../../../hotpath/core/book/checksum.ts";
import type { Ladder } from "../../../hotpath/core/book/ladder.ts";
import { type Instrument, instrumentOf } from "../../../hotpath/core/instrument.ts";
import { krakenChecksum } from "../../../hotpath/venues/kraken/continuity.ts";
import { type RecordedLine, readRecording } from "../../../hotpath/verify/recording.ts";
import { surveyRecording } from "../../../hotpath/verify/survey.ts";
import { verifyRecording } from "../../../hotpath/verify/verify.ts";

const FOLDER = join(import.meta.dirname, "../../../../shared/data/kraken");
const V2 = join(FOLDER, "v2_book10_btcusd_20260719.jsonl.gz");
const V1 = join(FOLDER, "v1_book1000_ticker_trade_10pairs_20210417.jsonl.gz");

/** Deletions tried; `RECKONER_LONG=1` tries every line. */
const DELETIONS = process.env.RECKONER_LONG === "1" ? Number.POSITIVE_INFINITY : 40;

async function linesOf(file: string): Promise<RecordedLine[]> {
  const lines: RecordedLine[] = [];
  for await (const line of readRecording(file)) lines.push(line);
  return lines;
}

async function* replayed(lines: readonly RecordedLine[]): AsyncGenerator<RecordedLine> {
  yield* lines;
}

const isBook = ({ text }: RecordedLine) => text.startsWith('{"channel":"book"');

describe.skipIf(!existsSync(V2))("a recording of WebSocket v2", () => {
  test("every checksum of its book agrees", async () => {
    const lines = await linesOf(V2);
    const survey = await surveyRecording(V2, replayed(lines));
    const report = await verifyRecording(survey, new Map(), replayed(lines));
    const book = lines.filter(isBook).length;
    expect(report).toMatchObject({ venue: "kraken", refused: 0, unequal: 0, breaks: [] });
    expect(report).toMatchObject({ checksums: book, checksumMismatches: 0 });
    expect(book).toBe(1254);
  });

  test("a deleted update voids the book at the very next signature, unless no book can show it", async () => {
    const lines = await linesOf(V2);
    const survey = await surveyRecording(V2, replayed(lines));
    const messages = lines.flatMap((line, at) => (isBook(line) ? [at] : []));
    const step = Math.max(1, Math.floor(messages.length / DELETIONS));
    let found = 0;
    for (let i = 1; i < messages.length - 1; i += step) {
      const at = messages[i] as number;
      const next = messages[i + 1] as number;
      const told = messages.slice(0, i + 2).map((row) => (lines[row] as RecordedLine).text);
      const isSeen = topOf(told) !== topOf(told.filter((_, row) => row !== i));
      const cut = lines.filter((_, index) => index !== at);
      const { breaks, symbols } = await verifyRecording(survey, new Map(), replayed(cut));
      if (!isSeen) {
        expect(breaks).toEqual([]);
        continue;
      }
      found++;
      const { line } = lines[next] as RecordedLine;
      expect(breaks).toMatchObject([{ symbol: "BTC/USD", cause: "checksumMismatch", line }]);
      expect(symbols.find(({ symbol }) => symbol === "BTC/USD")?.isLive).toBe(false);
    }
    expect(found).toBeGreaterThan(20);
  });
});

type LevelV2 = { readonly price: number; readonly qty: number };

/** The ten best of each side after these messages, by maps and sorting. */
function topOf(texts: readonly string[]): string {
  const sides = { bids: new Map<number, number>(), asks: new Map<number, number>() };
  for (const text of texts) {
    const [book] = (JSON.parse(text) as { data: Record<"bids" | "asks", LevelV2[]>[] }).data;
    for (const name of ["bids", "asks"] as const) {
      const side = sides[name];
      for (const { price, qty } of book?.[name] ?? []) {
        if (qty === 0) side.delete(price);
        else side.set(price, qty);
      }
      const sign = name === "bids" ? -1 : 1;
      const sorted = [...side].sort(([left], [right]) => (left - right) * sign);
      sides[name] = new Map(sorted.slice(0, 10));
    }
  }
  return JSON.stringify([[...sides.bids], [...sides.asks]]);
}

type Row = readonly [price: string, quantity: string];
type Told = Readonly<Partial<Record<"a" | "b" | "as" | "bs", readonly Row[]>>> & { c?: string };

const decimals = (text: string) => text.split(".")[1]?.length ?? 0;
const unitOf = (text: string) =>
  decimals(text) === 0 ? "1" : `0.${"1".padStart(decimals(text), "0")}`;
const stepsOf = (text: string) => Number(text.replace(".", ""));

/** A book as the pages of v1 say to keep it. */
class BookV1 {
  readonly book = new Book();
  readonly checksum: BookChecksum;

  constructor(pair: string, [price, quantity]: Row) {
    const rules = { id: `kraken:${pair}`, venue: "kraken", symbol: pair } as const;
    const steps = { tickSize: unitOf(price), lotSize: unitOf(quantity) };
    this.checksum = krakenChecksum(instrumentOf({ ...rules, ...steps }, 0) as Instrument);
  }

  load(bids: readonly Row[], asks: readonly Row[]): void {
    if (asks.length === 0) return;
    const rows = [...bids, ...asks];
    this.book.load(
      {
        seq: 1,
        exchangeUs: 0,
        ticks: Float64Array.from(rows, ([price]) => stepsOf(price)),
        lots: Float64Array.from(rows, ([, quantity]) => stepsOf(quantity)),
        bidCount: bids.length,
        askCount: asks.length,
      },
      1000,
    );
  }

  apply(side: Ladder, rows: readonly Row[] = []): void {
    const ticks = Float64Array.from(rows, ([price]) => stepsOf(price));
    side.apply(
      ticks,
      Float64Array.from(rows, ([, lots]) => stepsOf(lots)),
      0,
      rows.length,
    );
  }

  /** Applies a message; the checksum that it was signed with. */
  tell(told: readonly Told[]): string | undefined {
    for (const { a, b } of told) {
      this.apply(this.book.asks, a);
      this.apply(this.book.bids, b);
    }
    this.book.asks.truncate(1000);
    this.book.bids.truncate(1000);
    return told.find(({ c }) => c !== undefined)?.c;
  }

  signature(): number {
    return this.checksum(this.book) >>> 0;
  }
}

type Message = { readonly pair: string; readonly told: readonly Told[] };

/** What a line says of a book; undefined for every other line. */
function bookMessageOf(text: string): Message | undefined {
  if (!(text.startsWith("[") && text.includes('"book-1000"'))) return undefined;
  const message = JSON.parse(text) as unknown[];
  return { pair: String(message.at(-1)), told: message.slice(1, -2) as Told[] };
}

describe.skipIf(!existsSync(V1))("a recording of WebSocket v1", () => {
  test("every checksum of its ten books agrees", async () => {
    const books = new Map<string, BookV1>();
    const unequal: string[] = [];
    let compared = 0;
    for await (const { text } of readRecording(V1)) {
      const { pair, told } = bookMessageOf(text) ?? { pair: "", told: [] };
      const { as = [], bs = [] } = told[0] ?? {};
      const [sample] = as;
      if (sample !== undefined) books.set(pair, new BookV1(pair, sample));
      const book = books.get(pair);
      book?.load(bs, as);
      const signed = book?.tell(told);
      if (signed === undefined) continue;
      compared++;
      if (book?.signature() !== Number(signed)) unequal.push(text);
    }
    expect(unequal).toEqual([]);
    expect({ books: books.size, compared }).toEqual({ books: 10, compared: 4269 });
  });
});

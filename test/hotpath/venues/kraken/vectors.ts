/**
 * The checksum vectors of Kraken's page "Book checksum v2" (read 2026-08-22), and books made of them.
 */
import { Book } from "../../../../hotpath/core/book/book.ts";
import { readDecimal } from "../../../../hotpath/core/decode/field-parse.ts";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";

export type Vector = {
  readonly symbol: string;
  readonly tickSize: string;
  readonly asks: string;
  readonly bids: string;
  readonly checksum: number;
};

export const BTC_USD: Vector = {
  symbol: "BTC/USD",
  tickSize: "0.1",
  asks:
    "45285.2:0.00100000 45286.4:1.54571953 45286.6:1.54571109 45289.6:1.54560911 " +
    "45290.2:0.15890660 45291.8:1.54553491 45294.7:0.04454749 45296.1:0.35380000 " +
    "45297.5:0.09945542 45299.5:0.18772827",
  bids:
    "45283.5:0.10000000 45283.4:1.54582015 45282.1:0.10000000 45281.0:0.10000000 " +
    "45280.3:1.54592586 45279.0:0.07990000 45277.6:0.03310103 45277.5:0.30000000 " +
    "45277.3:1.54602737 45276.6:0.15445238",
  checksum: 3_310_070_434,
};

export const MATIC_USD: Vector = {
  symbol: "MATIC/USD",
  tickSize: "0.0001",
  asks:
    "0.5668:4410.79769741 0.5669:4655.40412487 0.567:49844.89424998 0.5671:24306.41678 " +
    "0.5672:29783.25223475 0.5673:57234.71239278 0.5674:45065.04744 0.5675:5912.76380354 " +
    "0.5676:42514.92434778 0.5677:36304.0847022",
  bids:
    "0.5666:4831.75496356 0.5665:6658.22734739 0.5664:18724.91513344 0.5663:11563.92544914 " +
    "0.5662:14006.65365711 0.5661:17454.85679807 0.566:18097.1547 0.5659:33644.89175666 " +
    "0.5658:148.3464 0.5657:606.70854372",
  checksum: 2_439_117_997,
};

export function instrumentFor({ symbol, tickSize }: Vector): Instrument {
  const steps = { tickSize, lotSize: "0.00000001" };
  return instrumentOf(
    { id: `kraken:${symbol}`, venue: "kraken", symbol, ...steps },
    0,
  ) as Instrument;
}

/** `45285.2:0.001 ...` as levels in ticks and lots. */
export function levelsOf(text: string, instrument: Instrument): [ticks: number, lots: number][] {
  const out = new Float64Array(2);
  return text.split(" ").map((level) => {
    const [price, quantity] = level.split(":");
    readDecimal(price, instrument, true, out, 0);
    readDecimal(quantity, instrument, false, out, 1);
    return [out[0] as number, out[1] as number];
  });
}

/** The book of a vector. */
export function bookOf(vector: Vector): Book {
  const instrument = instrumentFor(vector);
  const bids = levelsOf(vector.bids, instrument);
  const asks = levelsOf(vector.asks, instrument);
  const book = new Book();
  const ticks = Float64Array.from([...bids, ...asks], ([each]) => each);
  const lots = Float64Array.from([...bids, ...asks], ([, each]) => each);
  book.load(
    { seq: 1, exchangeUs: 0, ticks, lots, bidCount: bids.length, askCount: asks.length },
    10,
  );
  return book;
}

/** Sets one level of a book. */
export function setLevel(book: Book, vector: Vector, side: "bid" | "ask", level: string): void {
  const [[ticks, lots]] = levelsOf(level, instrumentFor(vector)) as [[number, number]];
  const counts = side === "bid" ? ([1, 0] as const) : ([0, 1] as const);
  book.apply(Float64Array.of(ticks), Float64Array.of(lots), 0, counts[0], counts[1], 2);
}

/**
 * A market of 429 books whose prices agree with one another, and frames in blocks: some that lead in and
 * change nothing, then four of which the first opens a triangle that pays after its fees, and the third takes
 * the chance away again.
 *
 * The chance is a bid in the middle of a wide USDT book, and the one loop that ends with a sale there pays.
 * The frames close a circle, like those of the other benches.
 */
import { type Instrument, instrumentOf } from "../../hotpath/core/instrument.ts";
import { type BookShape, type FrameSet, levelText, makeFrames, type Profile } from "./frames.ts";
import { marketPairs } from "./score-market.ts";

/** Frames of one block; the last ones are a chance, another book, the end of the chance, another book. */
export const BLOCK = 16;
/** Those that lead in: what answers leave in the caches is no part of the way to an order. */
export const LEAD = 12;
const FRAMES = 2000;
/** Blocks before a chance comes back to the same book. */
export const BATCH = 16;
const LEVELS = 1000;
const FIRST_UPDATE_ID = 10_000_000_000;

/** What a unit of each asset is worth in USDT; every other asset is worth 5. */
const WORTHS: Readonly<Record<string, number>> = {
  USDT: 1,
  BTC: 60_000,
  ETH: 3600,
  BNB: 600,
  USDC: 120,
  EUR: 24,
};
const WORTH_ELSE = 5;

/** Wide books stand at coarse ticks, so that the chance is not far from the levels in ticks. */
const WIDE_TICKS_MAX = 100_000;
const TIGHT_TICKS_MAX = 6_000_000;
const DECIMALS_MAX = 8;
/** Half the spread of a wide book, and how far above the middle the chance stands: parts of the middle. */
const GAP = 0.01;
const CHANCE = 0.008;
const CHANCE_LOTS = 10_000_000;

export type OrderMarket = {
  readonly set: FrameSet;
  readonly instruments: readonly Instrument[];
};

/** Assets with two books only, so that a chance is one candidate and not five that exclude one another. */
const isWide = (base: string, quote: string): boolean => quote === "USDT" && base.startsWith("N");

/** Whether frame `i` brings a chance or ends it. */
const isOfChance = (i: number): boolean => i % BLOCK === LEAD || i % BLOCK === LEAD + 2;

function shapeOf([base, quote]: readonly [string, string]): BookShape {
  const price = (WORTHS[base] ?? WORTH_ELSE) / (WORTHS[quote] ?? WORTH_ELSE);
  const most = isWide(base, quote) ? WIDE_TICKS_MAX : TIGHT_TICKS_MAX;
  let priceDecimals = DECIMALS_MAX;
  while (priceDecimals > 1 && price * 10 ** priceDecimals > most) priceDecimals--;
  const midTicks = Math.round(price * 10 ** priceDecimals);
  const gapTicks = isWide(base, quote) ? Math.round(midTicks * GAP) : 0;
  return { symbol: `${base}${quote}`, midTicks, priceDecimals, gapTicks };
}

export function makeOrderMarket(profile: Profile, rulesUs: number): OrderMarket {
  const pairs = marketPairs();
  const shapes = pairs.map(shapeOf);
  const wide = [...pairs.keys()].filter((index) => isWide(...(pairs[index] ?? ["", ""])));
  const wideOf = (block: number): number => wide[block % wide.length] ?? 0;
  const made = makeFrames({
    profile,
    books: pairs.length,
    levels: LEVELS,
    frames: FRAMES,
    isSteady: true,
    firstUpdateId: FIRST_UPDATE_ID,
    shapes,
    bookOf: (i) => (i % 2 === 0 ? wideOf(Math.floor(i / BLOCK)) : Math.floor(i / 2) % pairs.length),
  });
  const frames = made.frames.map((frame, i) => {
    if (!isOfChance(i)) return frame;
    const shape = shapes[made.symbolOf[i] ?? 0];
    if (shape === undefined) throw new Error("every frame is of a book");
    return withLevel(frame, shape, i % BLOCK === LEAD ? CHANCE_LOTS : 0);
  });
  const instruments = pairs.map(([baseAsset, quoteAsset], index) =>
    instrumentAt(index, baseAsset, quoteAsset, shapes[index]?.priceDecimals ?? 0, rulesUs),
  );
  return { set: { ...made, frames }, instruments };
}

/** The frame with the chance's bid as its best one, or with the end of it. */
function withLevel(frame: Buffer, shape: BookShape, lots: number): Buffer {
  const ticks = Math.round(shape.midTicks * (1 + CHANCE));
  const level = levelText(ticks, shape.priceDecimals, lots);
  const text = frame.toString("latin1");
  const separator = text.includes('"b":[]') ? "" : ",";
  return Buffer.from(text.replace('"b":[', `"b":[${level}${separator}`), "latin1");
}

function instrumentAt(
  index: number,
  baseAsset: string,
  quoteAsset: string,
  priceDecimals: number,
  rulesUs: number,
): Instrument {
  const symbol = `${baseAsset}${quoteAsset}`;
  const instrument = instrumentOf(
    {
      id: `binance-spot:${symbol}`,
      venue: "binance-spot",
      symbol,
      tickSize: `0.${"0".repeat(priceDecimals - 1)}1`,
      lotSize: "0.00001",
      baseAsset,
      quoteAsset,
      filters: {
        priceMin: "",
        priceMax: "",
        quantityMin: "0.00001",
        quantityMax: "9000",
        notionalMin: quoteAsset === "USDT" ? "5" : "",
      },
      rulesUs,
    },
    index,
  );
  if (instrument === undefined) throw new Error("the steps of the market are decimals");
  return instrument;
}

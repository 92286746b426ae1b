/**
 * Wire-exact Binance spot depth frames from a simulated book, for the benches: the sequences follow on,
 * deletes hit levels that exist, and the book never crosses. Seeded, so that every run sees the same bytes.
 *
 * Profiles: quiet was fitted to public 2021 recordings (about 385 bytes, 8 levels, 31 % deletes); wide is
 * a busy pair (about 1332 bytes, 40 levels).
 */

/** A small seeded generator (mulberry32): benches need the same numbers each time, not good ones. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Profile = "quiet" | "wide";

/** Levels of a message at the median, and the spread of the log-normal around it. */
const LEVELS: Readonly<Record<Profile, { readonly median: number; readonly sigma: number }>> = {
  quiet: { median: 6, sigma: 0.76 },
  wide: { median: 33, sigma: 0.63 },
};

const DELETE_SHARE = 0.31;
const PRICE_DECIMALS = 2;

type SimulatedBook = {
  readonly symbol: string;
  readonly priceDecimals: number;
  readonly gapTicks: number;
  readonly bids: Map<number, number>;
  readonly asks: Map<number, number>;
  mid: number;
  updateId: number;
};

export type FrameSet = {
  readonly symbols: readonly string[];
  /** `GET /api/v3/depth` bodies at the start, one for each symbol. */
  readonly snapshots: readonly Buffer[];
  /** Frames over all symbols in turn, as they come from the socket. */
  readonly frames: readonly Buffer[];
  /** Symbol index of each frame. */
  readonly symbolOf: readonly number[];
  /** Best bid and ask in ticks of each book after the last frame. */
  readonly touches: readonly { readonly bid: number; readonly ask: number }[];
};

export type FrameOptions = {
  readonly profile: Profile;
  readonly books: number;
  readonly levels: number;
  readonly frames: number;
  readonly seed?: number;
  /** The middle stands still, so that the frames may be sent round and round and never cross a book. */
  readonly isSteady?: boolean;
  /** First update id; wide ones keep their number of digits for as long as a bench runs. */
  readonly firstUpdateId?: number;
  /** Where each book stands; all at 60 000 with two decimals and a spread of two ticks without it. */
  readonly shapes?: readonly BookShape[];
  /** Whose turn frame `i` is; one book after the other without it. */
  readonly bookOf?: (i: number) => number;
};

export type BookShape = {
  readonly symbol: string;
  readonly midTicks: number;
  readonly priceDecimals: number;
  /** No level is nearer to the middle than this and one tick. */
  readonly gapTicks: number;
};

/** Builds the frames of one bench. */
export function makeFrames(options: FrameOptions): FrameSet {
  const random = seeded(options.seed ?? 7);
  const books = Array.from({ length: options.books }, (_, i) => makeBook(i, options, random));
  const snapshots = books.map((book) => Buffer.from(snapshotText(book)));
  const frames: Buffer[] = [];
  const symbolOf: number[] = [];
  for (let i = 0; i < options.frames; i++) {
    const at = options.bookOf?.(i) ?? i % books.length;
    const book = books[at] as SimulatedBook;
    frames.push(Buffer.from(diffText(book, options, random)));
    symbolOf.push(at);
  }
  const touches = books.map((book) => ({
    bid: Math.max(...book.bids.keys()),
    ask: Math.min(...book.asks.keys()),
  }));
  return { symbols: books.map(({ symbol }) => symbol), snapshots, frames, symbolOf, touches };
}

function makeBook(
  index: number,
  { levels, firstUpdateId = 1_000_000, shapes }: FrameOptions,
  random: () => number,
): SimulatedBook {
  const shape = shapes?.[index];
  const mid = shape?.midTicks ?? 6_000_000 + index * 1000;
  const gapTicks = shape?.gapTicks ?? 0;
  const book: SimulatedBook = {
    symbol: shape?.symbol ?? `SIM${String.fromCharCode(65 + (index % 26))}${index}USDT`,
    priceDecimals: shape?.priceDecimals ?? PRICE_DECIMALS,
    gapTicks,
    bids: new Map(),
    asks: new Map(),
    mid,
    updateId: firstUpdateId + index,
  };
  for (let i = 0, offset = 1; i < levels; i++, offset += 1 + Math.floor(random() * 2)) {
    book.bids.set(mid - gapTicks - offset, lotsOf(random));
    book.asks.set(mid + gapTicks + offset, lotsOf(random));
  }
  return book;
}

function lotsOf(random: () => number): number {
  return 1 + Math.floor(random() ** 3 * 40_000_000);
}

function text(ticks: number, decimals: number): string {
  const digits = String(ticks).padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals).padEnd(8, "0")}`;
}

function levelsText(levels: Iterable<readonly [number, number]>, priceDecimals: number): string {
  const parts: string[] = [];
  for (const [ticks, lots] of levels) parts.push(levelText(ticks, priceDecimals, lots));
  return `[${parts.join(",")}]`;
}

/** One level as it stands in a frame. */
export function levelText(ticks: number, priceDecimals: number, lots: number): string {
  return `["${text(ticks, priceDecimals)}","${text(lots, 5)}"]`;
}

function snapshotText(book: SimulatedBook): string {
  const bids = [...book.bids].sort((a, b) => b[0] - a[0]);
  const asks = [...book.asks].sort((a, b) => a[0] - b[0]);
  return `{"lastUpdateId":${book.updateId},"bids":${levelsText(bids, book.priceDecimals)},"asks":${levelsText(asks, book.priceDecimals)}}`;
}

function diffText(
  book: SimulatedBook,
  { profile, levels: depth, isSteady }: FrameOptions,
  random: () => number,
): string {
  const { median, sigma } = LEVELS[profile];
  const normal = Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const count = Math.min(200, Math.max(1, Math.round(median * Math.exp(sigma * normal))));
  const drift = Math.round((random() - 0.5) * 4);
  if (isSteady !== true) book.mid += drift;
  const bids = changeSide(
    book.bids,
    Math.ceil(count / 2),
    -1,
    book.mid - book.gapTicks,
    depth,
    random,
  );
  const asks = changeSide(
    book.asks,
    Math.floor(count / 2),
    1,
    book.mid + book.gapTicks,
    depth,
    random,
  );
  // The mid moved: what it passed is gone from the other side.
  for (const ticks of book.bids.keys()) if (ticks >= book.mid) removed(book.bids, bids, ticks);
  for (const ticks of book.asks.keys()) if (ticks <= book.mid) removed(book.asks, asks, ticks);
  const first = book.updateId + 1;
  book.updateId += 1 + Math.floor(random() * 20);
  const event = 1_700_000_000_000 + book.updateId;
  return (
    `{"stream":"${book.symbol.toLowerCase()}@depth@100ms","data":{"e":"depthUpdate","E":${event},` +
    `"s":"${book.symbol}","U":${first},"u":${book.updateId},` +
    `"b":${levelsText(bids, book.priceDecimals)},"a":${levelsText(asks, book.priceDecimals)}}}`
  );
}

function removed(side: Map<number, number>, changes: Map<number, number>, ticks: number): void {
  side.delete(ticks);
  changes.set(ticks, 0);
}

function changeSide(
  side: Map<number, number>,
  count: number,
  direction: 1 | -1,
  mid: number,
  depth: number,
  random: () => number,
): Map<number, number> {
  const changes = new Map<number, number>();
  let deletes = 0;
  while (changes.size < count) {
    const ticks = mid + direction * (1 + Math.floor(random() ** 2 * depth * 1.5));
    const isDelete = deletes < count * DELETE_SHARE && side.has(ticks) && side.size > depth / 2;
    if (isDelete) {
      deletes++;
      removed(side, changes, ticks);
    } else {
      const lots = lotsOf(random);
      side.set(ticks, lots);
      changes.set(ticks, lots);
    }
  }
  return changes;
}

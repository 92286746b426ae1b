/**
 * Each peer as its own documentation has it used: bytes of a frame in, its book kept right, best bid and
 * best ask read. The packages are loaded by name from this folder, so the product never sees them.
 */
import { Book } from "../../../hotpath/core/book/book.ts";
import { DECODED } from "../../../hotpath/core/decode/decoder.ts";
import type { Instrument } from "../../../hotpath/core/instrument.ts";
import { MarketRing } from "../../../hotpath/core/market-ring.ts";
import { spotDecoder } from "../../../hotpath/venues/binance-spot/normalize.ts";
import { instrumentsOf } from "../decode-bench.ts";
import type { FrameSet } from "../frames.ts";

/** Prices in the venue's own decimals. */
export type Touch = { bid: number; ask: number };

export type Adapter = {
  /** Applies a frame and reads the touch of its book into `touch`. */
  readonly feed: (frame: Buffer, touch: Touch) => void;
};

type Levels = readonly (readonly [price: string, quantity: string])[];
type Body = { readonly lastUpdateId: number; readonly bids: Levels; readonly asks: Levels };
type Data = {
  readonly s: string;
  readonly u: number;
  readonly U: number;
  readonly b: Levels;
  readonly a: Levels;
};
type Frame = { readonly stream: string; readonly data: Data };

function bodyOf(set: FrameSet, i: number): Body {
  return JSON.parse(String(set.snapshots[i])) as Body;
}

function frameOf(frame: Buffer): Frame {
  return JSON.parse(frame.toString()) as Frame;
}

const TICKS_PER_UNIT = 100;
const STAMP = { session: 0, epoch: 1, recvUs: 1, awayUs: 0, rawSeq: 0 };

/** This house: decoder, ring and book. */
function reckoner(set: FrameSet): Adapter {
  const instruments = instrumentsOf(set.symbols);
  const decoder = spotDecoder(instruments);
  const ring = new MarketRing(1024);
  const books = instruments.map((instrument: Instrument, i) => {
    const book = new Book();
    const levels = decoder.decodeSnapshot(set.snapshots[i] as Buffer, instrument);
    if (levels === undefined) throw new Error("a made-up snapshot is good");
    book.load(levels, 5000);
    return book;
  });
  return {
    feed: (frame, touch) => {
      if (decoder.decode(frame, STAMP, ring) !== DECODED.event) throw new Error("refused");
      const row = ring.oldest;
      const book = books[ring.instrument[row] as number] as Book;
      const start = ring.levelStart[row] as number;
      const [bids, asks] = [ring.bidCount[row] as number, ring.askCount[row] as number];
      book.apply(ring.ticks, ring.lots, start, bids, asks, ring.seqLast[row] as number);
      ring.release();
      touch.bid = book.bids.bestTicks / TICKS_PER_UNIT;
      touch.ask = book.asks.bestTicks / TICKS_PER_UNIT;
    },
  };
}

/** One side as parallel typed arrays, best last, found by binary search and moved by copyWithin. */
class SortedSide {
  readonly #sign: number;
  readonly #keys = new Float64Array(16_384);
  readonly #lots = new Float64Array(16_384);
  #count = 0;

  constructor(sign: number) {
    this.#sign = sign;
  }

  get best(): number {
    return (this.#keys[this.#count - 1] as number) * this.#sign;
  }

  set(price: number, quantity: number): void {
    const key = price * this.#sign;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] as number) < key) low = middle + 1;
      else high = middle;
    }
    const isThere = low < this.#count && this.#keys[low] === key;
    if (quantity > 0) {
      if (!isThere) {
        this.#keys.copyWithin(low + 1, low, this.#count);
        this.#lots.copyWithin(low + 1, low, this.#count);
        this.#count++;
        this.#keys[low] = key;
      }
      this.#lots[low] = quantity;
    } else if (isThere) {
      this.#keys.copyWithin(low, low + 1, this.#count);
      this.#lots.copyWithin(low, low + 1, this.#count);
      this.#count--;
    }
  }
}

/** The best that JSON.parse allows: sorted typed arrays behind it. */
function handWritten(set: FrameSet): Adapter {
  const books = new Map(
    set.symbols.map((symbol, i) => {
      const book = { bids: new SortedSide(1), asks: new SortedSide(-1) };
      const { bids, asks } = bodyOf(set, i);
      for (const [price, quantity] of bids) book.bids.set(Number(price), Number(quantity));
      for (const [price, quantity] of asks) book.asks.set(Number(price), Number(quantity));
      return [symbol, book] as const;
    }),
  );
  return {
    feed: (frame, touch) => {
      const { data } = frameOf(frame);
      const book = books.get(data.s);
      if (book === undefined) throw new Error("a frame is of a book");
      for (const [price, quantity] of data.b) book.bids.set(Number(price), Number(quantity));
      for (const [price, quantity] of data.a) book.asks.set(Number(price), Number(quantity));
      touch.bid = book.bids.best;
      touch.ask = book.asks.best;
    },
  };
}

type TardisBook = {
  update(change: unknown): void;
  bestBid(): { readonly price: number };
  bestAsk(): { readonly price: number };
};
type Tardis = {
  readonly OrderBook: new () => TardisBook;
  readonly normalizeBookChanges: (
    exchange: string,
    since: Date,
  ) => { map(message: unknown, at: Date): Iterable<{ readonly symbol: string }> };
};

async function tardis(set: FrameSet): Promise<Adapter> {
  const { OrderBook, normalizeBookChanges } = await load<Tardis>("tardis-dev");
  const mapper = normalizeBookChanges("binance", new Date());
  const books = new Map(set.symbols.map((symbol) => [symbol, new OrderBook()]));
  const now = new Date();
  const apply = (message: unknown): TardisBook | undefined => {
    let book: TardisBook | undefined;
    for (const change of mapper.map(message, now)) {
      book = books.get(change.symbol);
      book?.update(change);
    }
    return book;
  };
  for (const [i, symbol] of set.symbols.entries()) {
    const stream = `${symbol.toLowerCase()}@depthSnapshot`;
    apply({ stream, generated: true, data: bodyOf(set, i) });
  }
  return {
    feed: (frame, touch) => {
      const book = apply(frameOf(frame));
      if (book === undefined) throw new Error("the peer took no change from a frame");
      touch.bid = book.bestBid().price;
      touch.ask = book.bestAsk().price;
    },
  };
}

type CcxtBook = {
  readonly bids: readonly (readonly [number, number])[];
  readonly asks: readonly (readonly [number, number])[];
};
type CcxtExchange = {
  orderbooks: Record<string, CcxtBook>;
  orderBook(snapshot: unknown): CcxtBook;
  handleOrderBook(client: unknown, message: unknown): void;
};
type Ccxt = { readonly default: { readonly pro: { readonly binance: new () => CcxtExchange } } };

async function ccxt(set: FrameSet): Promise<Adapter> {
  const exchange = new (await load<Ccxt>("ccxt")).default.pro.binance();
  const client = {
    url: "wss://127.0.0.1/stream",
    subscriptions: {},
    resolve: () => undefined,
    reject: (error: unknown) => {
      throw error;
    },
  };
  for (const [i, symbol] of set.symbols.entries()) {
    const { lastUpdateId, bids, asks } = bodyOf(set, i);
    const numbers = (levels: Levels): number[][] => levels.map((level) => level.map(Number));
    exchange.orderbooks[symbol] = exchange.orderBook({
      nonce: lastUpdateId,
      bids: numbers(bids),
      asks: numbers(asks),
    });
  }
  return {
    feed: (frame, touch) => {
      const { data } = frameOf(frame);
      exchange.handleOrderBook(client, data);
      const book = exchange.orderbooks[data.s];
      touch.bid = book?.bids[0]?.[0] ?? Number.NaN;
      touch.ask = book?.asks[0]?.[0] ?? Number.NaN;
    },
  };
}

type DepthCache = { bids: Record<string, number>; asks: Record<string, number> };
type NodeBinance = {
  depthCache: Record<string, DepthCache>;
  depthCacheContext: Record<string, unknown>;
  depthHandler(data: unknown): void;
};
type NodeBinanceModule = { readonly default: new () => NodeBinance };

async function nodeBinance(set: FrameSet): Promise<Adapter> {
  const binance = new (await load<NodeBinanceModule>("node-binance-api")).default();
  for (const [i, symbol] of set.symbols.entries()) {
    const { lastUpdateId, bids, asks } = bodyOf(set, i);
    const cells = (levels: Levels): Record<string, number> =>
      Object.fromEntries(levels.map(([price, quantity]) => [price, Number(quantity)]));
    binance.depthCache[symbol] = { bids: cells(bids), asks: cells(asks) };
    binance.depthCacheContext[symbol] = { snapshotUpdateId: lastUpdateId };
  }
  return {
    feed: (frame, touch) => {
      const { data } = frameOf(frame);
      binance.depthHandler(data);
      const cache = binance.depthCache[data.s];
      // The cache is an object of prices: its touch has to be looked for.
      touch.bid = -Infinity;
      touch.ask = Infinity;
      for (const price in cache?.bids) touch.bid = Math.max(touch.bid, Number.parseFloat(price));
      for (const price in cache?.asks) touch.ask = Math.min(touch.ask, Number.parseFloat(price));
    },
  };
}

async function load<T>(name: string): Promise<T> {
  return (await import(name)) as T;
}

export const ADAPTERS: Readonly<Record<string, (set: FrameSet) => Adapter | Promise<Adapter>>> = {
  reckoner,
  "hand-written": handWritten,
  "tardis-dev": tardis,
  ccxt,
  "node-binance-api": nodeBinance,
};

/**
 * Recordings of made-up triangles, and what their edges are: three books move by seeded chance, each
 * change is written as its venue would write it, and the fractions are worked out from the plain maps.
 */
import { crc32 } from "node:zlib";
import { seeded } from "../core/true-book.ts";

/** One change of one book, as it stands in a recording. */
type Change = {
  readonly book: WalkBook;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly seqFirst: number;
  readonly seqLast: number;
};

type Level = readonly [ticks: number, lots: number];

type Side = "bids" | "asks";

export type Corner = {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly priceDecimals: number;
  readonly quantityDecimals: number;
  readonly touchTicks: number;
};

/** What one state is expected to be. */
export type ExpectedState = {
  readonly recvUs: number;
  readonly file: number;
  readonly symbol: string;
  readonly change: "update" | "snapshot";
  /** Of one unit that goes round, in the first direction and in the other. */
  readonly products: readonly [Product, Product];
};

export type Product = { readonly n: bigint; readonly d: bigint };

export type Made = {
  /** Lines of each file. */
  readonly files: readonly (readonly string[])[];
  readonly states: readonly ExpectedState[];
};

/** BTCUSDT, ETHBTC, ETHUSDT, with cross prices that a cycle may gain from. */
export const CORNERS: readonly [Corner, Corner, Corner] = [
  corner("BTC", "USDT", 2, 5, 6_000_000),
  corner("ETH", "BTC", 6, 4, 50_000),
  corner("ETH", "USDT", 2, 4, 300_000),
];

function corner(
  base: string,
  quote: string,
  priceDecimals: number,
  quantityDecimals: number,
  touchTicks: number,
): Corner {
  return { symbol: "", base, quote, priceDecimals, quantityDecimals, touchTicks };
}

/** One book that moves by chance and never crosses. */
class WalkBook {
  readonly corner: Corner;
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  /** What Kraken's stream has told of the best levels. */
  told: Record<Side, Map<number, number>> = { bids: new Map(), asks: new Map() };
  readonly #random: () => number;
  seq = 100;

  constructor(random: () => number, of: Corner) {
    this.#random = random;
    this.corner = of;
    for (let i = 0; i < 12; i++) {
      this.bids.set(of.touchTicks - 5 - 3 * i, this.#lots());
      this.asks.set(of.touchTicks + 5 + 3 * i, this.#lots());
    }
  }

  #lots(): number {
    return 1 + Math.floor(this.#random() * 9_999);
  }

  best(side: Side): number {
    return side === "bids" ? Math.max(...this.bids.keys()) : Math.min(...this.asks.keys());
  }

  /** Changes one to three levels near the touch; sides keep at least eleven levels. */
  move(): Change {
    const random = this.#random;
    const seqFirst = this.seq + 1;
    this.seq += 1 + Math.floor(random() * 3);
    const bids = new Map<number, number>();
    const asks = new Map<number, number>();
    const count = 1 + Math.floor(random() * 3);
    for (let i = 0; i < count; i++) this.#change(random() < 0.5 ? "bids" : "asks", bids, asks);
    const levels = (changed: Map<number, number>): Level[] => [...changed];
    return { book: this, bids: levels(bids), asks: levels(asks), seqFirst, seqLast: this.seq };
  }

  #change(side: Side, bids: Map<number, number>, asks: Map<number, number>): void {
    const own = this[side];
    const told = side === "bids" ? bids : asks;
    const sign = side === "bids" ? -1 : 1;
    const best = this.best(side);
    if (this.#random() < 0.4 && own.size > 11) {
      own.delete(best);
      told.set(best, 0);
      return;
    }
    const other = this.best(side === "bids" ? "asks" : "bids");
    const ticks = best + sign * (Math.floor(this.#random() * 12) - 4);
    const isCrossed = side === "bids" ? ticks >= other : ticks <= other;
    const at = isCrossed ? best : ticks;
    const lots = this.#lots();
    own.set(at, lots);
    told.set(at, lots);
  }

  sorted(side: Side): Level[] {
    const sign = side === "bids" ? -1 : 1;
    return [...this[side]].sort((a, b) => (a[0] - b[0]) * sign);
  }

  price(ticks: number): string {
    return text(ticks, this.corner.priceDecimals);
  }

  quantity(lots: number): string {
    return text(lots, this.corner.quantityDecimals);
  }
}

function text(steps: number, decimals: number): string {
  const digits = String(steps).padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** How a venue writes its messages. */
type Dialect = {
  readonly symbolOf: (corner: Corner) => string;
  readonly delta: (change: Change, atUs: number) => string;
  readonly snapshot: (book: WalkBook, atUs: number) => string;
  /** One line of a recording. */
  readonly line: (message: string, atUs: number, kind: "ws" | "rest", symbol: string) => string;
};

const pairs = (book: WalkBook, levels: readonly Level[]): string =>
  levels.map(([ticks, lots]) => `["${book.price(ticks)}","${book.quantity(lots)}"]`).join(",");

const objectLine: Dialect["line"] = (raw, atUs, kind, symbol) =>
  JSON.stringify({
    recv_ts: atUs / 1e6,
    stream: kind === "ws" ? "ws" : `rest:https://venue.test/depth?symbol=${symbol}`,
    raw,
  });

export const BINANCE: Dialect = {
  symbolOf: ({ base, quote }) => `${base}${quote}`,
  delta: ({ book, bids, asks, seqFirst, seqLast }, atUs) => {
    const symbol = book.corner.symbol;
    const head = `{"stream":"${symbol.toLowerCase()}@depth@100ms","data":{"e":"depthUpdate"`;
    const time = Math.floor(atUs / 1000);
    return (
      `${head},"E":${time},"s":"${symbol}","U":${seqFirst},"u":${seqLast},` +
      `"b":[${pairs(book, bids)}],"a":[${pairs(book, asks)}]}}`
    );
  },
  snapshot: (book) =>
    `{"lastUpdateId":${book.seq},"bids":[${pairs(book, book.sorted("bids"))}],` +
    `"asks":[${pairs(book, book.sorted("asks"))}]}`,
  line: (message, atUs) => `${atUs} ${message}`,
};

/** The same messages in the other format of recordings. */
export const BINANCE_OBJECTS: Dialect = { ...BINANCE, line: objectLine };

export const KUCOIN: Dialect = {
  symbolOf: ({ base, quote }) => `${base}-${quote}`,
  delta: ({ book, bids, asks, seqFirst, seqLast }, atUs) => {
    const rows = (levels: readonly Level[]): string =>
      levels
        .map(([ticks, lots]) => `["${book.price(ticks)}","${book.quantity(lots)}","${seqLast}"]`)
        .join(",");
    const topic = `/market/level2:${book.corner.symbol}`;
    return (
      `{"type":"message","topic":"${topic}","subject":"trade.l2update","data":{` +
      `"changes":{"asks":[${rows(asks)}],"bids":[${rows(bids)}]},"sequenceEnd":${seqLast},` +
      `"sequenceStart":${seqFirst},"symbol":"${book.corner.symbol}","time":${Math.floor(atUs / 1000)}}}`
    );
  },
  snapshot: (book, atUs) =>
    `{"code":"200000","data":{"time":${Math.floor(atUs / 1000)},"sequence":"${book.seq}",` +
    `"bids":[${pairs(book, book.sorted("bids"))}],"asks":[${pairs(book, book.sorted("asks"))}]}}`,
  line: objectLine,
};

/** Kraken v2 without receive times: its own time is in each message. */
export const KRAKEN: Dialect = {
  symbolOf: ({ base, quote }) => `${base}/${quote}`,
  delta: ({ book }, atUs) => krakenBook("update", book, atUs),
  snapshot: (book, atUs) => krakenBook("snapshot", book, atUs),
  line: (raw) => JSON.stringify({ recv_ts: null, stream: "ws", raw }),
};

const KRAKEN_DEPTH = 10;

/**
 * Ten levels a side are told and kept: of what changed, those among the ten. A level that comes up into
 * the ten is told again, one that falls out of them is not.
 */
function krakenRows(book: WalkBook, side: Side): string {
  const told = book.told[side];
  const view = new Map(book.sorted(side).slice(0, KRAKEN_DEPTH));
  const gone = [...told.keys()].filter((ticks) => !book[side].has(ticks));
  const changed = [...view].filter(([ticks, lots]) => told.get(ticks) !== lots);
  book.told[side] = view;
  return [...gone.map((ticks): Level => [ticks, 0]), ...changed]
    .map(([ticks, lots]) => `{"price":${book.price(ticks)},"qty":${book.quantity(lots)}}`)
    .join(",");
}

function krakenBook(type: string, book: WalkBook, atUs: number): string {
  const rows = `"bids":[${krakenRows(book, "bids")}],"asks":[${krakenRows(book, "asks")}]`;
  const us = String(atUs % 1000).padStart(3, "0");
  const time = new Date(atUs / 1000).toISOString().replace("Z", `${us}Z`);
  return (
    `{"channel":"book","type":"${type}","data":[{"symbol":"${book.corner.symbol}",${rows},` +
    `"checksum":${checksumOf(book)},"timestamp":"${time}"}]}`
  );
}

/** "remove the decimal character, remove leading zeros, concatenate": ten asks, then ten bids. */
function checksumOf(book: WalkBook): number {
  const bare = (decimal: string): string => decimal.replace(".", "").replace(/^0+/, "");
  const side = (name: Side): string =>
    book
      .sorted(name)
      .slice(0, 10)
      .map(([ticks, lots]) => bare(book.price(ticks)) + bare(book.quantity(lots)))
      .join("");
  return crc32(side("asks") + side("bids"));
}

export type Wish = {
  readonly dialect: Dialect;
  readonly seed: number;
  readonly changes: number;
  /** All three instruments in one file. */
  readonly isOneFile?: boolean;
  /** Records of different files at the same microsecond. */
  readonly hasTies?: boolean;
};

const START_US = 1_790_000_000_000_000;

/** Makes a recording (or three) and what each state of it must be. */
export function makeTriangle(wish: Wish): Made {
  const random = seeded(wish.seed);
  const { dialect } = wish;
  const books = CORNERS.map(
    (one) => new WalkBook(random, { ...one, symbol: dialect.symbolOf(one) }),
  );
  const files: string[][] = wish.isOneFile === true ? [[]] : [[], [], []];
  const states: ExpectedState[] = [];
  const live = new Set<WalkBook>();
  const isInStream = dialect === KRAKEN;
  let atUs = START_US;
  const fileOf = (index: number): number => (wish.isOneFile === true ? 0 : index);
  const write = (index: number, message: string, kind: "ws" | "rest"): void => {
    const symbol = books[index]?.corner.symbol ?? "";
    files[fileOf(index)]?.push(dialect.line(message, atUs, kind, symbol));
  };
  const expect = (index: number, change: "update" | "snapshot"): void => {
    if (live.size < books.length) return;
    const symbol = books[index]?.corner.symbol ?? "";
    states.push({
      recvUs: atUs,
      file: fileOf(index) + 1,
      symbol,
      change,
      products: productsOf(books),
    });
  };
  for (const [index, book] of books.entries()) {
    atUs += 1000;
    // A delta that the snapshot already holds joins it to the stream; without one the next delta does.
    const isJoined = isInStream || index !== 1;
    if (!isInStream && isJoined) write(index, dialect.delta(book.move(), atUs), "ws");
    write(index, dialect.snapshot(book, atUs), isInStream ? "ws" : "rest");
    if (!isJoined) continue;
    live.add(book);
    expect(index, "snapshot");
  }
  let last = books.length - 1;
  for (let i = 0; i < wish.changes; i++) {
    const index = Math.floor(random() * books.length);
    // At the same microsecond the earlier file comes first, so only a later one may share it.
    const isTie = wish.hasTies === true && fileOf(index) >= fileOf(last) && random() < 0.3;
    if (!isTie) atUs += 1 + Math.floor(random() * 5000);
    last = index;
    const book = books[index] as WalkBook;
    write(index, dialect.delta(book.move(), atUs), "ws");
    live.add(book);
    expect(index, "update");
  }
  return { files, states };
}

/** USDT>BTC>ETH and USDT>ETH>BTC, from the plain maps. */
function productsOf(books: readonly WalkBook[]): [Product, Product] {
  const [btc, cross, eth] = books as [WalkBook, WalkBook, WalkBook];
  const per = (book: WalkBook): bigint => 10n ** BigInt(book.corner.priceDecimals);
  const ask = (book: WalkBook): bigint => BigInt(book.best("asks"));
  const bid = (book: WalkBook): bigint => BigInt(book.best("bids"));
  return [
    {
      n: per(btc) * per(cross) * bid(eth),
      d: ask(btc) * ask(cross) * per(eth),
    },
    {
      n: per(eth) * bid(cross) * bid(btc),
      d: ask(eth) * per(cross) * per(btc),
    },
  ];
}

/**
 * Budget 9, Kraken's part: bytes to levels to books to checksums, on every message, with JSON.parse of the
 * same bytes in the same round.
 *
 * Messages have the numbers of levels of the Binance benches ("quiet" 6 and "wide" 33 at the median, half of
 * them in the top ten), and the venue's own text: tenths of a dollar, eight decimals, right checksums.
 */
import { crc32 } from "node:zlib";
import { Book } from "../../hotpath/core/book/book.ts";
import type { BookChecksum } from "../../hotpath/core/book/checksum.ts";
import { DECODED, type FrameDecoder } from "../../hotpath/core/decode/decoder.ts";
import { type Instrument, instrumentOf } from "../../hotpath/core/instrument.ts";
import { MARKET, MarketRing } from "../../hotpath/core/market-ring.ts";
import { krakenChecksum } from "../../hotpath/venues/kraken/continuity.ts";
import { krakenDecoder } from "../../hotpath/venues/kraken/normalize.ts";
import { type Profile, seeded } from "./frames.ts";
import { atMost, type BenchOptions, collectGarbage, type Row, ratioOfRounds } from "./measure.ts";

const BOOKS = 20;
const FRAMES = 1000;
const DEPTH = 100;
const LEVELS_MIN = 70;
const TRIES_MAX = 1000;
const TOP = 10;
const STAMP = { session: 0, epoch: 1, recvUs: 1, awayUs: 0, rawSeq: 0 };
const COUNT: Readonly<Record<Profile, { readonly median: number; readonly sigma: number }>> = {
  quiet: { median: 6, sigma: 0.76 },
  wide: { median: 33, sigma: 0.63 },
};
const BUDGET: Readonly<Record<Profile, number>> = { quiet: 0.6, wide: 0.35 };
const MID_TICKS = 645_250;
const LOTS_PER_UNIT = 100_000_000;
const START_US = 1_784_483_679_753_424;

type Side = Map<number, number>;
type Model = { readonly symbol: string; readonly bids: Side; readonly asks: Side };

function priceText(ticks: number): string {
  return `${Math.floor(ticks / 10)}.${ticks % 10}`;
}

function quantityText(lots: number): string {
  return `${Math.floor(lots / LOTS_PER_UNIT)}.${String(lots % LOTS_PER_UNIT).padStart(8, "0")}`;
}

function levelText([ticks, lots]: readonly [number, number]): string {
  return `{"price":${priceText(ticks)},"qty":${quantityText(lots)}}`;
}

function sorted(side: Side, sign: 1 | -1): (readonly [number, number])[] {
  return [...side].sort(([a], [b]) => (a - b) * sign);
}

function checksumOf({ bids, asks }: Model): number {
  const top = [...sorted(asks, 1).slice(0, TOP), ...sorted(bids, -1).slice(0, TOP)];
  return crc32(top.map(([ticks, lots]) => `${ticks}${lots}`).join(""));
}

function messageText(
  model: Model,
  type: "snapshot" | "update",
  levels: {
    readonly bids: readonly (readonly [number, number])[];
    readonly asks: readonly (readonly [number, number])[];
  },
  index: number,
): string {
  const us = START_US + index * 137;
  const time = `${new Date(Math.floor(us / 1000)).toISOString().slice(0, -1)}${String(us % 1000).padStart(3, "0")}Z`;
  const [bids, asks] = [levels.bids, levels.asks].map((side) => side.map(levelText).join(","));
  return (
    `{"channel":"book","type":"${type}","data":[{"symbol":"${model.symbol}","bids":[${bids}],` +
    `"asks":[${asks}],"checksum":${checksumOf(model)},"timestamp":"${time}"}]}`
  );
}

type KrakenSet = {
  readonly symbols: readonly string[];
  readonly snapshots: readonly Buffer[];
  readonly frames: readonly Buffer[];
};

/** Frames whose changes are half in the top ten, and whose sides never grow beyond the depth. */
function makeKrakenFrames(profile: Profile): KrakenSet {
  const random = seeded(11);
  const lots = (): number => 1 + Math.floor(random() ** 3 * 400 * LOTS_PER_UNIT);
  const models = Array.from({ length: BOOKS }, (_, i): Model => {
    const away = Array.from({ length: DEPTH - 10 }, (_step, level) => 1 + level * 2);
    const bids = new Map(away.map((ticks) => [MID_TICKS - ticks, lots()] as const));
    const asks = new Map(away.map((ticks) => [MID_TICKS + ticks, lots()] as const));
    return { symbol: `SIM${i}/USD`, bids, asks };
  });
  const snapshots = models.map((model) => {
    const levels = { bids: sorted(model.bids, -1), asks: sorted(model.asks, 1) };
    return Buffer.from(messageText(model, "snapshot", levels, 0));
  });
  // What the first half changes the second takes back, so that the books end where they began and the
  // frames may go round.
  const frames: Buffer[] = [];
  const undo: (readonly [Model, Changes])[] = [];
  for (let index = 0; index < FRAMES / 2; index++) {
    const model = models[index % BOOKS] as Model;
    const { now, before } = changesOf(model, profile, random, lots);
    undo.push([model, before]);
    frames.push(Buffer.from(messageText(model, "update", now, index)));
  }
  for (const [model, before] of undo.reverse()) {
    for (const name of ["bids", "asks"] as const) {
      for (const [ticks, quantity] of before[name]) {
        if (quantity === 0) model[name].delete(ticks);
        else model[name].set(ticks, quantity);
      }
    }
    frames.push(Buffer.from(messageText(model, "update", before, frames.length)));
  }
  return { symbols: models.map(({ symbol }) => symbol), snapshots, frames };
}

type Changes = { readonly bids: [number, number][]; readonly asks: [number, number][] };

/** The changes of one message, and the quantities that they replace. */
function changesOf(
  model: Model,
  profile: Profile,
  random: () => number,
  lots: () => number,
): { readonly now: Changes; readonly before: Changes } {
  const { median, sigma } = COUNT[profile];
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const wanted = Math.max(1, Math.round(median * Math.exp(sigma * normal)));
  const now = { bids: new Map<number, number>(), asks: new Map<number, number>() };
  const before = { bids: new Map<number, number>(), asks: new Map<number, number>() };
  for (let tries = 0; now.bids.size + now.asks.size < wanted && tries < TRIES_MAX; tries++) {
    const name = random() < 0.5 ? "bids" : "asks";
    const away = random() < 0.5 ? Math.floor(random() * 20) : Math.floor(random() * 180);
    const ticks = name === "bids" ? MID_TICKS - 1 - away : MID_TICKS + 1 + away;
    if (now[name].has(ticks)) continue;
    const held = model[name].get(ticks) ?? 0;
    const quantity = changed(model[name], ticks, random, lots);
    if (quantity === undefined) continue;
    before[name].set(ticks, held);
    now[name].set(ticks, quantity);
  }
  const flat = (sides: typeof now): Changes => ({ bids: [...sides.bids], asks: [...sides.asks] });
  return { now: flat(now), before: flat(before) };
}

/** Changes one price of a side: 0 when it is gone, undefined when the side has no room for it. */
function changed(
  side: Side,
  ticks: number,
  random: () => number,
  lots: () => number,
): number | undefined {
  const isThere = side.has(ticks);
  if (isThere && random() < 0.45 && side.size > LEVELS_MIN) {
    side.delete(ticks);
    return 0;
  }
  if (!isThere && side.size >= DEPTH) return undefined;
  const quantity = lots();
  side.set(ticks, quantity);
  return quantity;
}

type Rig = {
  readonly set: KrakenSet;
  readonly decoder: FrameDecoder;
  readonly ring: MarketRing;
  readonly books: readonly Book[];
  readonly checksums: readonly BookChecksum[];
  mismatches: number;
};

function makeRig(profile: Profile): Rig {
  const set = makeKrakenFrames(profile);
  const instruments = set.symbols.map((symbol, index) => {
    const rules = { id: `kraken:${symbol}`, venue: "kraken", symbol } as const;
    return instrumentOf({ ...rules, tickSize: "0.1", lotSize: "0.00000001" }, index) as Instrument;
  });
  return {
    set,
    decoder: krakenDecoder(instruments),
    ring: new MarketRing(1024),
    books: instruments.map(() => new Book()),
    checksums: instruments.map(krakenChecksum),
    mismatches: 0,
  };
}

/** What the reader and the loop do with a message: decode, apply, cut to the depth, compare. */
function take(rig: Rig, frame: Buffer): void {
  const { decoder, ring, books, checksums } = rig;
  if (decoder.decode(frame, STAMP, ring) !== DECODED.event) throw new Error("a frame was refused");
  const row = ring.oldest;
  const at = ring.instrument[row] as number;
  const book = books[at] as Book;
  const start = ring.levelStart[row] as number;
  const bidCount = ring.bidCount[row] as number;
  const askCount = ring.askCount[row] as number;
  const seq = ring.seqLast[row] as number;
  if (ring.kind[row] === MARKET.bookSnapshot) {
    const end = start + bidCount + askCount;
    const levels = { ticks: ring.ticks.slice(start, end), lots: ring.lots.slice(start, end) };
    book.load({ seq, exchangeUs: 0, ...levels, bidCount, askCount }, DEPTH);
  } else book.apply(ring.ticks, ring.lots, start, bidCount, askCount, seq);
  book.bids.truncate(DEPTH);
  book.asks.truncate(DEPTH);
  if ((checksums[at] as BookChecksum)(book) !== ring.checksum[row]) rig.mismatches++;
  ring.release();
}

let kept = 0;

function parseOnly(frames: readonly Buffer[]): void {
  for (const frame of frames) {
    const message = JSON.parse(frame.toString()) as { data: readonly [{ checksum: number }] };
    kept += message.data[0].checksum;
  }
  if (kept < 0) throw new Error("checksums are not negative");
}

function krakenRow(profile: Profile, { isQuick }: BenchOptions): Row {
  const rig = makeRig(profile);
  const reload = (): void => {
    for (const snapshot of rig.set.snapshots) take(rig, snapshot);
  };
  reload();
  collectGarbage();
  const { ratio, actNs, yardstickNs } = ratioOfRounds(
    isQuick ? 40 : 150,
    () => {
      for (const frame of rig.set.frames) take(rig, frame);
    },
    () => parseOnly(rig.set.frames),
    reload,
  );
  if (rig.mismatches > 0) throw new Error(`${rig.mismatches} checksums differed`);
  const per = (ns: number): string => (ns / FRAMES).toFixed(0);
  const bytes = rig.set.frames.reduce((sum, { length }) => sum + length, 0) / FRAMES;
  const note = `${per(actNs)} ns a message of ${bytes.toFixed(0)} B, JSON.parse ${per(yardstickNs)} ns`;
  const what = `Kraken decode + apply + checksum, ${profile}`;
  return atMost(9, what, BUDGET[profile], ratio, "x JSON.parse", note);
}

export function krakenBench(options: BenchOptions): Row[] {
  return (["quiet", "wide"] as const).map((profile) => krakenRow(profile, options));
}

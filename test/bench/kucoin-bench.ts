/**
 * Budget 9, KuCoin: `trade.l2update` to ticks, lots and sequences, with JSON.parse of the same bytes in the
 * same round. The frames are shaped as the venue's own example, with rows as the recording of 2021 has them:
 * most messages tell of one level, some of two or three, and some rows tell of a sequence alone.
 */
import { DECODED, type FrameDecoder } from "../../hotpath/core/decode/decoder.ts";
import { type Instrument, instrumentOf } from "../../hotpath/core/instrument.ts";
import { MarketRing } from "../../hotpath/core/market-ring.ts";
import { kucoinDecoder } from "../../hotpath/venues/kucoin/normalize.ts";
import { seeded } from "./frames.ts";
import { atMost, type BenchOptions, type Row, ratioOfRounds } from "./measure.ts";

const BOOKS = 20;
const FRAMES = 1000;
const STAMP = { session: 0, epoch: 1, recvUs: 1, awayUs: 0, rawSeq: 0 };
const FIRST_SEQ = 14_701_689_783;

let kept = 0;

/** Instruments with the steps of BTC-USDT. */
function instruments(): Instrument[] {
  return Array.from({ length: BOOKS }, (_, index) => {
    const symbol = `SIM${index}-USDT`;
    const rules = { id: `kucoin:${symbol}`, venue: "kucoin", symbol } as const;
    const made = instrumentOf(
      { ...rules, id: `kucoin:${symbol}`, tickSize: "0.1", lotSize: "0.00000001" },
      index,
    );
    if (made === undefined) throw new Error("the steps of the made-up frames are decimals");
    return made;
  });
}

/** Zeros at the end are left out, as the venue does. */
function plain(units: number, digits: number): string {
  const text = String(units).padStart(digits + 1, "0");
  const fraction = text.slice(-digits).replace(/0+$/, "");
  return text.slice(0, -digits) + (fraction === "" ? "" : `.${fraction}`);
}

/** One row: two in three set a level, one in three takes one away, one in sixteen says nothing but "later". */
function rowText(random: () => number, seq: number): string {
  const ticks = 679_900 + Math.floor(random() * 200);
  const lots = random() < 0.31 ? 0 : 1 + Math.floor(random() ** 3 * 400_000_000);
  const level = random() < 1 / 16 ? '"0","0"' : `"${plain(ticks, 1)}","${plain(lots, 8)}"`;
  return `[${level},"${seq}"]`;
}

function rowCount(draw: number): number {
  if (draw < 0.75) return 1;
  return draw < 0.94 ? 2 : 3;
}

function frames(): Buffer[] {
  const random = seeded(9);
  const seqs = new Array<number>(BOOKS).fill(FIRST_SEQ);
  return Array.from({ length: FRAMES }, (_, i) => {
    const book = i % BOOKS;
    const first = (seqs[book] as number) + 1;
    const count = rowCount(random());
    const sides: [string[], string[]] = [[], []];
    for (let n = 0; n < count; n++) {
      sides[random() < 0.5 ? 0 : 1].push(rowText(random, first + n));
    }
    const last = first + count - 1;
    seqs[book] = last;
    const symbol = `SIM${book}-USDT`;
    const changes = `{"asks":[${sides[0].join(",")}],"bids":[${sides[1].join(",")}]}`;
    const data = `{"changes":${changes},"sequenceEnd":${last},"sequenceStart":${first},"symbol":"${symbol}","time":${1_729_816_425_625 + i}}`;
    return Buffer.from(
      `{"topic":"/market/level2:${symbol}","type":"message","subject":"trade.l2update","data":${data}}`,
    );
  });
}

function decodeAll(all: readonly Buffer[], decoder: FrameDecoder, ring: MarketRing): void {
  for (const frame of all) {
    if (decoder.decode(frame, STAMP, ring) !== DECODED.event)
      throw new Error("a frame was refused");
    ring.release();
  }
}

function parseAll(all: readonly Buffer[]): void {
  for (const frame of all) {
    const message = JSON.parse(frame.toString()) as { data: { sequenceEnd: number } };
    kept += message.data.sequenceEnd;
  }
}

/** One row: what a delta of KuCoin costs against JSON.parse. */
export function kucoinBench({ isQuick }: BenchOptions): Row[] {
  const all = frames();
  const decoder = kucoinDecoder(instruments());
  const ring = new MarketRing(1024);
  const { ratio, actNs, yardstickNs } = ratioOfRounds(
    isQuick ? 60 : 300,
    () => decodeAll(all, decoder, ring),
    () => parseAll(all),
  );
  if (decoder.fallbacks > 0) throw new Error("a frame was not read by its shape");
  const bytes = all.reduce((sum, frame) => sum + frame.length, 0) / FRAMES;
  const note =
    `${(actNs / FRAMES).toFixed(0)} ns for ${bytes.toFixed(0)} bytes, ` +
    `JSON.parse ${(yardstickNs / FRAMES).toFixed(0)} ns`;
  return [atMost(9, "KuCoin l2update decode", 0.25, ratio, "x JSON.parse", note)];
}

/** Keeps the yardstick's work from being optimized away. */
export function keptSum(): number {
  return kept;
}

/**
 * Station: before the first live frame. Frames as Kraken shapes them about a made-up instrument with a
 * tick and a lot of 0.01: a snapshot now and then, updates behind it, each with the checksum that a right
 * book has; quotes and trades beside them.
 *
 * The checksum is made from text, as the venue does, and not by the rule that it warms up.
 */
import { crc32OfText } from "../../core/book/crc32.ts";
import { CHECKSUM_LEVELS } from "./wire.ts";

/** Steps between two snapshots. */
const BLOCK_STEPS = 8;
const LEVELS = 12;
const BEST_BID_TICKS = 10_010;
const BEST_ASK_TICKS = 20_010;
const START_US = 1_700_000_000_000_000;
const STEP_US = 1000;

/** Prices to lots, in ticks of 0.01. */
type Side = Map<number, number>;
type Change = readonly [ticks: number, lots: number];
type Model = { readonly bids: Side; readonly asks: Side };

function level([ticks, lots]: Change): string {
  return `{"price":${text(ticks)},"qty":${text(lots)}}`;
}

function text(hundredths: number): string {
  const digits = String(hundredths).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function sorted(side: Side, sign: 1 | -1): Change[] {
  return [...side].sort(([a], [b]) => (a - b) * sign);
}

function checksumOf({ bids, asks }: Model): number {
  const top = [
    ...sorted(asks, 1).slice(0, CHECKSUM_LEVELS),
    ...sorted(bids, -1).slice(0, CHECKSUM_LEVELS),
  ];
  return crc32OfText(top.map(([ticks, lots]) => `${ticks}${lots}`).join(""));
}

function freshModel(block: number): Model {
  const lots = (i: number): number => 100 + ((block * 31 + i * 17) % 150_000);
  const bids = Array.from({ length: LEVELS }, (_, i) => [BEST_BID_TICKS - i * 3, lots(i)] as const);
  const asks = Array.from({ length: LEVELS }, (_, i) => [BEST_ASK_TICKS + i * 3, lots(i)] as const);
  return { bids: new Map(bids), asks: new Map(asks) };
}

/** Changes of one step: from none to nine levels a side, removals among them, the touch untouched. */
function changesOf(step: number, model: Model): { bids: Change[]; asks: Change[] } {
  const bids: Change[] = [];
  const asks: Change[] = [];
  for (let i = 0; i < step % (LEVELS - 2); i++) {
    const away = 1 + ((step * 7 + i * 13) % 33);
    const lots = (step + i) % 3 === 0 ? 0 : 1 + ((step * 31 + i * 17) % 150_000);
    bids.push([BEST_BID_TICKS - away, lots]);
    if (i !== 1) asks.push([BEST_ASK_TICKS + away, lots]);
  }
  for (const [side, changes] of [
    [model.bids, bids],
    [model.asks, asks],
  ] as const) {
    for (const [ticks, lots] of changes) {
      if (lots === 0) side.delete(ticks);
      else side.set(ticks, lots);
    }
  }
  return { bids, asks };
}

/** The book's message of a step without its symbol: what stands before it, and behind. */
function bookPart(step: number): readonly [head: string, tail: string] {
  const block = step - (step % BLOCK_STEPS);
  const model = freshModel(block);
  let changes: { bids: Change[]; asks: Change[] } = {
    bids: sorted(model.bids, -1),
    asks: sorted(model.asks, 1),
  };
  for (let at = block + 1; at <= step; at++) changes = changesOf(at, model);
  const type = step === block ? "snapshot" : "update";
  const [bids, asks] = [changes.bids, changes.asks].map((side) => side.map(level).join(","));
  const tail =
    `"bids":[${bids}],"asks":[${asks}],"checksum":${checksumOf(model)},` +
    `"timestamp":"${timeText(step)}"}]}`;
  return [`{"channel":"book","type":"${type}","data":[`, tail];
}

function timeText(step: number): string {
  const us = START_US + step * STEP_US;
  const whole = new Date(Math.floor(us / 1000)).toISOString().slice(0, -1);
  return `${whole}${String(us % 1000).padStart(3, "0")}Z`;
}

/** The part of the last step asked for: all instruments of one step share it. */
let last: { readonly step: number; readonly part: readonly [string, string] } | undefined;

/** A book's message, a quote and a trade of a step. */
export function warmUpFrames(symbol: string, step: number): readonly string[] {
  if (last?.step !== step) last = { step, part: bookPart(step) };
  const [head, tail] = last.part;
  const time = timeText(step);
  const bid = text(BEST_BID_TICKS);
  const ask = text(BEST_ASK_TICKS);
  const day = `"last":${bid},"volume":123.5,"vwap":${bid},"low":${bid},"high":${ask},"change":-0.1`;
  const side = step % 2 === 0 ? "buy" : "sell";
  const trade =
    `{"symbol":"${symbol}","side":"${side}","price":${bid},"qty":0.25,"ord_type":"market",` +
    `"trade_id":${step},"timestamp":"${time}"}`;
  return [
    `${head}{"symbol":"${symbol}",${tail}`,
    `{"channel":"ticker","type":"update","data":[{"symbol":"${symbol}","bid":${bid},"bid_qty":1.00,` +
      `"ask":${ask},"ask_qty":1.00,${day},"change_pct":-0.17,"timestamp":"${time}"}]}`,
    `{"channel":"trade","type":"update","data":[${trade}]}`,
  ];
}

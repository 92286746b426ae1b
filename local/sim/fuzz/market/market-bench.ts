/**
 * Station: one venue's decoder, its frames and a plain reader of them -> the parts of a fuzzer.
 *
 * A subject is one decoder over one ring. What it commits is read back from the ring and held against what
 * the plain reader makes of the same bytes; what it refuses must have left nothing behind.
 */
import { assert } from "../../../../contracts/assert.ts";
import type { VenueId } from "../../../../contracts/ids.ts";
import {
  DECODED,
  type FrameDecoder,
  type FrameStamp,
} from "../../../../hotpath/core/decode/decoder.ts";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { FRAME_LEVELS_MAX, MarketRing } from "../../../../hotpath/core/market-ring.ts";
import type { Bench, Subject } from "../fuzzer.ts";
import { jsonDraw } from "../mutation/json-draw.ts";
import { isFloorOfSteps, isSteps } from "../oracle/numbers.ts";

export const STAMP: FrameStamp = {
  session: 3,
  epoch: 7,
  recvUs: 1_700_000_000_000_001,
  awayUs: 5,
  rawSeq: 9,
};

const RING_ROWS = 4;

/** Steps of every sort: one unit, several units, no decimals, many decimals. */
export const STEPS = [
  { tickSize: "0.01", lotSize: "0.00001" },
  { tickSize: "0.1", lotSize: "0.00000001" },
  { tickSize: "0.05", lotSize: "0.025" },
  { tickSize: "1", lotSize: "10" },
  { tickSize: "0.0000000001", lotSize: "1" },
] as const;

/** Instruments of a venue, one for each of `STEPS`. */
export function fuzzInstruments(venue: VenueId, symbols: readonly string[]): Instrument[] {
  assert(symbols.length === STEPS.length, "every sort of steps has its symbol");
  return STEPS.map(({ tickSize, lotSize }, index) => {
    const symbol = symbols[index] ?? "";
    const rules = { id: `${venue}:${symbol}` as const, venue, symbol, tickSize, lotSize };
    const instrument = instrumentOf(rules, index);
    assert(instrument !== undefined, `${symbol} has steps`);
    return instrument;
  });
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** One row of the ring as the judge sees it. */
export type RowSight = { readonly ring: MarketRing; readonly row: number };

/** Says what is wrong with the row that a frame became; undefined for nothing. */
export type RowJudge = (input: Uint8Array, sight: RowSight) => string | undefined;

/** A bench of frames: `makeDecoder` gives the code under test, `judgeRow` the plain reader's word. */
export function frameBench(
  corpus: readonly string[],
  makeDecoder: () => FrameDecoder,
  judgeRow: RowJudge,
): Bench {
  const frames = corpus.map(bytesOf);
  // One ring for all lives: two megabytes would be most of what a life costs.
  const ring = new MarketRing(RING_ROWS, FRAME_LEVELS_MAX * 2);
  return {
    corpus: frames,
    draw: jsonDraw(frames),
    begin: () => subjectOf(makeDecoder(), ring, judgeRow),
  };
}

function subjectOf(decoder: FrameDecoder, ring: MarketRing, judgeRow: RowJudge): Subject {
  return {
    run: (input) => {
      while (ring.depth > 0) ring.release();
      return decoder.decode(input, STAMP, ring) === DECODED.event;
    },
    judge: (input, isAccepted) => {
      if (ring.depth !== (isAccepted ? 1 : 0)) return "the ring holds what was not committed";
      return isAccepted ? judgeCommitted(input, { ring, row: ring.newest }, judgeRow) : undefined;
    },
  };
}

function judgeCommitted(
  input: Uint8Array,
  sight: RowSight,
  judgeRow: RowJudge,
): string | undefined {
  const { ring, row } = sight;
  const isStamped =
    ring.session[row] === STAMP.session &&
    ring.epoch[row] === STAMP.epoch &&
    ring.recvUs[row] === STAMP.recvUs &&
    ring.rawSeq[row] === STAMP.rawSeq;
  if (!isStamped) return "the row does not bear its frame's stamp";
  for (const column of [ring.exchangeUs, ring.seqFirst, ring.seqLast, ring.seqPrevious]) {
    const value = column[row] as number;
    if (!Number.isSafeInteger(value) || value < 0) return "a number of the row is not exact";
  }
  return judgeRow(input, sight);
}

/** One level as the venue wrote it, and whether a remainder of the quantity may have been cut off. */
export type WrittenLevel = {
  readonly price: string | undefined;
  readonly quantity: string | undefined;
  readonly isFloored?: boolean;
};

/** Whether level `at` of the ring is worth what was written. */
export function isLevel(
  { ticks, lots }: { readonly ticks: Float64Array; readonly lots: Float64Array },
  at: number,
  { price, quantity, isFloored = false }: WrittenLevel,
  instrument: Instrument,
): boolean {
  const { priceDecimals, tickUnits, quantityDecimals, lotUnits } = instrument;
  const check = isFloored ? isFloorOfSteps : isSteps;
  return (
    isSteps(price, ticks[at] as number, { decimals: priceDecimals, units: tickUnits }) &&
    check(quantity, lots[at] as number, { decimals: quantityDecimals, units: lotUnits })
  );
}

/** Says what is wrong with the levels of a row, bids and then asks. */
export function judgeLevels(
  { ring, row }: RowSight,
  bids: readonly WrittenLevel[],
  asks: readonly WrittenLevel[],
  instrument: Instrument,
): string | undefined {
  if (ring.bidCount[row] !== bids.length) return "the row has another number of bids";
  if (ring.askCount[row] !== asks.length) return "the row has another number of asks";
  const start = ring.levelStart[row] as number;
  const all = [...bids, ...asks];
  const isRight = all.every((level, i) => isLevel(ring, start + i, level, instrument));
  return isRight ? undefined : "a level is worth something else than was written";
}

/** Whether two ASCII words are the same but for case, which this house folds in symbols. */
export function isSameFolded(one: string, other: string): boolean {
  const fold = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return fold(one) === fold(other);
}

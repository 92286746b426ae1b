/**
 * Station: body of a depth request -> levels in ticks and lots. Pure.
 *
 * `level2_100` and the signed full book have one shape; `sequence` is a string here and a number in the
 * deltas. The venue answers errors with status 200 and a code, so the code is read first.
 */
import type { SnapshotLevels } from "../../core/decode/decoder.ts";
import { readDecimal } from "../../core/decode/field-parse.ts";
import { parseJson } from "../../core/decode/json-text.ts";
import type { Instrument } from "../../core/instrument.ts";
import { readSize } from "./push-reader.ts";
import { CODE_OK, type WireAnswer } from "./wire.ts";

const US_PER_MS = 1000;
/** Whole numbers that a double holds exactly, and no others. */
const SEQUENCE_TEXT = /^\d{1,15}$/;

/** Levels of a depth body; undefined when it is none, an error, or breaks a rule. */
export function decodeDepthBody(
  body: Uint8Array,
  instrument: Instrument,
): SnapshotLevels | undefined {
  const answer: WireAnswer | undefined = parseJson(body);
  const { data } = answer ?? {};
  if (answer?.code !== CODE_OK || typeof data !== "object" || data === null) return undefined;
  const { sequence, time, bids, asks } = data as Readonly<Record<string, unknown>>;
  if (typeof sequence !== "string" || !SEQUENCE_TEXT.test(sequence)) return undefined;
  // A side without a level comes as an empty list or as null.
  const [bidRows, askRows] = [rowsOf(bids), rowsOf(asks)];
  if (bidRows === undefined || askRows === undefined) return undefined;
  const count = bidRows.length + askRows.length;
  const levels: SnapshotLevels = {
    seq: Number(sequence),
    exchangeUs: microsOf(time),
    ticks: new Float64Array(count),
    lots: new Float64Array(count),
    bidCount: bidRows.length,
    askCount: askRows.length,
  };
  let at = 0;
  for (const row of [...bidRows, ...askRows]) {
    if (!Array.isArray(row)) return undefined;
    if (readDecimal(row[0], instrument, true, levels.ticks, at) < 0) return undefined;
    if (readSize(row[1], instrument, levels.lots, at) < 0) return undefined;
    at++;
  }
  return levels;
}

/** Milliseconds in microseconds; 0, as if none were sent, for what is no time. */
function microsOf(time: unknown): number {
  const us = typeof time === "number" && time > 0 ? time * US_PER_MS : 0;
  return Number.isSafeInteger(us) ? us : 0;
}

function rowsOf(side: unknown): readonly unknown[] | undefined {
  if (side === null) return [];
  return Array.isArray(side) ? side : undefined;
}

/**
 * Station: REST depth body -> levels, for Binance. Pure.
 *
 * A body of 5000 levels a side is scanned once, without a string or an object per level: parsing is
 * most of the in-process part of a resync. Bodies with whitespace take JSON.parse instead.
 */
import type { SnapshotLevels } from "../../core/decode/decoder.ts";
import { readDecimal } from "../../core/decode/field-parse.ts";
import { parseJson } from "../../core/decode/json-text.ts";
import { LevelLayout } from "../../core/decode/level-layout.ts";
import { type LevelSink, scanInteger, scanLevels, skipScalar } from "../../core/decode/scan.ts";
import { SLACK_BYTES, scanShortLevels } from "../../core/decode/short-levels.ts";
import type { Instrument } from "../../core/instrument.ts";

const US_PER_MS = 1000;
/** `["1.2","3"],` is the shortest level. */
const LEVEL_BYTES_MIN = 10;
/**
 * What a level takes on these venues at least; arrays for the shortest would be three times as large, and
 * touching them costs more than reading the levels. (5000 a side: 0.25 of JSON.parse against 0.35.)
 */
const LEVEL_BYTES_USUAL = 24;
const QUOTE = 34;
const COLON = 58;
const COMMA = 44;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
/** The keys that are read, quotes included. */
const KEY = {
  lastUpdateId: bytesOf('"lastUpdateId"'),
  eventMs: bytesOf('"E"'),
  bids: bytesOf('"bids"'),
  asks: bytesOf('"asks"'),
} as const;
const FIELDS_MAX = 16;

/** Levels of a depth body in ticks and lots; undefined when the body is none or breaks a rule. */
export function decodeDepthBody(
  body: Uint8Array,
  instrument: Instrument,
): SnapshotLevels | undefined {
  return (
    scanBody(body, instrument, LEVEL_BYTES_USUAL) ??
    scanBody(body, instrument, LEVEL_BYTES_MIN) ??
    parseBody(body, instrument)
  );
}

/** A body under way: a copy that may be read beyond its end, and where its levels go. */
type Reading = {
  readonly instrument: Instrument;
  readonly layout: LevelLayout;
  readonly view: DataView;
  readonly sink: LevelSink;
  readonly integers: Float64Array;
};

type Parts = { seq: number; eventMs: number; bids: number; asks: number };

function scanBody(
  body: Uint8Array,
  instrument: Instrument,
  levelBytes: number,
): SnapshotLevels | undefined {
  if (body[0] !== OPEN_BRACE) return undefined;
  const capacity = Math.ceil(body.length / levelBytes);
  const sink: LevelSink = {
    ticks: new Float64Array(capacity),
    lots: new Float64Array(capacity),
    start: 0,
    limit: capacity,
    count: 0,
  };
  const copy = new Uint8Array(body.length + SLACK_BYTES);
  copy.set(body);
  const reading: Reading = {
    instrument,
    layout: new LevelLayout(instrument),
    view: new DataView(copy.buffer),
    sink,
    integers: new Float64Array(1),
  };
  const parts: Parts = { seq: -1, eventMs: 0, bids: -1, asks: -1 };
  let p = 1;
  for (let field = 0; field < FIELDS_MAX; field++) {
    p = scanField(body, p, reading, parts);
    if (p < 0) return undefined;
    if (body[p] === CLOSE_BRACE) break;
    if (body[p] !== COMMA) return undefined;
    p++;
  }
  const isComplete = parts.seq >= 0 && parts.bids >= 0 && parts.asks >= 0;
  if (!isComplete || body[p] !== CLOSE_BRACE || p + 1 !== body.length) return undefined;
  return {
    seq: parts.seq,
    exchangeUs: microsOf(parts.eventMs),
    ticks: sink.ticks,
    lots: sink.lots,
    bidCount: parts.bids,
    askCount: parts.asks,
  };
}

function scanField(body: Uint8Array, from: number, reading: Reading, parts: Parts): number {
  const { integers } = reading;
  const afterKey = skipScalar(body, from, body.length);
  if (afterKey < 0 || body[from] !== QUOTE || body[afterKey] !== COLON) return -1;
  const value = afterKey + 1;
  if (isKey(body, from, afterKey, KEY.lastUpdateId)) {
    const end = scanInteger(body, value, integers, 0);
    parts.seq = integers[0] as number;
    return end;
  }
  if (isKey(body, from, afterKey, KEY.eventMs)) {
    const end = scanInteger(body, value, integers, 0);
    parts.eventMs = integers[0] as number;
    return end;
  }
  const isBids = isKey(body, from, afterKey, KEY.bids);
  if (!isBids && !isKey(body, from, afterKey, KEY.asks)) {
    return skipScalar(body, value, body.length);
  }
  return scanBookSide(body, value, isBids, reading, parts);
}

/** Bids come once and first, asks once and behind them; anything else is left to JSON.parse. */
function scanBookSide(
  body: Uint8Array,
  from: number,
  isBids: boolean,
  { instrument, layout, view, sink }: Reading,
  parts: Parts,
): number {
  if (parts.asks >= 0 || isBids === parts.bids >= 0) return -1;
  const short = scanShortLevels(view, from, layout, sink);
  const end = short < 0 ? scanLevels(body, from, instrument, sink) : short;
  if (isBids) {
    parts.bids = sink.count;
    sink.start = sink.count;
  } else parts.asks = sink.count;
  return end;
}

function isKey(body: Uint8Array, from: number, end: number, key: Uint8Array): boolean {
  if (end - from !== key.length) return false;
  for (let i = 0; i < key.length; i++) if (body[from + i] !== key[i]) return false;
  return true;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function parseBody(body: Uint8Array, instrument: Instrument): SnapshotLevels | undefined {
  const value = parseJson(body);
  if (value === undefined) return undefined;
  const { lastUpdateId, E: eventMs, bids, asks } = value;
  if (!isId(lastUpdateId) || !Array.isArray(bids) || !Array.isArray(asks)) return undefined;
  const count = bids.length + asks.length;
  const ticks = new Float64Array(count);
  const lots = new Float64Array(count);
  let at = 0;
  for (const level of [...bids, ...asks] as readonly unknown[]) {
    if (!Array.isArray(level)) return undefined;
    if (readDecimal(level[0], instrument, true, ticks, at) < 0) return undefined;
    if (readDecimal(level[1], instrument, false, lots, at) < 0) return undefined;
    at++;
  }
  return {
    seq: lastUpdateId,
    exchangeUs: isId(eventMs) ? microsOf(eventMs) : 0,
    ticks,
    lots,
    bidCount: bids.length,
    askCount: asks.length,
  };
}

/** Milliseconds in microseconds; 0, as if none were sent, for what is no time. */
function microsOf(eventMs: number): number {
  const us = eventMs * US_PER_MS;
  return Number.isSafeInteger(us) ? us : 0;
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

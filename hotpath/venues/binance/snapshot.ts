/**
 * Station: REST depth body -> levels, for Binance. Pure.
 *
 * A body of 5000 levels a side is scanned once, without a string or an object per level: parsing is
 * most of the in-process part of a resync. Bodies with whitespace take JSON.parse instead.
 */
import type { SnapshotLevels } from "../../core/decode/decoder.ts";
import { readDecimal } from "../../core/decode/field-parse.ts";
import { type LevelSink, scanInteger, scanLevels, skipScalar } from "../../core/decode/scan.ts";
import type { Instrument } from "../../core/instrument.ts";

const US_PER_MS = 1000;
/** `["1.2","3"],` is the shortest level. */
const LEVEL_BYTES_MIN = 10;
const QUOTE = 34;
const COLON = 58;
const COMMA = 44;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
/** Second letters are enough to tell `lastUpdateId`, `bids` and `asks` apart by first letter. */
const KEY = { lastUpdateId: 108, bids: 98, asks: 97, eventMs: 69 } as const;
const FIELDS_MAX = 16;

/** Levels of a depth body in ticks and lots; undefined when the body is none or breaks a rule. */
export function decodeDepthBody(
  body: Uint8Array,
  instrument: Instrument,
): SnapshotLevels | undefined {
  return scanBody(body, instrument) ?? parseBody(body, instrument);
}

type Parts = { seq: number; eventMs: number; bids: number; asks: number };

function scanBody(body: Uint8Array, instrument: Instrument): SnapshotLevels | undefined {
  if (body[0] !== OPEN_BRACE) return undefined;
  const capacity = Math.ceil(body.length / LEVEL_BYTES_MIN);
  const sink: LevelSink = {
    ticks: new Float64Array(capacity),
    lots: new Float64Array(capacity),
    start: 0,
    limit: capacity,
    count: 0,
  };
  const parts: Parts = { seq: -1, eventMs: 0, bids: -1, asks: -1 };
  const integers = new Float64Array(1);
  let p = 1;
  for (let field = 0; field < FIELDS_MAX; field++) {
    p = scanField(body, p, instrument, sink, parts, integers);
    if (p < 0) return undefined;
    if (body[p] === CLOSE_BRACE) break;
    if (body[p] !== COMMA) return undefined;
    p++;
  }
  if (parts.seq < 0 || parts.bids < 0 || parts.asks < 0 || body[p] !== CLOSE_BRACE)
    return undefined;
  return {
    seq: parts.seq,
    exchangeUs: parts.eventMs * US_PER_MS,
    ticks: sink.ticks,
    lots: sink.lots,
    bidCount: parts.bids,
    askCount: parts.asks,
  };
}

function scanField(
  body: Uint8Array,
  from: number,
  instrument: Instrument,
  sink: LevelSink,
  parts: Parts,
  integers: Float64Array,
): number {
  const afterKey = skipScalar(body, from, body.length);
  if (afterKey < 0 || body[from] !== QUOTE || body[afterKey] !== COLON) return -1;
  const value = afterKey + 1;
  switch (body[from + 1]) {
    case KEY.lastUpdateId: {
      const end = scanInteger(body, value, integers, 0);
      parts.seq = integers[0] as number;
      return end;
    }
    case KEY.eventMs: {
      const end = scanInteger(body, value, integers, 0);
      parts.eventMs = integers[0] as number;
      return end;
    }
    case KEY.bids: {
      if (parts.bids >= 0 || parts.asks >= 0) return -1;
      const end = scanLevels(body, value, instrument, sink);
      parts.bids = sink.count;
      sink.start = sink.count;
      return end;
    }
    case KEY.asks: {
      if (parts.bids < 0 || parts.asks >= 0) return -1;
      const end = scanLevels(body, value, instrument, sink);
      parts.asks = sink.count;
      return end;
    }
    default:
      return skipScalar(body, value, body.length);
  }
}

function parseBody(body: Uint8Array, instrument: Instrument): SnapshotLevels | undefined {
  const value = parse(body);
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
    exchangeUs: isId(eventMs) ? eventMs * US_PER_MS : 0,
    ticks,
    lots,
    bidCount: bids.length,
    askCount: asks.length,
  };
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return typeof value === "object" && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    // An HTML error page, or a truncated body: not a snapshot, and the fetch is tried again.
    return undefined;
  }
}

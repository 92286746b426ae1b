/**
 * Station: frame bytes -> levels, quotes and trades, in the shape Kraken writes them. Pure.
 *
 * Keys come in one order and without whitespace, so they are compared as words and only the numbers
 * between them are read. What differs anywhere is a misfit, never a refusal: the patient reader in
 * `normalize.ts` reads it instead.
 */
import { type LevelSink, SCAN, type Scale, scanDecimal } from "../../core/decode/scan.ts";

/** Bytes that must be readable after the last one of a frame. */
export const SLACK_BYTES = 16;

const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const CLOSE_BRACE = 125;
const COMMA = 44;
const WORD_BYTES = 4;
const MASKS = [0, 0xff, 0xffff, 0xffffff];

/** Text that must stand at a place, compared four bytes at a time. */
export type Literal = {
  readonly words: Int32Array;
  readonly rest: number;
  readonly mask: number;
  readonly byteCount: number;
};

/** Makes a literal of ASCII text. */
export function literalOf(text: string): Literal {
  const bytes = Uint8Array.from({ length: text.length + WORD_BYTES }, (_, i) =>
    i < text.length ? text.charCodeAt(i) : 0,
  );
  const view = new DataView(bytes.buffer);
  const whole = text.length >> 2;
  return {
    words: Int32Array.from({ length: whole }, (_, i) => view.getInt32(i * WORD_BYTES, true)),
    rest: view.getInt32(whole * WORD_BYTES, true),
    mask: MASKS[text.length & 3] as number,
    byteCount: text.length,
  };
}

/** Whether the literal stands at `at`. */
export function stands(view: DataView, at: number, literal: Literal): boolean {
  const { words } = literal;
  let p = at;
  for (let i = 0; i < words.length; i++) {
    if (view.getInt32(p, true) !== words[i]) return false;
    p += WORD_BYTES;
  }
  return ((view.getInt32(p, true) ^ literal.rest) & literal.mask) === 0;
}

/** `{"price":` and `,"qty":` as words, little-endian. */
const PRICE = literalOf('{"price":');
const PRICE_0 = PRICE.words[0] as number;
const PRICE_1 = PRICE.words[1] as number;
const QTY = literalOf(',"qty":');
const QTY_0 = QTY.words[0] as number;
const COLON = 58;
const THREE_BYTES = 0xffffff;

/** Reads `[{"price":0.5666,"qty":4831.75},...]` into the sink; ends after the bracket, or a scan code. */
export function scanObjectLevels(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  scale: Scale,
  sink: LevelSink,
): number {
  const { ticks, lots, start, limit } = sink;
  if (bytes[from] !== OPEN_BRACKET) return SCAN.misfit;
  if (bytes[from + 1] === CLOSE_BRACKET) {
    sink.count = 0;
    return from + 2;
  }
  let at = start;
  let p = from;
  do {
    if (at >= limit) return SCAN.tooManyLevels;
    p = scanLevel(view, bytes, p + 1, scale, ticks, lots, at);
    if (p < 0) return p;
    at++;
  } while (bytes[p] === COMMA);
  if (bytes[p] !== CLOSE_BRACKET) return SCAN.misfit;
  sink.count = at - start;
  return p + 1;
}

function scanLevel(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  scale: Scale,
  ticks: Float64Array,
  lots: Float64Array,
  at: number,
): number {
  if (view.getInt32(from, true) !== PRICE_0 || view.getInt32(from + 4, true) !== PRICE_1) {
    return SCAN.misfit;
  }
  if (bytes[from + 8] !== COLON) return SCAN.misfit;
  let p = scanPrice(bytes, from + 9, scale, ticks, at);
  if (p < 0) return p;
  if (view.getInt32(p, true) !== QTY_0) return SCAN.misfit;
  if (((view.getInt32(p + 4, true) ^ QTY.rest) & THREE_BYTES) !== 0) return SCAN.misfit;
  p = scanQuantity(bytes, p + 7, scale, lots, at);
  if (p < 0) return p;
  return bytes[p] === CLOSE_BRACE ? p + 1 : SCAN.misfit;
}

/** A bare price to ticks; ends at the byte after it. */
export function scanPrice(
  bytes: Uint8Array,
  from: number,
  scale: Scale,
  out: Float64Array,
  at: number,
): number {
  const p = scanDecimal(bytes, from, scale.priceDecimals, out, at);
  if (p < 0 || scale.tickUnits === 1) return p;
  return toSteps(out, at, scale.tickUnits) ? p : SCAN.offStep;
}

/** A bare quantity to lots; ends at the byte after it. */
export function scanQuantity(
  bytes: Uint8Array,
  from: number,
  scale: Scale,
  out: Float64Array,
  at: number,
): number {
  const p = scanDecimal(bytes, from, scale.quantityDecimals, out, at);
  if (p < 0 || scale.lotUnits === 1) return p;
  return toSteps(out, at, scale.lotUnits) ? p : SCAN.offStep;
}

function toSteps(out: Float64Array, at: number, stepUnits: number): boolean {
  const steps = (out[at] as number) / stepUnits;
  out[at] = steps;
  return Math.floor(steps) === steps;
}

/**
 * Station: a parsed push -> fields, for frames in a shape that the byte scanner does not know. Pure.
 *
 * Slower and more patient than `frame-shape.ts`, and as strict about numbers, because it reads them with the
 * same scanners: both give the same event, or this one gives the refusal.
 */
import { DECODED, type Decoded } from "../../core/decode/decoder.ts";
import { readDecimal } from "../../core/decode/field-parse.ts";
import { asciiOf } from "../../core/decode/json-text.ts";
import { SCAN, type Scale } from "../../core/decode/scan.ts";
import { SLOT } from "./channels.ts";
import { OTHER_SYMBOL, type ShapePlan, type ShapeScratch, STEP, type Step } from "./frame-shape.ts";
import { scanNanos, scanSequence } from "./push-numbers.ts";

const INTEGER_TEXT = /^\d{1,15}$/;
const SIZE_TEXT = /^\d+(?:\.\d*)?$/;

/** Every field of the plan but the times must be there; bids are read before asks, as they are kept. */
export function readFields(data: unknown, plan: ShapePlan, scratch: ShapeScratch): number {
  let code = 0;
  for (const [path, { step, slot }] of plan) {
    const value = valueAt(data, path);
    const isTime = slot === SLOT.ms && step === STEP.integer;
    if (value === undefined && isTime) continue;
    code = readField(value, step, slot, scratch);
    if (code < 0) return code;
  }
  return code;
}

function readField(value: unknown, step: Step, slot: number, scratch: ShapeScratch): number {
  const { sink, integers, scale } = scratch;
  switch (step) {
    case STEP.symbol:
      if (typeof value !== "string") return SCAN.misfit;
      return isSymbolOf(value, scratch) ? 0 : OTHER_SYMBOL;
    case STEP.integer:
      return readInteger(value, integers, slot);
    case STEP.sequence:
    case STEP.nanos:
      return readDigits(value, step === STEP.sequence ? scanSequence : scanNanos, integers, slot);
    case STEP.side:
      if (value !== "buy" && value !== "sell") return SCAN.misfit;
      integers[slot] = value === "sell" ? 1 : 0;
      return 0;
    case STEP.price:
      return readDecimal(value, scale, true, sink.ticks, sink.start + slot);
    case STEP.quantity:
      return readSize(value, scale, sink.lots, sink.start + slot);
    case STEP.bids:
    case STEP.asks:
      return readRows(value, step === STEP.bids, scratch);
    case STEP.skip:
      return 0;
  }
}

function readRows(value: unknown, isBids: boolean, scratch: ShapeScratch): number {
  if (!Array.isArray(value)) return SCAN.misfit;
  const { sink } = scratch;
  const first = sink.start + scratch.bidCount + scratch.askCount;
  let at = first;
  for (const row of value as readonly unknown[]) {
    if (at >= sink.limit) return SCAN.tooManyLevels;
    const code = readRow(row, scratch, at);
    if (code < 0) return code;
    // A row without a price moves the sequence only.
    if (sink.ticks[at] !== 0) at++;
  }
  if (isBids) scratch.bidCount = at - first;
  else scratch.askCount = at - first;
  return 0;
}

function readRow(row: unknown, { sink, scale, levelSeqs }: ShapeScratch, at: number): number {
  if (!Array.isArray(row) || typeof row[2] !== "string") return SCAN.misfit;
  const priced = readDecimal(row[0], scale, true, sink.ticks, at);
  if (priced < 0) return priced;
  const sized = readSize(row[1], scale, sink.lots, at);
  return sized < 0 ? sized : readInteger(row[2], levelSeqs, at);
}

function isSymbolOf(symbol: string, { symbols, position }: ShapeScratch): boolean {
  const name = asciiOf(symbol);
  return symbols.find(name, 0, name.length) === position;
}

/** A quote of an instrument that nobody offers, or nobody bids for: true, and of no use. */
export function isOneSided(data: unknown): boolean {
  return [valueAt(data, "data.asks"), valueAt(data, "data.bids")].some(
    (side) => side === null || (Array.isArray(side) && side.length === 0),
  );
}

/** What stands at a path such as "data.changes.asks" of a push; undefined when nothing does. */
function valueAt(data: unknown, path: string): unknown {
  let value: unknown = data;
  for (const key of path.split(".").slice(1)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/**
 * A size in whole lots, rounded down. Books hold remainders finer than `baseIncrement` (4 of 5 instruments of
 * the 2021 recording): what is left over cannot be taken by an order of ours, so it is not counted as there.
 */
export function readSize(value: unknown, scale: Scale, out: Float64Array, at: number): number {
  const code = readDecimal(value, scale, false, out, at);
  if (code !== SCAN.offStep || typeof value !== "string") return code;
  // The scanner stops at the first digit that is too fine, so it has not seen what stands behind it.
  if (!SIZE_TEXT.test(value)) return SCAN.misfit;
  const { quantityDecimals, lotUnits } = scale;
  const point = value.indexOf(".");
  const end = point + 1 + quantityDecimals;
  const kept = point < 0 ? value : value.slice(0, quantityDecimals === 0 ? point : end);
  const whole = readDecimal(kept, { ...scale, lotUnits: 1 }, false, out, at);
  if (whole < 0) return whole;
  out[at] = Math.floor((out[at] as number) / lotUnits);
  return 0;
}

/** A bare whole number, or one in quotes. */
function readInteger(value: unknown, out: Float64Array, at: number): number {
  if (typeof value === "string" && !INTEGER_TEXT.test(value)) return SCAN.misfit;
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < 0) return SCAN.misfit;
  if (number > Number.MAX_SAFE_INTEGER) return SCAN.range;
  out[at] = number;
  return 0;
}

/** Digits too long for a double, through the byte scanner. */
function readDigits(value: unknown, scan: typeof scanNanos, out: Float64Array, at: number): number {
  if (typeof value !== "string") return SCAN.misfit;
  const bytes = asciiOf(`${value}"`);
  const end = scan(bytes, 0, out, at);
  if (end < 0) return end;
  return end === value.length ? 0 : SCAN.misfit;
}

/** The refusal that a code stands for. */
export function refusalOf(code: number): Decoded {
  switch (code) {
    case SCAN.offStep:
      return DECODED.offStep;
    case SCAN.range:
      return DECODED.range;
    case SCAN.tooManyLevels:
      return DECODED.tooManyLevels;
    case OTHER_SYMBOL:
      return DECODED.wrongSymbol;
    default:
      return DECODED.malformed;
  }
}

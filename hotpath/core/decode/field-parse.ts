/**
 * Station: parsed JSON -> fields. The patient twin of `field-scan.ts`, for frames in a shape the byte
 * scanner does not know. It fills the same scratch by the same plan, and reads numbers with the same
 * decimal scanner, so that both readers give the same event or the same refusal.
 */
import {
  type FieldRead,
  type FieldScratch,
  PRESENT_ASKS,
  PRESENT_BIDS,
  PRESENT_PRICE,
  PRESENT_QUANTITY,
  PRESENT_SYMBOL,
  READ,
  WRONG_SYMBOL,
} from "./field-scan.ts";
import { type LevelSink, SCAN, type Scale, scanLots, scanTicks } from "./scan.ts";

/** Longer numbers than this are refused unread: the scanner stops at 2^53 anyway. */
const NUMBER_TEXT_MAX = 64;
/** A byte that stands for every letter beyond ASCII; no number and no symbol holds it. */
const BEYOND_ASCII = 255;
const scratchText = new Uint8Array(NUMBER_TEXT_MAX + 1);

/** Reads `data` by the plan's fields; 0, or a scan code. */
export function decodeObject(
  data: unknown,
  fields: readonly FieldRead[],
  scratch: FieldScratch,
  sink: LevelSink,
): number {
  scratch.present = 0;
  scratch.bidCount = 0;
  scratch.askCount = 0;
  if (typeof data !== "object" || data === null) return SCAN.misfit;
  // A null prototype copy would hide nothing: only own properties named in the plan are ever read.
  const record = data as Readonly<Record<string, unknown>>;
  for (const field of fields) {
    if (!Object.hasOwn(record, field.key)) continue;
    const code = readValue(record[field.key], field, scratch, sink);
    if (code < 0) return code;
  }
  return 0;
}

function readValue(
  value: unknown,
  { read, slot }: FieldRead,
  scratch: FieldScratch,
  sink: LevelSink,
): number {
  switch (read) {
    case READ.skip:
      return 0;
    case READ.integer:
      if (typeof value !== "number" || !Number.isInteger(value) || value < 0) return SCAN.misfit;
      if (value > Number.MAX_SAFE_INTEGER) return SCAN.range;
      scratch.integers[slot] = value;
      scratch.present |= 1 << slot;
      return 0;
    case READ.flag:
      if (typeof value !== "boolean") return SCAN.misfit;
      scratch.integers[slot] = value ? 1 : 0;
      scratch.present |= 1 << slot;
      return 0;
    case READ.symbol:
      return readSymbol(value, scratch);
    case READ.price:
      scratch.present |= PRESENT_PRICE << slot;
      return readDecimal(value, scratch.scale, true, sink.ticks, sink.start + slot);
    case READ.quantity:
      scratch.present |= PRESENT_QUANTITY << slot;
      return readDecimal(value, scratch.scale, false, sink.lots, sink.start + slot);
    case READ.bids:
    case READ.asks:
      return readSide(value, read === READ.bids, scratch, sink);
  }
}

function readSymbol(value: unknown, scratch: FieldScratch): number {
  if (typeof value !== "string") return SCAN.misfit;
  scratch.present |= PRESENT_SYMBOL;
  // Code units beyond a byte are cut by the array, so they must not come to stand for a letter.
  const bytes = Uint8Array.from(value, (letter) => Math.min(letter.charCodeAt(0), BEYOND_ASCII));
  return scratch.symbols.find(bytes, 0, bytes.length) === scratch.instrument ? 0 : WRONG_SYMBOL;
}

/** One decimal string through the byte scanner, by way of a small buffer with a closing quote. */
export function readDecimal(
  value: unknown,
  scale: Scale,
  isPrice: boolean,
  out: Float64Array,
  at: number,
): number {
  if (typeof value !== "string" || value.length > NUMBER_TEXT_MAX) return SCAN.misfit;
  for (let i = 0; i < value.length; i++) {
    scratchText[i] = Math.min(value.charCodeAt(i), BEYOND_ASCII);
  }
  scratchText[value.length] = 34;
  const scan = isPrice ? scanTicks : scanLots;
  const end = scan(scratchText, 0, scale, out, at);
  if (end < 0) return end;
  return end === value.length + 1 ? 0 : SCAN.misfit;
}

function readSide(value: unknown, isBids: boolean, scratch: FieldScratch, sink: LevelSink): number {
  if (!Array.isArray(value)) return SCAN.misfit;
  const start = isBids ? sink.start : sink.start + scratch.bidCount;
  if (start + value.length > sink.limit) return SCAN.tooManyLevels;
  let at = start;
  for (const level of value as readonly unknown[]) {
    if (!Array.isArray(level)) return SCAN.misfit;
    const priced = readDecimal(level[0], scratch.scale, true, sink.ticks, at);
    if (priced < 0) return priced;
    const sized = readDecimal(level[1], scratch.scale, false, sink.lots, at);
    if (sized < 0) return sized;
    at++;
  }
  if (isBids) scratch.bidCount = value.length;
  else scratch.askCount = value.length;
  scratch.present |= isBids ? PRESENT_BIDS : PRESENT_ASKS;
  return 0;
}

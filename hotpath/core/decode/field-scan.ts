/**
 * Station: frame bytes -> fields. Reads one flat JSON object by a plan that the venue gives.
 *
 * The plan says for each key what to do with its value; keys may come in any order and unknown ones are
 * skipped, because venues add fields without notice. Prices, quantities and levels go straight into the
 * ring's level arrays, integers into a scratch array; `present` collects which slots were filled.
 */
import {
  type LevelSink,
  SCAN,
  type Scale,
  scanInteger,
  scanLevels,
  scanLots,
  scanTicks,
  skipScalar,
} from "./scan.ts";
import type { SymbolTable } from "./symbol-table.ts";

/** What to do with a value. */
export const READ = {
  skip: 0,
  /** An unsigned integer into `integers[slot]`. */
  integer: 1,
  /** Levels; bids must come before asks, as every venue sends them. */
  bids: 2,
  asks: 3,
  /** A price or quantity in quotes, into level `slot` of the sink. */
  price: 4,
  quantity: 5,
  /** `true` or `false` into `integers[slot]` as 1 or 0. */
  flag: 6,
  /** The symbol in quotes, which must name the expected instrument. */
  symbol: 7,
} as const;

export type FieldRead = {
  readonly key: string;
  readonly read: (typeof READ)[keyof typeof READ];
  readonly slot: number;
};

/** Slots of integers one plan may use; presence is a bit each, levels and symbol beyond them. */
export const INTEGER_SLOTS = 16;
export const PRESENT_BIDS = 1 << 16;
export const PRESENT_ASKS = 1 << 17;
export const PRESENT_SYMBOL = 1 << 18;
/** The first of four bits for prices and four for quantities in level slots. */
export const PRESENT_PRICE = 1 << 20;
export const PRESENT_QUANTITY = 1 << 24;

/** More than any message of these venues has; a guard against hostile frames. */
const FIELDS_MAX = 64;
const QUOTE = 34;
const COLON = 58;
const COMMA = 44;
const CLOSE_BRACE = 125;

/** A compiled plan: one lookup for one-letter keys, a short list for two-letter ones. */
export class FieldPlan {
  readonly #single = new Int32Array(256);
  readonly #pairKeys: number[] = [];
  readonly #pairReads: number[] = [];
  readonly fields: readonly FieldRead[];

  constructor(fields: readonly FieldRead[]) {
    this.fields = fields;
    for (const { key, read, slot } of fields) {
      const code = read | (slot << 4);
      if (key.length === 1) this.#single[key.charCodeAt(0)] = code;
      else {
        this.#pairKeys.push((key.charCodeAt(0) << 8) | key.charCodeAt(1));
        this.#pairReads.push(code);
      }
    }
  }

  single(key: number): number {
    return this.#single[key] as number;
  }

  pair(first: number, second: number): number {
    const wanted = (first << 8) | second;
    for (let i = 0; i < this.#pairKeys.length; i++) {
      if (this.#pairKeys[i] === wanted) return this.#pairReads[i] as number;
    }
    return READ.skip;
  }
}

/** Scratch of one decoder: reused for every frame, so that nothing is allocated. */
export type FieldScratch = {
  readonly integers: Float64Array;
  readonly symbols: SymbolTable;
  /** The instrument that the stream's name promised. */
  instrument: number;
  scale: Scale;
  present: number;
  bidCount: number;
  askCount: number;
};

/** `symbol` names another instrument than the stream does: a fault of the venue, never applied. */
export const WRONG_SYMBOL = -5;

/**
 * Reads the object that starts at `bytes[from]` ("{"); returns the position after its "}", or a code.
 */
export function scanFields(
  bytes: Uint8Array,
  from: number,
  plan: FieldPlan,
  scratch: FieldScratch,
  sink: LevelSink,
): number {
  let p = from + 1;
  scratch.present = 0;
  scratch.bidCount = 0;
  scratch.askCount = 0;
  for (let field = 0; field < FIELDS_MAX; field++) {
    if (bytes[p] !== QUOTE) return SCAN.misfit;
    const code = codeAt(bytes, p, plan);
    p = keyEnd(bytes, p, code);
    if (p < 0) return p;
    if (bytes[p] !== COLON) return SCAN.misfit;
    p = scanValue(bytes, p + 1, code, scratch, sink);
    if (p < 0) return p;
    const after = bytes[p];
    p++;
    if (after === COMMA) continue;
    return after === CLOSE_BRACE ? p : SCAN.misfit;
  }
  return SCAN.misfit;
}

/** What the plan says of the key whose opening quote stands at `at`; `READ.skip` for longer keys. */
function codeAt(bytes: Uint8Array, at: number, plan: FieldPlan): number {
  if (bytes[at + 2] === QUOTE) return plan.single(bytes[at + 1] as number);
  if (bytes[at + 3] !== QUOTE) return READ.skip;
  return plan.pair(bytes[at + 1] as number, bytes[at + 2] as number);
}

/**
 * Where a key ends whose meaning is `code`. Those that nobody reads are looked through: a quote at a short
 * distance may belong to the value of an empty key.
 */
function keyEnd(bytes: Uint8Array, at: number, code: number): number {
  if (code === READ.skip) return skipScalar(bytes, at, bytes.length);
  return bytes[at + 2] === QUOTE ? at + 3 : at + 4;
}

function scanValue(
  bytes: Uint8Array,
  from: number,
  code: number,
  scratch: FieldScratch,
  sink: LevelSink,
): number {
  const slot = code >>> 4;
  switch (code & 15) {
    case READ.integer:
      scratch.present |= 1 << slot;
      return scanInteger(bytes, from, scratch.integers, slot);
    case READ.bids:
    case READ.asks:
      return scanSide(bytes, from, (code & 15) === READ.bids, scratch, sink);
    case READ.price:
      if (bytes[from] !== QUOTE) return SCAN.misfit;
      scratch.present |= PRESENT_PRICE << slot;
      return scanTicks(bytes, from + 1, scratch.scale, sink.ticks, sink.start + slot);
    case READ.quantity:
      if (bytes[from] !== QUOTE) return SCAN.misfit;
      scratch.present |= PRESENT_QUANTITY << slot;
      return scanLots(bytes, from + 1, scratch.scale, sink.lots, sink.start + slot);
    case READ.flag:
      scratch.present |= 1 << slot;
      return scanFlag(bytes, from, scratch.integers, slot);
    case READ.symbol:
      return scanSymbol(bytes, from, scratch);
    default:
      return skipScalar(bytes, from, bytes.length);
  }
}

/** Bids fill the sink from its start and asks follow them, so asks first is a misfit. */
function scanSide(
  bytes: Uint8Array,
  from: number,
  isBids: boolean,
  scratch: FieldScratch,
  sink: LevelSink,
): number {
  if (isBids) {
    if ((scratch.present & (PRESENT_BIDS | PRESENT_ASKS)) !== 0) return SCAN.misfit;
    const p = scanLevels(bytes, from, scratch.scale, sink);
    scratch.bidCount = sink.count;
    scratch.present |= PRESENT_BIDS;
    return p;
  }
  if ((scratch.present & (PRESENT_BIDS | PRESENT_ASKS)) !== PRESENT_BIDS) return SCAN.misfit;
  const start = sink.start;
  sink.start = start + scratch.bidCount;
  const p = scanLevels(bytes, from, scratch.scale, sink);
  sink.start = start;
  scratch.askCount = sink.count;
  scratch.present |= PRESENT_ASKS;
  return p;
}

const TRUE_BYTES = Uint8Array.from("true", (letter) => letter.charCodeAt(0));
const FALSE_BYTES = Uint8Array.from("false", (letter) => letter.charCodeAt(0));

function scanFlag(bytes: Uint8Array, from: number, out: Float64Array, at: number): number {
  const isTrue = bytes[from] === TRUE_BYTES[0];
  const word = isTrue ? TRUE_BYTES : FALSE_BYTES;
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return SCAN.misfit;
  out[at] = isTrue ? 1 : 0;
  return from + word.length;
}

function scanSymbol(bytes: Uint8Array, from: number, scratch: FieldScratch): number {
  const p = skipScalar(bytes, from, bytes.length);
  if (p < 0) return p;
  if (bytes[from] !== QUOTE) return SCAN.misfit;
  scratch.present |= PRESENT_SYMBOL;
  return scratch.symbols.find(bytes, from + 1, p - 1) === scratch.instrument ? p : WRONG_SYMBOL;
}

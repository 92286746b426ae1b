/**
 * Station: frame bytes -> instrument. Finds an instrument by the bytes of its symbol, without a string.
 *
 * Case is folded, because Binance names a stream in lower case and the same symbol inside in upper. The bit
 * that tells the cases apart also makes digits and marks of control characters, and those are no symbol's.
 */
import { assert } from "../../../contracts/assert.ts";

/** Longer symbols than any venue lists are refused rather than hashed. */
export const SYMBOL_BYTES_MAX = 40;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const CASE_BIT = 32;
const CASE_BITS = 0x20202020;
const WORD_BYTES = 4;
const MIX = 0x85ebca6b;
const QUOTES = 0x22222222;
const LOWS = 0x01010101;
const HIGHS = 0x80808080 | 0;
const PRINTED = 0x40404040;
const DELETES = 0x7f7f7f7f;
const SPACE = 32;
const DELETE = 127;

export class SymbolTable {
  readonly #symbols: Uint8Array[] = [];
  readonly #instruments: number[] = [];
  /** The symbols' words, each symbol's last one from its last four bytes. */
  readonly #words: Int32Array[] = [];
  readonly #cells: Int32Array;
  readonly #wordCells: Int32Array;
  readonly #mask: number;

  /** `symbols[i]` names instrument `instruments[i]`; both in ASCII. */
  constructor(symbols: readonly string[], instruments: readonly number[]) {
    assert(symbols.length === instruments.length, "every symbol has an instrument");
    let capacity = 16;
    while (capacity < symbols.length * 4) capacity *= 2;
    this.#cells = new Int32Array(capacity).fill(-1);
    this.#wordCells = new Int32Array(capacity).fill(-1);
    this.#mask = capacity - 1;
    for (let i = 0; i < symbols.length; i++)
      this.#add(symbols[i] as string, instruments[i] as number);
  }

  #add(symbol: string, instrument: number): void {
    assert(symbol.length <= SYMBOL_BYTES_MAX, "a symbol fits the table");
    const bytes = Uint8Array.from(symbol, (character) => character.charCodeAt(0) | CASE_BIT);
    let cell = hashOf(bytes, 0, bytes.length) & this.#mask;
    while ((this.#cells[cell] as number) >= 0) cell = (cell + 1) & this.#mask;
    this.#cells[cell] = this.#symbols.length;
    if (bytes.length >= WORD_BYTES) this.#addWords(new DataView(bytes.buffer));
    else this.#words.push(new Int32Array());
    this.#symbols.push(bytes);
    this.#instruments.push(instrument);
  }

  #addWords(view: DataView): void {
    const last = view.byteLength - WORD_BYTES;
    const count = Math.ceil(view.byteLength / WORD_BYTES);
    let cell = wordHashOf(view, 0, last) & this.#mask;
    while ((this.#wordCells[cell] as number) >= 0) cell = (cell + 1) & this.#mask;
    this.#wordCells[cell] = this.#symbols.length;
    this.#words.push(
      Int32Array.from({ length: count }, (_, i) =>
        view.getInt32(Math.min(i * WORD_BYTES, last), true),
      ),
    );
  }

  /** The instrument whose symbol stands in `bytes[from..end)`, or -1. */
  find(bytes: Uint8Array, from: number, end: number): number {
    let cell = hashOf(bytes, from, end) & this.#mask;
    for (;;) {
      const index = this.#cells[cell] as number;
      if (index < 0) return -1;
      if (isSame(this.#symbols[index] as Uint8Array, bytes, from, end)) {
        return this.#instruments[index] as number;
      }
      cell = (cell + 1) & this.#mask;
    }
  }

  /** The same for symbols of four bytes and more, a word at a time. */
  findWords(view: DataView, from: number, end: number): number {
    const last = (end - WORD_BYTES) | 0;
    let cell = wordHashOf(view, from, last) & this.#mask;
    for (;;) {
      const index = this.#wordCells[cell] as number;
      if (index < 0) return -1;
      const isFound =
        (this.#symbols[index] as Uint8Array).length === end - from &&
        isSameWords(this.#words[index] as Int32Array, view, from, last);
      if (isFound) return this.#instruments[index] as number;
      cell = (cell + 1) & this.#mask;
    }
  }
}

/** Where the quote behind a symbol stands, looked for by the word; -1 when it is too far. */
export function symbolEndOf(view: DataView, from: number): number {
  const limit = from + SYMBOL_BYTES_MAX;
  for (let p = from; p <= limit; p = (p + WORD_BYTES) | 0) {
    const others = view.getInt32(p, true) ^ QUOTES;
    // The lowest byte that became zero is marked by its highest bit; bytes above it may be marked wrongly.
    const found = (others - LOWS) & ~others & HIGHS;
    if (found !== 0) return (p + ((31 - Math.clz32(found & -found)) >> 3)) | 0;
  }
  return -1;
}

function wordHashOf(view: DataView, from: number, last: number): number {
  let hash = FNV_OFFSET;
  for (let p = from; p < last; p = (p + WORD_BYTES) | 0) {
    hash = Math.imul(hash ^ (view.getInt32(p, true) | CASE_BITS), FNV_PRIME);
  }
  hash = Math.imul(hash ^ (view.getInt32(last, true) | CASE_BITS), FNV_PRIME);
  // A word's last byte stands in the hash's highest bits only: they are brought down to the cell's.
  hash = Math.imul(hash ^ (hash >>> 16), MIX);
  return hash ^ (hash >>> 13);
}

function isSameWords(words: Int32Array, view: DataView, from: number, last: number): boolean {
  let at = 0;
  for (let p = from; p < last; p = (p + WORD_BYTES) | 0) {
    if (!isSameWord(words[at] as number, view.getInt32(p, true))) return false;
    at = (at + 1) | 0;
  }
  return isSameWord(words[at] as number, view.getInt32(last, true));
}

/** Whether four bytes are those of a symbol but for case; control characters have neither of two bits. */
function isSameWord(symbol: number, word: number): boolean {
  if (symbol !== (word | CASE_BITS)) return false;
  const others = word ^ DELETES;
  const deleted = (others - LOWS) & ~others & HIGHS;
  return ((((word | (word << 1)) & PRINTED) ^ PRINTED) | deleted) === 0;
}

function hashOf(bytes: Uint8Array, from: number, end: number): number {
  let hash = FNV_OFFSET;
  for (let i = from; i < end; i++) {
    hash = Math.imul(hash ^ ((bytes[i] as number) | CASE_BIT), FNV_PRIME);
  }
  return hash ^ (hash >>> 15);
}

function isSame(symbol: Uint8Array, bytes: Uint8Array, from: number, end: number): boolean {
  if (symbol.length !== end - from) return false;
  for (let i = 0; i < symbol.length; i++) {
    const byte = bytes[from + i] as number;
    if (symbol[i] !== (byte | CASE_BIT) || byte < SPACE || byte === DELETE) return false;
  }
  return true;
}

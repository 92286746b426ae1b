/**
 * Station: core, the fingerprint of a world. Two worlds with the same hash hold the same books, level by
 * level, the same sessions and the same counts; a replay is compared by it.
 *
 * Two FNV-1a lanes over the exact bits of every number: not for security, but cheap and well mixed.
 */
import type { BookSlot, World } from "./world.ts";

const FNV_PRIME = 0x01000193;
const LEVELS_MAX = 65_536;

export class NumberHash {
  readonly #float = new Float64Array(1);
  readonly #words = new Int32Array(this.#float.buffer);
  #low = 0x811c9dc5 | 0;
  #high = 0x2b2b2b2b | 0;

  add(value: number): void {
    this.#float[0] = value;
    const first = this.#words[0] as number;
    const second = this.#words[1] as number;
    this.#low = Math.imul(this.#low ^ first, FNV_PRIME);
    this.#low = Math.imul(this.#low ^ second, FNV_PRIME) ^ (this.#low >>> 15);
    this.#high = Math.imul(this.#high ^ second ^ (first << 7), FNV_PRIME);
    this.#high = Math.imul(this.#high ^ first, FNV_PRIME) ^ (this.#high >>> 13);
  }

  addText(text: string): void {
    for (let i = 0; i < text.length; i++) this.add(text.charCodeAt(i));
    this.add(text.length);
  }

  /** Sixteen hex digits. */
  get hex(): string {
    const part = (lane: number): string => (lane >>> 0).toString(16).padStart(8, "0");
    return part(this.#high) + part(this.#low);
  }
}

const ticks = new Float64Array(LEVELS_MAX);
const lots = new Float64Array(LEVELS_MAX);

/** Every number, text and truth value of a record, in the order in which it was made. */
function addScalars(hash: NumberHash, record: object): void {
  for (const value of Object.values(record) as readonly unknown[]) {
    if (typeof value === "number") hash.add(value);
    else if (typeof value === "string") hash.addText(value);
    else if (typeof value === "boolean") hash.add(value ? 1 : 0);
  }
}

/** Hash of one book: state, sequence, every level, and what its resync waits for. */
export function hashBook(hash: NumberHash, slot: BookSlot): void {
  const { book, buffer } = slot;
  addScalars(hash, slot);
  addScalars(hash, book);
  for (const side of [book.bids, book.asks]) {
    const count = side.copyLevels(ticks, lots, LEVELS_MAX);
    hash.add(count);
    for (let i = 0; i < count; i++) {
      hash.add(ticks[i] as number);
      hash.add(lots[i] as number);
    }
  }
  hash.add(slot.early?.seq ?? 0);
  hash.add(buffer.count);
  for (let row = 0; row < buffer.count; row++) hash.add(buffer.seqLast[row] as number);
}

/** Hash of the whole world: whatever a later tick may depend on. */
export function hashWorld(world: World): string {
  const hash = new NumberHash();
  addScalars(hash, world);
  addScalars(hash, world.counters);
  for (const venue of world.venues) addScalars(hash, venue);
  for (const session of world.sessions) {
    addScalars(hash, session);
    addScalars(hash, session.candidate ?? {});
  }
  for (const slot of world.slots) hashBook(hash, slot);
  if (world.trader !== undefined) hash.addText(world.trader.fingerprint());
  return hash.hex;
}

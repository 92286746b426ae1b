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

/** Hash of one book: state, sequence and every level. */
export function hashBook(hash: NumberHash, slot: BookSlot): void {
  const { book } = slot;
  hash.addText(book.state);
  hash.addText(slot.phase);
  hash.add(book.seq);
  hash.add(book.epoch);
  hash.add(book.version);
  hash.add(book.horizonBidTicks);
  hash.add(book.horizonAskTicks);
  for (const side of [book.bids, book.asks]) {
    const count = side.copyLevels(ticks, lots, LEVELS_MAX);
    hash.add(count);
    for (let i = 0; i < count; i++) {
      hash.add(ticks[i] as number);
      hash.add(lots[i] as number);
    }
  }
}

/** Hash of the whole world. */
export function hashWorld(world: World): string {
  const hash = new NumberHash();
  hash.add(world.tick);
  hash.add(world.nowUs);
  hash.add(world.resyncCount);
  hash.add(world.requestCount);
  hash.addText(world.halted);
  for (const value of Object.values(world.counters)) hash.add(value as number);
  for (const venue of world.venues) {
    hash.addText(venue.mode);
    hash.add(venue.clockOffsetUs);
    hash.add(venue.weightUsed);
    hash.add(venue.dialTokens);
  }
  for (const session of world.sessions) {
    hash.addText(session.state);
    hash.add(session.epoch);
    hash.add(session.lastEpoch);
    hash.add(session.attempt);
    hash.add(session.frames);
    hash.add(session.intervalUs);
  }
  for (const slot of world.slots) hashBook(hash, slot);
  return hash.hex;
}

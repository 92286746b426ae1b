/**
 * Station: one file of the virtual disk: its bytes, and how to take back what no sync has made durable.
 *
 * Bytes lie in chunks that copies share until one of them writes, so a copy for a crash point costs a list
 * of references. Every write since the last sync is noted with what it replaced; an append notes nothing but
 * its length, so the journal's way of writing costs no copy at all. It knows no names and draws no chance.
 */
import { assert } from "../../../contracts/assert.ts";

/** The unit that a drive writes whole or not at all. */
export const SECTOR_BYTES = 512;

const CHUNK_SHIFT = 12;
const CHUNK_BYTES = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_BYTES - 1;
/** Offsets stay 32-bit integers; the largest file of the engine is a segment of a few hundred MB. */
const FILE_BYTES_MAX = 2 ** 30;
/** A kernel writes old pages back by itself; here the older half of so many writes becomes durable. */
const UNSYNCED_MAX = 1024;

const ZEROS = new Uint8Array(CHUNK_BYTES);
const NOTHING = new Uint8Array(0);

/** One write or truncation that no sync has covered yet. */
export type Unsynced = {
  readonly at: number;
  /** Bytes written; 0 for a truncation. */
  readonly bytes: number;
  /** What stood there; shorter than `bytes` where the file ended before. */
  readonly before: Uint8Array;
  readonly sizeBefore: number;
  /** A sync that failed has dropped it: later ones do not make it durable. */
  isLost: boolean;
};

export class VirtualFile {
  sizeBytes = 0;
  /** Whether no name leads to it any more; such a file takes no space that counts. */
  isRemoved = false;
  #chunks: Uint8Array[] = [];
  /** The generation in which each chunk was made; one of an older generation is shared. */
  #madeIn: number[] = [];
  #generation = 1;
  #unsynced: Unsynced[] = [];
  #lostCount = 0;

  /** Writes since the last sync, oldest first. */
  get unsynced(): readonly Unsynced[] {
    return this.#unsynced;
  }

  /** Writes the first `length` bytes of `source` at `position`; a hole before it reads as zeros. */
  write(source: Uint8Array, length: number, position: number): void {
    assert(position >= 0, "a write is at no negative place");
    assert(position + length <= FILE_BYTES_MAX, "a file stays below its bound");
    if (length === 0) return;
    const replaced = Math.min(this.sizeBytes, position + length) - position;
    const before = replaced > 0 ? this.slice(position, position + replaced) : NOTHING;
    this.#note(position, length, before);
    this.#put(source, length, position);
    if (position + length > this.sizeBytes) this.sizeBytes = position + length;
  }

  /** Cuts the file, or lengthens it by zeros. */
  truncate(bytes: number): void {
    assert(bytes >= 0 && bytes <= FILE_BYTES_MAX, "a file's size is within its bound");
    if (bytes === this.sizeBytes) return;
    const before = bytes < this.sizeBytes ? this.slice(bytes, this.sizeBytes) : NOTHING;
    this.#note(bytes, 0, before);
    this.resize(bytes);
  }

  /** Copies bytes from `position` on into `into`; how many there were. */
  read(into: Uint8Array, position: number): number {
    const length = Math.max(0, Math.min(into.length, this.sizeBytes - position));
    for (let done = 0; done < length; ) {
      const at = position + done;
      const from = at & CHUNK_MASK;
      const bytes = Math.min(CHUNK_BYTES - from, length - done);
      const chunk = this.#chunks[at >>> CHUNK_SHIFT] ?? ZEROS;
      into.set(bytes === CHUNK_BYTES ? chunk : chunk.subarray(from, from + bytes), done);
      done += bytes;
    }
    return length;
  }

  /** A copy of the bytes from `from` to before `to`. */
  slice(from: number, to: number): Uint8Array {
    const bytes = new Uint8Array(to - from);
    this.read(bytes, from);
    return bytes;
  }

  /** Everything written so far is durable, but for what an earlier sync has lost. */
  sync(): void {
    if (this.#lostCount === 0) this.#unsynced.length = 0;
    else this.#unsynced = this.#unsynced.filter(({ isLost }) => isLost);
  }

  /**
   * What a failed fsync does on every file system examined: the pages count as clean from now on, and no
   * later sync writes them.
   *
   * @see https://www.usenix.org/conference/atc20/presentation/rebello (abstract, read 2026-11-21)
   */
  failSync(): void {
    for (const change of this.#unsynced) change.isLost = true;
    this.#lostCount = this.#unsynced.length;
  }

  /** A second file with the same bytes and the same doubts; both share chunks until one writes. */
  copy(): VirtualFile {
    const copy = new VirtualFile();
    copy.sizeBytes = this.sizeBytes;
    copy.isRemoved = this.isRemoved;
    copy.#chunks = this.#chunks.slice();
    copy.#unsynced = this.#lostCount === 0 ? this.#unsynced.slice() : this.#unsynced.map(twinOf);
    copy.#lostCount = this.#lostCount;
    // Every chunk of both is of an older generation from now on.
    this.#generation += 1;
    copy.#generation = this.#generation;
    copy.#madeIn = this.#madeIn.slice();
    return copy;
  }

  /** Flips one bit where it stands, durably: the medium has rotted. */
  flipBit(bit: number): void {
    const at = Math.floor(bit / 8);
    assert(bit >= 0 && at < this.sizeBytes, "a bit to flip lies in the file");
    const chunk = this.#ownChunk(at >>> CHUNK_SHIFT);
    chunk[at & CHUNK_MASK] = (chunk[at & CHUNK_MASK] ?? 0) ^ (1 << (bit & 7));
  }

  /** Takes back what failed syncs have lost; whether there was anything. For the death of the machine. */
  dropLost(): boolean {
    if (this.#lostCount === 0) return false;
    const lost = this.#unsynced.filter(({ isLost }) => isLost).reverse();
    this.#unsynced = this.#unsynced.filter(({ isLost }) => !isLost);
    this.#lostCount = 0;
    for (const change of lost) {
      this.#restore(change, 0);
      if (change.at + change.bytes >= this.sizeBytes) this.sizeBytes = change.sizeBefore;
    }
    return true;
  }

  /** Takes back the newest write but for its first `keptBytes`. */
  undoLast(keptBytes: number): void {
    const change = this.#unsynced.pop();
    assert(change !== undefined, "there is a write to take back");
    assert(!change.isLost, "what is lost was dropped before");
    this.#restore(change, keptBytes);
    const { sizeBefore, at } = change;
    this.sizeBytes = keptBytes === 0 ? sizeBefore : Math.max(sizeBefore, at + keptBytes);
  }

  /** Sets bytes without a note: what a crash left is durable, whatever it is. */
  settleBytes(source: Uint8Array, position: number): void {
    if (source.length === 0) return;
    this.#put(source, source.length, position);
    if (position + source.length > this.sizeBytes) this.sizeBytes = position + source.length;
  }

  /** Sets the size without a note. */
  resize(bytes: number): void {
    if (bytes < this.sizeBytes) this.#clear(bytes, this.sizeBytes);
    this.sizeBytes = bytes;
  }

  #note(at: number, bytes: number, before: Uint8Array): void {
    if (this.#lostCount > 0) this.#dirtyAgain(at, at + Math.max(bytes, before.length));
    if (this.#unsynced.length >= UNSYNCED_MAX) this.#writeBack();
    this.#unsynced.push({ at, bytes, before, sizeBefore: this.sizeBytes, isLost: false });
  }

  #writeBack(): void {
    const oldest = this.#unsynced.splice(0, UNSYNCED_MAX / 2);
    const lost = oldest.filter(({ isLost }) => isLost);
    this.#unsynced.unshift(...lost);
  }

  /** A write into a page that was lost makes the whole page dirty, and the next sync writes it. */
  #dirtyAgain(from: number, to: number): void {
    const firstPage = from >>> CHUNK_SHIFT;
    const lastPage = to >>> CHUNK_SHIFT;
    for (const change of this.#unsynced) {
      const end = change.at + Math.max(change.bytes, change.before.length);
      const isApart = end >>> CHUNK_SHIFT < firstPage || change.at >>> CHUNK_SHIFT > lastPage;
      if (!change.isLost || isApart) continue;
      change.isLost = false;
      this.#lostCount -= 1;
    }
  }

  #restore({ at, bytes, before }: Unsynced, keptBytes: number): void {
    const end = at + Math.max(bytes, before.length);
    const from = at + keptBytes;
    if (before.length > keptBytes) {
      this.#put(before.subarray(keptBytes), before.length - keptBytes, from);
    }
    this.#clear(Math.max(from, at + before.length), end);
  }

  /** Bytes beyond the size are always zero, so that a file that grows again has no past. */
  #clear(from: number, to: number): void {
    const end = Math.min(to, this.#chunks.length << CHUNK_SHIFT);
    for (let at = from; at < end; ) {
      const offset = at & CHUNK_MASK;
      const bytes = Math.min(CHUNK_BYTES - offset, end - at);
      this.#ownChunk(at >>> CHUNK_SHIFT).fill(0, offset, offset + bytes);
      at += bytes;
    }
  }

  #put(source: Uint8Array, length: number, position: number): void {
    for (let done = 0; done < length; ) {
      const at = position + done;
      const offset = at & CHUNK_MASK;
      const bytes = Math.min(CHUNK_BYTES - offset, length - done);
      const isWhole = done === 0 && bytes === source.length;
      const piece = isWhole ? source : source.subarray(done, done + bytes);
      this.#ownChunk(at >>> CHUNK_SHIFT).set(piece, offset);
      done += bytes;
    }
  }

  #ownChunk(index: number): Uint8Array {
    while (this.#chunks.length <= index) {
      this.#chunks.push(ZEROS);
      this.#madeIn.push(0);
    }
    const chunk = this.#chunks[index] as Uint8Array;
    if (this.#madeIn[index] === this.#generation) return chunk;
    const own = new Uint8Array(CHUNK_BYTES);
    if (chunk !== ZEROS) own.set(chunk);
    this.#chunks[index] = own;
    this.#madeIn[index] = this.#generation;
    return own;
  }
}

function twinOf(change: Unsynced): Unsynced {
  return { ...change };
}

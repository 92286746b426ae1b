/**
 * Station: bytes -> small draws. An input of a differential fuzzer is a script in bytes, read one after another;
 * what is beyond its end is zero, so every length is a script.
 */
export class ByteOps {
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;

  begin(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#at = 0;
  }

  get isOver(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return this.byte() % count;
  }

  word(): number {
    return this.byte() | (this.byte() << 8);
  }

  /** A safe integer: mostly small, sometimes at the border of what a double holds. */
  count(): number {
    const kind = this.below(8);
    const [high, low] = [this.word(), this.word()];
    if (kind < 4) return low;
    if (kind < 6) return high * 65_536 + low;
    if (kind === 6) return Number.MAX_SAFE_INTEGER - low;
    return high * 2 ** 37 + low;
  }
}

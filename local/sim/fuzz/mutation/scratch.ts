/**
 * Station: pieces -> one input. The bytes that an input is put together in, reused for each.
 *
 * What stands behind an input are the leavings of those before it, as behind a frame in a pool of buffers:
 * a reader that looks beyond its end finds something plausible there, and not zeros.
 */

/** Longer inputs are cut: nobody sends frames of a megabyte, and copying them is all that would be measured. */
export const INPUT_BYTES_MAX = 96 * 1024;

export class Scratch {
  readonly bytes = new Uint8Array(INPUT_BYTES_MAX);
  length = 0;

  reset(): void {
    this.length = 0;
  }

  /** Adds `source[from, end)`, as much of it as there is room for. */
  add(source: Uint8Array, from = 0, end = source.length): void {
    const count = Math.min(end - from, INPUT_BYTES_MAX - this.length);
    const isShort = count < 24;
    if (isShort)
      for (let i = 0; i < count; i++) this.bytes[this.length + i] = source[from + i] ?? 0;
    else this.bytes.set(source.subarray(from, from + count), this.length);
    this.length += Math.max(0, count);
  }

  addByte(byte: number): void {
    if (this.length < INPUT_BYTES_MAX) this.bytes[this.length++] = byte;
  }

  /** Takes `count` bytes out at `at`. */
  remove(at: number, count: number): void {
    this.bytes.copyWithin(at, at + count, this.length);
    this.length -= count;
  }

  /** Makes room of `count` bytes at `at` that hold what stood there; what does not fit is lost. */
  open(at: number, count: number): void {
    const length = Math.min(INPUT_BYTES_MAX, this.length + count);
    this.bytes.copyWithin(at + count, at, Math.max(at, length - count));
    this.length = length;
  }

  get input(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

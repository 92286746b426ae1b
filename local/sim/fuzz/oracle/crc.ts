/**
 * CRC-32C once more, bit by bit: what a checksum is held against that was worked out by tables.
 */

const POLYNOMIAL_REVERSED = 0x82f63b78;

/** The CRC-32C of `bytes[from, to)` as an unsigned 32-bit integer. */
export function slowCrc32c(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffffffff;
  for (let at = from; at < to; at++) {
    crc ^= bytes[at] ?? 0;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (POLYNOMIAL_REVERSED & -(crc & 1));
    }
  }
  return ~crc >>> 0;
}

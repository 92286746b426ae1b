/**
 * The checksum of a journal record: CRC-32C (Castagnoli), as in iSCSI and ext4.
 *
 * It finds torn and rotten bytes; the chained hash of the commit marks finds everything else. It is
 * computed here because the runtime offers only the other polynomial. Eight bytes are taken at a
 * time with eight tables ("slicing by 8"), which is what makes it cheap enough for every frame.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4 (test vectors, read 2026-11-21)
 */

/** The polynomial 0x1EDC6F41, bit-reversed. */
const POLYNOMIAL_REVERSED = 0x82f63b78;
const SLICE_COUNT = 8;
const TABLE_ENTRIES = 256;

const TABLES = buildTables();
const FEW = buildFew();

/** The CRC-32C of `bytes[from, to)` as an unsigned 32-bit integer. */
export function crc32c(bytes: Uint8Array, from: number, to: number): number {
  const tables = TABLES;
  let crc = -1;
  let at = from;
  const sliced = to - ((to - from) & 7);
  while (at < sliced) {
    // The casts are safe: every index is masked to the table, every offset is below `to`.
    crc =
      (tables[1792 + ((crc ^ (bytes[at] as number)) & 255)] as number) ^
      (tables[1536 + (((crc >>> 8) ^ (bytes[at + 1] as number)) & 255)] as number) ^
      (tables[1280 + (((crc >>> 16) ^ (bytes[at + 2] as number)) & 255)] as number) ^
      (tables[1024 + ((crc >>> 24) ^ (bytes[at + 3] as number))] as number) ^
      (tables[768 + (bytes[at + 4] as number)] as number) ^
      (tables[512 + (bytes[at + 5] as number)] as number) ^
      (tables[256 + (bytes[at + 6] as number)] as number) ^
      (tables[bytes[at + 7] as number] as number);
    at += 8;
  }
  while (at < to) {
    crc = (crc >>> 8) ^ (tables[(crc ^ (bytes[at] as number)) & 255] as number);
    at += 1;
  }
  return ~crc >>> 0;
}

/**
 * The same checksum by a table of one cache line, four bits at a time. Slower by the byte, and faster for a
 * few hundred bytes now and then, when eight kilobytes of tables have long left the cache: 3.6 us against
 * 7.4 for 458 bytes once a millisecond (Node 24.21, 2026-11).
 */
export function crc32cOfFew(bytes: Uint8Array, from: number, to: number): number {
  const table = FEW;
  let crc = -1;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] as number;
    crc = (crc >>> 4) ^ (table[(crc ^ byte) & 15] as number);
    crc = (crc >>> 4) ^ (table[(crc ^ (byte >>> 4)) & 15] as number);
  }
  return ~crc >>> 0;
}

/** The effect of each half of a byte. */
function buildFew(): Int32Array {
  const table = new Int32Array(16);
  for (let half = 0; half < 16; half += 1) {
    let crc = half;
    for (let bit = 0; bit < 4; bit += 1) {
      crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL_REVERSED : crc >>> 1;
    }
    table[half] = crc;
  }
  return table;
}

/** Table k holds the effect of one byte followed by k zero bytes. */
function buildTables(): Int32Array {
  const tables = new Int32Array(SLICE_COUNT * TABLE_ENTRIES);
  for (let byte = 0; byte < TABLE_ENTRIES; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL_REVERSED : crc >>> 1;
    }
    tables[byte] = crc;
  }
  for (let index = TABLE_ENTRIES; index < tables.length; index += 1) {
    const before = tables[index - TABLE_ENTRIES] as number;
    tables[index] = (before >>> 8) ^ (tables[before & 255] as number);
  }
  return tables;
}

/**
 * Station: text of a message -> the bytes of one websocket frame (RFC 6455, section 5.2), in one piece.
 *
 * The library writes header and text apart, and over TLS each becomes a record of its own. One buffer with
 * both is one record and one write, which is what an order waits for. Text only, whole messages only.
 */
import { randomFillSync } from "node:crypto";
import { assert } from "../../contracts/assert.ts";

/** Final frame of a text. */
const FIRST_BYTE = 0x81;
const MASKED = 0x80;
const MASK_BYTES = 4;
const SHORT_MAX = 125;
const MEDIUM = 126;
const MEDIUM_MAX = 0xffff;
/** Longest header here: two bytes, two of length, four of mask. */
const HEADER_BYTES_MAX = 4 + MASK_BYTES;
/** UTF-8 needs at most this many bytes for one code unit of a string. */
const BYTES_A_UNIT_MAX = 3;
/** Longer messages than this we never send; the library would split none either. */
export const TEXT_UNITS_MAX = Math.floor(MEDIUM_MAX / BYTES_A_UNIT_MAX);

const POOL_BYTES = 8192;
const pool = Buffer.alloc(POOL_BYTES);
let poolAt = POOL_BYTES;

/** The frame of `text`, masked as every client must. A text longer than `TEXT_UNITS_MAX` is none. */
export function textFrame(text: string): Buffer {
  assert(text.length <= TEXT_UNITS_MAX, "a message of ours fits a frame");
  const frame = Buffer.allocUnsafe(HEADER_BYTES_MAX + text.length * BYTES_A_UNIT_MAX);
  const length = frame.write(text, HEADER_BYTES_MAX, "utf8");
  const isShort = length <= SHORT_MAX;
  // A short header leaves its first two bytes unused, so that the text need not be moved.
  const from = isShort ? 2 : 0;
  frame[from] = FIRST_BYTE;
  frame[from + 1] = MASKED | (isShort ? length : MEDIUM);
  if (!isShort) {
    frame[2] = length >>> 8;
    frame[3] = length & 255;
  }
  mask(frame, length);
  return frame.subarray(from, HEADER_BYTES_MAX + length);
}

/** A new key for each frame, from chance that no peer can foresee (section 10.3). */
function mask(frame: Buffer, length: number): void {
  if (poolAt === POOL_BYTES) {
    randomFillSync(pool);
    poolAt = 0;
  }
  const keyAt = HEADER_BYTES_MAX - MASK_BYTES;
  for (let i = 0; i < MASK_BYTES; i++) frame[keyAt + i] = pool[poolAt++] as number;
  const end = HEADER_BYTES_MAX + length;
  for (let at = HEADER_BYTES_MAX; at < end; at++) {
    // Header and mask are as long as two keys, so a byte's place tells which byte of the key is its own.
    frame[at] = (frame[at] as number) ^ (frame[keyAt + (at & 3)] as number);
  }
}

/**
 * Station: text -> the bytes of one WebSocket message from a server.
 *
 * Server messages are not masked, so one buffer, header included, serves every session that listens
 * (RFC 6455, section 5.2). All our texts are ASCII; what is not is refused as our own mistake.
 */
import { assert } from "../../contracts/assert.ts";

const FINAL = 0x80;
const OPCODE_TEXT = 0x1;
const OPCODE_PING = 0x9;
const OPCODE_PONG = 0xa;
/** Payloads up to here need no length field (RFC 6455, section 5.2). */
const SHORT_BYTES_MAX = 125;
const MEDIUM_BYTES_MAX = 65_535;

function header(opcode: number, payloadBytes: number): Buffer {
  const first = FINAL | opcode;
  if (payloadBytes <= SHORT_BYTES_MAX) return Buffer.from([first, payloadBytes]);
  if (payloadBytes <= MEDIUM_BYTES_MAX) {
    return Buffer.from([first, 126, payloadBytes >>> 8, payloadBytes & 0xff]);
  }
  const bytes = Buffer.alloc(10);
  bytes[0] = first;
  bytes[1] = 127;
  bytes.writeBigUInt64BE(BigInt(payloadBytes), 2);
  return bytes;
}

function headerBytesOf(payloadBytes: number): number {
  if (payloadBytes <= SHORT_BYTES_MAX) return 2;
  return payloadBytes <= MEDIUM_BYTES_MAX ? 4 : 10;
}

/** One text message; `text` is ASCII. */
export function textFrame(text: string): Buffer {
  const size = text.length;
  const headerBytes = headerBytesOf(size);
  const frame = Buffer.allocUnsafe(headerBytes + size);
  if (headerBytes === 4) {
    frame[0] = FINAL | OPCODE_TEXT;
    frame[1] = 126;
    frame[2] = size >>> 8;
    frame[3] = size & 0xff;
  } else {
    header(OPCODE_TEXT, size).copy(frame);
  }
  const written = frame.write(text, headerBytes, "latin1");
  assert(written === size, "the whole text was written");
  return frame;
}

/**
 * One text message to however many sessions: each transport's form of it is encoded once, when somebody
 * wants it first. Whoever is handed `payload` may keep it and must not write to it.
 */
export class TextFrame {
  readonly text: string;
  #wire: Buffer | null = null;
  #payload: Buffer | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /** Length of `wire`, without encoding it. */
  get wireBytes(): number {
    return headerBytesOf(this.text.length) + this.text.length;
  }

  /** The message as a TCP socket carries it, header included. */
  get wire(): Buffer {
    this.#wire ??= textFrame(this.text);
    return this.#wire;
  }

  /** The text's bytes alone, for a client that shares our memory. */
  get payload(): Uint8Array {
    this.#payload ??= Buffer.from(this.text, "latin1");
    return this.#payload;
  }
}

/** A ping with a short ASCII payload. */
export function pingFrame(payload: string): Buffer {
  assert(payload.length <= SHORT_BYTES_MAX, "control payloads are short");
  return Buffer.concat([header(OPCODE_PING, payload.length), Buffer.from(payload, "latin1")]);
}

/** The answer to a ping, with the same payload. */
export function pongFrame(payload: Buffer): Buffer {
  assert(payload.length <= SHORT_BYTES_MAX, "control payloads are short");
  return Buffer.concat([header(OPCODE_PONG, payload.length), payload]);
}

/**
 * Station: placeOrder <-> the bytes of its record in the intent log; exact inverses.
 *
 * Numbers lie as they are in memory, little-endian doubles, because an order waits for this and text would
 * take longer than the write: 2 us against 15 when the caches are cold (Node 24.21, 2026-11). Every field is
 * a safe integer or a word of a list.
 *
 * | bytes | what |
 * | --- | --- |
 * | 0-3 | "RKI1" |
 * | 4-7 | CRC-32C of everything from byte 8 on |
 * | 8-15 | number of books |
 * | 16-31 | client id |
 * | 32-127 | twelve numbers in the order of `encode` |
 * | 128- | four numbers of each book |
 */
import { assert } from "../../../contracts/assert.ts";
import { crc32cOfFew } from "../../../contracts/crc32c.ts";
import type { OrderPurpose } from "../../../contracts/trade.ts";
import type { BookStamp, PlaceOrder } from "../../core/trade/commands.ts";

const MAGIC = 0x31_49_4b_52;
const CHECKED_FROM = 8;
const COUNT_AT = 1;
const CLIENT_ID_AT = 16;
export const CLIENT_ID_LENGTH = 16;
const NUMBERS_AT = 4;
const NUMBERS = 12;
const BOOK_NUMBERS = 4;
const NUMBER_BYTES = 8;
export const INTENT_BYTES_MIN = (NUMBERS_AT + NUMBERS) * NUMBER_BYTES;
export const BOOK_BYTES = BOOK_NUMBERS * NUMBER_BYTES;
/** A cycle stands on three books; the rest is room. */
export const BOOKS_MAX = 32;
export const INTENT_BYTES_MAX = INTENT_BYTES_MIN + BOOKS_MAX * BOOK_BYTES;

const SIDES = ["buy", "sell"] as const;
const TIMES_IN_FORCE = ["ioc", "gtc", "fok"] as const;
const PURPOSES: readonly OrderPurpose[] = ["open", "finish", "exit", "cancel"];
const ASCII_MAX = 127;

/** Writes one record after another into the same bytes. */
export class IntentEncoder {
  readonly bytes = new Uint8Array(INTENT_BYTES_MAX);
  readonly #numbers = new Float64Array(this.bytes.buffer);
  readonly #words = new Uint32Array(this.bytes.buffer);

  /** Encodes into `bytes`; the length of the record. */
  encode(order: PlaceOrder): number {
    const { books, clientId } = order;
    assert(books.length <= BOOKS_MAX, "an order stands on a few books");
    assert(clientId.length === CLIENT_ID_LENGTH, "a client id of ours has 16 letters");
    const numbers = this.#numbers;
    numbers[COUNT_AT] = books.length;
    this.#writeClientId(clientId);
    let at = NUMBERS_AT;
    numbers[at++] = order.venue;
    numbers[at++] = order.instrument;
    numbers[at++] = order.command;
    numbers[at++] = order.fence;
    numbers[at++] = kindOf(order);
    numbers[at++] = order.priceTicks;
    numbers[at++] = order.lots;
    numbers[at++] = order.cycle;
    numbers[at++] = order.leg;
    numbers[at++] = order.stampUs;
    numbers[at++] = order.windowUs;
    numbers[at++] = order.limitsVersion;
    for (let i = 0; i < books.length; i++) {
      const book = books[i] as BookStamp;
      numbers[at++] = book.instrument;
      numbers[at++] = book.epoch;
      numbers[at++] = book.seq;
      numbers[at++] = book.ageUs;
    }
    const length = at * NUMBER_BYTES;
    this.#words[0] = MAGIC;
    this.#words[1] = crc32cOfFew(this.bytes, CHECKED_FROM, length);
    return length;
  }

  #writeClientId(clientId: string): void {
    for (let i = 0; i < CLIENT_ID_LENGTH; i++) {
      const letter = clientId.charCodeAt(i);
      assert(letter <= ASCII_MAX, "a client id of ours is plain");
      this.bytes[CLIENT_ID_AT + i] = letter;
    }
  }
}

/** The words of an order as one number. */
function kindOf({ side, timeInForce, purpose, isTest }: PlaceOrder): number {
  const words =
    (PURPOSES.indexOf(purpose) * TIMES_IN_FORCE.length + TIMES_IN_FORCE.indexOf(timeInForce)) *
      SIDES.length +
    SIDES.indexOf(side);
  return words * 2 + (isTest ? 1 : 0);
}

export type IntentDecoded =
  | { readonly kind: "order"; readonly order: PlaceOrder; readonly length: number }
  /** `reason` completes "the record ...". */
  | { readonly kind: "none"; readonly reason: string };

/** The record at `from`; none when these bytes are not one. */
export function decodeIntent(bytes: Uint8Array, from: number): IntentDecoded {
  const rest = bytes.length - from;
  if (rest < INTENT_BYTES_MIN) return none("is cut off");
  const view = new DataView(
    bytes.buffer,
    bytes.byteOffset + from,
    Math.min(rest, INTENT_BYTES_MAX),
  );
  if (view.getUint32(0, true) !== MAGIC) return none("does not begin like one");
  const bookCount = view.getFloat64(COUNT_AT * NUMBER_BYTES, true);
  if (!Number.isInteger(bookCount) || bookCount < 0 || bookCount > BOOKS_MAX) {
    return none("has no number of books");
  }
  const length = INTENT_BYTES_MIN + bookCount * BOOK_BYTES;
  if (length > rest) return none("is cut off");
  const sum = crc32cOfFew(bytes, from + CHECKED_FROM, from + length);
  if (view.getUint32(4, true) !== sum) return none("has another checksum than its bytes");
  const order = orderIn(view, bookCount);
  return order === undefined ? none("holds what no order does") : { kind: "order", order, length };
}

/** Undefined where the bytes are whole and say what no order ever said: it would be asserted on. */
function orderIn(view: DataView, bookCount: number): PlaceOrder | undefined {
  if (!areNumbers(view, NUMBERS + bookCount * BOOK_NUMBERS)) return undefined;
  let at = NUMBERS_AT;
  const next = (): number => view.getFloat64(at++ * NUMBER_BYTES, true);
  const [venue, instrument, command, fence, kind] = [next(), next(), next(), next(), next()];
  const [priceTicks, lots, cycle, leg] = [next(), next(), next(), next()];
  const [stampUs, windowUs, limitsVersion] = [next(), next(), next()];
  if (kind < 0 || priceTicks < 1 || lots < 1) return undefined;
  const books = Array.from({ length: bookCount }, () => ({
    instrument: next(),
    epoch: next(),
    seq: next(),
    ageUs: next(),
  }));
  const words = Math.floor(kind / 2);
  const side = SIDES[words % SIDES.length];
  const rest = Math.floor(words / SIDES.length);
  const timeInForce = TIMES_IN_FORCE[rest % TIMES_IN_FORCE.length];
  const purpose = PURPOSES[Math.floor(rest / TIMES_IN_FORCE.length)];
  if (side === undefined || timeInForce === undefined || purpose === undefined) return undefined;
  return {
    type: "placeOrder",
    venue,
    instrument,
    command,
    fence,
    clientId: clientIdIn(view),
    side,
    timeInForce,
    priceTicks,
    lots,
    purpose,
    cycle,
    leg,
    stampUs,
    windowUs,
    limitsVersion,
    books,
    isTest: kind % 2 === 1,
  };
}

function areNumbers(view: DataView, count: number): boolean {
  for (let i = 0; i < count; i++) {
    if (!Number.isSafeInteger(view.getFloat64((NUMBERS_AT + i) * NUMBER_BYTES, true))) return false;
  }
  return true;
}

function clientIdIn(view: DataView): string {
  const letters = Array.from({ length: CLIENT_ID_LENGTH }, (_, i) =>
    view.getUint8(CLIENT_ID_AT + i),
  );
  return String.fromCharCode(...letters);
}

function none(reason: string): IntentDecoded {
  return { kind: "none", reason };
}

/**
 * Station: bytes of the intent log -> a fuzzer of its records. What is read becomes an order that the venue is
 * asked about, so it must be the one whose bytes stand there, and one that an order can be.
 */
import type { PlaceOrder } from "../../../../hotpath/core/trade/commands.ts";
import {
  decodeIntent,
  type IntentDecoded,
  IntentEncoder,
} from "../../../../hotpath/io/trade/intent-record.ts";
import type { Bench, Fuzzer } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import { slowCrc32c } from "../oracle/crc.ts";
import { binaryDraw } from "./binary-draw.ts";

const START_US = 1_763_000_000_000_000;
const PURPOSES = ["open", "finish", "exit", "cancel"] as const;
const TIMES_IN_FORCE = ["ioc", "gtc", "fok"] as const;

function orderOf(number: number, books: number): PlaceOrder {
  return {
    type: "placeOrder",
    venue: number % 3,
    instrument: 7,
    command: number,
    fence: 2,
    clientId: "rk00002-0000000z",
    side: number % 2 === 0 ? "buy" : "sell",
    timeInForce: TIMES_IN_FORCE[number % 3] ?? "ioc",
    priceTicks: 5_200_000,
    lots: 1000,
    purpose: PURPOSES[number % 4] ?? "open",
    cycle: 9,
    leg: 1,
    stampUs: START_US + number,
    windowUs: 1_000_000,
    limitsVersion: 4,
    books: Array.from({ length: books }, (_, i) => ({
      instrument: i,
      epoch: 3,
      seq: 14_610_502_970 + i,
      ageUs: 12,
    })),
    isTest: number % 5 === 0,
  };
}

function encoded(order: PlaceOrder): Uint8Array {
  const encoder = new IntentEncoder();
  return encoder.bytes.slice(0, encoder.encode(order));
}

const HEAD_BYTES = 128;
const BOOK_BYTES = 32;

/** The checksum over as many books as the record says it has. */
function reseal(bytes: Uint8Array, length: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (length < HEAD_BYTES) return;
  const end = HEAD_BYTES + view.getFloat64(8, true) * BOOK_BYTES;
  if (end >= HEAD_BYTES && end <= length) view.setUint32(4, slowCrc32c(bytes, 8, end), true);
}

export const intents: Fuzzer = {
  name: "intent records",
  guards: "hotpath/io/trade/intent-record.ts",
  prepare,
};

function prepare(): Bench {
  const corpus = [encoded(orderOf(1, 3)), encoded(orderOf(10, 0)), encoded(orderOf(6, 32))];
  return {
    corpus,
    draw: binaryDraw({ corpus, fieldBytes: 8, reseal }),
    begin: () => {
      let decoded: IntentDecoded = { kind: "none", reason: "" };
      return {
        run: (input) => {
          decoded = decodeIntent(input, 0);
          return decoded.kind === "order";
        },
        judge: (input) => (decoded.kind === "order" ? judge(decoded, input) : undefined),
      };
    },
  };
}

type Decoded = Extract<IntentDecoded, { readonly kind: "order" }>;

function judge({ order, length }: Decoded, input: Uint8Array): string | undefined {
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const at = (index: number): number => view.getFloat64(index * 8, true);
  const words = Math.floor(at(8) / 2);
  const told = [order.venue, order.instrument, order.command, order.fence];
  const more = [order.priceTicks, order.lots, order.cycle, order.leg, order.stampUs];
  const last = [order.windowUs, order.limitsVersion];
  const books = order.books.flatMap(({ instrument, epoch, seq, ageUs }) => [
    instrument,
    epoch,
    seq,
    ageUs,
  ]);
  const numbers = [...told, ...more, ...last, ...books];
  const places = [4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, ...books.map((_, i) => 16 + i)];
  const letters = Buffer.from(input.buffer, input.byteOffset + 16, 16).toString("latin1");
  return firstBroken([
    [view.getUint32(4, true) === slowCrc32c(input, 8, length), "a checksum does not hold"],
    [length === HEAD_BYTES + order.books.length * BOOK_BYTES, "a record of another length"],
    [order.books.length === at(1), "another number of books"],
    [numbers.every((number, i) => Object.is(number, at(places[i] ?? 0))), "a number is another"],
    [numbers.every(Number.isSafeInteger), "a number that no order has"],
    [order.lots > 0 && order.priceTicks > 0, "an order of nothing"],
    [order.clientId === letters, "another client id"],
    [order.side === (words % 2 === 0 ? "buy" : "sell"), "another side"],
    [order.timeInForce === TIMES_IN_FORCE[Math.floor(words / 2) % 3], "another life"],
    [order.purpose === PURPOSES[Math.floor(words / 6)], "another purpose"],
    [order.isTest === (at(8) % 2 === 1), "a test that is none, or the reverse"],
  ]);
}

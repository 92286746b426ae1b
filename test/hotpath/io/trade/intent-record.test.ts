// Goal: the record of an intent gives back exactly the order that was about to leave.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32cOfFew } from "../../../../contracts/crc32c.ts";
import type { PlaceOrder } from "../../../../hotpath/core/trade/commands.ts";
import {
  BOOKS_MAX,
  decodeIntent,
  INTENT_BYTES_MIN,
  IntentEncoder,
} from "../../../../hotpath/io/trade/intent-record.ts";
import { order } from "../../venues/binance-spot/execute/desk-rig.ts";

const encoder = new IntentEncoder();
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const positive = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const orders: fc.Arbitrary<PlaceOrder> = fc.record({
  type: fc.constant("placeOrder" as const),
  venue: count,
  instrument: count,
  command: count,
  fence: count,
  clientId: fc.stringMatching(/^rk[0-9a-z]{5}-[0-9a-z]{8}$/),
  side: fc.constantFrom("buy" as const, "sell" as const),
  timeInForce: fc.constantFrom("ioc" as const, "gtc" as const, "fok" as const),
  priceTicks: positive,
  lots: positive,
  purpose: fc.constantFrom("open" as const, "finish" as const, "exit" as const, "cancel" as const),
  cycle: count,
  leg: count,
  stampUs: count,
  windowUs: count,
  limitsVersion: count,
  books: fc.array(fc.record({ instrument: count, epoch: count, seq: count, ageUs: count }), {
    maxLength: BOOKS_MAX,
  }),
  isTest: fc.boolean(),
});

function encoded(placed: PlaceOrder): Uint8Array {
  const length = encoder.encode(placed);
  return Uint8Array.from(encoder.bytes.subarray(0, length));
}

/** The record with a number of its own and a checksum that fits. */
function forged(at: number, value: number): Uint8Array {
  const bytes = encoded(order());
  const view = new DataView(bytes.buffer);
  view.setFloat64(at, value, true);
  view.setUint32(4, crc32cOfFew(bytes, 8, bytes.length), true);
  return bytes;
}

describe("a record", () => {
  test("gives back its order, wherever it lies", () => {
    fc.assert(
      fc.property(orders, fc.integer({ min: 0, max: 64 }), (placed, at) => {
        const record = encoded(placed);
        const bytes = new Uint8Array(at + record.length + 8);
        bytes.set(record, at);
        expect(decodeIntent(bytes, at)).toEqual({
          kind: "order",
          order: placed,
          length: record.length,
        });
      }),
    );
  });

  test.each([
    ["too many books", { books: Array.from({ length: BOOKS_MAX + 1 }, () => BOOK) }],
    ["a short client id", { clientId: "rk1" }],
    ["a client id of other letters", { clientId: "rk00001-0000000\u00fc" }],
  ])("of an order with %s is a mistake of ours", (_what, part) => {
    expect(() => encoder.encode(order(part))).toThrow();
  });

  test.each([
    ["no words of ours", 64, 1000],
    ["less than no words", 64, -5],
    ["half a book", 8, 0.5],
    ["more books than there are", 8, 1],
    ["more books than there can be", 8, 1e9],
  ])("that holds %s is none", (_what, at, value) => {
    expect(decodeIntent(forged(at, value), 0).kind).toBe("none");
  });

  test("that is shorter than any is none", () => {
    expect(decodeIntent(new Uint8Array(INTENT_BYTES_MIN - 1), 0)).toEqual({
      kind: "none",
      reason: "is cut off",
    });
  });
});

const BOOK = { instrument: 0, epoch: 1, seq: 1, ageUs: 1 };

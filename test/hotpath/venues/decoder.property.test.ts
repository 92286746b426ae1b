// Goal: the fast reader, the learned one, the patient one and a naive one of BigInt never disagree.
// Method: generated frames, whole and damaged, each through all four; more with RECKONER_LONG=1.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { VenueId } from "../../../contracts/ids.ts";
import { DECODED, type FrameDecoder } from "../../../hotpath/core/decode/decoder.ts";
import { VENUES } from "../../../hotpath/venues/registry.ts";
import {
  bytesOf,
  depthFields,
  depthFrame,
  frameOf,
  instrumentsOf,
  naiveDepth,
  ringOf,
  rowOf,
  STAMP,
} from "./frames.ts";

const IS_LONG = process.env.RECKONER_LONG === "1";
const RUNS = IS_LONG ? 20_000 : 1500;
const LIMIT_MS = IS_LONG ? 900_000 : 30_000;
const SEED = 20_261_121;

/** Numbers as a venue writes them, and as one never would. */
const digits = (most: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: most });
const decimal = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(digits(6), digits(10)).map(([a, b]) => `${a}.${b}`) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(digits(5), fc.nat(99))
      .map(([a, b]) => `${a}.${String(b).padStart(2, "0")}`),
  },
  { weight: 4, arbitrary: fc.tuple(digits(4), fc.nat(9)).map(([a, b]) => `${a}.${b}0000000`) },
  { weight: 3, arbitrary: digits(18) },
  { weight: 1, arbitrary: digits(45) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", ".", ".5", "5.", "-1", "1e5", "0x1", "1 ", "\u0661", "\u0131"),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
);
const side = fc
  .array(fc.tuple(decimal, decimal), { maxLength: 4 })
  .map((levels) => JSON.stringify(levels));
/** Mostly good sides, so that frames are accepted often enough to compare what was read. */
const goodSide = (scale: { price: string[]; size: string[] }) =>
  fc
    .array(fc.tuple(fc.constantFrom(...scale.price), fc.constantFrom(...scale.size)), {
      maxLength: 6,
    })
    .map((levels) => JSON.stringify(levels));
const GOOD: Readonly<Record<string, { price: string[]; size: string[] }>> = {
  BTCUSDT: {
    price: ["100.10", "99999.99", "0.01", "1234567.89", "7.1", "7"],
    size: ["0.00000", "1.50000", "12345.67891", "0.1"],
  },
  ETHBTC: { price: ["0.071234", "0.1", "12.000001"], size: ["0.0000", "3.5", "100000000.1234"] },
  ODDUSD: { price: ["0.05", "10.10", "3.150000"], size: ["0.025", "0.000", "1.050"] },
  WHOLE: { price: ["1", "70000", "3.000"], size: ["0", "10", "120.0"] },
  TINY: {
    price: ["0.0000000001", "0.0000012345", "1.0000000000"],
    size: ["0", "1", "999999999999"],
  },
};
const id = fc.oneof(
  { weight: 20, arbitrary: fc.nat(2 ** 31).map(String) },
  { weight: 5, arbitrary: fc.maxSafeNat().map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("9007199254740993", "-1", "1.5", "1e3", '"5"', "null", "-0", "1.0"),
  },
);
const extra = fc.constantFrom(
  '"st":1',
  '"ps":"X"',
  '"T":1700000000000',
  '"x":null',
  '"nest":{"b":[["1","2"]]}',
  '"long":"a, b: {}"',
  '"q":-1.5E+3',
);

const frame = (venue: VenueId) =>
  fc.constantFrom(...Object.keys(GOOD)).chain((symbol) => {
    const sides = fc.oneof(
      { weight: 5, arbitrary: goodSide(GOOD[symbol] as { price: string[]; size: string[] }) },
      { weight: 1, arbitrary: side },
    );
    return fc
      .record({
        symbol: fc.constant(symbol),
        first: id,
        last: id,
        previous: id,
        bids: sides,
        asks: sides,
        extra: fc.array(extra, { maxLength: 2 }),
      })
      .chain((fields) =>
        fc.oneof(
          { weight: 3, arbitrary: fc.constant(depthFrame(venue, fields)) },
          {
            weight: 1,
            arbitrary: fc
              .shuffledSubarray(depthFields(venue, fields), { minLength: 6 })
              .map((order) => frameOf(`${symbol.toLowerCase()}@depth@100ms`, order)),
          },
        ),
      );
  });

/** What a decoder makes of a frame: the row, or undefined when it is refused. */
function readBy(decoder: FrameDecoder, bytes: Uint8Array): ReturnType<typeof rowOf> | undefined {
  const ring = ringOf();
  return decoder.decode(bytes, STAMP, ring) === DECODED.event ? rowOf(ring) : undefined;
}

describe.each(["binance-spot", "binance-usdm"] as const)("%s", { timeout: LIMIT_MS }, (venue) => {
  const instruments = instrumentsOf(venue);

  test("four readers give the same row, or all refuse", () => {
    // One decoder hears everything and learns; the other is new each time.
    const learned = VENUES[venue].makeDecoder(instruments);
    let accepted = 0;
    fc.assert(
      fc.property(frame(venue), (text) => {
        const naive = naiveDepth(text, instruments, venue);
        if (naive !== undefined) accepted++;
        const bytes = bytesOf(text);
        expect(readBy(learned, bytes), "learned").toEqual(naive);
        expect(readBy(VENUES[venue].makeDecoder(instruments), bytes), "fast").toEqual(naive);
        expect(readBy(learned, bytesOf(` ${text}`)), "patient").toEqual(naive);
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(accepted).toBeGreaterThan(RUNS / 4);
    expect(accepted).toBeLessThan(RUNS);
  });

  test("a frame with one byte changed is read as JSON would read it, or not at all", () => {
    const learned = VENUES[venue].makeDecoder(instruments);
    const plain = bytesOf(depthFrame(venue, { extra: ['"st":1'] }));
    let accepted = 0;
    fc.assert(
      fc.property(fc.nat(plain.length - 1), fc.nat(255), (at, byte) => {
        readBy(learned, plain);
        const bytes = Uint8Array.from(plain);
        bytes[at] = byte;
        const row = readBy(learned, bytes);
        if (row === undefined) return;
        accepted++;
        // A skipped field may hold what JSON would not; what is read must be what was meant.
        const naive = naiveDepth(new TextDecoder().decode(bytes), instruments, venue);
        if (naive !== undefined) expect(row).toEqual(naive);
      }),
      { numRuns: RUNS * 4, seed: SEED },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  test("random bytes and random JSON never throw and never pass", () => {
    const decoder = VENUES[venue].makeDecoder(instruments);
    const ring = ringOf();
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          fc.json({ maxDepth: 4 }).map(bytesOf),
          fc
            .json({ maxDepth: 3 })
            .map((data) => bytesOf(`{"stream":"btcusdt@depth","data":${data}}`)),
          fc
            .uint8Array({ maxLength: 200 })
            .map((tail) =>
              Uint8Array.from([
                ...bytesOf('{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate",'),
                ...tail,
              ]),
            ),
        ),
        (bytes) => {
          expect(decoder.decode(bytes, STAMP, ring)).not.toBe(DECODED.event);
          decoder.parseNotice(bytes);
          for (const instrument of instruments) {
            expect(decoder.decodeSnapshot(bytes, instrument)).toBeUndefined();
          }
        },
      ),
      { numRuns: RUNS, seed: SEED },
    );
    expect(ring.depth).toBe(0);
  });
});

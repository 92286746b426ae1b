// Goal: the checksum is the CRC-32C of the standard, for every length and alignment.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32c, crc32cOfFew } from "../../contracts/crc32c.ts";

/** The definition, one bit at a time; slow and plain. */
function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

describe("crc32c", () => {
  // RFC 3720 appendix B.4, and the check value of the CRC catalogs for "123456789".
  test.each([
    ["123456789", new TextEncoder().encode("123456789"), 0xe3069283],
    ["32 zero bytes", new Uint8Array(32), 0x8a9136aa],
    ["32 bytes of ones", new Uint8Array(32).fill(255), 0x62a8ab43],
    ["32 rising bytes", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ["32 falling bytes", Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
    ["nothing", new Uint8Array(0), 0],
  ])("of %s is the published value", (_, bytes, expected) => {
    expect(crc32c(bytes, 0, bytes.length)).toBe(expected);
  });

  test("by the small table is the same", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, from) => {
        const start = Math.min(from, bytes.length);
        expect(crc32cOfFew(bytes, start, bytes.length)).toBe(crc32c(bytes, start, bytes.length));
      }),
    );
  });

  test("any window of any bytes equals the bitwise definition", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.nat(20),
        fc.nat(20),
        (bytes, skip, drop) => {
          const from = Math.min(skip, bytes.length);
          const to = Math.max(from, bytes.length - drop);
          expect(crc32c(bytes, from, to)).toBe(bitwise(bytes.subarray(from, to)));
        },
      ),
    );
  });
});

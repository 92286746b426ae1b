// Goal: a private call is signed as the venue's own example, and nonces only ever grow.
import { describe, expect, test } from "vitest";
import {
  Nonces,
  privateCall,
  signatureOf,
} from "../../../../../hotpath/venues/kraken/execute/signing.ts";

/** The published example of `spot-rest-auth` (2026-08-22). */
const SECRET =
  "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==";
const NONCE = 1_616_492_376_594;
const SIGNATURE =
  "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==";

describe("a signature", () => {
  test("is the published one", () => {
    const body = `nonce=${NONCE}&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25`;
    expect(signatureOf(SECRET, "/0/private/AddOrder", String(NONCE), body)).toBe(SIGNATURE);
  });

  test("stands in the headers of a call, whose body begins with the nonce", () => {
    const call = privateCall({ apiKey: "key", secret: SECRET, passphrase: "" }, NONCE, {
      method: "AddOrder",
      params: [
        ["ordertype", "limit"],
        ["pair", "XBTUSD"],
        ["price", "37500"],
        ["type", "buy"],
        ["volume", "1.25"],
      ],
      timeoutMs: 1000,
      kind: "read",
      tag: { what: "test" },
    });
    expect(call).toMatchObject({
      method: "POST",
      path: "/0/private/AddOrder",
      headers: { "API-Key": "key", "API-Sign": SIGNATURE },
    });
    expect(call.body.startsWith(`nonce=${NONCE}&`)).toBe(true);
  });
});

describe("nonces", () => {
  test("follow the clock, and grow while it stands still or runs backwards", () => {
    const nonces = new Nonces();
    const drawn = [1000, 1000, 1000, 990, 2000, 1999.5].map((nowUs) => nonces.next(nowUs));
    expect(drawn).toEqual([1000, 1001, 1002, 1003, 2000, 2001]);
  });

  test("of a second run begin above those of the first, because the clock went on", () => {
    const first = new Nonces();
    for (let i = 0; i < 100; i++) first.next(5000);
    expect(new Nonces().next(6000)).toBeGreaterThan(first.next(5000));
  });

  test("leap by a minute, then two, when the venue has seen greater ones", () => {
    const nonces = new Nonces();
    nonces.raise();
    expect(nonces.next(1000)).toBe(60_001_000);
    nonces.raise();
    expect(nonces.next(1000)).toBe(120_001_000);
  });
});

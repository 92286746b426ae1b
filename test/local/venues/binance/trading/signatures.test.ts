// Goal: a request is let in only with the venue's own signature over the venue's own text, in its time.
import { createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseFrame } from "../../../../../local/venues/binance/trading/api-frame.ts";
import { isSigned, KeyRing } from "../../../../../local/venues/binance/trading/keys.ts";
import { parseWindow } from "../../../../../local/venues/binance/trading/params.ts";
import { signedText } from "../../../../../local/venues/binance/trading/rest-door.ts";
import { signature } from "./trading-client.ts";

/** The venue's published example (rest-api.md, "Example HMAC", read 2026-11-20). */
const API_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
const SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
const PAYLOAD =
  "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559";
const SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";

describe("a signature", () => {
  const ring = new KeyRing("main", randomBytes);
  const hmac = ring.add(API_KEY, "main", { kind: "hmac", secret: SECRET });

  test("of the published example is accepted in either case, and no other", () => {
    expect(isSigned(hmac, PAYLOAD, SIGNATURE)).toBe(true);
    expect(isSigned(hmac, PAYLOAD, SIGNATURE.toUpperCase())).toBe(true);
    expect(isSigned(hmac, `${PAYLOAD} `, SIGNATURE)).toBe(false);
    expect(isSigned(hmac, PAYLOAD, SIGNATURE.replace("c8", "c9"))).toBe(false);
    expect(isSigned(hmac, PAYLOAD, "not hex")).toBe(false);
  });

  test("by Ed25519 is base64 of the right length and of the right key", () => {
    const handed = ring.handed.ed25519;
    const key = ring.find(handed.apiKey);
    if (key === undefined) throw new Error("the handed key is known");
    expect(isSigned(key, PAYLOAD, signature(handed, PAYLOAD))).toBe(true);
    expect(isSigned(key, PAYLOAD, signature(handed, "another"))).toBe(false);
    expect(isSigned(key, PAYLOAD, SIGNATURE)).toBe(false);
    const other = new KeyRing("main", randomBytes).handed.ed25519;
    expect(isSigned(key, PAYLOAD, signature(other, PAYLOAD))).toBe(false);
    const publicKey = createPublicKey(createPrivateKey(handed.secret));
    expect(publicKey.asymmetricKeyType).toBe("ed25519");
  });

  test("covers query then body without itself, wherever it stands", () => {
    expect(signedText("a=1&signature=ff&b=2", "")).toBe("a=1&b=2");
    expect(signedText("a=1", "b=2&signature=ff")).toBe("a=1b=2");
    expect(signedText("signature=ff", "")).toBe("");
  });

  test("of a revoked key belongs to nobody", () => {
    const own = new KeyRing("main", randomBytes);
    own.change({ isRevoked: true });
    expect(own.find(own.handed.hmac.apiKey)).toBeUndefined();
    own.change({ isRevoked: false });
    expect(own.find(own.handed.hmac.apiKey)).toBeDefined();
  });
});

describe("a frame", () => {
  test("is signed in alphabetical order with its numbers as written", () => {
    const frame = parseFrame(
      '{"id":"x","method":"order.place","params":{"symbol":"BTCUSDT","price":0.10,"apiKey":"k","isIt":true,"signature":"s","none":null,"list":[1]}}',
    );
    expect(frame).toMatchObject({ kind: "request", id: "x", method: "order.place" });
    const payload = frame.kind === "request" ? frame.payload : "";
    expect(payload).toBe("apiKey=k&isIt=true&price=0.10&symbol=BTCUSDT");
  });

  test.each([
    ['{"id":7,"method":"ping"}', 7],
    ['{"id":null,"method":"ping","params":{}}', null],
  ])("%s has an id and no parameters", (text, id) => {
    expect(parseFrame(text)).toMatchObject({ kind: "request", id, payload: "" });
  });

  test.each([
    "",
    "[1]",
    "null",
    '{"id":1}',
    '{"id":1,"method":"a","params":[]}',
    '{"id":{},"method":"a"}',
    '{"id":1.5,"method":"a"}',
    `{"id":"${"x".repeat(37)}","method":"a"}`,
  ])("%j is refused", (text) => {
    expect(parseFrame(text).kind).toBe("bad");
  });
});

describe("a time window", () => {
  const nowUs = 1_795_000_000_000_000;
  const nowMs = nowUs / 1_000;
  const verdict = (timestamp: number, recvWindow?: string) => {
    const params = new Map([["timestamp", String(timestamp)]]);
    if (recvWindow !== undefined) params.set("recvWindow", recvWindow);
    const parsed = parseWindow(params, nowUs);
    return parsed.kind === "ok" ? parsed.value.notAfterUs - nowUs : parsed.error.code;
  };

  test("reaches from just under a second ahead to the end of recvWindow", () => {
    expect(verdict(nowMs)).toBe(5_000_000);
    expect(verdict(nowMs + 999)).toBe(5_999_000);
    expect(verdict(nowMs + 1_000)).toBe(-1_021);
    expect(verdict(nowMs - 5_000)).toBe(0);
    expect(verdict(nowMs - 5_001)).toBe(-1_021);
    expect(verdict(nowMs - 100, "99.5")).toBe(-1_021);
    expect(verdict(nowMs - 100, "100.5")).toBe(500);
    expect(verdict(nowUs)).toBe(5_000_000);
  });

  test("is refused when it is unreadable or too long", () => {
    expect(verdict(Number.NaN)).toBe(-1_102);
    expect(verdict(nowMs, "60001")).toBe(-1_131);
    expect(verdict(nowMs, "many")).toBe(-1_102);
  });
});

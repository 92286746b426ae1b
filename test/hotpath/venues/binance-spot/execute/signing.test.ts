// Goal: signatures are the venue's own, for every vector of its pages, however long the text.
import { createHmac, generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { requestFrame } from "../../../../../hotpath/venues/binance-spot/execute/frames.ts";
import {
  signedQuery,
  signerOf,
} from "../../../../../hotpath/venues/binance-spot/execute/signing.ts";
import { ED25519_KEYS, HMAC_KEYS } from "./desk-rig.ts";

const WIDE_SYMBOL = "１２３４５６";

describe("HMAC-SHA256 (rest-api.md and web-socket-api.md, 2026-07-21)", () => {
  const { apiKey } = HMAC_KEYS;

  test.each([
    [
      "REST",
      "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
      "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
    ],
    [
      "REST with a symbol that is percent-encoded first",
      `symbol=${encodeURIComponent(WIDE_SYMBOL)}&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559`,
      "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
    ],
    [
      "the WebSocket API",
      `apiKey=${apiKey}&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT`,
      "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
    ],
    [
      "the WebSocket API with a symbol in plain UTF-8",
      `apiKey=${apiKey}&price=0.10000000&quantity=1.00000000&recvWindow=5000&side=BUY&symbol=${WIDE_SYMBOL}&timeInForce=GTC&timestamp=1645423376532&type=LIMIT`,
      "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd",
    ],
  ])("%s", (_api, text, signature) => {
    expect(signerOf(HMAC_KEYS).sign(text)).toBe(signature);
  });

  test("a frame is signed over its params by name, whatever their order", () => {
    const frame = requestFrame(
      "1",
      "order.place",
      [
        ["symbol", "BTCUSDT"],
        ["side", "SELL"],
        ["type", "LIMIT"],
        ["timeInForce", "GTC"],
        ["quantity", "0.01000000"],
        ["price", "52000.00"],
        ["recvWindow", 100],
        ["timestamp", 1645423376532],
      ],
      { apiKey, signer: signerOf(HMAC_KEYS) },
    );
    expect(JSON.parse(frame)).toMatchObject({
      params: { signature: "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24" },
    });
  });

  test.each([0, 1, 63, 64, 1364, 1366, 5000])(
    "a text of %s letters is signed as the library would",
    (length) => {
      const text = "ü".repeat(length);
      const expected = createHmac("sha256", HMAC_KEYS.secret).update(text).digest("hex");
      expect(signerOf(HMAC_KEYS).sign(text)).toBe(expected);
    },
  );

  test.each([1, 64, 65, 200])("so is a text under a secret of %s letters", (length) => {
    const secret = "s".repeat(length);
    const expected = createHmac("sha256", secret).update("text").digest("hex");
    expect(signerOf({ ...HMAC_KEYS, secret }).sign("text")).toBe(expected);
  });
});

describe("Ed25519", () => {
  test.each([
    [
      "the logon of fix-api.md, as the venue prints it",
      ["A", "EXAMPLE", "SPOT", "1", "20240627-11:17:25.223"].join("\u0001"),
      "4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA==",
    ],
    [
      "a REST query under the same key",
      "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000",
      "inDT086KVIP8vgUfw5sV3VTkescWztiAGlf4x8FLKHM4NInsn0c1kYVLoGMO8cyjfR6vmTku2YQE0gtfVVlfCw==",
    ],
    [
      "an order of the WebSocket API under the same key",
      `apiKey=${ED25519_KEYS.apiKey}&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT`,
      "82wlF5RobwT7JZehRQgOaupNEm5GrAqJj5tqZeCCE6ZxkhlUbWBThOx00q3FVnCKn882P+9p85phztjk4bOMAQ==",
    ],
  ])("%s", (_what, text, signature) => {
    expect(signerOf(ED25519_KEYS).sign(text)).toBe(signature);
  });

  test("a signature in a query is percent-encoded", () => {
    const query = signedQuery(signerOf(ED25519_KEYS), "timestamp=1");
    expect(query).toMatch(/^timestamp=1&signature=[A-Za-z0-9%]+$/);
    const signature = new URLSearchParams(query).get("signature");
    expect(signature).toBe(signerOf(ED25519_KEYS).sign("timestamp=1"));
  });

  test("only these keys log a session on", () => {
    expect(signerOf(ED25519_KEYS).canLogOn).toBe(true);
    expect(signerOf(HMAC_KEYS).canLogOn).toBe(false);
  });

  test("a PEM of another kind of key is refused", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const secret = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    expect(() => signerOf({ ...HMAC_KEYS, secret })).toThrow(/Ed25519/);
  });
});

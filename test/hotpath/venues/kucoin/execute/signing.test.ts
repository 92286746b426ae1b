// Goal: every published and every recomputed signature of KuCoin comes out to the letter.
import { describe, expect, test } from "vitest";
import {
  orderSocketUrl,
  sign,
  signedHeaders,
} from "../../../../../hotpath/venues/kucoin/execute/signing.ts";

const SECRET = "f03a5284-5c39-4aaa-9b20-dea10bdcf8e3";
const KEY = "5c2db93503aa674c74a31734";
const PASSPHRASE = "Ab12345678)(*&^%$#@";
const KEYS = { apiKey: KEY, secret: SECRET, passphrase: PASSPHRASE };
const TIME_MS = 1_547_015_186_532;

describe("the vectors", () => {
  test.each([
    [
      "the venue's own page",
      '1547015186532POST/api/v1/deposit-addresses{"currency":"BTC"}',
      "7QP/oM0ykidMdrfNEUmng8eZjg/ZvPafjIqmxiVfYu4=",
    ],
    [
      "the passphrase of keys of version 2 and 3",
      PASSPHRASE,
      "F2p2bNS1bBehHvC/Z4YkB7l1Wd0Pq2iV/oLHM/DyE+I=",
    ],
    [
      "a query by client id",
      "1547015186532GET/api/v1/hf/orders/client-order/mm-01?symbol=BTC-USDT",
      "XgXnag0fSDk9UOznJCqHRzOeVHDSAKfn9lzekQvu8WA=",
    ],
    [
      "an order",
      '1547015186532POST/api/v1/hf/orders{"clientOid":"mm-01","symbol":"BTC-USDT","type":"limit","side":"buy","price":"50000","size":"0.00001"}',
      "yK35eLACJ/fT+FFTbvkddlxqXMpG4u1yFfTX2adsXtU=",
    ],
    [
      "the order socket's address",
      `${KEY}1547015186532`,
      "1aZxqbZDJcyu0GNFGzhNE76P9+SsBgDEW2rhk1IPi1A=",
    ],
    [
      "a challenge with blanks",
      '{"sessionId":"92f2aec4-d87e-47cc-917d-4e7c93911bdc", "timestamp": 1742175983882}',
      "pN/HilIFHFaNc5pYnEBEYeFBGa0FJfZRGERJzdImUoU=",
    ],
    [
      "the same challenge compact",
      '{"sessionId":"92f2aec4-d87e-47cc-917d-4e7c93911bdc","timestamp":1742175983882}',
      "4NutYk6c3r2jDu5AD59A8TZrwtEH5UhSbnvCJJ0shSk=",
    ],
  ])("%s", (_, text, signature) => {
    expect(sign(SECRET, text)).toBe(signature);
  });
});

test("the headers of a request carry the vector, and the passphrase only signed", () => {
  const body = '{"currency":"BTC"}';
  const request = { method: "POST", target: "/api/v1/deposit-addresses", body, timeMs: TIME_MS };
  const headers = signedHeaders(KEYS, request);
  expect(headers).toEqual({
    "KC-API-KEY": KEY,
    "KC-API-SIGN": "7QP/oM0ykidMdrfNEUmng8eZjg/ZvPafjIqmxiVfYu4=",
    "KC-API-TIMESTAMP": "1547015186532",
    "KC-API-PASSPHRASE": "F2p2bNS1bBehHvC/Z4YkB7l1Wd0Pq2iV/oLHM/DyE+I=",
    "KC-API-KEY-VERSION": "3",
    "Content-Type": "application/json",
  });
  expect(JSON.stringify(headers)).not.toContain(PASSPHRASE);
});

test("the order socket's address is percent-encoded, and holds no secret", () => {
  const url = new URL(orderSocketUrl("wss://wsapi.kucoin.com", KEYS, TIME_MS));
  expect(url.pathname).toBe("/v1/private");
  expect(url.searchParams.get("sign")).toBe("1aZxqbZDJcyu0GNFGzhNE76P9+SsBgDEW2rhk1IPi1A=");
  expect(url.search).toContain("sign=1aZxqbZDJcyu0GNFGzhNE76P9%2BSsBgDEW2rhk1IPi1A%3D");
  expect(url.href).not.toContain(SECRET);
});

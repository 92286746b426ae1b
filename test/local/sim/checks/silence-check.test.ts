// Goal: an order that is decided in a silence that the engine knows of is told, and no other. Method: texts as the desks write them.
import { expect, test } from "vitest";
import type { VenueId } from "../../../../contracts/ids.ts";
import { SilenceCheck } from "../../../../local/sim/checks/silence-check.ts";

const BINANCE =
  '{"id":"a1","status":429,"error":{"code":-1003,"msg":"Too many","data":{"serverTime":1,"retryAfter":5}}}';
const KUCOIN =
  '{"id":"a1","op":"spot.order","code":"429000","msg":"Too Many Requests","rateLimit":{"limit":4000,"reset":5000,"remaining":0}}';
const KRAKEN = '{"method":"add_order","success":false,"error":"EAPI:Rate limit exceeded"}';

function bench(untilUs: number) {
  const now = { us: 1_000_000 };
  const found: string[] = [];
  let told = 0;
  const check = new SilenceCheck({
    nowUs: () => now.us,
    untilUs: () => untilUs,
    onTold: () => told++,
    onViolation: (invariant, sentence) => found.push(`${invariant}: ${sentence}`),
  });
  const hear = (venue: VenueId, text: string) =>
    check.onFrame(venue, new TextEncoder().encode(text));
  return { now, found, check, hear, told: () => told };
}

test.each([
  ["binance-spot", BINANCE],
  ["binance-spot", BINANCE.replace("429", "418")],
  ["kucoin", KUCOIN],
] as const)(
  "an order to %s after it was told to wait is a violation until the wait is over",
  (venue, text) => {
    const { now, found, check, hear, told } = bench(3_000_000);
    check.onDecided(venue, "before");
    expect(found).toEqual([]);
    hear(venue, text);
    expect(told()).toBe(1);
    now.us = 2_999_999;
    check.onDecided(venue, "rk1-7");
    expect(found).toEqual([`19: rk1-7 was decided 1 us before ${venue} takes orders`]);
    now.us = 3_000_000;
    check.onDecided(venue, "after");
    expect(found).toHaveLength(1);
  },
);

test("what names no time, no silence, or was told to a life that is over, binds nobody", () => {
  const { found, check, hear, told } = bench(3_000_000);
  hear("kraken", KRAKEN);
  hear("binance-spot", '{"id":"a2","status":200,"result":{"retryAfter":0}}');
  hear("kucoin", KUCOIN.replace('"reset":5000', '"rest":5000'));
  expect(told()).toBe(0);
  hear("binance-spot", BINANCE);
  check.onDecided("kucoin", "elsewhere");
  check.onLife();
  check.onDecided("binance-spot", "another life");
  expect(found).toEqual([]);
});

test("an answer that arrives when the wait is over is none, and no account of KuCoin waits beyond its pool", () => {
  const late = bench(900_000);
  late.hear("binance-spot", BINANCE);
  expect(late.told()).toBe(0);
  const long = bench(1_000_000_000);
  long.hear("kucoin", KUCOIN);
  long.now.us = 31_000_000;
  long.check.onDecided("kucoin", "after the pool");
  expect(long.found).toEqual([]);
});

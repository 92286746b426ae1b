// Goal: what a trade cost and moved is the venue's number, to the last digit of its rounding.
import { describe, expect, test } from "vitest";
import {
  FEE_ROUNDING,
  isAbsurd,
  readQuote,
  workOutFee,
} from "../../../../hotpath/core/order/fees.ts";
import { instrument, QUOTE_FEE } from "./fixture.ts";

const BTC_USDT = instrument("BTCUSDT", "BTC", "USDT", 0);
/** One lot of 0.0001 at 0.05: 0.000005 USDT. */
const TINY = { side: "buy", priceTicks: 5, lots: 1, isMaker: false } as const;

describe("a fee that is worked out", () => {
  test.each([
    // 0.1 % of 0.000005 is 0.000000005: half a step of eight decimals.
    ["floor", 8, TINY, 0n],
    ["ceil", 8, TINY, 10_000_000_000n],
    ["halfEven", 8, TINY, 0n],
    ["halfEven", 8, { ...TINY, lots: 3 }, 20_000_000_000n],
    ["floor", 9, TINY, 5_000_000_000n],
    ["ceil", 9, TINY, 5_000_000_000n],
  ] as const)(
    "is rounded as the venue rounds: %s to %d decimals",
    (rounding, decimals, basis, amount) => {
      const fee = workOutFee(BTC_USDT, basis, QUOTE_FEE, { rounding, decimals });
      expect(fee).toEqual({ amount, asset: "USDT" });
    },
  );

  test("is never rounded to our advantage where the venue's rule is not known", () => {
    // A billionth of 0.000001 USDT: exact to 18 and 17 decimals, a part of a step to 14.
    const rate = { ...QUOTE_FEE, takerPpb: 1 };
    const trade = { ...TINY, priceTicks: 1 };
    expect(workOutFee(BTC_USDT, trade, rate, FEE_ROUNDING)?.amount).toBe(1_000n);
    const coarse = { ...FEE_ROUNDING, decimals: 17 };
    expect(workOutFee(BTC_USDT, trade, rate, coarse)?.amount).toBe(1_000n);
    expect(workOutFee(BTC_USDT, trade, rate, { ...FEE_ROUNDING, decimals: 14 })?.amount).toBe(
      10_000n,
    );
  });

  test("of a maker is the maker's", () => {
    const rate = { ...QUOTE_FEE, makerPpb: 2_000_000 };
    const rounding = { decimals: 9, rounding: "floor" } as const;
    const amount = workOutFee(BTC_USDT, { ...TINY, isMaker: true }, rate, rounding)?.amount;
    expect(amount).toBe(10_000_000_000n);
  });

  test("is none where its rate is not known, or is paid in a third asset", () => {
    expect(workOutFee(BTC_USDT, TINY, undefined, FEE_ROUNDING)).toBeUndefined();
    const third = { ...QUOTE_FEE, paidIn: "third", feeAsset: "BNB" } as const;
    expect(workOutFee(BTC_USDT, TINY, third, FEE_ROUNDING)).toBeUndefined();
  });
});

describe("what a trade moved", () => {
  // Three lots of 0.0001 at 333.33: 0.099999 USDT.
  const trade = { priceTicks: 33_333, lots: 3 };
  const worked = 99_999_000_000_000_000n;

  test("is the product where the venue says nothing", () => {
    expect(readQuote(BTC_USDT, trade)).toBe(worked);
    expect(readQuote(BTC_USDT, { ...trade, quote: "" })).toBe(worked);
  });

  test.each([
    ["0.09999900", worked],
    ["0.09999901", worked + 10_000_000_000n],
    ["0.09999899", worked - 10_000_000_000n],
  ])("is the venue's word %s, which was rounded", (quote, amount) => {
    expect(readQuote(BTC_USDT, { ...trade, quote })).toBe(amount);
  });

  test.each(["0.09999902", "0.09999898", "0.1", "1e-1"])(
    "is unknown where the word %s is another amount",
    (quote) => {
      expect(readQuote(BTC_USDT, { ...trade, quote })).toBeUndefined();
    },
  );
});

test("a fee that is beyond anything a venue charges is absurd", () => {
  const basis = { ...TINY, priceTicks: 10_000, lots: 10_000 };
  const ofQuote = (amount: bigint) => isAbsurd(BTC_USDT, basis, { amount, asset: "USDT" });
  const five = 5n * 10n ** 18n;
  expect([five, five + 1n, -five - 1n].map(ofQuote)).toEqual([false, true, true]);
  expect(isAbsurd(BTC_USDT, basis, { amount: 10n ** 18n, asset: "BNB" })).toBe(false);
});

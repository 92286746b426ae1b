/**
 * Station: random operands at every size -> the money arithmetic beside rationals of big integers.
 */
import { assert } from "../../../../contracts/assert.ts";
import { type Instrument, instrumentOf, stepsToText } from "../../../../hotpath/core/instrument.ts";
import { amountToText, parseAmount } from "../../../../hotpath/core/money/amount.ts";
import { mulDivCeil, mulDivFloor } from "../../../../hotpath/core/money/mul-div.ts";
import { lotsToAmount, notionalAmount } from "../../../../hotpath/core/money/notional.ts";
import {
  divideRounded,
  type Rounding,
  roundToStep,
} from "../../../../hotpath/core/money/rounding.ts";
import { isAbsurd, readQuote, workOutFee } from "../../../../hotpath/core/order/fees.ts";
import { fastStepsText } from "../../../../hotpath/venues/binance-spot/execute/frames.ts";
import type { Fuzzer, Subject } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import { isSteps } from "../oracle/numbers.ts";
import { ByteOps } from "./byte-ops.ts";
import { scriptBench } from "./script-bench.ts";

const ROUNDINGS: readonly Rounding[] = ["floor", "ceil", "halfEven"];
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const ATTO = 10n ** 18n;
const PPB = 1_000_000_000n;

const INSTRUMENTS: readonly Instrument[] = [
  ["0.01", "0.00001"],
  ["0.05", "0.025"],
  ["0.0000000001", "0.00000001"],
  ["0.000000000001", "0.000000000001"],
  ["1", "10"],
].map(([tickSize = "", lotSize = ""], index) => {
  const names = { id: `kraken:A/B`, venue: "kraken", symbol: "A/B" } as const;
  const assets = { baseAsset: "A", quoteAsset: "B" };
  const made = instrumentOf({ ...names, ...assets, tickSize, lotSize }, index);
  assert(made !== undefined, "the steps are good");
  return made;
});

type Sum = {
  readonly operands: readonly [a: number, b: number, c: number];
  readonly instrument: Instrument;
  readonly rounding: Rounding;
  readonly floor: number;
  readonly ceil: number;
  readonly notional: bigint;
  readonly base: bigint;
  readonly rounded: bigint;
  readonly stepped: bigint;
  readonly texts: readonly [steps: string, fast: string];
  readonly back: bigint | undefined;
  readonly fee: bigint | undefined;
  readonly ppb: number;
  readonly quote: bigint | undefined;
};

function reckon(ops: ByteOps): Sum {
  const [a, b, c] = [ops.count(), ops.count(), Math.max(1, ops.count())];
  const instrument = INSTRUMENTS[ops.below(INSTRUMENTS.length)] as Instrument;
  const rounding = ROUNDINGS[ops.below(ROUNDINGS.length)] as Rounding;
  const ppb = ops.word() * 100 - 500_000;
  const { priceDecimals, tickUnits } = instrument;
  const amount = BigInt(a) * BigInt(b) * (ops.below(2) === 0 ? 1n : -1n);
  const basis = { side: "sell", priceTicks: a, lots: b, isMaker: true } as const;
  const rate = {
    instrument: 0,
    makerPpb: ppb,
    takerPpb: 0,
    paidIn: "quote",
    feeAsset: "",
  } as const;
  const notional = notionalAmount(instrument, a, b, rounding);
  const fee = workOutFee(instrument, basis, rate, { decimals: 8, rounding });
  if (fee !== undefined) isAbsurd(instrument, basis, fee);
  return {
    operands: [a, b, c],
    instrument,
    rounding,
    floor: mulDivFloor(a, b, c),
    ceil: mulDivCeil(a, b, c),
    notional,
    base: lotsToAmount(instrument, b),
    rounded: divideRounded(amount, BigInt(c), rounding),
    stepped: roundToStep(amount, BigInt(c), rounding),
    texts: [stepsToText(a, priceDecimals, tickUnits), fastStepsText(a, priceDecimals, tickUnits)],
    back: parseAmount(amountToText(notional)),
    fee: fee?.amount,
    ppb,
    quote: readQuote(instrument, { priceTicks: a, lots: b, quote: amountToText(notional) }),
  };
}

/** `top / bottom` rounded by what the words mean; the bottom is positive. */
function rounded(top: bigint, bottom: bigint, rounding: Rounding): bigint {
  const floor = (top - (((top % bottom) + bottom) % bottom)) / bottom;
  const rest = top - floor * bottom;
  if (rest === 0n || rounding === "floor") return floor;
  if (rounding === "ceil") return floor + 1n;
  if (rest * 2n === bottom) return floor % 2n === 0n ? floor : floor + 1n;
  return rest * 2n > bottom ? floor + 1n : floor;
}

function judge(sum: Sum): string | undefined {
  const { operands, instrument, rounding, floor, ceil, texts, ppb } = sum;
  const [a, b, c] = operands.map(BigInt) as [bigint, bigint, bigint];
  const { tickUnits, lotUnits, priceDecimals, quantityDecimals } = instrument;
  const steps = a * BigInt(tickUnits) * (b * BigInt(lotUnits));
  const bottom = 10n ** BigInt(priceDecimals + quantityDecimals);
  const exact = rounded(steps * ATTO, bottom, rounding);
  const half = rounded(steps * ATTO, bottom, "halfEven");
  const fee = rounded(half * BigInt(ppb), PPB, rounding);
  const base = (b * BigInt(lotUnits) * ATTO) / 10n ** BigInt(quantityDecimals);
  const scale = { decimals: priceDecimals, units: tickUnits };
  const isReadable = sum.back !== undefined || sum.notional >= 10n ** 54n;
  return firstBroken([
    [isQuotient(floor, rounded(a * b, c, "floor")), "a product over a divisor, rounded down"],
    [isQuotient(ceil, rounded(a * b, c, "ceil")), "a product over a divisor, rounded up"],
    [sum.notional === exact, "an amount of quote"],
    [sum.base === base, "an amount of base"],
    [isNear(sum.rounded * c, a * b, c), "a quotient"],
    [sum.stepped % c === 0n, "a multiple of a step"],
    [texts.every((text) => isSteps(text, operands[0], scale)), "steps as text"],
    [sum.back === undefined || sum.back === sum.notional, "an amount that does not come back"],
    [isReadable, "an amount that cannot be read back"],
    [sum.fee === undefined || sum.fee === rounded(fee, 10n ** 10n, rounding) * 10n ** 10n, "a fee"],
    [sum.quote === undefined || sum.back === undefined || sum.quote === sum.notional, "a quote"],
  ]);
}

/** A quotient that is no safe integer has no number. */
function isQuotient(value: number, exact: bigint): boolean {
  return exact <= SAFE_MAX ? value === Number(exact) : Number.isNaN(value);
}

/** The rounded quotient of a product of either sign is less than one divisor away from it. */
function isNear(product: bigint, exact: bigint, c: bigint): boolean {
  const [up, down] = [product - exact, product + exact];
  return [up, down].some((off) => (off < 0n ? -off : off) < c);
}

function begin(): Subject {
  const ops = new ByteOps();
  let sum: Sum | undefined;
  return {
    run: (input) => {
      ops.begin(input);
      sum = reckon(ops);
      return true;
    },
    judge: () => (sum === undefined ? undefined : judge(sum)),
  };
}

export const money: Fuzzer = {
  name: "money beside rationals",
  guards: "hotpath/core/money/mul-div.ts",
  prepare: () => scriptBench({ corpus: [Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)], begin }),
};

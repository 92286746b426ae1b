/**
 * Station: decimal text -> every reader of it that turns text into numbers of ours. One fuzzer for all of them,
 * held against rationals.
 */

import { isDecimal, shareOf, sumDecimals } from "../../../../contracts/decimal.ts";
import { scaledOf } from "../../../../functions/compact-archive/logic.ts";
import { plainDecimal } from "../../../../hotpath/core/decode/exact-json.ts";
import { readDecimal } from "../../../../hotpath/core/decode/field-parse.ts";
import { scanDecimal } from "../../../../hotpath/core/decode/scan.ts";
import { scanShortDecimal } from "../../../../hotpath/core/decode/short-decimal.ts";
import { parseStep, type Step } from "../../../../hotpath/core/instrument.ts";
import { amountToText, parseAmount } from "../../../../hotpath/core/money/amount.ts";
import { readSize } from "../../../../hotpath/venues/kucoin/push-reader.ts";
import type { Fuzzer } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import { exactOf, isFloorOfSteps, isSameValue, isSteps } from "../oracle/numbers.ts";
import { readerBench } from "../reader-bench.ts";

const SCALES: readonly Step[] = [
  { decimals: 2, units: 1 },
  { decimals: 8, units: 1 },
  { decimals: 2, units: 5 },
  { decimals: 0, units: 10 },
  { decimals: 12, units: 1 },
];

const CORPUS = [
  "0.01",
  "100.10000000",
  "45283.5",
  "0.00000001",
  "12345678901234.5678",
  "9007199254740991",
  "90071992547409.91",
  "7",
  "0",
  "1e-8",
  "-132.5005",
  "0.2600",
  "123456789.123456789",
  "0.000000000000000001",
] as const;

type Sight = {
  readonly text: string;
  readonly steps: readonly (number | undefined)[];
  readonly sizes: readonly (number | undefined)[];
  readonly scans: readonly (readonly [end: number, value: number])[];
  readonly amount: bigint | undefined;
  readonly plain: string | undefined;
  readonly step: Step | undefined;
  readonly sum: string | undefined;
  readonly share: string;
  readonly scaled: { readonly e: bigint; readonly scale: number } | null;
};

const decoder = new TextDecoder("latin1");
const out = new Float64Array(2);
const SLACK_BYTES = 16;
const buffer = new Uint8Array((1 << 17) + SLACK_BYTES);
const view = new DataView(buffer.buffer);

export const decimals: Fuzzer = {
  name: "decimal text",
  guards: "hotpath/core/decode/scan.ts",
  prepare: () =>
    readerBench<Sight>({ corpus: CORPUS, makeReader: () => readText, judge: judgeText }),
};

function readText(input: Uint8Array): Sight | undefined {
  const text = decoder.decode(input);
  const scaleOf = ({ decimals: places, units }: Step) => ({
    priceDecimals: places,
    tickUnits: units,
    quantityDecimals: places,
    lotUnits: units,
  });
  const steps = SCALES.map((scale) =>
    readDecimal(text, scaleOf(scale), true, out, 0) < 0 ? undefined : out[0],
  );
  const sizes = SCALES.map((scale) =>
    readSize(text, scaleOf(scale), out, 0) < 0 ? undefined : out[0],
  );
  buffer.set(input);
  // As in a decoder: whatever stands behind the number, it is not the digit of an older frame.
  buffer[input.length] = 0;
  const scans = SCALES.flatMap(({ decimals: places }) => [
    [scanDecimal(buffer, 0, places, out, 0), out[0] as number] as const,
    [scanShortDecimal(view, 0, places, out, 0), out[0] as number] as const,
  ]);
  const isPlain = isDecimal(text);
  const sight: Sight = {
    text,
    steps,
    sizes,
    scans,
    amount: parseAmount(text),
    plain: plainDecimal(text),
    step: parseStep(text),
    sum: isPlain ? sumDecimals([text, "0.5", "-0.5"]) : undefined,
    share: isPlain ? shareOf(text, "8", 60) : "",
    scaled: scaledOf(text),
  };
  const isRead = steps.some((each) => each !== undefined) || sight.amount !== undefined;
  return isRead || sight.plain !== undefined ? sight : undefined;
}

function judgeText(sight: Sight): string | undefined {
  const { text, steps, sizes, amount, plain, step, sum, scaled } = sight;
  const isScaled = (value: number | undefined, scale: Step | undefined): boolean =>
    value === undefined || (scale !== undefined && isSteps(text, value, scale));
  const isCut = (value: number | undefined, scale: Step | undefined): boolean =>
    value === undefined || (scale !== undefined && isFloorOfSteps(text, value, scale));
  const units = step === undefined ? "" : withPoint(BigInt(step.units), step.decimals);
  return firstBroken([
    [steps.every((value, i) => isScaled(value, SCALES[i])), "steps are not what was written"],
    [sizes.every((value, i) => isCut(value, SCALES[i])), "a size is not what was written, cut"],
    [areScans(sight), "a scanner read another number"],
    [amount === undefined || isSameValue(amountToText(amount), text), "an amount is another"],
    [plain === undefined || (isSameValue(plain, text) && /^[^eE]+$/.test(plain)), "no plain text"],
    [step === undefined || isSameValue(units, text), "a step is another"],
    [sum === undefined || isSameValue(sum, text), "a sum is another"],
    [isEighth(sight), "a share is another"],
    [
      scaled === null || isSameValue(withPoint(scaled.e, scaled.scale), text),
      "a column is another",
    ],
  ]);
}

/** What a scanner took, up to where it ended, is a number worth what it says. */
function areScans({ text, scans }: Sight): boolean {
  return scans.every(([end, value], i) => {
    if (end < 0) return true;
    const scale = SCALES[i >> 1];
    return scale !== undefined && isSteps(text.slice(0, end), value, { ...scale, units: 1 });
  });
}

/** Eighths have three more places, so sixty are enough for what is read here. */
function isEighth({ text, share }: Sight): boolean {
  const value = exactOf(text);
  if (share === "" || value === undefined || value.places > 57) return true;
  return isSameValue(share, withPoint(value.units * 125n, value.places + 3));
}

function withPoint(units: bigint, places: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const at = digits.length - places;
  const sign = units < 0n ? "-" : "";
  return `${sign}${digits.slice(0, at)}${places === 0 ? "" : `.${digits.slice(at)}`}`;
}

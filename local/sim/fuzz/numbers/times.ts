/**
 * Station: times in text, and whole numbers -> the scanners of them. Held against the language's calendar and
 * big integers.
 */

import { rangeOf } from "../../../../functions/control-api/time-range.ts";
import { scanShortInteger } from "../../../../hotpath/core/decode/frame-template.ts";
import { scanInteger } from "../../../../hotpath/core/decode/scan.ts";
import { scanTimeUs, TimeReader } from "../../../../hotpath/core/decode/time-text.ts";
import { scanNanos, scanSequence } from "../../../../hotpath/venues/kucoin/push-numbers.ts";
import type { Fuzzer } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import { isWhole, microsOf } from "../oracle/numbers.ts";
import { readerBench } from "../reader-bench.ts";

const CORPUS = [
  "2023-10-06T17:35:55.440295Z",
  "2023-10-06T17:35:56Z",
  "2023-10-06T17:35:57.9Z",
  "2024-02-29T23:59:60.999999999Z",
  "1970-01-01T00:00:00Z",
  "2254-12-31T23:59:59.999999Z",
  "2026-11-21",
  "2026-11-21T20:11Z",
  "1729843222921000000",
  "1672515782136",
  "9007199254740991",
  "11067996711960577",
  "160",
  "7",
] as const;

type Scan = readonly [end: number, value: number];
type Sight = {
  readonly text: string;
  readonly alone: Scan;
  readonly inTurn: Scan;
  readonly whole: readonly Scan[];
  readonly sequence: Scan;
  readonly nanos: Scan;
  readonly fromUs: number | undefined;
};

const decoder = new TextDecoder("latin1");
const SLACK_BYTES = 32;
const NOW_US = 1_800_000_000_000_000;
const TWO_53 = 2n ** 53n;

export const times: Fuzzer = {
  name: "times and counts in text",
  guards: "hotpath/core/decode/time-text.ts",
  prepare: () => readerBench<Sight>({ corpus: CORPUS, makeReader: makeReader, judge: judgeText }),
};

function makeReader(): (input: Uint8Array) => Sight | undefined {
  const bytes = new Uint8Array((1 << 17) + SLACK_BYTES);
  const view = new DataView(bytes.buffer);
  const reader = new TimeReader();
  const out = new Float64Array(1);
  const scanned = (end: number): Scan => [end, out[0] as number];
  return (input) => {
    bytes.set(input);
    bytes[input.length] = 0;
    const text = decoder.decode(input);
    const range = rangeOf({ from: text, to: undefined }, NOW_US);
    const sight: Sight = {
      text,
      alone: scanned(scanTimeUs(bytes, 0, out, 0)),
      inTurn: scanned(reader.scan(view, bytes, 0, out, 0)),
      whole: [scanned(scanInteger(bytes, 0, out, 0)), scanned(scanShortInteger(view, 0, out, 0))],
      sequence: scanned(scanSequence(bytes, 0, out, 0)),
      nanos: scanned(scanNanos(bytes, 0, out, 0)),
      fromUs: range.ok ? range.fromUs : undefined,
    };
    const scans = [sight.alone, ...sight.whole, sight.sequence, sight.nanos];
    return scans.some(([end]) => end >= 0) || sight.fromUs !== undefined ? sight : undefined;
  };
}

function judgeText({
  text,
  alone,
  inTurn,
  whole,
  sequence,
  nanos,
  fromUs,
}: Sight): string | undefined {
  const head = ([end]: Scan): string => text.slice(0, Math.max(0, end));
  const isTime = (scan: Scan): boolean => scan[0] < 0 || microsOf(head(scan)) === scan[1];
  const isCount = (scan: Scan): boolean => scan[0] < 0 || isWhole(head(scan), scan[1]);
  const isSequence = sequence[0] < 0 || BigInt(head(sequence)) % TWO_53 === BigInt(sequence[1]);
  const isNanos = nanos[0] < 0 || BigInt(head(nanos)) / 1000n === BigInt(nanos[1]);
  return firstBroken([
    [isTime(alone), "a time is not what the calendar says"],
    [isTime(inTurn), "a time that follows another is not what the calendar says"],
    [alone[0] < 0 === inTurn[0] < 0, "a time is one alone and none in turn, or the reverse"],
    [whole.every(isCount), "a whole number is another"],
    [isSequence, "a sequence is another"],
    [isNanos, "nanoseconds are others"],
    [fromUs === undefined || isBeginning(text, fromUs), "a question's time is another"],
  ]);
}

/** A day, a time with or without its seconds, or microseconds. */
function isBeginning(text: string, us: number): boolean {
  if (/^\d{1,16}$/.test(text)) return isWhole(text, us);
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  const full = day.replace(/T(\d\d:\d\d)Z$/, "T$1:00Z");
  return microsOf(full) === us;
}

/**
 * Station: none; every fuzzer of the house, one for each reader of what others have written.
 */
import type { Fuzzer } from "./fuzzer.ts";
import { binanceFuzzers } from "./market/binance.ts";
import { krakenFrames } from "./market/kraken.ts";
import { kucoinFuzzers } from "./market/kucoin.ts";

export const FUZZERS: readonly Fuzzer[] = [
  ...binanceFuzzers("binance-spot"),
  ...binanceFuzzers("binance-usdm"),
  krakenFrames,
  ...kucoinFuzzers,
];

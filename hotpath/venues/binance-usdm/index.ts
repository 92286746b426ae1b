/** The door of Binance USD-M: assembles one `Venue` and exports nothing else. */
import { parseClock } from "../binance/rules.ts";
import type { Venue } from "../venue.ts";
import { usdmContinuity } from "./continuity.ts";
import { ADDRESSES, depthPath, depthWeight, planShards, warmUpFrames } from "./ingest.ts";
import { parseUsdmRules } from "./instruments.ts";
import { usdmDecoder } from "./normalize.ts";

export const binanceUsdm: Venue = {
  id: "binance-usdm",
  continuity: usdmContinuity,
  makeDecoder: usdmDecoder,
  addresses: ADDRESSES,
  rulesPath: "/fapi/v1/exchangeInfo",
  rulesWeight: 1,
  parseRules: parseUsdmRules,
  clockPath: "/fapi/v1/time",
  clockWeight: 1,
  parseClock,
  weightHeader: "x-mbx-used-weight-1m",
  weightWindowUs: 60_000_000,
  depthPath,
  depthWeight,
  depthLevelsMax: 1000,
  depthSizes: [500, 100, 50],
  dialsMax: 300,
  dialWindowUs: 300_000_000,
  planShards,
  warmUpFrames,
};

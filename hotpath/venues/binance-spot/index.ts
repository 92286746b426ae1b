/** The door of Binance spot: assembles one `Venue` and exports nothing else. */
import { parseClock } from "../binance/rules.ts";
import type { Venue } from "../venue.ts";
import { spotContinuity } from "./continuity.ts";
import { binanceSpotExecution } from "./execute.ts";
import { ADDRESSES, depthPath, depthWeight, planShards, warmUpFrames } from "./ingest.ts";
import { parseSpotRules } from "./instruments.ts";
import { spotDecoder } from "./normalize.ts";

export const binanceSpot: Venue = {
  id: "binance-spot",
  execution: binanceSpotExecution,
  continuity: spotContinuity,
  makeDecoder: spotDecoder,
  addresses: ADDRESSES,
  rulesPath: "/api/v3/exchangeInfo",
  rulesWeight: 20,
  parseRules: parseSpotRules,
  clockPath: "/api/v3/time",
  clockWeight: 1,
  parseClock,
  weightHeader: "x-mbx-used-weight-1m",
  weightWindowUs: 60_000_000,
  depthPath,
  depthWeight,
  depthLevelsMax: 5000,
  depthSizes: [1000, 500, 100],
  dialsMax: 300,
  dialWindowUs: 300_000_000,
  planShards,
  warmUpFrames,
};

/** The door of KuCoin spot: assembles one `Venue` and exports nothing else. */
import type { Venue } from "../venue.ts";
import { kucoinContinuity } from "./continuity.ts";
import { kucoinExecution } from "./execute.ts";
import {
  ADDRESSES,
  budgetOf,
  CLOCK_PATH,
  depthPath,
  depthWeight,
  PUBLIC_LEVELS_MAX,
  planShards,
  RULES_PATH,
  signedReads,
  warmUpFrames,
} from "./ingest.ts";
import { parseKucoinClock, parseKucoinRules } from "./instruments.ts";
import { kucoinDecoder } from "./normalize.ts";

export const kucoin: Venue = {
  id: "kucoin",
  continuity: kucoinContinuity,
  makeDecoder: kucoinDecoder,
  addresses: ADDRESSES,
  rulesPath: RULES_PATH,
  rulesWeight: 4,
  parseRules: parseKucoinRules,
  clockPath: CLOCK_PATH,
  clockWeight: 3,
  parseClock: parseKucoinClock,
  weightHeader: "gw-ratelimit-remaining",
  budgetOf,
  weightWindowUs: 30_000_000,
  depthPath,
  depthWeight,
  depthLevelsMax: PUBLIC_LEVELS_MAX,
  depthSizes: [20],
  signedReads,
  dialsMax: 30,
  dialWindowUs: 60_000_000,
  planShards,
  warmUpFrames,
  execution: kucoinExecution,
};

/** The door of Kraken spot: assembles one `Venue` and exports nothing else. */
import type { Venue } from "../venue.ts";
import { krakenBooks, krakenContinuity } from "./continuity.ts";
import { krakenExecution } from "./execute.ts";
import {
  ADDRESSES,
  CLOCK_PATH,
  DIAL_WINDOW_US,
  DIALS_MAX,
  depthPath,
  LEVELS_MAX,
  planShards,
  RULES_PATH,
} from "./ingest.ts";
import { parseKrakenClock, parseKrakenRules } from "./instruments.ts";
import { krakenDecoder } from "./normalize.ts";
import { warmUpFrames } from "./warm-up-frames.ts";
import { bookDepthFor } from "./wire.ts";

export const kraken: Venue = {
  id: "kraken",
  execution: krakenExecution,
  continuity: krakenContinuity,
  inStream: krakenBooks,
  makeDecoder: krakenDecoder,
  addresses: ADDRESSES,
  rulesPath: RULES_PATH,
  rulesWeight: 1,
  parseRules: parseKrakenRules,
  clockPath: CLOCK_PATH,
  clockWeight: 0,
  isClockInStream: true,
  parseClock: parseKrakenClock,
  // Kraken tells no weight in its headers.
  weightHeader: "x-kraken-weight",
  weightWindowUs: 60_000_000,
  depthPath,
  // A subscription costs no requests.
  depthWeight: () => 0,
  depthLevelsMax: LEVELS_MAX,
  depthFor: bookDepthFor,
  depthSizes: [],
  dialsMax: DIALS_MAX,
  dialWindowUs: DIAL_WINDOW_US,
  planShards,
  warmUpFrames,
};

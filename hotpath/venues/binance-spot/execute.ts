/**
 * Station: commands -> signed requests -> outcomes, for Binance spot: the door of `execute/`.
 *
 * Everything is written to one warm connection of the WebSocket API; REST only tells what a key may do.
 */
import type { Execution } from "../execution.ts";
import { BinanceDesk } from "./execute/desk.ts";
import {
  ACCOUNT_ADDRESSES,
  BACK_END_US,
  keyRightsCall,
  PUBLIC_FEE,
  parseKeyRights,
  RATES,
} from "./execute/facts.ts";
import { classifyRefusal } from "./execute/refusals.ts";

/** The venue takes up to 60 s (rest-api.md "Timing security"); an order of ours lives at most 5 s. */
const WINDOW_US_MAX = 5_000_000;
const WINDOW_US_MIN = 1_000;

export const binanceSpotExecution: Execution = {
  features: {
    orderTest: true,
    dialsToOpen: 1,
    deadManSwitch: false,
    cancelAll: "account",
    windowUsMin: WINDOW_US_MIN,
    windowUsMax: WINDOW_US_MAX,
    backEndUs: BACK_END_US,
  },
  rates: RATES,
  publicFee: PUBLIC_FEE,
  // 8 decimals by `baseCommissionPrecision`; no page says how the rest is rounded, and this is an
  // assumption that every fill with its own `commission` overrules.
  feeRounding: { decimals: 8, rounding: "floor" },
  addresses: ACCOUNT_ADDRESSES,
  makeDesk: (options) => new BinanceDesk(options),
  classify: classifyRefusal,
  keyRightsCall,
  parseKeyRights,
};

/**
 * Station: commands -> signed requests -> outcomes, for Kraken: the door of `execute/`.
 *
 * Orders and cancels go over the private WebSocket v2, everything that is read over signed REST.
 */
import type { Execution, KeyRights } from "../execution.ts";
import { KrakenDesk } from "./execute/desk.ts";
import {
  ACCOUNT_ADDRESSES,
  BACK_END_US,
  PUBLIC_FEE,
  RATES,
  WINDOW_US_MAX,
  WINDOW_US_MIN,
} from "./execute/facts.ts";
import { classifyRefusal } from "./execute/refusals.ts";

/** No documented call tells the rights of a key (2026-08-22). */
const NO_RIGHTS: KeyRights = {
  mayTrade: undefined,
  mayWithdraw: undefined,
  isIpRestricted: undefined,
};

export const krakenExecution: Execution = {
  features: {
    orderTest: true,
    dialsToOpen: 1,
    deadManSwitch: true,
    cancelAll: "account",
    windowUsMin: WINDOW_US_MIN,
    windowUsMax: WINDOW_US_MAX,
    backEndUs: BACK_END_US,
  },
  rates: RATES,
  publicFee: PUBLIC_FEE,
  // No page says how a fee is rounded; every fill brings its own, which overrules this reading of samples.
  feeRounding: { decimals: 10, rounding: "halfEven" },
  addresses: ACCOUNT_ADDRESSES,
  makeDesk: (options) => new KrakenDesk(options),
  classify: classifyRefusal,
  keyRightsCall: undefined,
  parseKeyRights: () => NO_RIGHTS,
};

/**
 * Station: commands -> signed requests -> outcomes, for KuCoin spot (HF): the door of `execute/`.
 *
 * Orders go over the warm order socket, everything else over REST.
 */
import type { Execution } from "../execution.ts";
import { KucoinDesk } from "./execute/desk.ts";
import {
  ACCOUNT_ADDRESSES,
  keyRightsCall,
  PUBLIC_FEE,
  parseKeyRights,
  RATES,
} from "./execute/facts.ts";
import { BACK_END_US } from "./execute/order-entry.ts";
import { classifyRefusal } from "./execute/refusals.ts";

/** No bound of `allowMaxTimeWindow` is published; an order of ours lives at most 5 s. */
const WINDOW_US_MAX = 5_000_000;
const WINDOW_US_MIN = 1_000;

export const kucoinExecution: Execution = {
  features: {
    orderTest: true,
    dialsToOpen: 2,
    deadManSwitch: true,
    cancelAll: "account",
    windowUsMin: WINDOW_US_MIN,
    windowUsMax: WINDOW_US_MAX,
    backEndUs: BACK_END_US,
  },
  rates: RATES,
  publicFee: PUBLIC_FEE,
  // The samples of `/hf/fills` are exact products; where more than 18 decimals came out, we are charged more.
  feeRounding: { decimals: 18, rounding: "ceil" },
  addresses: ACCOUNT_ADDRESSES,
  makeDesk: (options) => new KucoinDesk(options),
  classify: classifyRefusal,
  keyRightsCall,
  parseKeyRights,
};

/**
 * Station: `GET /fapi/v1/exchangeInfo` -> instruments of Binance USD-M.
 *
 * Ticks and lots are what market data needs; the other filters belong to order entry.
 */

import { parseRules } from "../binance/rules.ts";
import type { PublishedRules } from "../venue.ts";

/** Undefined when the body is not an exchangeInfo. */
export function parseUsdmRules(body: Uint8Array): PublishedRules | undefined {
  return parseRules("binance-usdm", body);
}

/**
 * Station: `GET /api/v3/exchangeInfo` -> instruments of Binance spot.
 *
 * Ticks and lots are what market data needs; the other filters belong to order entry.
 */

import { parseRules } from "../binance/rules.ts";
import type { PublishedRules } from "../venue.ts";

/** Undefined when the body is not an exchangeInfo. */
export function parseSpotRules(body: Uint8Array): PublishedRules | undefined {
  return parseRules("binance-spot", body);
}

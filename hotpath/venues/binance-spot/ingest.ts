/**
 * Station: where Binance spot lives, and how its market data is asked for.
 *
 * Addresses, paths, weights and connection rules; pages and dates in README.md.
 */

import { type EntryPoint, shardsOf } from "../binance/streams.ts";
import type { ShardPlan, StreamChoice, Venue } from "../venue.ts";

/** Public market data has hosts of its own, which need no key and serve nothing else. */
export const ADDRESSES: Venue["addresses"] = {
  production: {
    rest: "https://data-api.binance.vision",
    ws: "wss://data-stream.binance.vision",
  },
  testnet: { rest: "https://testnet.binance.vision", ws: "wss://stream.testnet.binance.vision" },
};

/** At most 5 inbound messages a second, pongs included: four leave room for the pong. */
const MESSAGE_GAP_MS = 250;

/** Weight of `GET /api/v3/depth` by levels a side. */
export function depthWeight(levels: number): number {
  if (levels <= 100) return 5;
  if (levels <= 500) return 25;
  return levels <= 1000 ? 50 : 250;
}

export function depthPath(symbol: string, levels: number): string {
  return `/api/v3/depth?symbol=${encodeURIComponent(symbol)}&limit=${levels}`;
}

/** One entry point carries everything on spot. */
export function planShards(
  ws: string,
  symbols: readonly string[],
  streams: StreamChoice,
  streamsPerConnectionMax: number,
): readonly ShardPlan[] {
  const entry: EntryPoint = {
    path: "/stream",
    hasBooks: true,
    namesOf: (symbol) => [
      streams.depth === "" ? `${symbol}@depth` : `${symbol}@depth@${streams.depth}`,
      ...(streams.quotes ? [`${symbol}@bookTicker`] : []),
      ...(streams.trades ? [`${symbol}@trade`] : []),
    ],
  };
  return shardsOf([entry], { ws, symbols, streamsPerConnectionMax, messageGapMs: MESSAGE_GAP_MS });
}

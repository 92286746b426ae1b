/**
 * Station: where Binance spot lives, and how its market data is asked for.
 *
 * Addresses, paths, weights and connection rules; pages and dates in README.md.
 */

import { type EntryPoint, shardsOf } from "../binance/streams.ts";
import { warmUpSides } from "../binance/warm-up-sides.ts";
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

/** Frames as the venue shapes them, about a made-up instrument with a tick and a lot of 0.01. */
export function warmUpFrames(symbol: string, step: number): readonly string[] {
  const lower = symbol.toLowerCase();
  const eventMs = 1_700_000_000_000 + step;
  const bid = `${100 + (step % 7)}.${10 + (step % 80)}`;
  const ask = `${200 + (step % 7)}.${10 + (step % 80)}`;
  const book = warmUpSides(step, "000000");
  const seq = `"U":${step * 2 + 1},"u":${step * 2 + 2},`;
  return [
    `{"stream":"${lower}@depth@100ms","data":{"e":"depthUpdate","E":${eventMs},"s":"${symbol}",${seq}${book}}}`,
    `{"stream":"${lower}@bookTicker","data":{"u":${step * 2 + 2},"s":"${symbol}","b":"${bid}","B":"1.00","a":"${ask}","A":"1.00"}}`,
    `{"stream":"${lower}@aggTrade","data":{"e":"aggTrade","E":${eventMs},"s":"${symbol}","a":${step},"p":"${bid}","q":"0.25","f":1,"l":1,"T":${eventMs},"m":true}}`,
  ];
}

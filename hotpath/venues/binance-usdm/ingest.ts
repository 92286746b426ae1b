/**
 * Station: where Binance USD-M lives, and how its market data is asked for.
 *
 * Since 2026-04-23 the streams are routed: books, quotes and trades under /public, aggregate trades
 * under /market. A subscription at the wrong entry point is acknowledged and delivers nothing, so the
 * split below is not a preference. Pages and dates in README.md.
 */

import { type EntryPoint, shardsOf } from "../binance/streams.ts";
import { warmUpSides } from "../binance/warm-up-sides.ts";
import type { ShardPlan, StreamChoice, Venue } from "../venue.ts";

export const ADDRESSES: Venue["addresses"] = {
  production: { rest: "https://fapi.binance.com", ws: "wss://fstream.binance.com" },
  testnet: { rest: "https://demo-fapi.binance.com", ws: "wss://fstream.binancefuture.com" },
};

/** At most 10 inbound messages a second; eight leave room for the pong. */
const MESSAGE_GAP_MS = 125;

/** Weight of `GET /fapi/v1/depth` by levels a side. */
export function depthWeight(levels: number): number {
  if (levels <= 50) return 2;
  if (levels <= 100) return 5;
  return levels <= 500 ? 10 : 20;
}

export function depthPath(symbol: string, levels: number): string {
  return `/fapi/v1/depth?symbol=${encodeURIComponent(symbol)}&limit=${levels}`;
}

export function planShards(
  ws: string,
  symbols: readonly string[],
  streams: StreamChoice,
  streamsPerConnectionMax: number,
): readonly ShardPlan[] {
  const books: EntryPoint = {
    path: "/public/stream",
    hasBooks: true,
    namesOf: (symbol) => [
      streams.depth === "" ? `${symbol}@depth` : `${symbol}@depth@${streams.depth}`,
      ...(streams.quotes ? [`${symbol}@bookTicker`] : []),
    ],
  };
  const trades: EntryPoint = {
    path: "/market/stream",
    hasBooks: false,
    namesOf: (symbol) => (streams.trades ? [`${symbol}@aggTrade`] : []),
  };
  return shardsOf([books, trades], {
    ws,
    symbols,
    streamsPerConnectionMax,
    messageGapMs: MESSAGE_GAP_MS,
  });
}

/** Frames as the venue shapes them, about a made-up instrument with a tick and a lot of 0.01. */
export function warmUpFrames(symbol: string, step: number): readonly string[] {
  const lower = symbol.toLowerCase();
  const eventMs = 1_700_000_000_000 + step;
  const bid = `${100 + (step % 7)}.${10 + (step % 80)}`;
  const ask = `${200 + (step % 7)}.${10 + (step % 80)}`;
  const book = warmUpSides(step, "");
  const seq = `"U":${step * 2 + 1},"u":${step * 2 + 2},"pu":${step * 2},`;
  return [
    `{"stream":"${lower}@depth@100ms","data":{"e":"depthUpdate","E":${eventMs},"s":"${symbol}",${seq}${book}}}`,
    `{"stream":"${lower}@bookTicker","data":{"u":${step * 2 + 2},"E":${eventMs},"s":"${symbol}","b":"${bid}","B":"1.00","a":"${ask}","A":"1.00"}}`,
    `{"stream":"${lower}@aggTrade","data":{"e":"aggTrade","E":${eventMs},"s":"${symbol}","a":${step},"p":"${bid}","q":"0.25","f":1,"l":1,"T":${eventMs},"m":true}}`,
  ];
}

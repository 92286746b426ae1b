/**
 * Station: where KuCoin spot lives, and how its market data is asked for.
 *
 * Addresses, paths, weights and connection rules; pages and dates in README.md. The address of the streams
 * is handed out with a token, new for every dial; nothing is sent before the welcome.
 */
import type { FeedProtocol } from "../../io/feed-protocol.ts";
import type { RestBudget } from "../../io/rest-client.ts";
import type { ShardPlan, StreamChoice, Venue } from "../venue.ts";
import { signedHeaders } from "./execute/signing.ts";
import { targetOf } from "./execute/ticket.ts";
import { TOPIC } from "./wire.ts";

/** The sandbox was closed; no test network is documented any more. */
export const ADDRESSES: Venue["addresses"] = {
  production: { rest: "https://api.kucoin.com", ws: "wss://ws-api-spot.kucoin.com" },
  testnet: undefined,
};

export const RULES_PATH = "/api/v2/symbols";
export const CLOCK_PATH = "/api/v1/timestamp";
const TICKET_PATH = "/api/v1/bullet-public";

/** "100 per 10 s", pings included: nine a second leave room for them. */
const MESSAGE_GAP_MS = 120;
const TOPICS_PER_MESSAGE_MAX = 100;
/** One page says 400, the other 300: the smaller is obeyed. */
const TOPICS_PER_CONNECTION_MAX = 300;
/** Levels a side that can be asked for without a key; the full book wants a signature. */
export const PUBLIC_LEVELS_MAX = 100;
const SHALLOW_LEVELS = 20;

/** Weight of a snapshot by levels a side; the full book is 3 of another pool, and counted as the next. */
export function depthWeight(levels: number): number {
  return levels <= SHALLOW_LEVELS ? 2 : 4;
}

export function depthPath(symbol: string, levels: number): string {
  const query = `symbol=${encodeURIComponent(symbol)}`;
  if (levels > PUBLIC_LEVELS_MAX) return `/api/v3/market/orderbook/level2?${query}`;
  const depth = levels <= SHALLOW_LEVELS ? SHALLOW_LEVELS : PUBLIC_LEVELS_MAX;
  return `/api/v1/market/orderbook/level2_${depth}?${query}`;
}

const US_PER_MS = 1000;

/** The whole book of a busy instrument has a few thousand levels a side. */
const SIGNED_LEVELS_MAX = 5000;
const SIGNED_PATH = "/api/v3/";

/** The full book wants a key with no more than the right to read ("General"). */
export const signedReads: NonNullable<Venue["signedReads"]> = {
  depthLevelsMax: SIGNED_LEVELS_MAX,
  headersOf: (keys, { method, path, venueUs }) =>
    path.startsWith(SIGNED_PATH)
      ? signedHeaders(keys, {
          method,
          target: path,
          body: "",
          timeMs: Math.floor(venueUs / US_PER_MS),
        })
      : {},
};

const SILENCE_MS_MAX = 30_000;

/** `gw-ratelimit-limit`, `-remaining` and `-reset` (milliseconds); without them the venue is overloaded. */
export function budgetOf(header: (name: string) => string | undefined): RestBudget {
  const [limit, remaining, resetMs] = ["limit", "remaining", "reset"].map((name) =>
    Number(header(`gw-ratelimit-${name}`) ?? Number.NaN),
  ) as [number, number, number];
  const isTold = limit >= remaining && remaining >= 0;
  const retryAfterUs = remaining === 0 && resetMs > 0 ? Math.min(resetMs, SILENCE_MS_MAX) : 0;
  return { weightUsed: isTold ? limit - remaining : -1, retryAfterUs: retryAfterUs * US_PER_MS };
}

/** Spreads instruments over sessions; an instrument's topics stay together. */
export function planShards(
  ws: string,
  symbols: readonly string[],
  streams: StreamChoice,
  streamsPerConnectionMax: number,
): readonly ShardPlan[] {
  const topics = [
    TOPIC.level2,
    ...(streams.quotes ? [TOPIC.level1] : []),
    ...(streams.trades ? [TOPIC.match] : []),
  ];
  const topicsMax = Math.min(streamsPerConnectionMax, TOPICS_PER_CONNECTION_MAX);
  const booksMax = Math.max(1, Math.floor(topicsMax / topics.length));
  const shards: ShardPlan[] = [];
  for (let from = 0; from < symbols.length; from += booksMax) {
    const own = symbols.slice(from, from + booksMax);
    const books = own.map((_, i) => from + i);
    shards.push({ shard: shards.length, books, protocol: protocolOf(ws, topics, own) });
  }
  return shards;
}

function protocolOf(
  ws: string,
  topics: readonly string[],
  symbols: readonly string[],
): FeedProtocol {
  return {
    url: `${ws}/`,
    ticket: { path: TICKET_PATH, targetOf },
    awaitsGreeting: true,
    messageGapMs: MESSAGE_GAP_MS,
    subscribeMessages: (firstId) => {
      const messages: { id: number; text: string }[] = [];
      for (const prefix of topics) {
        for (let from = 0; from < symbols.length; from += TOPICS_PER_MESSAGE_MAX) {
          const id = firstId + messages.length;
          const topic = prefix + symbols.slice(from, from + TOPICS_PER_MESSAGE_MAX).join(",");
          const request = { id, type: "subscribe", topic, privateChannel: false, response: true };
          messages.push({ id, text: JSON.stringify(request) });
        }
      }
      return messages;
    },
  };
}

const WARM_UP_ROWS = 5;
const WARM_UP_START_MS = 1_700_000_000_000;

/** Frames as the venue shapes them, about a made-up instrument with a tick and a lot of 0.01. */
export function warmUpFrames(symbol: string, step: number): readonly string[] {
  const ms = WARM_UP_START_MS + step;
  const [first, last] = [step * 2 + 1, step * 2 + 2];
  const [asks, bids]: [string[], string[]] = [[], []];
  for (let i = 0; i < step % WARM_UP_ROWS; i++) {
    const away = (step * 7 + i * 13) % (i < 2 ? 3 : 200);
    const size = (step + i) % 3 === 0 ? "0" : `${1 + ((step * 31 + i * 17) % 1500)}.25`;
    bids.push(`["${((10_010 - away) / 100).toFixed(2)}","${size}","${first}"]`);
    if (i !== 1) asks.push(`["${((20_010 + away) / 100).toFixed(2)}","${size}","${last}"]`);
  }
  // A level that changed and changed back tells its sequence only.
  if (step % 11 === 0) asks.push(`["0","0","${last}"]`);
  const changes = `{"asks":[${asks.join(",")}],"bids":[${bids.join(",")}]}`;
  const data = `{"changes":${changes},"sequenceEnd":${last},"sequenceStart":${first},"symbol":"${symbol}","time":${ms}}`;
  const [bid, ask] = [100 + (step % 7), 200 + (step % 7)];
  const touch = `{"asks":["${ask}.1","1.25"],"bids":["${bid}.1","2"],"timestamp":${ms}}`;
  const trade = `"price":"${bid}.1","sequence":"${last}","side":"buy","size":"0.25","symbol":"${symbol}"`;
  return [
    `{"topic":"${TOPIC.level2}${symbol}","type":"message","subject":"trade.l2update","data":${data}}`,
    `{"topic":"${TOPIC.level1}${symbol}","type":"message","subject":"level1","data":${touch}}`,
    `{"topic":"${TOPIC.match}${symbol}","type":"message","subject":"trade.l3match","data":{"makerOrderId":"67","${trade.slice(1)},"takerOrderId":"68","time":"${ms}000000","tradeId":"${last}","type":"match"}}`,
  ];
}

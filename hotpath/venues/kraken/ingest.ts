/**
 * Station: where Kraken lives, and how its market data is asked for.
 *
 * One endpoint carries every public channel; a subscription is asked for with a list of symbols and
 * acknowledged for each. A book is repaired by ending and beginning its subscription on the same
 * transport. Pages and dates: README.md.
 */
import type { FeedProtocol, PingRule, SentMessage } from "../../io/feed-protocol.ts";
import type { ShardPlan, StreamChoice, Venue } from "../venue.ts";
import { bookDepthFor, CHANNEL } from "./wire.ts";

/** Kraken has no test network for spot: its beta streams run on the production engine. */
export const ADDRESSES: Venue["addresses"] = {
  production: { rest: "https://api.kraken.com", ws: "wss://ws.kraken.com" },
  testnet: undefined,
};

export const RULES_PATH = "/0/public/AssetPairs";
export const CLOCK_PATH = "/0/public/Time";

/** About 150 attempts in ten minutes and address, then a ban (spot-ws-intro, 2026-08-22). */
export const DIALS_MAX = 150;
export const DIAL_WINDOW_US = 600_000_000;

/** No limit on messages is documented for public streams; there are three messages for each hundred symbols. */
const MESSAGE_GAP_MS = 25;
const SYMBOLS_PER_MESSAGE_MAX = 100;
/** A connection without a word from the client is closed after about a minute. */
const PING_MS = 20_000;
const PONG_TIMEOUT_MS = 10_000;

/** Deeper books than this are not decided upon, and the checksum proves only ten levels. */
export const LEVELS_MAX = 100;

const PINGS: PingRule = {
  intervalMs: PING_MS,
  timeoutMs: PONG_TIMEOUT_MS,
  isAtOnce: true,
  text: (pingId) => JSON.stringify({ method: "ping", req_id: pingId }),
};

/** Snapshots of REST cannot join the stream, so this is for people: nothing here asks for it. */
export function depthPath(symbol: string, levels: number): string {
  return `/0/public/Depth?pair=${encodeURIComponent(symbol)}&count=${levels}`;
}

/** Spreads instruments over sessions; an instrument's channels stay together. */
export function planShards(
  ws: string,
  symbols: readonly string[],
  streams: StreamChoice,
  streamsPerConnectionMax: number,
): readonly ShardPlan[] {
  const channels: readonly object[] = [
    { channel: CHANNEL.book, depth: bookDepthFor(streams.levels ?? LEVELS_MAX), snapshot: true },
    ...(streams.quotes ? [{ channel: CHANNEL.ticker, event_trigger: "bbo" }] : []),
    ...(streams.trades ? [{ channel: CHANNEL.trade, snapshot: false }] : []),
  ];
  const booksMax = Math.max(1, Math.floor(streamsPerConnectionMax / channels.length));
  const shards: ShardPlan[] = [];
  for (let from = 0; from < symbols.length; from += booksMax) {
    const own = symbols.slice(from, from + booksMax);
    const books = own.map((_, i) => from + i);
    shards.push({ shard: shards.length, books, protocol: protocolOf(ws, channels, own) });
  }
  return shards;
}

function protocolOf(
  ws: string,
  channels: readonly object[],
  symbols: readonly string[],
): FeedProtocol {
  return {
    url: `${ws}/v2`,
    messageGapMs: MESSAGE_GAP_MS,
    pings: PINGS,
    subscribeMessages: (firstId) => {
      const messages: SentMessage[] = [];
      for (const channel of channels) {
        for (let from = 0; from < symbols.length; from += SYMBOLS_PER_MESSAGE_MAX) {
          const symbol = symbols.slice(from, from + SYMBOLS_PER_MESSAGE_MAX);
          const id = firstId + messages.length;
          const text = request("subscribe", { ...channel, symbol }, id);
          messages.push({ id, text, acknowledgements: symbol.length });
        }
      }
      return messages;
    },
    resubscribeMessages: (symbol, id) => {
      const [book] = channels;
      const params = { ...book, symbol: [symbol] };
      return [request("unsubscribe", params, id), request("subscribe", params, id)];
    },
  };
}

/** The key order is the venue's own examples'. */
function request(method: string, params: object, id: number): string {
  return JSON.stringify({ method, params, req_id: id });
}

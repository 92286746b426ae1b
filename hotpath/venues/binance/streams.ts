/**
 * Station: instruments -> sessions of a Binance dialect: stream names, shards, subscribe messages.
 *
 * Streams are spread so that no connection carries more than the configured number (the venue allows
 * 1024), and SUBSCRIBE messages are sent slower than the venue's limit on inbound messages.
 */
import type { FeedProtocol } from "../../io/feed-protocol.ts";
import type { ShardPlan } from "../venue.ts";

/** Names in one SUBSCRIBE: keeps the message below 4 KiB. */
const NAMES_PER_MESSAGE = 100;

/** Streams of one entry point. `hasBooks` when the depth streams are among them. */
export type EntryPoint = {
  readonly path: string;
  readonly namesOf: (symbol: string) => readonly string[];
  readonly hasBooks: boolean;
};

export type ShardOptions = {
  readonly ws: string;
  readonly symbols: readonly string[];
  readonly streamsPerConnectionMax: number;
  readonly messageGapMs: number;
};

/** Cuts every entry point's streams into shards; an instrument's streams stay together. */
export function shardsOf(entries: readonly EntryPoint[], options: ShardOptions): ShardPlan[] {
  const shards: ShardPlan[] = [];
  for (const entry of entries) {
    let names: string[] = [];
    let books: number[] = [];
    const flush = (): void => {
      if (names.length === 0) return;
      const protocol = protocolOf(options.ws + entry.path, names, options.messageGapMs);
      shards.push({ shard: shards.length, books: entry.hasBooks ? books : [], protocol });
      names = [];
      books = [];
    };
    options.symbols.forEach((symbol, position) => {
      const wanted = entry.namesOf(symbol.toLowerCase());
      if (wanted.length === 0) return;
      if (names.length + wanted.length > options.streamsPerConnectionMax) flush();
      names.push(...wanted);
      books.push(position);
    });
    flush();
  }
  return shards;
}

function protocolOf(url: string, names: readonly string[], messageGapMs: number): FeedProtocol {
  return {
    url,
    messageGapMs,
    subscribeMessages: (firstId) => {
      const messages: { id: number; text: string }[] = [];
      for (let from = 0; from < names.length; from += NAMES_PER_MESSAGE) {
        const id = firstId + messages.length;
        const params = names.slice(from, from + NAMES_PER_MESSAGE);
        messages.push({ id, text: JSON.stringify({ method: "SUBSCRIBE", params, id }) });
      }
      return messages;
    },
  };
}

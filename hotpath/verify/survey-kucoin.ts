/**
 * Station: recorded KuCoin messages -> what the survey wants of them, told in the survey's own words.
 *
 * Only the names of keys differ from other venues; the production decoder reads the numbers in the second
 * pass. Tickers carry the book's own sequence, but come every 100 ms, so each speaks for that one only.
 */

type Fields = Readonly<Record<string, unknown>>;

/** What one message tells. */
export type Told =
  | { readonly kind: "delta"; readonly symbol: string; readonly sides: readonly unknown[] }
  | {
      readonly kind: "quote";
      readonly symbol: string;
      readonly id: number;
      readonly prices: readonly [bid: unknown, ask: unknown];
      readonly quantities: readonly [bid: unknown, ask: unknown];
    }
  | {
      readonly kind: "trade";
      readonly symbol: string;
      readonly price: unknown;
      readonly quantity: unknown;
    };

const PREFIXES = {
  level2: "/market/level2:",
  ticker: "/market/ticker:",
  match: "/market/match:",
} as const;

/** Undefined for a message that is no push of KuCoin's, or one that is not surveyed. */
export function toldByKucoin({ topic, data }: Fields): Told | undefined {
  if (typeof topic !== "string" || typeof data !== "object" || data === null) return undefined;
  const fields = data as Fields;
  const symbol = topic.slice(topic.indexOf(":") + 1);
  if (topic.startsWith(PREFIXES.level2)) {
    const { asks, bids } = (fields.changes ?? {}) as Fields;
    // Rows of price "0" are no levels.
    return { kind: "delta", symbol, sides: [bids, asks].map(withPrices) };
  }
  if (topic.startsWith(PREFIXES.match)) {
    return { kind: "trade", symbol, price: fields.price, quantity: fields.size };
  }
  if (!topic.startsWith(PREFIXES.ticker)) return undefined;
  const id = Number(fields.sequence);
  if (!Number.isSafeInteger(id)) return undefined;
  const prices = [fields.bestBid, fields.bestAsk] as const;
  const quantities = [fields.bestBidSize, fields.bestAskSize] as const;
  return { kind: "quote", symbol, id, prices, quantities };
}

function withPrices(side: unknown): unknown {
  if (!Array.isArray(side)) return side;
  return (side as readonly unknown[]).filter((row) => !Array.isArray(row) || row[0] !== "0");
}

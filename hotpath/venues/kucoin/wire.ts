/**
 * Station: KuCoin's own words, under its own names: topics, keys, and the shapes of its answers.
 *
 * Classic spot family, pages and dates in README.md. Everything that is money or quantity travels as a
 * string; times are milliseconds in books and quotes, and nanoseconds, as a string, in trades.
 */

/** Topics of the public feed; a push names one symbol behind the colon. */
export const TOPIC = {
  level2: "/market/level2:",
  level1: "/spotMarket/level1:",
  ticker: "/market/ticker:",
  match: "/market/match:",
} as const;

/** Whose symbol is the push's subject and not part of its topic. */
export const TICKER_ALL = "/market/ticker:all";

/** One push of each kind that this house reads, as the venue spells it; the symbol is never listed. */
export const EXAMPLES = [
  '{"topic":"/market/level2:X","type":"message","subject":"trade.l2update","data":{"changes":{"asks":[["2.5","1","18"]],"bids":[]},"sequenceEnd":18,"sequenceStart":18,"symbol":"X","time":1729816425625}}',
  '{"data":{"sequenceStart":18,"symbol":"X","changes":{"asks":[],"bids":[["2","1","18"]]},"sequenceEnd":18},"subject":"trade.l2update","topic":"/market/level2:X","type":"message"}',
  '{"topic":"/spotMarket/level1:X","type":"message","subject":"level1","data":{"asks":["2.5","1"],"bids":["2","1"],"timestamp":1729816058766}}',
  '{"topic":"/market/match:X","type":"message","subject":"trade.l3match","data":{"makerOrderId":"671b","price":"2","sequence":"18","side":"buy","size":"1","symbol":"X","takerOrderId":"671c","time":"1729843222921000000","tradeId":"18","type":"match"}}',
  '{"data":{"symbol":"X","sequence":"18","side":"sell","size":"1","price":"2","takerOrderId":"6085","time":"1619378336197407320","type":"match","makerOrderId":"6085","tradeId":"6086"},"subject":"trade.l3match","topic":"/market/match:X","type":"message"}',
  '{"topic":"/market/ticker:X","type":"message","subject":"trade.ticker","data":{"bestAsk":"2.5","bestAskSize":"1","bestBid":"2","bestBidSize":"1","price":"2","sequence":"18","size":"1","time":1729757723612}}',
] as const;

/** A reply of the feed: `welcome`, `ack`, `pong`, or `error` with a code and a sentence. */
export type WireReply = {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly data?: unknown;
};

/** Every REST answer; `code` decides, whatever the HTTP status is. */
export type WireAnswer = {
  readonly code?: unknown;
  readonly msg?: unknown;
  readonly data?: unknown;
};

/** The code of an answer that is none of an error. */
export const CODE_OK = "200000";

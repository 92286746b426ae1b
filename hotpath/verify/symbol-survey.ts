/**
 * Station: what the first pass over a recording gathers of one symbol, for the survey and the second pass.
 *
 * Apart from the survey, because the readers of each venue's messages fill it too.
 */

/** What was seen of one symbol. */
export type SymbolSurvey = {
  readonly symbol: string;
  priceDecimals: number;
  quantityDecimals: number;
  /** Digits before the point of the largest quantity. */
  quantityWholeDigits: number;
  deltas: number;
  snapshots: number;
  /** Levels a side that the stream was subscribed with; 0 where its books have no such bound. */
  depth: number;
  /** Quotes by update id; a later one of the same id replaces the earlier (final state). */
  readonly quotes: Map<number, QuoteText>;
};

/** Prices and quantities as text, bid first. */
export type QuoteText = readonly [bid: string, bidLots: string, ask: string, askLots: string];

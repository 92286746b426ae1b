/**
 * Station: what the two Binance dialects send alike, in the venue's own letters.
 *
 * Spot and USD-M share the combined-stream wrapper, the control messages and the shape of a depth body;
 * what differs stands in each venue's own `wire.ts`. Pages and dates: the venues' README.md.
 */

/** Slots of the integers that a message carries, in the decoder's scratch. */
export const SLOT = {
  /** `E`, event time, milliseconds. */
  eventMs: 0,
  /** `U`, first update id of a depth event. */
  firstUpdateId: 1,
  /** `u`, last update id of a depth event, or the order-book update id of a bookTicker. */
  lastUpdateId: 2,
  /** `t`, trade id, or `a`, aggregate trade id. */
  tradeId: 3,
  /** `T`, transaction time, milliseconds. */
  transactionMs: 4,
  /** `m`, the buyer is the market maker. */
  buyerIsMaker: 5,
  /** `pu`, USD-M: last update id of the event before this one. */
  previousUpdateId: 6,
} as const;

/**
 * A message that is not a stream's data: a reply such as `{"result":null,"id":1}`, a refusal such as
 * `{"code":2,"msg":"...","id":1}`, or `{"stream":"!serverShutdown","data":{"e":"serverShutdown",...}}`.
 */
export type WireNotice = {
  readonly result?: unknown;
  readonly id?: unknown;
  readonly code?: unknown;
  readonly msg?: unknown;
  readonly error?: { readonly code?: unknown; readonly msg?: unknown };
  readonly stream?: unknown;
  readonly e?: unknown;
};

/** What of `exchangeInfo` this house reads, on spot and USD-M alike. */
export type WireRules = {
  readonly rateLimits: readonly {
    readonly rateLimitType: string;
    readonly interval: string;
    readonly intervalNum: number;
    readonly limit: number;
  }[];
  readonly symbols: readonly {
    readonly symbol: string;
    readonly status: string;
    readonly filters: readonly {
      readonly filterType: string;
      readonly tickSize?: string | undefined;
      readonly stepSize?: string | undefined;
    }[];
  }[];
};

/**
 * Station: the plans of the streams that both Binance dialects send: depth, bookTicker, trades. Pure.
 *
 * A dialect says which extra keys its messages carry and which of them must be there.
 */
import {
  FieldPlan,
  type FieldRead,
  PRESENT_ASKS,
  PRESENT_BIDS,
  PRESENT_PRICE,
  PRESENT_QUANTITY,
  PRESENT_SYMBOL,
  READ,
} from "../../core/decode/field-scan.ts";
import { MARKET, type MarketRing, TRADE_BUYER_IS_MAKER } from "../../core/market-ring.ts";
import type { Channel } from "./stream-decoder.ts";
import { SLOT } from "./wire.ts";

const US_PER_MS = 1000;
/** The bits of level slots 0 and 1: a bid and an ask. */
const BOTH_SLOTS = 3;

function integer(key: string, slot: number): FieldRead {
  return { key, read: READ.integer, slot };
}

function bits(slots: readonly number[]): number {
  return slots.reduce((mask, slot) => mask | (1 << slot), 0);
}

const SYMBOL: FieldRead = { key: "s", read: READ.symbol, slot: 0 };

/** `depthUpdate`; `extra` are integer keys that the dialect requires besides E, U and u. */
export function depthChannel(extra: readonly (readonly [key: string, slot: number])[]): Channel {
  return {
    kind: MARKET.bookDelta,
    plan: new FieldPlan([
      integer("E", SLOT.eventMs),
      SYMBOL,
      integer("U", SLOT.firstUpdateId),
      integer("u", SLOT.lastUpdateId),
      ...extra.map(([key, slot]) => integer(key, slot)),
      { key: "b", read: READ.bids, slot: 0 },
      { key: "a", read: READ.asks, slot: 0 },
    ]),
    required:
      bits([
        SLOT.eventMs,
        SLOT.firstUpdateId,
        SLOT.lastUpdateId,
        ...extra.map(([, slot]) => slot),
      ]) |
      PRESENT_SYMBOL |
      PRESENT_BIDS |
      PRESENT_ASKS,
    slotLevels: 0,
    fill: (integers: Float64Array, ring: MarketRing, row: number) => {
      ring.exchangeUs[row] = (integers[SLOT.eventMs] as number) * US_PER_MS;
      ring.seqFirst[row] = integers[SLOT.firstUpdateId] as number;
      ring.seqLast[row] = integers[SLOT.lastUpdateId] as number;
    },
  };
}

/** `bookTicker`. Spot sends no time with it: `exchangeUs` stays 0, which means absent. */
export function quoteChannel(hasTime: boolean): Channel {
  return {
    kind: MARKET.quote,
    plan: new FieldPlan([
      integer("u", SLOT.lastUpdateId),
      ...(hasTime ? [integer("E", SLOT.eventMs)] : []),
      SYMBOL,
      { key: "b", read: READ.price, slot: 0 },
      { key: "B", read: READ.quantity, slot: 0 },
      { key: "a", read: READ.price, slot: 1 },
      { key: "A", read: READ.quantity, slot: 1 },
    ]),
    required:
      bits(hasTime ? [SLOT.lastUpdateId, SLOT.eventMs] : [SLOT.lastUpdateId]) |
      PRESENT_SYMBOL |
      (PRESENT_PRICE * BOTH_SLOTS) |
      (PRESENT_QUANTITY * BOTH_SLOTS),
    slotLevels: 2,
    fill: (integers: Float64Array, ring: MarketRing, row: number) => {
      if (hasTime) ring.exchangeUs[row] = (integers[SLOT.eventMs] as number) * US_PER_MS;
      ring.seqFirst[row] = integers[SLOT.lastUpdateId] as number;
      ring.seqLast[row] = integers[SLOT.lastUpdateId] as number;
    },
  };
}

/** `trade` (id under "t") and `aggTrade` (id under "a"). */
export function tradeChannel(idKey: "t" | "a"): Channel {
  return {
    kind: MARKET.trade,
    plan: new FieldPlan([
      integer("E", SLOT.eventMs),
      SYMBOL,
      integer(idKey, SLOT.tradeId),
      { key: "p", read: READ.price, slot: 0 },
      { key: "q", read: READ.quantity, slot: 0 },
      integer("T", SLOT.transactionMs),
      { key: "m", read: READ.flag, slot: SLOT.buyerIsMaker },
    ]),
    required:
      bits([SLOT.eventMs, SLOT.tradeId, SLOT.transactionMs, SLOT.buyerIsMaker]) |
      PRESENT_SYMBOL |
      PRESENT_PRICE |
      PRESENT_QUANTITY,
    slotLevels: 1,
    fill: (integers: Float64Array, ring: MarketRing, row: number) => {
      ring.exchangeUs[row] = (integers[SLOT.eventMs] as number) * US_PER_MS;
      ring.seqFirst[row] = integers[SLOT.tradeId] as number;
      ring.seqLast[row] = integers[SLOT.tradeId] as number;
      ring.tradeFlags[row] = (integers[SLOT.buyerIsMaker] as number) * TRADE_BUYER_IS_MAKER;
    },
  };
}

/** The channels of one dialect. */
export type Channels = {
  readonly depth: Channel;
  readonly quote: Channel;
  readonly trade: Channel;
  readonly aggTrade: Channel;
};

const LETTER = { a: 97, b: 98, d: 100, g: 103, r: 114, t: 116 } as const;
const DEPTH_LENGTH = "depth".length;
const DIGIT_MAX = 57;
const DIGIT_MIN = 48;

/** Which channel stands after the "@" of a stream's name; undefined for one nobody here reads. */
export function channelAt(channels: Channels, stream: Uint8Array, at: number): Channel | undefined {
  switch (stream[at]) {
    case LETTER.d: {
      // `depth5`, `depth10` and `depth20` are partial books without a chain of sequences.
      const after = stream[at + DEPTH_LENGTH] ?? 0;
      return after >= DIGIT_MIN && after <= DIGIT_MAX ? undefined : channels.depth;
    }
    case LETTER.b:
      return stream[at + 1] === 111 ? channels.quote : undefined;
    case LETTER.t:
      return stream[at + 1] === LETTER.r ? channels.trade : undefined;
    case LETTER.a:
      return stream[at + 1] === LETTER.g ? channels.aggTrade : undefined;
    default:
      return undefined;
  }
}

/**
 * Station: the plans of the pushes that this house reads: deltas, quotes, trades. Pure.
 *
 * Which key means what, by its path; and where it goes.
 */
import { MARKET, type MarketKind } from "../../core/market-ring.ts";
import { type ShapePlan, STEP, type Step } from "./frame-shape.ts";
import { TOPIC } from "./wire.ts";

/** Slots of the integers that a push carries. */
export const SLOT = { first: 0, last: 1, ms: 2, us: 3, side: 4 } as const;
/** One kind of push: what it becomes, and where its fields stand. */
export type Channel = {
  readonly kind: MarketKind;
  readonly topic: string;
  readonly plan: ShapePlan;
  /** Levels by slots: a quote has 2, a trade 1, a delta brings its own. */
  readonly slotLevels: number;
};

type Field = readonly [path: string, step: Step, slot: number];

function channel(
  kind: MarketKind,
  topic: string,
  slotLevels: number,
  fields: readonly Field[],
): Channel {
  const plan = new Map(fields.map(([path, step, slot]) => [path, { step, slot }]));
  return { kind, topic, plan, slotLevels };
}

export const CHANNELS: readonly Channel[] = [
  channel(MARKET.bookDelta, TOPIC.level2, 0, [
    ["data.symbol", STEP.symbol, 0],
    ["data.sequenceStart", STEP.integer, SLOT.first],
    ["data.sequenceEnd", STEP.integer, SLOT.last],
    ["data.time", STEP.integer, SLOT.ms],
    ["data.changes.bids", STEP.bids, 0],
    ["data.changes.asks", STEP.asks, 0],
  ]),
  channel(MARKET.quote, TOPIC.level1, 2, [
    ["data.bids.0", STEP.price, 0],
    ["data.bids.1", STEP.quantity, 0],
    ["data.asks.0", STEP.price, 1],
    ["data.asks.1", STEP.quantity, 1],
    ["data.timestamp", STEP.integer, SLOT.ms],
  ]),
  channel(MARKET.quote, TOPIC.ticker, 2, [
    ["data.bestBid", STEP.price, 0],
    ["data.bestBidSize", STEP.quantity, 0],
    ["data.bestAsk", STEP.price, 1],
    ["data.bestAskSize", STEP.quantity, 1],
    ["data.sequence", STEP.integer, SLOT.last],
    // The page of one symbol spells it "Time", the page of all of them "time".
    ["data.time", STEP.integer, SLOT.ms],
    ["data.Time", STEP.integer, SLOT.ms],
  ]),
  channel(MARKET.trade, TOPIC.match, 1, [
    ["data.symbol", STEP.symbol, 0],
    ["data.price", STEP.price, 0],
    ["data.size", STEP.quantity, 0],
    ["data.sequence", STEP.sequence, SLOT.last],
    ["data.side", STEP.side, SLOT.side],
    ["data.time", STEP.nanos, SLOT.us],
  ]),
];

/** The kind of a topic, or of a text in which one stands. */
export function channelOf(topicOrFrame: string): Channel | undefined {
  return CHANNELS.find(({ topic }) => topicOrFrame.includes(topic));
}

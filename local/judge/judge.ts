/**
 * Station: what the engine knew and what the venues know -> whether a storm was weathered.
 *
 * Pure. Four questions, each with a count that must be 0: did a venue accept anything twice, was a fill
 * lost, does any balance differ, is a command left without an end or with two. Profit is not judged: orders
 * from elsewhere on the account are one of the faults, and what they made is nobody's profit.
 */
import { CLIENT_ID_PREFIX } from "../../contracts/trade.ts";
import { tradeIdText as kucoinTradeId } from "../venues/kucoin/trading/account-texts.ts";
import { type Evidence, tradeKey } from "./evidence.ts";
import type { TradingGap } from "./trading-gap.ts";

/** One order and one trade as the venue knows them; amounts are left out. */
export type VenueOrder = {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly status: string;
  readonly filledLots: number;
};
export type VenueTrade = {
  readonly tradeId: number;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly lots: number;
};
export type VenueHistory = {
  readonly orders: readonly VenueOrder[];
  readonly trades: readonly VenueTrade[];
};

export type StormVerdict = {
  readonly commands: number;
  readonly accepted: number;
  readonly trades: number;
  readonly duplicateVenueOrders: number;
  /** Trades of our orders that no life of the engine has heard of. */
  readonly lostFills: number;
  /** Commands without an end, and commands that ended in two ways. */
  readonly unresolved: number;
  readonly contradictory: number;
  /** Orders of ours at a venue that no command stands for. */
  readonly unknownOrigin: number;
  readonly positionDrift: TradingGap["positionDrift"];
  /** The first of each, for whoever looks into it. */
  readonly examples: readonly string[];
};

/** Of each kind of fault. */
const EXAMPLES_MAX = 5;

export type StormFacts = {
  readonly evidence: Evidence;
  /** By venue. */
  readonly histories: ReadonlyMap<string, VenueHistory>;
  /** How far the engine's last word on its accounts is from the venues'. */
  readonly gap: TradingGap;
};

/** Compares what the engine knew with what the venues know. */
export function judgeStorm({ evidence, histories, gap }: StormFacts): StormVerdict {
  const lost: string[] = [];
  const strangers: string[] = [];
  let accepted = 0;
  let trades = 0;
  for (const [venue, history] of histories) {
    const orders = history.orders.filter(({ clientOrderId }) => isOurs(clientOrderId));
    const own = history.trades.filter(({ clientOrderId }) => isOurs(clientOrderId));
    accepted += orders.length;
    trades += own.length;
    strangers.push(...strangersAmong(venue, orders, evidence));
    lost.push(...lostAmong(venue, own, evidence));
  }
  const { unresolved, contradictory } = judgeEndings(evidence);
  const balances = gap.differences.filter((text) => text.includes(" balance: "));
  return {
    commands: evidence.commands.size,
    accepted,
    trades,
    duplicateVenueOrders: gap.duplicateVenueOrders,
    lostFills: lost.length,
    unresolved: unresolved.length,
    contradictory: contradictory.length,
    unknownOrigin: strangers.length,
    positionDrift: gap.positionDrift,
    examples: [lost, unresolved, contradictory, strangers, balances].flatMap((each) =>
      each.slice(0, EXAMPLES_MAX),
    ),
  };
}

/** Orders with our prefix that no command stands for. */
function strangersAmong(
  venue: string,
  orders: readonly VenueOrder[],
  { commands }: Evidence,
): string[] {
  return orders
    .filter(({ clientOrderId }) => !commands.has(clientOrderId))
    .map(({ clientOrderId }) => `${venue} has ${clientOrderId}, which nobody ordered`);
}

/** Trades of ours that no life of the engine has heard of. */
function lostAmong(venue: string, trades: readonly VenueTrade[], evidence: Evidence): string[] {
  return trades
    .filter((trade) => {
      const key = tradeKey(`${venue}:${trade.symbol}`, wireTradeId(venue, trade));
      return !evidence.heardTrades.has(key);
    })
    .map(({ tradeId, clientOrderId }) => `${venue} trade ${tradeId} of ${clientOrderId} was lost`);
}

/** A trade's id as the venue's wire writes it. */
function wireTradeId(venue: string, { tradeId, side }: VenueTrade): string {
  switch (venue) {
    case "kucoin":
      return kucoinTradeId(tradeId);
    case "kraken":
      return `${tradeId}-${side === "buy" ? "B" : "S"}`;
    default:
      return String(tradeId);
  }
}

function judgeEndings(evidence: Evidence) {
  const unresolved: string[] = [];
  const contradictory: string[] = [];
  for (const [clientId, { endings }] of evidence.commands) {
    if (endings.length === 0) unresolved.push(`${clientId} has no end`);
    else if (new Set(endings).size > 1) {
      contradictory.push(`${clientId} ended as ${endings.join(", then as ")}`);
    }
  }
  return { unresolved, contradictory };
}

function isOurs(clientId: string): boolean {
  return clientId.startsWith(CLIENT_ID_PREFIX);
}

/** The first thing that is wrong, as a sentence; "" when the storm was weathered. */
export function missOf(verdict: StormVerdict): string {
  const { examples } = verdict;
  const [first = ""] = examples;
  const counts = [
    [verdict.duplicateVenueOrders, "client ids were accepted more than once"],
    [verdict.lostFills, "fills were lost"],
    [verdict.unknownOrigin, "orders were placed that nobody ordered"],
    [verdict.unresolved, "commands have no end"],
    [verdict.contradictory, "commands have two ends"],
  ] as const;
  for (const [count, words] of counts) if (count > 0) return `${count} ${words} (${first})`;
  if (verdict.positionDrift !== 0) return `balances are off by ${verdict.positionDrift} (${first})`;
  return verdict.commands === 0 ? "not one order was placed" : "";
}

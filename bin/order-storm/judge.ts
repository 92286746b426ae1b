/**
 * Station: what the engine knew and what the venues know -> whether a storm was weathered.
 *
 * Pure. Four questions, each with a count that must be 0: did a venue accept anything twice, was a fill
 * lost, does any balance differ, is a command left without an end or with two.
 */
import { CLIENT_ID_PREFIX } from "../../contracts/trade.ts";
import type { TradingGap } from "../trading-truth.ts";
import { type Evidence, tradeKey } from "./evidence.ts";
import type { VenueHistory } from "./rig.ts";

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
  readonly pnlVsTruth: TradingGap["pnlVsTruth"];
  /** The first of each, for whoever looks into it. */
  readonly examples: readonly string[];
};

const EXAMPLES_MAX = 20;

/** Compares; `histories` are those of the venues, by their name. */
export function judgeStorm(
  evidence: Evidence,
  histories: ReadonlyMap<string, VenueHistory>,
  gap: TradingGap,
): StormVerdict {
  const examples: string[] = [];
  let accepted = 0;
  let trades = 0;
  let lostFills = 0;
  let unknownOrigin = 0;
  for (const [venue, history] of histories) {
    const ours = history.orders.filter(({ clientOrderId }) => isOurs(clientOrderId));
    accepted += ours.length;
    for (const { clientOrderId } of ours) {
      if (evidence.commands.has(clientOrderId)) continue;
      unknownOrigin++;
      examples.push(`${venue} has ${clientOrderId}, which nobody ordered`);
    }
    for (const { clientOrderId, symbol, tradeId } of history.trades) {
      if (!isOurs(clientOrderId)) continue;
      trades++;
      if (evidence.heardTrades.has(tradeKey(`${venue}:${symbol}`, String(tradeId)))) continue;
      lostFills++;
      examples.push(`${venue} trade ${tradeId} of ${clientOrderId} was never heard of`);
    }
  }
  const ends = judgeEndings(evidence, examples);
  return {
    commands: evidence.commands.size,
    accepted,
    trades,
    duplicateVenueOrders: gap.duplicateVenueOrders,
    lostFills,
    ...ends,
    unknownOrigin,
    positionDrift: gap.positionDrift,
    pnlVsTruth: gap.pnlVsTruth,
    examples: [...examples, ...gap.differences].slice(0, EXAMPLES_MAX),
  };
}

function judgeEndings(evidence: Evidence, examples: string[]) {
  let unresolved = 0;
  let contradictory = 0;
  for (const [clientId, { endings }] of evidence.commands) {
    if (endings.length === 0) {
      unresolved++;
      examples.push(`${clientId} has no end`);
    } else if (new Set(endings).size > 1) {
      contradictory++;
      examples.push(`${clientId} ended as ${endings.join(", then as ")}`);
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
  if (verdict.pnlVsTruth !== 0) return `the profit is off by ${verdict.pnlVsTruth} (${first})`;
  return verdict.commands === 0 ? "not one order was placed" : "";
}

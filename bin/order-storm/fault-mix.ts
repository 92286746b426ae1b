/**
 * Station: chance (seeded) -> the trading faults of one round: a few kinds of each family, five to ten
 * percent of all orders together.
 *
 * Every kind of the simulated venues takes part but one: the same fill under another trade id is a
 * contradiction that no evidence can settle, and is tried where it belongs, in tests of its own.
 */
import {
  CANCEL_FAULT_KINDS,
  END_FAULT_KINDS,
  PLACE_FAULT_KINDS,
  QUERY_FAULT_KINDS,
  STATE_FAULT_KINDS,
  STREAM_FAULT_KINDS,
  type TradingFaultKind,
  type TradingFaultRates,
} from "../../local/venues/exchange/faults.ts";
import type { Random } from "../../local/venues/market/random.ts";

/** Share of orders that something happens to. */
const SHARE_MIN = 0.05;
const SHARE_MAX = 0.1;
const KINDS_MAX = 4;
/** Chances of what happens to cancels, fills and questions; they are far fewer than orders. */
const OTHER_SHARE = 0.1;
/** Mean counts a minute of what happens by itself. */
const STATE_PER_MINUTE = 4;
const LEFT_OUT: readonly TradingFaultKind[] = ["duplicateFillNewId"];

/** Draws the rates of a round. */
export function drawFaultMix(random: Random): TradingFaultRates {
  const rates: Partial<Record<TradingFaultKind, number>> = {};
  const share = random.between(SHARE_MIN, SHARE_MAX);
  spread(rates, pick(random, PLACE_FAULT_KINDS), share);
  spread(rates, pick(random, CANCEL_FAULT_KINDS), OTHER_SHARE);
  spread(rates, pick(random, STREAM_FAULT_KINDS), OTHER_SHARE);
  spread(rates, pick(random, END_FAULT_KINDS), OTHER_SHARE);
  spread(rates, pick(random, QUERY_FAULT_KINDS), OTHER_SHARE);
  const state = STATE_FAULT_KINDS[random.integer(STATE_FAULT_KINDS.length)];
  if (state !== undefined) rates[state] = STATE_PER_MINUTE;
  return rates;
}

function pick<Kind extends TradingFaultKind>(random: Random, kinds: readonly Kind[]): Kind[] {
  const wanted = 1 + random.integer(KINDS_MAX);
  const left = kinds.filter((kind) => !LEFT_OUT.includes(kind));
  const picked: Kind[] = [];
  while (picked.length < wanted && left.length > 0) {
    picked.push(...left.splice(random.integer(left.length), 1));
  }
  return picked;
}

function spread(
  rates: Partial<Record<TradingFaultKind, number>>,
  kinds: readonly TradingFaultKind[],
  share: number,
): void {
  for (const kind of kinds) rates[kind] = share / kinds.length;
}

/**
 * Station: balances of a reading against the ledger -> what differs and cannot be explained.
 *
 * Fills of the last moments may be in the one and not yet in the other, and live orders may have done what
 * we have not heard: both are allowed for. What is left must show the same difference in two readings,
 * apart from each other, before the venue is closed; a reading that agrees opens it again.
 */
import { amountToText } from "../money/amount.ts";
import { lotsToAmount } from "../money/notional.ts";
import type { BalanceView } from "../trade/events.ts";
import { inFlightOf } from "./exposure.ts";
import type { Drift, InFlight } from "./ledger.ts";
import type { Fill, Order } from "./order.ts";
import type { OrderTable } from "./order-table.ts";

export type BalanceFinding = {
  readonly asset: string;
  /** True when a difference that had closed the venue is gone. */
  readonly isExplained: boolean;
  readonly text: string;
};

const REASON = "balance";
const UNPROVEN = "unproven";

/**
 * Readings that prove nothing for so long, in lags of the source, close the venue to new orders: with nothing in
 * flight the next one is conclusive.
 */
const UNPROVEN_LAGS = 4;

/** Compares, remembers what differs, and tells what is new since the last reading. */
export function checkBalances(
  table: OrderTable,
  venue: number,
  balances: readonly BalanceView[],
  askedUs: number,
  nowUs: number,
): BalanceFinding[] {
  if (!table.ledger.isOpen(venue)) return [];
  const sinceUs = askedUs - table.rules.sourceLagUs;
  const { drifts, unreadable } = table.ledger.drift(venue, balances, (asset) => {
    const live = inFlightOf(table, venue, asset);
    const recent = recentMoves(table, venue, asset, sinceUs);
    return { out: live.out + recent.in, in: live.in + recent.out };
  });
  const findings: BalanceFinding[] = [];
  noteProof(table, venue, drifts, askedUs);
  for (const drift of drifts) {
    const finding = judge(table, venue, drift, askedUs);
    if (finding !== undefined) findings.push(finding);
  }
  for (const asset of unreadable) {
    const reason = `${REASON} ${asset}`;
    const blocks = table.blocks[venue];
    if (blocks === undefined || blocks.has(reason)) continue;
    const text = `${asset}: the balance cannot be read (${nowUs})`;
    blocks.set(reason, text);
    findings.push({ asset, isExplained: false, text });
  }
  return findings;
}

/** Notes whether a reading proves anything, and closes the venue where none has for long. */
function noteProof(
  table: OrderTable,
  venue: number,
  drifts: readonly Drift[],
  askedUs: number,
): void {
  const open = drifts.find(({ verdict }) => verdict === "inFlight");
  if (open === undefined) {
    table.unprovenSinceUs[venue] = 0;
    table.blocks[venue]?.delete(UNPROVEN);
    return;
  }
  const sinceUs = table.unprovenSinceUs[venue] || askedUs;
  table.unprovenSinceUs[venue] = sinceUs;
  if (askedUs - sinceUs < UNPROVEN_LAGS * table.rules.sourceLagUs) return;
  const amounts = `${amountToText(open.theirs)} at the venue, ${amountToText(open.ours)} counted`;
  table.blocks[venue]?.set(
    UNPROVEN,
    `${open.asset}: ${amounts}, which orders in flight may explain`,
  );
}

function judge(
  table: OrderTable,
  venue: number,
  drift: Drift,
  askedUs: number,
): BalanceFinding | undefined {
  const blocks = table.blocks[venue];
  const doubts = table.doubts[venue];
  if (blocks === undefined || doubts === undefined) return undefined;
  const { asset, ours, theirs } = drift;
  const reason = `${REASON} ${asset}`;
  // What orders in flight might explain closes nothing and opens nothing, and takes no doubt away either.
  if (drift.verdict === "inFlight") return undefined;
  if (drift.verdict === "equal") {
    doubts.delete(asset);
    if (!blocks.delete(reason)) return undefined;
    return { asset, isExplained: true, text: `${asset}: ${amountToText(ours)}` };
  }
  const difference = theirs - ours;
  const doubt = doubts.get(asset);
  if (doubt === undefined || doubt.difference !== difference) {
    doubts.set(asset, { difference, askedUs });
    return undefined;
  }
  const isTooSoon = askedUs - doubt.askedUs < table.rules.agreeGapUs;
  if (isTooSoon || blocks.has(reason)) return undefined;
  const text = `${asset}: ${amountToText(theirs)} at the venue, ${amountToText(ours)} counted`;
  blocks.set(reason, text);
  return { asset, isExplained: false, text };
}

/** An outside move is accepted: by an operator, or because a venue tells of it only in its balances. */
export function acceptDifference(table: OrderTable, venue: number, asset: string): boolean {
  const doubts = table.doubts[venue];
  const doubt = doubts?.get(asset);
  if (doubts === undefined || doubt === undefined) return false;
  table.ledger.add(venue, asset, "external", doubt.difference);
  doubts.delete(asset);
  table.blocks[venue]?.delete(`${REASON} ${asset}`);
  return true;
}

/**
 * A person has looked at what closed a venue, and opens it: balances that closed it are accepted as outside
 * moves. What is still wrong closes it again.
 */
export function explainVenue(table: OrderTable, venue: number): void {
  const blocks = table.blocks[venue];
  if (blocks === undefined) return;
  for (const asset of [...(table.doubts[venue]?.keys() ?? [])]) {
    if (blocks.has(`${REASON} ${asset}`)) acceptDifference(table, venue, asset);
  }
  blocks.clear();
}

/** What fills since a time have moved of an asset: the venue's balance may or may not hold it yet. */
function recentMoves(table: OrderTable, venue: number, asset: string, sinceUs: number): InFlight {
  const sum = { out: 0n, in: 0n };
  for (const order of table.all()) {
    if (order.venue === venue && order.lastFillUs >= sinceUs)
      addMoves(table, order, asset, sinceUs, sum);
  }
  for (const { venue: owner, instrument, fill } of table.orphans.values()) {
    if (owner === venue && fill.recvUs >= sinceUs) addMove(table, instrument, fill, asset, sum);
  }
  return sum;
}

function addMoves(
  table: OrderTable,
  order: Order,
  asset: string,
  sinceUs: number,
  sum: { out: bigint; in: bigint },
): void {
  for (const fill of order.fills) {
    if (fill.recvUs >= sinceUs) addMove(table, order.instrument, fill, asset, sum);
  }
}

function addMove(
  table: OrderTable,
  index: number,
  fill: Fill,
  asset: string,
  sum: { out: bigint; in: bigint },
): void {
  const instrument = table.market(index);
  if (instrument === undefined) return;
  const isBuy = fill.side === "buy";
  if (asset === instrument.baseAsset) {
    sum[isBuy ? "in" : "out"] += lotsToAmount(instrument, fill.lots);
  }
  if (asset === instrument.quoteAsset) {
    sum[isBuy ? "out" : "in"] += fill.quote;
  }
  if (asset === fill.feeAsset)
    sum[fill.fee < 0n ? "in" : "out"] += fill.fee < 0n ? -fill.fee : fill.fee;
}

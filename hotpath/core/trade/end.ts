/**
 * Station: a cycle with nothing under way -> its record, its result, its free slot. Every cycle passes
 * through here exactly once.
 */
import { assert } from "../../../contracts/assert.ts";
import { lotsToAmount, notionalAmount } from "../money/notional.ts";
import type { World } from "../world.ts";
import { alarm } from "./alarms.ts";
import { type Cycle, endingOf, holdingOf } from "./cycle.ts";
import { rest } from "./fire.ts";
import { marketBetween } from "./market-between.ts";
import { cycleRecord } from "./report.ts";
import { addTo, keyOf, type Trading } from "./trading.ts";

/** Ended cycles that are kept for late words about their orders. */
const RECENT_MAX = 256;

export function endCycle(world: World, trade: Trading, cycle: Cycle): void {
  assert(cycle.step !== "ended", "a cycle ends once");
  const at = trade.cycles.indexOf(cycle);
  assert(at >= 0, "a cycle that ends was under way");
  const record = cycleRecord(cycle, {
    mode: trade.accounts[cycle.venue]?.plan.mode ?? "off",
    nowUs: world.nowUs,
    valueOf: (asset, amount) => worthOf(world, trade, cycle, asset, amount),
  });
  const ending = endingOf(cycle);
  cycle.step = "ended";
  cycle.endUs = world.nowUs;
  trade.cycles.splice(at, 1);
  trade.recent.push(cycle);
  if (trade.recent.length > RECENT_MAX) trade.recent.shift();
  if (ending === "FILLED") trade.counts.filled++;
  else if (ending === "FAILED") trade.counts.failed++;
  else trade.counts.aborted++;
  for (const [asset, amount] of cycle.holdings) {
    const sums = asset === cycle.startAsset ? trade.profit : trade.dust;
    addTo(sums, keyOf(cycle.venue, asset), amount);
  }
  const desk = trade.desks[cycle.venue];
  if (desk !== undefined && cycle.key >= 0) rest(world, trade, desk, cycle.key);
  // What is left counts at its worth: being stuck with an asset is not the loss of all of it.
  let result = holdingOf(cycle, cycle.startAsset);
  for (const [asset, amount] of cycle.holdings) {
    if (asset !== cycle.startAsset) result += worthOf(world, trade, cycle, asset, amount) ?? 0n;
  }
  trade.risk.onCycleEnded(cycle.venue, cycle.startAsset, result, world.nowUs);
  trade.orders.releaseCycle(cycle.number);
  world.outbox.push({ type: "recordCycle", cycle: record });
  if (!cycle.isStranded) return;
  const left = JSON.stringify(record.residual);
  const where = { venue: cycle.venue, instrument: -1 };
  alarm(world, 1, "residual", where, `cycle ${cycle.corr} ended holding ${left}`);
}

/** Worth in the start asset at the touch that it could be sold to (or bought back from) now. */
function worthOf(
  world: World,
  trade: Trading,
  cycle: Cycle,
  asset: string,
  amount: bigint,
): bigint | undefined {
  const market = marketBetween(trade.instruments, world, cycle.venue, asset, cycle.startAsset);
  const book = market === undefined ? undefined : world.slots[market.instrument.index]?.book;
  if (market === undefined || book === undefined || book.bids.isEmpty || book.asks.isEmpty) {
    return undefined;
  }
  const { instrument, side } = market;
  const lot = lotsToAmount(instrument, 1);
  return side === "sell"
    ? (amount * notionalAmount(instrument, book.bids.bestTicks, 1)) / lot
    : (amount * lot) / notionalAmount(instrument, book.asks.bestTicks, 1, "ceil");
}

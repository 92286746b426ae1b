/**
 * Station: the state of trading -> text, for snapshots on the disk. `restored.ts` reads it again.
 */
import { amountToText } from "../money/amount.ts";
import { totalOf } from "../order/ledger.ts";
import { exportOrders } from "../order/order-state.ts";
import { STATE_VERSION, type TradingState } from "./restored.ts";
import type { Trading } from "./trading.ts";

/** The whole state as text. */
export function exportTrading(trade: Trading): string {
  const state: TradingState = {
    version: STATE_VERSION,
    orders: exportOrders(trade.orders),
    risk: trade.risk.exportState(),
    cycleCount: trade.cycleCount,
    opportunityCount: trade.opportunityCount,
    openCycles: trade.cycles.map(({ number }) => number),
    dust: Object.fromEntries([...trade.dust].map(([key, sum]) => [key, amountToText(sum)])),
  };
  return JSON.stringify(state);
}

/** What a later tick depends on, in short: for the fingerprint that is taken once a second. */
export function digestOf(trade: Trading): string {
  const { table } = trade.orders;
  const parts: (string | number)[] = [
    table.commandMax,
    trade.cycleCount,
    trade.opportunityCount,
    JSON.stringify(trade.counts),
    JSON.stringify(trade.risk.kills.list()),
  ];
  const { leaseUntilUs, openFromUs, modeMax } = trade.standing;
  // Only where there is one, so that the fingerprints of older journals stay as they are.
  if (trade.plan.lease !== undefined) parts.push(leaseUntilUs, openFromUs);
  if (modeMax !== "active") parts.push(modeMax);
  for (const order of table.live) parts.push(order.clientId, order.state, order.filledLots);
  for (const cycle of trade.cycles) parts.push(cycle.number, cycle.step, cycle.leg);
  for (let venue = 0; venue < table.venues.length; venue++) {
    for (const [asset, holding] of table.ledger.holdings(venue)) {
      parts.push(asset, String(totalOf(holding)), String(holding.reserved));
    }
  }
  return parts.join(" ");
}

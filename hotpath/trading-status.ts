/**
 * Station: state of trading -> what the engine says of it. Built on request, a few times a second at most.
 */
import type { AccountStatus, OrderStatus, TradingStatus } from "../contracts/trading-status.ts";
import { amountToText } from "./core/money/amount.ts";
import { totalOf } from "./core/order/ledger.ts";
import type { Order } from "./core/order/order.ts";
import { riskStatusOf } from "./core/risk/risk-status.ts";
import type { Account } from "./core/trade/account.ts";
import type { Trading } from "./core/trade/trading.ts";
import type { World } from "./core/world.ts";

/** Orders that are listed at most; the counts are of all. */
const ORDERS_MAX = 200;

export function tradingStatus(world: World, trade: Trading): TradingStatus {
  const live = [...trade.orders.table.live];
  const named = (sums: ReadonlyMap<string, bigint>): Record<string, string> =>
    Object.fromEntries(
      [...sums].map(([key, amount]) => {
        const at = key.indexOf(":");
        const venue = world.venues[Number(key.slice(0, at))]?.id ?? "";
        return [`${venue}:${key.slice(at + 1)}`, amountToText(amount)];
      }),
    );
  return {
    fence: trade.plan.fence,
    limitsVersion: trade.risk.limitsVersion,
    accounts: trade.accounts.flatMap((account) =>
      account === undefined ? [] : [accountStatus(world, trade, account, live)],
    ),
    counts: {
      opportunities: trade.counts.opportunities,
      filled: trade.counts.filled,
      failed: trade.counts.failed,
      aborted: trade.counts.aborted,
      cyclesOpen: trade.cycles.length,
      orders: trade.counts.orders,
      fills: trade.counts.fills,
      denials: trade.counts.denials,
      denialsByControl: Object.fromEntries(trade.denialsByControl),
      unknownOpen: live.filter(({ state }) => state === "unknown").length,
      ordersOnInvalidBook: trade.counts.ordersOnInvalidBook,
      anomalies: trade.counts.anomalies,
    },
    profit: named(trade.profit),
    kills: trade.risk.kills.list().map(({ scope, target, by, reason, sinceUs }) => {
      return { scope, target, by, reason, atUs: sinceUs };
    }),
    orders: live.slice(0, ORDERS_MAX).map((order) => orderStatus(world, order)),
    isDraining: trade.drain !== undefined,
  };
}

function accountStatus(
  world: World,
  trade: Trading,
  account: Account,
  live: readonly Order[],
): AccountStatus {
  const { venue, mode } = account.plan;
  const { table } = trade.orders;
  const balances: Record<string, readonly [string, string]> = {};
  for (const [asset, holding] of table.ledger.holdings(venue)) {
    const total = totalOf(holding);
    if (total === 0n && holding.reserved === 0n) continue;
    balances[asset] = [amountToText(total), amountToText(holding.reserved)];
  }
  const traded: Record<string, string> = {};
  for (const [asset, { traded: sum, fees }] of table.ledger.holdings(venue)) {
    if (sum !== fees) traded[asset] = amountToText(sum - fees);
  }
  const own = live.filter((order) => order.venue === venue);
  return {
    venue: world.venues[venue]?.id ?? "",
    mode,
    phase: account.phase,
    blocked: account.blockedReason,
    epoch: account.epoch,
    heardUs: account.heardUs,
    instrumentsWithFees: account.fees.size,
    balances,
    traded,
    drift: Object.fromEntries(table.blocks[venue] ?? []),
    openOrders: own.length,
    unknownOrders: own.filter(({ state }) => state === "unknown").length,
    risk: riskStatusOf(trade.risk.venue(venue), world.nowUs),
  };
}

function orderStatus(world: World, order: Order): OrderStatus {
  return {
    venue: world.venues[order.venue]?.id ?? "",
    instrument: world.instruments[order.instrument]?.id ?? "",
    clientId: order.clientId,
    side: order.side,
    state: order.state,
    lots: order.lots,
    filledLots: order.filledLots,
    cycle: order.cycle,
    leg: order.leg,
  };
}

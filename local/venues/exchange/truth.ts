/**
 * Station: an exchange -> what really happened there, for whoever checks the engine.
 *
 * The oracle: every accepted order with its client id, how often each id was accepted, every trade,
 * what each account had, has and got from outside. Amounts are integers of 1e-18 as text, since JSON
 * holds no bigint. It never asks the engine's side anything.
 */
import type { Exchange } from "./exchange.ts";
import type { Order, OwnTrade } from "./orders.ts";

/** Amounts by asset, as text of integers in units of 1e-18. */
export type AmountTexts = Readonly<Record<string, string>>;

export type AccountTruth = {
  readonly accountId: string;
  readonly start: AmountTexts;
  readonly external: AmountTexts;
  readonly free: AmountTexts;
  readonly held: AmountTexts;
  /** Balance now, less start, less external moves: what trading brought, fees included. */
  readonly pnl: AmountTexts;
  readonly fees: AmountTexts;
  readonly orderCount: number;
  readonly openCount: number;
  readonly tradeCount: number;
  /** Client ids accepted more than once: duplicate effects at the venue. */
  readonly duplicates: readonly { readonly clientOrderId: string; readonly count: number }[];
};

export type ExchangeTruth = {
  readonly accounts: readonly AccountTruth[];
  readonly rejectedCount: number;
  /** Assets whose sum over all parties is not zero; always empty. */
  readonly unbalanced: AmountTexts;
};

function texts(amounts: ReadonlyMap<string, bigint>): AmountTexts {
  return Object.fromEntries([...amounts].map(([asset, amount]) => [asset, amount.toString()]));
}

function accountTruth(exchange: Exchange, accountId: string): AccountTruth {
  const { books, ledger, log } = exchange;
  const start = books.startOf(accountId);
  const external = books.externalOf(accountId);
  const free = new Map<string, bigint>();
  const held = new Map<string, bigint>();
  const pnl = new Map<string, bigint>();
  for (const { asset, freeAtto, heldAtto } of ledger.balances(accountId)) {
    free.set(asset, freeAtto);
    held.set(asset, heldAtto);
    const before = (start.get(asset) ?? 0n) + (external.get(asset) ?? 0n);
    pnl.set(asset, freeAtto + heldAtto - before);
  }
  const fees = new Map<string, bigint>();
  const trades = log.trades(accountId, null);
  for (const { feeAsset, feeAtto } of trades) {
    fees.set(feeAsset, (fees.get(feeAsset) ?? 0n) + feeAtto);
  }
  return {
    accountId,
    start: texts(start),
    external: texts(external),
    free: texts(free),
    held: texts(held),
    pnl: texts(pnl),
    fees: texts(fees),
    orderCount: log.everything(accountId).length,
    openCount: log.open(accountId, null).length,
    tradeCount: trades.length,
    duplicates: log.duplicates(accountId),
  };
}

/** The whole truth of one venue in sums. */
export function truthOf(exchange: Exchange): ExchangeTruth {
  const unbalanced = [...exchange.ledger.sums()].filter(([, sum]) => sum !== 0n);
  return {
    accounts: exchange.books.accountIds.map((accountId) => accountTruth(exchange, accountId)),
    rejectedCount: exchange.log.rejectedCount,
    unbalanced: texts(new Map(unbalanced)),
  };
}

/** Every accepted order and every trade of an account, vanished orders included. */
export function ordersAndTrades(
  exchange: Exchange,
  accountId: string,
): { orders: readonly Order[]; trades: readonly OwnTrade[] } {
  const orders = exchange.log.everything(accountId).map((one) => ({ ...one.state }));
  return { orders, trades: exchange.log.trades(accountId, null) };
}

/**
 * Station: what the engine says of its accounts and what the simulated venues know of them -> how far the
 * two are apart, in whole units of 1e-18.
 *
 * The venues' ledger is the truth; nothing is forgiven. A paper account must have had no order at all: what
 * it traded, it traded with itself. Pure.
 */
import type { AccountStatus, TradingStatus } from "../../contracts/trading-status.ts";
import { parseAmount } from "../../hotpath/core/money/amount.ts";

/** 0, or an integer of 1e-18 as text, since no JSON number holds it. */
export type Units = 0 | string;

type Amounts = Readonly<Record<string, string>>;

/** One account as its venue knows it; amounts are integers of 1e-18 as text. */
export type VenueAccount = {
  readonly accountId: string;
  readonly free: Amounts;
  readonly held: Amounts;
  /** What trading brought, fees included. */
  readonly pnl: Amounts;
  readonly orderCount: number;
  readonly openCount: number;
  readonly duplicates: readonly { readonly clientOrderId: string; readonly count: number }[];
};

/** The truth of every simulated venue that trades, by venue. */
export type TradingTruth = Readonly<
  Record<string, { readonly accounts: readonly VenueAccount[]; readonly unbalanced: Amounts }>
>;

/** How far engine and venues are apart; all of it should be nothing. */
export type TradingGap = {
  readonly duplicateVenueOrders: number;
  /** Sum over venues and assets of what the two say that trading brought, without sign. */
  readonly pnlVsTruth: Units;
  /** The same of the balances. */
  readonly positionDrift: Units;
  /** Orders of paper accounts that reached a matcher. */
  readonly paperOrders: number;
  /** Where the two differ: "venue asset: ours, theirs", integers of 1e-18. */
  readonly differences: readonly string[];
};

/** The account that the keys of a simulated venue open. */
const MAIN_ACCOUNT = "main";

/** Compares the engine's accounts with the venues' own. */
export function compareTrading(trading: TradingStatus, truth: TradingTruth): TradingGap {
  let duplicateVenueOrders = 0;
  let paperOrders = 0;
  let pnl = 0n;
  let drift = 0n;
  const differences: string[] = [];
  for (const account of trading.accounts) {
    const theirs = truth[account.venue]?.accounts.find(
      ({ accountId }) => accountId === MAIN_ACCOUNT,
    );
    if (theirs === undefined) continue;
    duplicateVenueOrders += theirs.duplicates.length;
    if (account.mode === "paper") {
      paperOrders += theirs.orderCount;
      continue;
    }
    const gaps = accountGaps(account, theirs);
    pnl += gaps.pnl;
    drift += gaps.drift;
    differences.push(...gaps.differences);
  }
  return {
    duplicateVenueOrders,
    pnlVsTruth: textOf(pnl),
    positionDrift: textOf(drift),
    paperOrders,
    differences,
  };
}

function accountGaps(ours: AccountStatus, theirs: VenueAccount) {
  let pnl = 0n;
  let drift = 0n;
  const differences: string[] = [];
  const { balances, traded, venue } = ours;
  const assets = new Set(
    [balances, traded, theirs.free, theirs.held, theirs.pnl].flatMap((each) => Object.keys(each)),
  );
  for (const asset of [...assets].sort()) {
    const made = parseAmount(traded[asset] ?? "0") ?? 0n;
    const madeThere = unitsOf(theirs.pnl, asset);
    const has = parseAmount(balances[asset]?.[0] ?? "0") ?? 0n;
    const hasThere = unitsOf(theirs.free, asset) + unitsOf(theirs.held, asset);
    pnl += distance(made, madeThere);
    drift += distance(has, hasThere);
    if (made !== madeThere) differences.push(`${venue} ${asset} pnl: ${made}, ${madeThere}`);
    if (has !== hasThere) differences.push(`${venue} ${asset} balance: ${has}, ${hasThere}`);
  }
  return { pnl, drift, differences };
}

function unitsOf(amounts: Amounts, asset: string): bigint {
  return BigInt(amounts[asset] ?? "0");
}

function textOf(units: bigint): Units {
  return units === 0n ? 0 : String(units);
}

function distance(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}

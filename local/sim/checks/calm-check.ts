/**
 * Station: an engine after its calm -> invariants 7, 8, 10 and 21: everything has come to its end, and every
 * number is the venue's.
 *
 * The venues' ledgers are the truth; what the engine and its journals say is held against them by the same
 * code that judges storms of real processes (`local/judge`).
 */

import type { EngineStatus } from "../../../contracts/status.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { TradingStatus } from "../../../contracts/trading-status.ts";
import { TriangleTrader } from "../../../hotpath/core/trade/trader.ts";
import type { Disk } from "../../../hotpath/io/journal/disk.ts";
import { EvidenceError, gatherEvidence } from "../../judge/evidence.ts";
import { judgeStorm, missOf, type VenueHistory } from "../../judge/judge.ts";
import { compareTrading, type TradingTruth } from "../../judge/trading-gap.ts";
import { MAIN_ACCOUNT_ID } from "../../venues/exchange/trading-side.ts";
import { ordersAndTrades } from "../../venues/exchange/truth.ts";
import { isTrading } from "../../venues/trading-desk.ts";
import type { EngineLife } from "../engine/engine-life.ts";
import type { MemoryVenues } from "../venues/memory-venues.ts";

/** Why an engine has not come to rest; "" when it has. */
export function unsettledOf(status: Pick<EngineStatus, "books" | "trading" | "halted">): string {
  const { books, trading, halted } = status;
  if (halted !== "") return `it has halted: ${halted}`;
  const dead = books.find(({ state }) => state !== "live");
  if (dead !== undefined) return `${dead.instrument} is ${dead.state}`;
  return trading === null ? "" : tradeUnrestOf(trading);
}

function tradeUnrestOf({ counts, accounts, kills }: TradingStatus): string {
  if (kills.length > 0) return `a kill of ${kills[0]?.scope} ${kills[0]?.target} holds`;
  if (counts.cyclesOpen > 0) return `${counts.cyclesOpen} cycles are open`;
  if (counts.unknownOpen > 0) return `${counts.unknownOpen} orders are unknown`;
  for (const { venue, phase, blocked, openOrders, drift } of accounts) {
    if (phase !== "ready") return `${venue} is ${phase}`;
    if (blocked !== "") return `${venue} is blocked: ${blocked}`;
    if (openOrders > 0) return `${venue} has ${openOrders} open orders`;
    const [asset] = Object.keys(drift);
    if (asset !== undefined) return `${venue} is off by ${drift[asset]} ${asset}`;
  }
  return "";
}

/** Which account has not agreed with its venue since a true time; "" when all have. */
export function unreadOf({ side, process }: EngineLife, sinceUs: Micros): string {
  const trader = side?.world.trader;
  if (!(trader instanceof TriangleTrader)) return "";
  for (const account of trader.trade.accounts) {
    if (account === undefined || account.agreedUs >= sinceUs + process.skewUs) continue;
    return `no reading of ${side?.world.venues[account.plan.venue]?.id} has agreed`;
  }
  return "";
}

/** Until when (true time) a venue has asked the engine for silence; 0 for none. */
export function silentUntilUs({ side, process }: EngineLife): Micros {
  const trader = side?.world.trader;
  if (!(trader instanceof TriangleTrader)) return 0;
  const untilUs = trader.trade.accounts.map((account) => account?.silentUntilUs ?? 0);
  return Math.max(0, ...untilUs) - process.skewUs;
}

/** What is wrong after all; "" when nothing is. */
export function judgeCalm(
  trading: TradingStatus | null,
  venues: MemoryVenues,
  journals: { readonly disk: Disk; readonly root: string },
): string {
  if (trading === null) return "";
  const models = venues.built.models.filter(isTrading);
  const truth = Object.fromEntries(
    models.map(({ id, trading: side }) => [id, side.truth()]),
  ) as TradingTruth;
  const histories = new Map<string, VenueHistory>(
    models.map(({ id, trading: side }) => [id, ordersAndTrades(side.exchange, MAIN_ACCOUNT_ID)]),
  );
  const gap = compareTrading(trading, truth);
  try {
    const evidence = gatherEvidence(journals.root, journals.disk);
    const verdict = judgeStorm({ evidence, histories, gap });
    return verdict.commands === 0 ? "" : missOf(verdict);
  } catch (error) {
    if (error instanceof EvidenceError) return error.message;
    throw error;
  }
}

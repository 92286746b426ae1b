/**
 * Station: the engine's status -> facts that no journal holds: balances of each account about once a minute,
 * and each finished minute of the loop. They are for charts; nothing is decided by them.
 */
import type { Fact } from "../../contracts/history.ts";
import type { VenueId } from "../../contracts/ids.ts";
import type { EngineStatus, LoopMinute } from "../../contracts/status.ts";
import type { Micros } from "../../contracts/time.ts";
import type { AccountStatus, TradingStatus } from "../../contracts/trading-status.ts";
import { type FactSource, factOf } from "./fact.ts";

type Told = Pick<EngineStatus, "nowUs" | "loopMinutes" | "trading" | "journal">;

/** Facts of `status`; of the loop only the minutes that ended after `sinceUs`, when it was told last. */
export function statusFacts(source: FactSource, status: Told, sinceUs: Micros): Fact[] {
  const { trading, nowUs } = status;
  const origin = { seq: status.journal.lastAckedSeq, atUs: nowUs };
  const accounts = trading?.accounts ?? [];
  const positions = accounts.map((account, index): Fact => {
    const venue = account.venue as VenueId;
    const factId = `${source.runId}.${venue}.${nowUs}`;
    const payload = positionOf(account, trading?.profit ?? {});
    return factOf(source, origin, "position", { venue, factId, part: index + 1 }, payload);
  });
  const ended = status.loopMinutes.filter(({ endedUs }) => endedUs > sinceUs);
  const minutes = ended.map((minute, index): Fact => {
    const { endedUs, ...payload } = minute satisfies LoopMinute;
    const factId = `${source.runId}.loop.${endedUs}`;
    const part = accounts.length + index + 1;
    return factOf(
      source,
      origin,
      "latency",
      { venue: null, factId, observedUs: endedUs, part },
      payload,
    );
  });
  return [...positions, ...minutes];
}

function positionOf(account: AccountStatus, profit: TradingStatus["profit"]) {
  const { venue, mode, balances, traded, openOrders, unknownOrders, risk } = account;
  const own = Object.entries(profit).flatMap(([key, amount]) =>
    key.startsWith(`${venue}:`) ? [[key.slice(venue.length + 1), amount] as const] : [],
  );
  return {
    mode,
    balances,
    traded,
    profit: Object.fromEntries(own),
    dayResult: risk.dayResult,
    openOrders,
    unknownOrders,
  };
}

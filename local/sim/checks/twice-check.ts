/**
 * Station: an engine at rest, and one more reading of each account -> invariant 28: to reconcile again emits nothing.
 *
 * Between two readings of accounts in which nothing happens, no order ends, no fill is counted, nothing is killed,
 * nobody is woken, and no balance moves. An order of somebody else that is filled meanwhile is something that happens.
 */
import type { TradingStatus } from "../../../contracts/trading-status.ts";
import type { TradeRecord } from "../../../hotpath/core/trade/commands.ts";

/** What a reconciliation may emit; opportunities and denials are the market's. */
const EMITTED: readonly TradeRecord["type"][] = [
  "recordOrder",
  "recordFill",
  "recordCycle",
  "recordAlarm",
  "recordKill",
];

/** Orders and trades of somebody else on the same account. */
const FOREIGN = /^foreign/;

export class TwiceCheck {
  #emitted: string[] = [];
  #before: string | undefined;
  #isDisturbed = false;

  onRecord(record: TradeRecord): void {
    if (this.#before === undefined || !EMITTED.includes(record.type)) return;
    if (record.type === "recordAlarm" && FOREIGN.test(record.alarm.kind)) this.#isDisturbed = true;
    this.#emitted.push(JSON.stringify(record));
  }

  /** Everything is at rest from here on. */
  begin(trading: TradingStatus): void {
    this.#emitted = [];
    this.#isDisturbed = false;
    this.#before = moneyOf(trading);
  }

  /** What another reading has emitted or moved; "" when nothing. */
  end(trading: TradingStatus): string {
    const [first] = this.#emitted;
    if (this.#isDisturbed) return "";
    if (first !== undefined) return `reading the accounts again has emitted ${first}`;
    const now = moneyOf(trading);
    return now === this.#before
      ? ""
      : `reading the accounts again has moved ${this.#before} to ${now}`;
  }
}

function moneyOf({ accounts, profit }: TradingStatus): string {
  return JSON.stringify([
    accounts.map(({ venue, balances, traded }) => [venue, balances, traded]),
    profit,
  ]);
}

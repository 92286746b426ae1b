/**
 * Station: records of trading -> the last ones of each kind, and how many there were.
 *
 * Bounded by number; what falls out is in the journal. Counts are since the start of the process. It
 * never touches the world: everything it knows came in a message.
 */
import type { CycleEnding, OrderState } from "../../contracts/trade.ts";
import { amountToText, parseAmount } from "../core/money/amount.ts";
import type { CycleRecord, TradeRecord } from "../core/trade/commands.ts";
import type { RecordPath } from "../io/admin-http.ts";

const KEPT_MAX = 1000;

/** One record with the tick that made it and the loop's time of that tick. */
export type Kept = { readonly tick: number; readonly atUs: number } & object;

export type RecordCounts = {
  readonly cycles: Readonly<Record<CycleEnding, number>>;
  readonly orders: Readonly<Partial<Record<OrderState, number>>>;
  readonly opportunities: Readonly<Record<string, number>>;
  readonly denials: Readonly<Record<string, number>>;
  readonly alarms: Readonly<Record<string, number>>;
};

export class RecordKeeper {
  readonly #kept: Readonly<Record<RecordPath, Kept[]>> = {
    cycles: [],
    orders: [],
    opportunities: [],
    denials: [],
    alarms: [],
  };
  readonly #cycles: Record<CycleEnding, number> = { FILLED: 0, FAILED: 0, ABORTED: 0 };
  readonly #orders = new Map<OrderState, number>();
  readonly #opportunities = new Map<string, number>();
  readonly #denials = new Map<string, number>();
  readonly #alarms = new Map<string, number>();
  /** Venue's index and asset -> profit in 1e-18 of it. */
  readonly #profit = new Map<string, bigint>();

  add(record: TradeRecord, tick: number, atUs: number): void {
    const stamp = { tick, atUs };
    switch (record.type) {
      case "recordCycle":
        this.#cycles[record.cycle.ending]++;
        this.#addProfit(record.cycle);
        this.#keep("cycles", { ...stamp, ...record.cycle });
        return;
      case "recordOrder":
        count(this.#orders, record.order.state);
        this.#keep("orders", { ...stamp, ...record.order });
        return;
      case "recordOpportunity":
        count(this.#opportunities, record.opportunity.decision);
        this.#keep("opportunities", { ...stamp, ...record.opportunity });
        return;
      case "recordDenial":
        count(this.#denials, record.denial.control);
        this.#keep("denials", { ...stamp, ...record.denial });
        return;
      case "recordAlarm":
        count(this.#alarms, record.alarm.kind);
        this.#keep("alarms", { ...stamp, ...record.alarm });
        return;
      case "recordFill":
      case "recordKill":
        // Fills are counted in their orders; kills have a list of their own, on the disk.
        return;
    }
  }

  /** The last records of a kind, oldest first. */
  of(path: RecordPath): readonly Kept[] {
    return this.#kept[path];
  }

  get counts(): RecordCounts {
    return {
      cycles: { ...this.#cycles },
      orders: Object.fromEntries(this.#orders),
      opportunities: Object.fromEntries(this.#opportunities),
      denials: Object.fromEntries(this.#denials),
      alarms: Object.fromEntries(this.#alarms),
    };
  }

  /** Sum of the cycles' profits as decimal text; `nameOf` gives a venue's name by its index. */
  profit(nameOf: (venue: number) => string): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.#profit].map(([key, amount]) => {
        const at = key.indexOf(":");
        return [`${nameOf(Number(key.slice(0, at)))}${key.slice(at)}`, amountToText(amount)];
      }),
    );
  }

  #addProfit({ venue, profit, profitAsset }: CycleRecord): void {
    const amount = parseAmount(profit);
    if (amount === undefined || profitAsset === "") return;
    const key = `${venue}:${profitAsset}`;
    this.#profit.set(key, (this.#profit.get(key) ?? 0n) + amount);
  }

  #keep(path: RecordPath, record: Kept): void {
    const kept = this.#kept[path];
    kept.push(record);
    if (kept.length > KEPT_MAX) kept.shift();
  }
}

function count<Name extends string>(counts: Map<Name, number>, name: Name): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

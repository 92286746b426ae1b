/**
 * Station: none; what a story is told with, and what is remembered of its telling.
 */
import type { TradeRecord } from "../../../hotpath/core/trade/commands.ts";
import type { TradingPlan } from "../../../hotpath/core/trade/plan.ts";
import type { HotPlan } from "../../../hotpath/plan.ts";
import type { TradingVenue } from "../../venues/trading-sides.ts";
import type { CrashModel } from "../disk/crash-models.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";
import type { JournalMark } from "./journal-mark.ts";
import type { Scenario } from "./scenarios.ts";
import type { IntentSync } from "./story-config.ts";

/** A crash: just before which effect (counted from the death before), and what it does to the disk. */
export type CrashPlan = { readonly before: number; readonly model: CrashModel };

export type PlayOptions = {
  readonly scenario: Scenario;
  readonly venue: TradingVenue;
  readonly seed: number;
  readonly intentSync: IntentSync;
  /** In order; what the story itself does is not among them. */
  readonly crashes: readonly CrashPlan[];
};

/** One life as it is remembered. */
export type LifeRecord = {
  readonly runId: string;
  readonly fence: number;
  /** What it had written and was told to be safe, at its death; undefined while it lives. */
  mark: JournalMark | undefined;
};

/** What a life has found on its disk, and what it began with. */
export type Recovered = {
  readonly runId: string;
  readonly found: VirtualDisk;
  readonly plan: HotPlan;
};

/** Notes by its name what a record of the engine says to have happened. */
export function addProbe(probes: Set<string>, record: TradeRecord): void {
  if (record.type === "recordOrder") probes.add(`order ${record.order.state}`);
  else if (record.type === "recordCycle") probes.add(`cycle ${record.cycle.ending}`);
  else if (record.type === "recordAlarm") probes.add(`alarm ${record.alarm.kind}`);
  else if (record.type === "recordKill") probes.add("kill");
}

/** Of an order that only the intent log had, in a state within a state. */
const ADOPTED = '\\"isAdopted\\":true';

/** Notes what a life began with. */
export function addStart(probes: Set<string>, { restored, untold }: TradingPlan): void {
  if (restored !== "") probes.add("restored");
  if (restored.includes(ADOPTED)) probes.add("intent adopted");
  if (untold !== undefined) probes.add("untold");
}

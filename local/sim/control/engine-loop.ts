/**
 * The loop of the scene's engine, as its supervisor sees it: what operators ask is taken a moment later, in its
 * order, by the core's own list of kills; what comes of it is journaled. It may be deaf for a while (C30).
 *
 * The truth of the scene about what is in force. It outlives nothing: a new life begins with none of it.
 */
import type { RiskLimits } from "../../../contracts/risk-limits.ts";
import type { Mode } from "../../../contracts/status.ts";
import { type Micros, US_PER_MS } from "../../../contracts/time.ts";
import { Kills } from "../../../hotpath/core/risk/kill.ts";
import { takeLimits } from "../../../hotpath/core/risk/limits.ts";
import type { TradeRecord } from "../../../hotpath/core/trade/commands.ts";
import type { AskedEvent } from "../../../hotpath/hot-thread-messages.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { EngineJournal } from "./engine-journal.ts";

/** What the loop was handed, when, and whether it changed what is in force. */
export type Taken = {
  readonly atUs: Micros;
  readonly life: number;
  readonly event: AskedEvent;
  readonly isEffective: boolean;
};

export type LoopParts = {
  readonly kernel: Kernel;
  readonly journal: EngineJournal;
  readonly life: number;
  /** Where everything that any life has taken is kept. */
  readonly taken: Taken[];
  /** What the core has to tell; asked back into the supervisor's side. */
  readonly onRecord: (record: TradeRecord, tick: number) => void;
  readonly limitsVersion: number;
};

const TURN_US = 2 * US_PER_MS;
/** The supervisor waits so long for the hot thread's word. */
const ANSWER_US = 1_000 * US_PER_MS;

export class EngineLoop {
  readonly kills = new Kills();
  mode: Mode = "active";
  limitsVersion: number;
  limits: RiskLimits | undefined;
  readonly #parts: LoopParts;
  #deafUntilUs = 0;

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.limitsVersion = parts.limitsVersion;
  }

  /** Answers nobody until then, and takes what was asked meanwhile when it listens again. */
  deafen(untilUs: Micros): void {
    this.#deafUntilUs = untilUs;
  }

  /** The tick that took it, or undefined where the loop did not answer in time. */
  ask(event: AskedEvent): Promise<number | undefined> {
    const { kernel } = this.#parts;
    const { current, nowUs } = kernel;
    const takenUs = Math.max(nowUs + TURN_US, this.#deafUntilUs);
    return new Promise((resolve) => {
      kernel.at(takenUs, current, () => resolve(this.#take(event)));
      if (takenUs - nowUs > ANSWER_US) {
        kernel.at(nowUs + ANSWER_US, current, () => resolve(undefined));
      }
    });
  }

  #take(event: AskedEvent): number {
    const { kernel, journal, life, taken } = this.#parts;
    const tick = journal.event(event);
    taken.push({ atUs: kernel.nowUs, life, event, isEffective: this.#apply(event) });
    journal.commit();
    return tick;
  }

  /** Whether anything is other than before; what is refused here the core refuses. */
  #apply(event: AskedEvent): boolean {
    const { kernel } = this.#parts;
    if (event.type === "killRequested") {
      const { scope, target, by, reason } = event;
      const isNews = this.kills.apply({ scope, target, by, reason }, kernel.nowUs);
      if (isNews) this.#tell({ type: "recordKill", scope, target, by, reason, isKilled: true });
      return isNews;
    }
    if (event.type === "killReleased") {
      const { scope, target, by, reason } = event;
      if (this.kills.release(scope, target, by) !== "released") return false;
      this.#tell({ type: "recordKill", scope, target, by, reason, isKilled: false });
      return true;
    }
    if (event.type === "limitsChanged") {
      if (!takeLimits(event.limits, event.version, this.limitsVersion).ok) return false;
      this.limitsVersion = event.version;
      this.limits = event.limits;
      return true;
    }
    if (event.type === "modeRequested") this.mode = event.mode;
    return true;
  }

  #tell(record: TradeRecord): void {
    const { journal, onRecord } = this.#parts;
    onRecord(record, journal.command(record));
  }
}

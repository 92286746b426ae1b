/**
 * Station: an account's promise to be heard of again -> the moment when it was not.
 *
 * The dead-man timers of the venues that have them: each setting replaces the one before, and a timer
 * that fired is off until it is set again. It cancels nothing itself.
 */
import type { Micros } from "../../../contracts/time.ts";

export type DeadMan = {
  readonly accountId: string;
  readonly dueUs: Micros;
  /** Null is every symbol. */
  readonly symbols: readonly string[] | null;
};

export class DeadMen {
  readonly #timers = new Map<string, DeadMan>();
  firedCount = 0;

  /** Sets or replaces the timer of an account. */
  arm(timer: DeadMan): void {
    this.#timers.set(timer.accountId, timer);
  }

  /** Switches the timer of an account off. */
  disarm(accountId: string): void {
    this.#timers.delete(accountId);
  }

  /** The timer of an account, or undefined when it is off. */
  timerOf(accountId: string): DeadMan | undefined {
    return this.#timers.get(accountId);
  }

  /** Takes out the timers whose moment has come. */
  takeDue(nowUs: Micros): DeadMan[] {
    if (this.#timers.size === 0) return [];
    const due = [...this.#timers.values()].filter((one) => nowUs >= one.dueUs);
    for (const { accountId } of due) this.#timers.delete(accountId);
    this.firedCount += due.length;
    return due;
  }
}

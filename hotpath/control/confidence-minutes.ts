/**
 * Station: one status after another -> the least confidence of each minute and session, for the last hour.
 *
 * The operator pages draw it. A minute in which nothing was heard has no number, which is not the same as
 * a confidence of nothing. Nothing here reads a clock: the time is the status's own.
 */
import type { EngineStatus } from "../../contracts/status.ts";
import { type Micros, US_PER_S } from "../../contracts/time.ts";

export const CONFIDENCE_MINUTES_KEPT = 60;
const US_PER_MINUTE = 60 * US_PER_S;
/** Two places: more would be said than is known. */
const SCALE = 100;

export type ConfidenceTold = {
  /** Ends of the minutes, oldest first; the last minute is not over. */
  readonly endedUs: readonly Micros[];
  /** "kraken #0" -> one value for each minute, null where the session was not heard of. */
  readonly sessions: Readonly<Record<string, readonly (number | null)[]>>;
};

type Minute = { readonly endedUs: Micros; readonly least: Map<string, number> };

export class ConfidenceMinutes {
  #minutes: Minute[] = [];

  /** Counts one look at the engine. */
  take({ nowUs, venues }: Pick<EngineStatus, "nowUs" | "venues">): void {
    const endedUs = (Math.floor(nowUs / US_PER_MINUTE) + 1) * US_PER_MINUTE;
    let minute = this.#minutes.at(-1);
    // A clock that was set back goes on in the minute that it had reached.
    if (minute === undefined || minute.endedUs < endedUs) {
      minute = { endedUs, least: new Map() };
      this.#minutes = [...this.#minutes, minute].slice(-CONFIDENCE_MINUTES_KEPT);
    }
    for (const { sessions } of venues) {
      for (const { venue, shard, confidence } of sessions) {
        const name = `${venue} #${shard}`;
        const known = minute.least.get(name);
        if (known === undefined || confidence < known) minute.least.set(name, confidence);
      }
    }
  }

  get told(): ConfidenceTold {
    const names = new Set(this.#minutes.flatMap(({ least }) => [...least.keys()]));
    const leastOf = ({ least }: Minute, name: string): number | null => {
      const value = least.get(name);
      return value === undefined ? null : Math.floor(value * SCALE) / SCALE;
    };
    return {
      endedUs: this.#minutes.map(({ endedUs }) => endedUs),
      sessions: Object.fromEntries(
        [...names].map((name) => [name, this.#minutes.map((minute) => leastOf(minute, name))]),
      ),
    };
  }
}

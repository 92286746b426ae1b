/**
 * Time to correct resync over one day: counts, quantiles, and the share that took a second at most.
 *
 * The first synchronization after a start repairs nothing and is left out, as everywhere.
 */
import { shareOf } from "../../contracts/decimal.ts";
import type { ResyncFact } from "../../contracts/history.ts";
import { US_PER_S } from "../../contracts/time.ts";
import { quantile, type ResyncLine, type ResyncReport } from "./logic.ts";

const PLACES = 4;
const MEDIAN = 0.5;
const NEARLY_ALL = 0.99;

/** Collects resyncs, one number each. */
export class ResyncTally {
  readonly #times = new Map<string, number[]>();

  add(venue: string, { cause, totalUs }: Pick<ResyncFact, "cause" | "totalUs">): void {
    if (cause === "start") return;
    const key = JSON.stringify([venue, cause]);
    const times = this.#times.get(key) ?? [];
    times.push(totalUs);
    this.#times.set(key, times);
  }

  report(): ResyncReport {
    const lines = [...this.#times].map(([key, times]): ResyncLine => {
      const [venue = "", cause = ""] = JSON.parse(key) as string[];
      return { venue, cause, ...summary(times) };
    });
    const all = [...this.#times.values()].flat();
    const quick = all.filter((us) => us <= US_PER_S).length;
    return {
      ...summary(all),
      withinOneSecond: shareOf(String(quick), String(all.length), PLACES),
      lines: lines.sort((a, b) => (`${a.venue} ${a.cause}` < `${b.venue} ${b.cause}` ? -1 : 1)),
    };
  }
}

function summary(times: readonly number[]): Omit<ResyncLine, "venue" | "cause"> {
  const sorted = [...times].sort((a, b) => a - b);
  return {
    count: sorted.length,
    p50Us: quantile(sorted, MEDIAN),
    p99Us: quantile(sorted, NEARLY_ALL),
    maxUs: sorted.at(-1) ?? 0,
  };
}

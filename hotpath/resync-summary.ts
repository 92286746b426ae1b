/**
 * Station: resync records -> what is shown of them. Keeps a bounded number; quantiles are of what is kept.
 */
import { RESYNC_STAGES, type ResyncRecord } from "../contracts/resync.ts";
import type { ResyncSummary } from "../contracts/status.ts";

const KEPT_MAX = 20_000;
const RECENT = 20;
const US_PER_MS = 1000;

export class ResyncKeeper {
  readonly #records: ResyncRecord[] = [];
  count = 0;

  /** The first resync of a book is its start and no repair: it is kept apart from the quantiles. */
  add(record: ResyncRecord): void {
    if (record.cause !== "start") this.count++;
    this.#records.push(record);
    if (this.#records.length > KEPT_MAX) this.#records.shift();
  }

  get all(): readonly ResyncRecord[] {
    return this.#records;
  }

  summary(): ResyncSummary {
    const repairs = this.#records.filter(({ cause }) => cause !== "start");
    const totals = sorted(repairs.map(({ totalUs }) => totalUs));
    const stages = RESYNC_STAGES.map((stage) => {
      const values = sorted(repairs.map(({ stagesUs }) => stagesUs[stage]));
      return [stage, { p50: quantileMs(values, 0.5), p99: quantileMs(values, 0.99) }] as const;
    });
    return {
      count: this.count,
      ms: {
        p50: quantileMs(totals, 0.5),
        p99: quantileMs(totals, 0.99),
        max: quantileMs(totals, 1),
      },
      stagesMs: Object.fromEntries(stages),
      recent: this.#records.slice(-RECENT),
    };
  }
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/** The smallest value that at least the share `q` of all values does not exceed, in milliseconds. */
function quantileMs(ascending: readonly number[], q: number): number {
  if (ascending.length === 0) return 0;
  const at = Math.min(ascending.length - 1, Math.max(0, Math.ceil(ascending.length * q) - 1));
  return (ascending[at] as number) / US_PER_MS;
}

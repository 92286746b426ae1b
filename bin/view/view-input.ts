/**
 * Station: what the terminal view is drawn from, and the sizes it is drawn for.
 */
import type { EngineStatus } from "../../contracts/status.ts";
import type { CycleEnding } from "../../contracts/trade.ts";

/** What the command that shows the view knows beside the engine's own status. */
export type Truth = {
  readonly comparisons: number;
  readonly wrongBooks: number;
  readonly faults: number;
};

/** As much of a cycle's record as is shown. */
export type ShownCycle = {
  /** Position in the status's venues. */
  readonly venue: number;
  readonly ending: CycleEnding;
  readonly reason: string;
  readonly triangle: readonly string[];
  readonly effectiveBps: string;
  readonly profit: string;
  readonly profitAsset: string;
  readonly totalUs: number;
};

export type ViewInput = {
  readonly status: EngineStatus;
  /** The status shown before, for what changes per second; null at the first one. */
  readonly previous: EngineStatus | null;
  /** The last cycles, oldest first. */
  readonly cycles: readonly ShownCycle[];
  /** Null where no truth is known, as with a live feed. */
  readonly truth: Truth | null;
  /** How to leave, shown in the head; "" when there is no one to read it. */
  readonly hint: string;
};

export const COLUMNS_MIN = 80;
export const ROWS_MIN = 16;
/** From this width on there is room for bars and reasons beside the columns. */
export const WIDE_COLUMNS = 110;

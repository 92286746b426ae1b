/**
 * Station: what the terminal view is drawn from, and the sizes it is drawn for.
 */
import type { EngineStatus } from "../../contracts/status.ts";

/** What the command that shows the view knows beside the engine's own status. */
export type Truth = {
  readonly comparisons: number;
  readonly wrongBooks: number;
  readonly faults: number;
};

export type ViewInput = {
  readonly status: EngineStatus;
  /** The status shown before, for what changes per second; null at the first one. */
  readonly previous: EngineStatus | null;
  /** Null where no truth is known, as with a live feed. */
  readonly truth: Truth | null;
  /** How to leave, shown in the head; "" when there is no one to read it. */
  readonly hint: string;
};

export const COLUMNS_MIN = 80;
export const ROWS_MIN = 16;
/** From this width on there is room for bars and reasons beside the columns. */
export const WIDE_COLUMNS = 110;

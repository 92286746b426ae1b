/**
 * One book as it leaves the engine for comparison: `GET /books/<instrument>` of the admin port, and
 * what the simulated venues are asked to compare with their truth. Never on the hot path.
 */
import type { InstrumentId } from "./ids.ts";
import type { BookState } from "./status.ts";

/** A price level: ticks and lots, both integers. */
export type LevelView = readonly [ticks: number, lots: number];

export type BookView = {
  readonly instrument: InstrumentId;
  /** The venue's sequence that the book holds; 0 while it holds none. */
  readonly seq: number;
  readonly state: BookState;
  /** Best first. */
  readonly bids: readonly LevelView[];
  readonly asks: readonly LevelView[];
  /** Below this price bids are unknown unless listed; null when every bid is known. */
  readonly bidHorizonTicks: number | null;
  /** Above this price asks are unknown unless listed; null when every ask is known. */
  readonly askHorizonTicks: number | null;
};

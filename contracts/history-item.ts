/**
 * A fact as one item of the table of history: its key, and which report of it counts.
 *
 * Whoever writes history writes it by this one function, so that a fact delivered a thousand times is one
 * item. Nothing here touches a store.
 */
import { factTimeUs, factVersion } from "./fact-place.ts";
import type { Fact } from "./history.ts";
import { type HistoryKind, historyKey } from "./keys.ts";
import type { Micros } from "./time.ts";

export type HistoryItem = {
  readonly pk: string;
  readonly sk: string;
  readonly kind: HistoryKind;
  readonly engine: string;
  readonly atUs: Micros;
  readonly factId: string;
  /**
   * Compared as text: an item is replaced only by one with a greater version, so that an order's last state
   * stays, in whatever order its states arrive.
   */
  readonly version: string;
  readonly fact: Fact;
};

/** The item of `fact`. */
export function historyItemOf(fact: Fact): HistoryItem {
  const { kind, engine, fact_id: factId } = fact;
  const atUs = factTimeUs(fact);
  const key = historyKey(kind, engine, atUs, factId);
  return { ...key, kind, engine, atUs, factId, version: factVersion(fact), fact };
}

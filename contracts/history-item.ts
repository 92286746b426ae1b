/**
 * A fact as one item of the table of history: its key and the partitions of the indexes it is found by.
 *
 * Whoever writes history writes it by this one function, so that a fact delivered a thousand times is one
 * item. Nothing here touches a store.
 */
import { dayOf } from "./calendar.ts";
import { factNames, factTimeUs, factVersion } from "./fact-place.ts";
import type { Fact } from "./history.ts";
import { type HistoryKind, historyIndexPartition, historyKey } from "./keys.ts";
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
  /** Absent where the fact has no such name: an index holds only items that carry its attribute. */
  readonly venuePk?: string;
  readonly instrumentPk?: string;
  readonly trianglePk?: string;
  readonly correlationPk?: string;
  readonly fact: Fact;
};

/** The item of `fact`, placed at `atUs`, which is `factTimeUs(fact)` unless it has a place already. */
export function historyItemOf(fact: Fact, atUs: Micros = factTimeUs(fact)): HistoryItem {
  const { kind, engine, fact_id: factId } = fact;
  const { venue, instrument, triangle, correlation } = factNames(fact);
  const partition = (value: string): string =>
    historyIndexPartition(kind, engine, dayOf(atUs), value);
  return {
    ...historyKey(kind, engine, atUs, factId),
    kind,
    engine,
    atUs,
    factId,
    version: factVersion(fact),
    ...(venue === "" ? {} : { venuePk: partition(venue) }),
    ...(instrument === "" ? {} : { instrumentPk: partition(instrument) }),
    ...(triangle === "" ? {} : { trianglePk: partition(triangle) }),
    ...(correlation === "" ? {} : { correlationPk: partition(correlation) }),
    fact,
  };
}

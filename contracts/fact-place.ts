/**
 * Where a fact belongs in time, and which of two reports of it counts: the one answer for the read models, the
 * archive and whoever asks either of them.
 *
 * Nothing here reads a clock: the same fact, reported by whom and however often, has the same place.
 */
import type { Fact } from "./history.ts";
import type { Micros } from "./time.ts";

/**
 * When the fact counts as having happened. A fill is reported by its stream and by queries, by one run and by
 * its successor, and only the venue's own time is the same in all of them.
 */
export function factTimeUs(fact: Fact): Micros {
  if (fact.kind === "fill" && fact.payload.exchangeUs > 0) return fact.payload.exchangeUs;
  return fact.observed_at;
}

/**
 * Which of two reports of one fact is the later: greater means later as text. An order is told of more than
 * once in its life, by more than one run, and always with the time at which it was placed as `observed_at`.
 */
export function factVersion(fact: Fact): string {
  const [record = "", part = "0"] = fact.event_id.slice(fact.run_id.length + 1).split(".");
  const padded = (text: string): string => text.padStart(16, "0");
  return `${padded(String(fact.ingested_at))}#${padded(record)}.${part.padStart(4, "0")}`;
}

/**
 * Which items one message of facts becomes: one for each fact, and of several reports of one fact within the
 * message only the one that counts.
 */
import type { Fact } from "../../contracts/history.ts";
import { type HistoryItem, historyItemOf } from "../../contracts/history-item.ts";

/** The items of `facts`, one a key. */
export function itemsOf(facts: readonly Fact[]): readonly HistoryItem[] {
  const items = new Map<string, HistoryItem>();
  for (const fact of facts) {
    const item = historyItemOf(fact);
    const key = `${item.pk} ${item.sk}`;
    const before = items.get(key);
    if (before === undefined || before.version < item.version) items.set(key, item);
  }
  return [...items.values()];
}

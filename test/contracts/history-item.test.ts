// Goal: a fact has one place whoever reports it, and of several reports the later one counts.
import { expect, test } from "vitest";
import { factTimeUs, factVersion } from "../../contracts/fact-place.ts";
import { historyItemOf } from "../../contracts/history-item.ts";
import { FACTS_START_US, sampleFact } from "../fixtures/facts.ts";

test("a fill has the venue's time, so that a query finds it where the stream put it", () => {
  const byStream = sampleFact("fill", 1);
  const byQuery = sampleFact("fill", 1, {
    run_id: "run-b",
    event_id: "run-b:900",
    observed_at: FACTS_START_US + 99_000_000,
    ingested_at: FACTS_START_US + 99_000_000,
  });
  const [stream, query] = [historyItemOf(byStream), historyItemOf(byQuery)];
  expect([query.pk, query.sk]).toEqual([stream.pk, stream.sk]);
  expect(query.version > stream.version).toBe(true);
});

test("a fill without the venue's time, and every other fact, has the time it was observed", () => {
  const fill = sampleFact("fill", 1, { payload: { exchangeUs: 0 } });
  expect(factTimeUs(fill)).toBe(fill.observed_at);
  expect(factTimeUs(sampleFact("order", 2))).toBe(FACTS_START_US + 2_000_000);
});

test("the later record counts, and within one record the later part", () => {
  const report = (event: string, ingested: number): string =>
    factVersion(sampleFact("order", 1, { event_id: `run-a:${event}`, ingested_at: ingested }));
  const versions = [report("9", 10), report("10", 10), report("10.1", 10), report("1", 11)];
  expect([...versions].sort()).toEqual(versions);
});

test("the item names its fact and keeps it whole", () => {
  const fact = sampleFact("cycle", 3);
  expect(historyItemOf(fact)).toMatchObject({
    pk: "cycle#paper#2026-09-21",
    sk: `${FACTS_START_US + 3_000_000}#cycle-3`,
    kind: "cycle",
    engine: "paper",
    factId: "cycle-3",
    fact,
  });
});

// Goal: one record passes or fails the same filters wherever it lies.
import { describe, expect, test } from "vitest";
import {
  HISTORY_INDEXED,
  type HistoryFilters,
  type HistoryRecord,
  historyField,
  isHistoryMatch,
} from "../../contracts/history-filter.ts";
import { TABLES } from "../../contracts/resources.ts";

const RECORD: HistoryRecord = {
  event_id: "r:1",
  event_type: "exec.fill",
  kind: "fill",
  fact_id: "f",
  engine: "paper",
  run_id: "r",
  venue: "kraken",
  observed_at: 1,
  ingested_at: 1,
  schema_version: 1,
  payload: { instrument: "kraken:BTC/USD", leg: 0, cycle: 12, corr: "", fees: { a: "1" }, kind: 7 },
};

describe("a filter", () => {
  const cases: readonly (readonly [HistoryFilters, boolean])[] = [
    [{}, true],
    [{ venue: "kraken" }, true],
    [{ venue: "kucoin" }, false],
    [{ leg: "0", cycle: "12" }, true],
    [{ leg: "0", cycle: "13" }, false],
    [{ corr: "" }, true],
    [{ triangle: "" }, true],
    [{ triangle: "T" }, false],
    [{ venue: undefined }, true],
    [{ kind: "7" }, true],
  ];

  test.each(cases)("%j matches: %s", (filters, expected) => {
    expect(isHistoryMatch(RECORD, filters)).toBe(expected);
  });

  test("sees text and numbers, and nothing of what is neither", () => {
    expect(historyField({ ...RECORD, payload: { reason: { a: 1 } } }, "reason")).toBe("");
    expect(historyField({ ...RECORD, venue: null }, "venue")).toBe("");
  });

  test("has an index only where the table of history has it", () => {
    const planned = TABLES.history.indexes.map(({ name, pk }) => `${name} ${pk}`);
    const named = HISTORY_INDEXED.map(({ index, attribute }) => `${index} ${attribute}`);
    expect(named.sort()).toEqual(planned.sort());
  });
});

// Goal: each field of a fact stands in its columns as it was reported, and numbers are exact or absent.
import { describe, expect, test } from "vitest";
import { factTable } from "../../../contracts/archive.ts";
import { FACT_KINDS, type Fact } from "../../../contracts/history.ts";
import {
  type FactLine,
  factColumns,
  orderedFacts,
} from "../../../functions/compact-archive/fact-columns.ts";
import { FACTS_START_US, sampleFact } from "../../fixtures/facts.ts";

const lineOf = (fact: Fact): FactLine => ({ fact, text: JSON.stringify(fact) });

test.each(FACT_KINDS)("a fact of kind %s fills every column of its table", (kind) => {
  const columns = factColumns(kind, [sampleFact(kind, 1), sampleFact(kind, 2)].map(lineOf));
  expect([...columns.keys()]).toEqual(factTable(kind).columns.map(({ name }) => name));
  for (const [name, values] of columns) expect(values.length, name).toBe(2);
});

describe("the columns of a fact", () => {
  const columnOf = (fact: Fact, name: string): unknown =>
    factColumns(fact.kind, [lineOf(fact)]).get(name)?.[0];

  test("hold a number of up to 18 digits exactly, and a longer one as text alone", () => {
    const fact = sampleFact("fill", 1, { payload: { price: "123456789.000000001" } });
    expect(columnOf(fact, "price_e")).toBe(123_456_789_000_000_001n);
    expect(columnOf(fact, "price_scale")).toBe(9);
    const long = sampleFact("fill", 1, { payload: { price: "1234567890.000000001" } });
    expect(columnOf(long, "price")).toBe("1234567890.000000001");
    expect(columnOf(long, "price_e")).toBeNull();
    expect(columnOf(long, "price_scale")).toBeNull();
  });

  test("hold a number that is absent as empty text", () => {
    const fact = sampleFact("cycle", 1, { payload: { profit: "" } });
    expect(columnOf(fact, "profit")).toBe("");
    expect(columnOf(fact, "profit_e")).toBeNull();
  });

  test("hold the stages of a resync and the orders it touched", () => {
    const fact = sampleFact("resync", 1);
    expect(columnOf(fact, "snapshot_us")).toBe(40n);
    expect(columnOf(fact, "orders_touched")).toBe('["rk-1-1"]');
  });

  test("hold the fact itself as the very text that it came in", () => {
    const fact = sampleFact("kill", 1);
    const text = ` ${JSON.stringify(fact)} `;
    expect(factColumns("kill", [{ fact, text }]).get("fact")).toEqual([text]);
  });
});

test("facts stand by time and id, whatever order they were told in", () => {
  const at = (n: number, id: string): Fact => sampleFact("denial", n, { fact_id: id });
  const facts = [at(2, "a"), at(1, "c"), at(1, "b"), at(0, "z")];
  const ids = orderedFacts(facts.map(lineOf)).map(({ fact }) => fact.fact_id);
  expect(ids).toEqual(["z", "b", "c", "a"]);
});

test("of two reports of one fact the one that was recorded later stands", () => {
  const early = sampleFact("order", 1, { ingested_at: FACTS_START_US });
  const late = sampleFact("order", 1, { ingested_at: FACTS_START_US + 1 });
  for (const both of [
    [early, late],
    [late, early],
  ]) {
    expect(orderedFacts(both.map(lineOf)).map(({ fact }) => fact)).toEqual([late]);
  }
});

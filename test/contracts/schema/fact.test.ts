// Goal: every honest fact is believed and nothing else: each field of each kind is removed and spoiled in turn.
import { describe, expect, test } from "vitest";
import { FACT_KINDS, FACT_SCHEMA_VERSION } from "../../../contracts/history.ts";
import { parseFact, parseFactBatch } from "../../../contracts/schema/fact.ts";
import { sampleFact } from "../../fixtures/facts.ts";

type Fields = Record<string, unknown>;

/** `fact` with the field at `path` replaced, or removed where `value` is undefined. */
function changed(fact: unknown, [name = "", ...rest]: readonly string[], value: unknown): unknown {
  const copy: Fields = { ...(fact as Fields) };
  if (rest.length > 0) copy[name] = changed(copy[name], rest, value);
  else if (value === undefined) delete copy[name];
  else copy[name] = value;
  return copy;
}

describe.each(FACT_KINDS)("a fact of kind %s", (kind) => {
  const fact = sampleFact(kind, 1);

  test("is believed, also after a journey as text", () => {
    expect(parseFact(fact)).toEqual({ ok: true, value: fact });
    expect(parseFact(JSON.parse(JSON.stringify(fact)))).toEqual({ ok: true, value: fact });
  });

  test("is refused without any of its fields, and with one too many", () => {
    const paths = [
      ...Object.keys(fact).map((name) => [name]),
      ...Object.keys(fact.payload).map((name) => ["payload", name]),
    ];
    for (const path of paths) {
      const parse = parseFact(changed(fact, path, undefined));
      expect(parse, path.join(".")).toMatchObject({ ok: false });
    }
    expect(parseFact(changed(fact, ["more"], 1)).ok).toBe(false);
    expect(parseFact(changed(fact, ["payload", "more"], 1)).ok).toBe(false);
  });

  test("is refused with a field of another form, and the field is named", () => {
    for (const name of Object.keys(fact.payload)) {
      const parse = parseFact(changed(fact, ["payload", name], [{ not: "this" }]));
      expect(parse).toMatchObject({ ok: false });
      if (!parse.ok) expect(parse.field).toContain(`payload.${name}`);
    }
  });

  test("of a later version is refused by that", () => {
    const parse = parseFact(changed(fact, ["schema_version"], FACT_SCHEMA_VERSION + 1));
    expect(parse).toEqual({
      ok: false,
      field: "schema_version",
      reason: `version ${FACT_SCHEMA_VERSION + 1} is newer than ${FACT_SCHEMA_VERSION}`,
    });
  });
});

describe("numbers of money", () => {
  test.each(["1e5", "0x1", " 1", "1.", ".5", "NaN", "--1", "1,5", "", "1".repeat(41)])(
    "%j is none",
    (price) => {
      expect(parseFact(sampleFact("fill", 1, { payload: { price } })).ok).toBe(false);
    },
  );

  test.each(["0", "-1", "0.00000001", "123456789012345678901234567890.5"])("%j is one", (price) => {
    expect(parseFact(sampleFact("fill", 1, { payload: { price } })).ok).toBe(true);
  });
});

test("a batch is believed as a whole, and the first fault is named by its place", () => {
  const good = sampleFact("fill", 1);
  const batch = { schemaVersion: FACT_SCHEMA_VERSION, facts: [good, sampleFact("mode", 2)] };
  expect(parseFactBatch(batch)).toEqual({ ok: true, value: batch.facts });
  const bad = { ...batch, facts: [good, { ...good, engine: "No Such" }] };
  expect(parseFactBatch(bad)).toMatchObject({ ok: false, field: "facts.1.engine" });
  expect(parseFactBatch(undefined)).toMatchObject({ ok: false, field: "schemaVersion" });
});

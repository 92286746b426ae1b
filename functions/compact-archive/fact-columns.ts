/**
 * Station: facts of one kind -> the columns of its table, field by field as contracts/archive.ts lists them.
 *
 * The whole fact stands beside them as the text it came in, so that whoever reads history back gets what was
 * reported and nothing that a column would have rounded.
 */
import { columnOfField, FACT_FIELDS, type FieldForm } from "../../contracts/archive.ts";
import { factTimeUs, factVersion } from "../../contracts/fact-place.ts";
import type { Fact, FactKind } from "../../contracts/history.ts";
import { RESYNC_STAGES } from "../../contracts/resync.ts";
import { scaledOf } from "./logic.ts";
import type { Columns, ColumnValues } from "./parquet.ts";

/** A fact and the line that it was read from. */
export type FactLine = { readonly fact: Fact; readonly text: string };

type Value = bigint | number | string | boolean | null;

/**
 * One line for each fact, the report that counts, in the order of history: by time, then by id. A fact may be
 * reported twice within one segment, but it is one row.
 */
export function orderedFacts(lines: readonly FactLine[]): FactLine[] {
  const last = new Map<string, FactLine>();
  for (const line of lines) {
    const name = `${line.fact.kind}#${line.fact.fact_id}`;
    const before = last.get(name);
    if (before !== undefined && factVersion(before.fact) >= factVersion(line.fact)) continue;
    last.set(name, line);
  }
  return [...last.values()].sort(
    (a, b) => factTimeUs(a.fact) - factTimeUs(b.fact) || (a.fact.fact_id < b.fact.fact_id ? -1 : 1),
  );
}

/** The columns of `lines`, all of one kind. */
export function factColumns(kind: FactKind, lines: readonly FactLine[]): Columns {
  const columns = new Map<string, ColumnValues>();
  const facts = lines.map(({ fact }) => fact);
  const put = (name: string, value: (fact: Fact) => Value): void => {
    columns.set(name, facts.map(value));
  };
  put("at_us", (fact) => BigInt(factTimeUs(fact)));
  put("fact_id", (fact) => fact.fact_id);
  put("event_id", (fact) => fact.event_id);
  put("engine", (fact) => fact.engine);
  put("run_id", (fact) => fact.run_id);
  put("observed_at_us", (fact) => BigInt(fact.observed_at));
  put("ingested_at_us", (fact) => BigInt(fact.ingested_at));
  put("schema_version", (fact) => fact.schema_version);
  columns.set(
    "fact",
    lines.map(({ text }) => text),
  );
  const fields: readonly (readonly [string, FieldForm])[] = Object.entries(FACT_FIELDS[kind]);
  for (const [field, form] of fields) {
    const values = facts.map(
      ({ payload }) => (payload as Readonly<Record<string, unknown>>)[field],
    );
    for (const [name, column] of columnsOf(columnOfField(field), form, values)) {
      columns.set(name, column);
    }
  }
  return columns;
}

function columnsOf(
  name: string,
  form: FieldForm,
  values: readonly unknown[],
): readonly (readonly [string, ColumnValues])[] {
  switch (form) {
    case "text":
      return [[name, values.map(String)]];
    case "json":
      return [[name, values.map((value) => JSON.stringify(value))]];
    case "small":
      return [[name, values.map(Number)]];
    case "whole":
      return [[name, values.map((value) => BigInt(Number(value)))]];
    case "flag":
      return [[name, values.map((value) => value === true)]];
    case "decimal": {
      const scaled = values.map((value) => scaledOf(String(value)));
      return [
        [name, values.map(String)],
        [`${name}_e`, scaled.map((one) => one?.e ?? null)],
        [`${name}_scale`, scaled.map((one) => one?.scale ?? null)],
      ];
    }
    case "stages":
      return RESYNC_STAGES.map((stage) => [
        `${stage}_us`,
        values.map((value) => BigInt((value as Readonly<Record<string, number>>)[stage] ?? 0)),
      ]);
  }
}

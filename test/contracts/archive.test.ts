// Goal: the archive's tables can be declared to every reader: no clash of names, no type that loses digits.
import { describe, expect, test } from "vitest";
import {
  ARCHIVE_TABLES,
  columnOfField,
  FACT_COLUMNS,
  factTable,
  factTableName,
  PARTITION_COLUMNS,
  RECORD_TABLE,
  VENUE_NONE,
} from "../../contracts/archive.ts";
import { glueTable } from "../../contracts/glue-table.ts";
import { FACT_KINDS } from "../../contracts/history.ts";
import { VENUE_IDS } from "../../contracts/ids.ts";
import { JOURNAL_CLASSES } from "../../contracts/journal.ts";
import { archiveObjectKey, archivePrefix } from "../../contracts/keys.ts";

describe("the tables of the archive", () => {
  test("are that of the records and one for each kind of fact", () => {
    const names = ["records", ...FACT_KINDS.map(factTableName)];
    expect(ARCHIVE_TABLES.map(({ name }) => name)).toEqual(names);
    const types = ARCHIVE_TABLES.flatMap((table) => table.types);
    expect(new Set(types).size).toBe(types.length);
    expect(types).toEqual([...JOURNAL_CLASSES, ...FACT_KINDS]);
  });

  test.each(ARCHIVE_TABLES)("$name has distinct columns, none of them a folder", ({ columns }) => {
    const names = columns.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const folders: readonly string[] = PARTITION_COLUMNS;
    expect(names.filter((name) => folders.includes(name))).toEqual([]);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    const sqlWords = ["from", "to", "by", "order", "group", "select", "where"];
    expect(names.filter((name) => sqlWords.includes(name))).toEqual([]);
  });

  test("hold money as text and as a whole number with its scale", () => {
    const { columns } = factTable("fill");
    expect(columns.slice(0, FACT_COLUMNS.length)).toEqual(FACT_COLUMNS);
    const price = columns.filter(({ name }) => name.startsWith("price"));
    expect(price).toEqual([
      { name: "price", type: "STRING", isNullable: false },
      { name: "price_e", type: "INT64", isNullable: true },
      { name: "price_scale", type: "INT32", isNullable: true },
    ]);
  });

  test("hold the stages of a resync one by one", () => {
    const names = factTable("resync").columns.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["detect_us", "validate_us", "orders_touched"]));
    expect(names).not.toContain("stages_us");
  });
});

test("columns are named in snake case, and not by a word of SQL", () => {
  expect(columnOfField("feeAsset")).toBe("fee_asset");
  expect(columnOfField("p99Us")).toBe("p99_us");
  expect(columnOfField("from")).toBe("from_mode");
  expect(columnOfField("by")).toBe("by_whom");
});

describe("a table as Glue is told of it", () => {
  test("spans every type where it has several, and one folder where it has one", () => {
    const records = glueTable(RECORD_TABLE, "bucket");
    expect(records.location).toBe("s3://bucket/archive/");
    expect(records.partitionKeys.map(({ name }) => name)).toEqual([...PARTITION_COLUMNS]);
    expect(records.parameters["projection.type.values"]).toBe(JOURNAL_CLASSES.join(","));
    const fills = glueTable(factTable("fill"), "bucket");
    expect(fills.location).toBe("s3://bucket/archive/type=fill/");
    expect(fills.partitionKeys.map(({ name }) => name)).toEqual(["venue", "day", "hour"]);
    expect(fills.parameters["projection.type.type"]).toBeUndefined();
  });

  test("derives the very folders that are written", () => {
    for (const table of [RECORD_TABLE, factTable("cycle")]) {
      const { parameters } = glueTable(table, "bucket");
      const [type = ""] = table.types;
      const place = { type, venue: VENUE_NONE, day: "2026-11-21", hour: "07" };
      const folder = (parameters["storage.location.template"] ?? "").replace(
        /\$\{(\w+)\}/g,
        (_, name: keyof typeof place) => place[name],
      );
      expect(folder).toBe(`s3://bucket/${archivePrefix(place)}`);
    }
  });

  test("knows every venue, and the folder of what concerns none", () => {
    const { parameters } = glueTable(RECORD_TABLE, "bucket");
    const venues = parameters["projection.venue.values"]?.split(",");
    expect(venues).toEqual([...VENUE_IDS, VENUE_NONE]);
    expect(parameters["projection.hour.digits"]).toBe("2");
  });

  test("never says decimal or double", () => {
    const types = ARCHIVE_TABLES.flatMap((table) => glueTable(table, "b").columns);
    const known = ["int", "bigint", "string", "binary", "boolean"];
    expect(types.filter(({ type }) => !known.includes(type))).toEqual([]);
  });
});

test("further files of one partition have names of their own", () => {
  const place = { type: "raw", venue: "kraken", day: "2026-11-21", hour: "07" };
  const first = archiveObjectKey(place, "paper", "run-a", 3);
  expect(first).toBe(`${archivePrefix(place)}paper.run-a.00000003.parquet`);
  expect(archiveObjectKey(place, "paper", "run-a", 3, 1)).toBe(
    `${archivePrefix(place)}paper.run-a.00000003.1.parquet`,
  );
});

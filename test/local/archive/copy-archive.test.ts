// Goal: whoever has the files of the archive needs nothing of ours: DuckDB reads them by their folders, to the last
// digit, and finds what the journal holds.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ARCHIVE_TABLES } from "../../../contracts/archive.ts";
import { FACT_KINDS } from "../../../contracts/history.ts";
import { compactSegment } from "../../../functions/compact-archive/compaction.ts";
import { copyArchive } from "../../../local/archive/copy-archive.ts";
import { type MemoryArchive, memoryArchive } from "../../fixtures/archive/memory-archive.ts";
import { sealedRun, uploadSegment } from "../../fixtures/archive/uploaded.ts";
import { sampleFact } from "../../fixtures/facts.ts";

type Duck = {
  readonly ask: (sql: string) => Promise<readonly unknown[][]>;
  readonly end: () => void;
};

const FILLS = 40;
let folder: string;
let archive: MemoryArchive;
let duck: Duck;
/** Of all fills, in units of 10^-12. */
let quantitySum = 0n;

async function openDuck(): Promise<Duck> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  return {
    ask: async (sql) => {
      const result = await connection.runAndReadAll(sql.replaceAll("ARCHIVE", `${folder}/archive`));
      return result.getRows() as readonly unknown[][];
    },
    end: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

beforeAll(async () => {
  const run = await sealedRun([[60, 43], [50]]);
  archive = memoryArchive();
  const fills = Array.from({ length: FILLS }, (_, n) => {
    const quantity = n === 0 ? "123456.789012345678" : `0.${String(n + 1).padStart(8, "0")}`;
    const [whole = "", part = ""] = quantity.split(".");
    quantitySum += BigInt(`${whole}${part.padEnd(12, "0")}`);
    return sampleFact("fill", n, { payload: { quantity } });
  });
  const others = FACT_KINDS.filter((kind) => kind !== "fill").map((kind) => sampleFact(kind, 1));
  for (const [index, manifest] of run.manifests.entries()) {
    const facts = index === 0 ? [...fills, ...others] : [];
    const name = await uploadSegment(archive, run, manifest, facts);
    await compactSegment(archive, name, { deletesSegments: false });
  }
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-archive-"));
  duck = await openDuck();
});

afterAll(() => {
  duck.end();
  fs.rmSync(folder, { recursive: true, force: true });
});

test("a copy is made once, and only of what is new", async () => {
  const objects = [...archive.objects.keys()].filter((key) => key.startsWith("archive/"));
  expect(await copyArchive(archive, folder)).toBe(objects.length);
  expect(await copyArchive(archive, folder)).toBe(0);
  fs.rmSync(path.join(folder, objects[0] ?? ""));
  expect(await copyArchive(archive, folder)).toBe(1);
  for (const key of objects) {
    expect(
      Buffer.compare(
        fs.readFileSync(path.join(folder, key)),
        archive.objects.get(key) ?? Buffer.of(),
      ),
    ).toBe(0);
  }
});

test("a key that leads out of the folder is not followed", async () => {
  const evil = memoryArchive();
  evil.objects.set("archive/../../evil", new Uint8Array(1));
  expect(await copyArchive(evil, folder)).toBe(0);
});

describe("a plain DuckDB query", () => {
  test("finds the records by type and venue, and sums are equal", async () => {
    const rows = await duck.ask(
      `SELECT type, venue, count(*), min(seq), max(seq), sum(seq)
       FROM read_parquet('ARCHIVE/*/*/*/*/*.parquet', hive_partitioning = true, union_by_name = true)
       WHERE type IN ('raw', 'norm', 'signal', 'cmd', 'exec', 'ctl')
       GROUP BY type, venue ORDER BY type`,
    );
    const all = rows.reduce((sum, row) => sum + Number(row[2]), 0);
    expect(all).toBe(153);
    const sums = rows.reduce((sum, row) => sum + Number(row[5]), 0);
    expect(sums).toBe((153 * 154) / 2);
    expect(rows.map(([type, venue]) => `${type} ${venue}`)).toContain("raw binance-spot");
  });

  test("reads the JSON of a command out of its payload", async () => {
    const rows = await duck.ask(
      `SELECT decode(payload[9:]) FROM read_parquet('ARCHIVE/type=cmd/*/*/*/*.parquet') LIMIT 1`,
    );
    expect(rows).toEqual([['{"buy":"é"}']]);
  });

  test("sums quantities to the last digit", async () => {
    const [row] = await duck.ask(
      `SELECT sum(quantity_e::HUGEINT * (10 ** (12 - quantity_scale))::HUGEINT), count(*)
       FROM read_parquet('ARCHIVE/type=fill/*/*/*/*.parquet')`,
    );
    expect(String(row?.[0])).toBe(String(quantitySum));
    expect(Number(row?.[1])).toBe(FILLS);
  });

  test("prunes by venue, day and hour", async () => {
    const [row] = await duck.ask(
      `SELECT count(*) FROM read_parquet('ARCHIVE/*/*/*/*/*.parquet', hive_partitioning = true, union_by_name = true)
       WHERE type = 'fill' AND venue = 'binance-spot' AND day = '2026-09-21'`,
    );
    expect(Number(row?.[0])).toBe(FILLS);
  });

  test("finds the columns and types that the tables of the archive promise", async () => {
    const names: Readonly<Record<string, string>> = {
      BIGINT: "INT64",
      INTEGER: "INT32",
      VARCHAR: "STRING",
      BLOB: "BYTES",
      BOOLEAN: "BOOLEAN",
    };
    for (const { types, columns } of ARCHIVE_TABLES) {
      const [type = ""] = types;
      const rows = await duck.ask(
        `DESCRIBE SELECT * FROM read_parquet('ARCHIVE/type=${type}/*/*/*/*.parquet', hive_partitioning = false)`,
      );
      const found = rows.map(([name, kind]) => [name, names[String(kind)]]);
      expect(found).toEqual(columns.map((column) => [column.name, column.type]));
    }
  });
});

// Goal: an object is read whole when it is small and by ranges when it is not, and gives the same rows.
import { describe, expect, test } from "vitest";
import { type ArchiveColumn, ROWS_PER_GROUP } from "../../../contracts/archive.ts";
import {
  type ColumnValues,
  countRows,
  writeParquet,
} from "../../../functions/compact-archive/parquet.ts";
import { sha256Of } from "../../../functions/stores/archive-store.ts";
import { ArchiveObjectError, openParquet } from "../../../functions/stores/parquet-file.ts";

const TABLE: readonly ArchiveColumn[] = [
  { name: "at_us", type: "INT64", isNullable: false },
  { name: "flag", type: "BOOLEAN", isNullable: false },
  { name: "count", type: "INT32", isNullable: true },
  { name: "text", type: "STRING", isNullable: false },
  { name: "bytes", type: "BYTES", isNullable: false },
];

/** Text that does not compress. */
function noise(row: number): string {
  return sha256Of(new TextEncoder().encode(String(row)));
}

function fileOf(rows: number): Uint8Array {
  return writeParquet(TABLE, rows, (from, end) => {
    const indexes = Array.from({ length: end - from }, (_, index) => from + index);
    return new Map<string, ColumnValues>([
      ["at_us", BigInt64Array.from(indexes.map((row) => BigInt(row)))],
      ["flag", indexes.map((row) => row % 2 === 0)],
      ["count", indexes.map((row) => (row % 3 === 0 ? null : row))],
      ["text", indexes.map((row) => `${noise(row)}é`)],
      ["bytes", indexes.map((row) => new Uint8Array([row & 255, 0xff, 0]))],
    ]);
  });
}

function storeOf(bytes: Uint8Array) {
  const fetched = { whole: 0, ranges: 0, bytes: 0 };
  const store = {
    read: async () => {
      fetched.whole += 1;
      return bytes;
    },
    readRange: async (_key: string, offset: number, length: number) => {
      fetched.ranges += 1;
      fetched.bytes += length;
      return bytes.slice(offset, offset + length);
    },
  };
  return { store, fetched };
}

describe("a Parquet object", () => {
  test("gives back what was written, of every type", async () => {
    const file = fileOf(10);
    expect(countRows(file)).toBe(10);
    const { store, fetched } = storeOf(file);
    const opened = await openParquet(store, { key: "k", sizeBytes: file.length });
    const rows = await opened.read(
      TABLE.map(({ name }) => name),
      { from: 2, end: 4 },
    );
    expect(rows).toEqual([
      { at_us: 2n, flag: true, count: 2, text: `${noise(2)}é`, bytes: bytesOf(2) },
      { at_us: 3n, flag: false, count: null, text: `${noise(3)}é`, bytes: bytesOf(3) },
    ]);
    expect(fetched).toEqual({ whole: 1, ranges: 0, bytes: 0 });
  });

  test("that is large is fetched by ranges, and only what is wanted of it", async () => {
    const rows = 2 * ROWS_PER_GROUP + 1;
    const file = fileOf(rows);
    expect(file.length).toBeGreaterThan(1024 * 1024);
    const { store, fetched } = storeOf(file);
    const opened = await openParquet(store, { key: "k", sizeBytes: file.length });
    expect(opened.groups.map(({ from, end }) => [from, end])).toEqual([
      [0, ROWS_PER_GROUP],
      [ROWS_PER_GROUP, 2 * ROWS_PER_GROUP],
      [2 * ROWS_PER_GROUP, rows],
    ]);
    expect(Number(opened.groups[1]?.least("at_us"))).toBe(ROWS_PER_GROUP);
    expect(Number(opened.groups[1]?.greatest("at_us"))).toBe(2 * ROWS_PER_GROUP - 1);
    const from = ROWS_PER_GROUP + 7;
    const [row] = await opened.read(["text"], { from, end: from + 1 });
    expect(row).toEqual({ text: `${noise(from)}é` });
    expect(fetched.whole).toBe(0);
    expect(fetched.bytes).toBeLessThan(file.length / 2);
  });

  test("is written the same twice", () => {
    expect(sha256Of(fileOf(300))).toBe(sha256Of(fileOf(300)));
  });

  test("that is gone is named", async () => {
    const nothing = { read: async () => undefined, readRange: async () => undefined };
    for (const sizeBytes of [10, 10_000_000]) {
      await expect(openParquet(nothing, { key: "k", sizeBytes })).rejects.toThrow(
        ArchiveObjectError,
      );
    }
  });
});

function bytesOf(row: number): Uint8Array {
  return new Uint8Array([row & 255, 0xff, 0]);
}

/**
 * Station: columns -> the bytes of one Parquet file, and back as far as a check needs it.
 *
 * Whole numbers are written as differences, all pages with zstd. Each column's type comes from the table of
 * contracts/archive.ts and none is inferred, so that an empty or odd batch cannot change a schema. What is
 * written depends on the rows alone, never on the clock: the same segment makes the same file twice.
 */
import { constants, zstdCompressSync } from "node:zlib";
import { parquetMetadata, type SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { type ArchiveColumn, type ColumnType, ROWS_PER_GROUP } from "../../contracts/archive.ts";
import { assert } from "../../contracts/assert.ts";

/** The values of one column; a typed array where there is one for the type. */
export type ColumnValues =
  | BigInt64Array
  | Int32Array
  | readonly (bigint | number | string | boolean | Uint8Array | null)[];

/** Values by column name. */
export type Columns = ReadonlyMap<string, ColumnValues>;

/** The fastest level: on recorded frames level 3 took half as long again for a twentieth less. */
const ZSTD_LEVEL = 1;
const PAGE_BYTES = 1024 * 1024;
/** A page seldom compresses to more, so that its pieces are seldom put together. */
const ZSTD_CHUNK_BYTES = 256 * 1024;
const CREATED_BY = "reckoner compact-archive";

function zstd(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, {
    chunkSize: ZSTD_CHUNK_BYTES,
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
  });
}

/**
 * One file of `rows` rows with the columns of `table`. `columnsOf` makes the values of rows `from` to `end`
 * when they are written, a group at a time, so that memory holds one group and not the file.
 */
export function writeParquet(
  table: readonly ArchiveColumn[],
  rows: number,
  columnsOf: (from: number, end: number) => Columns,
): Uint8Array {
  assert(rows > 0, "a file without rows is not written");
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: schemaOf(table),
    codec: "ZSTD",
    compressors: { ZSTD: zstd },
    createdBy: CREATED_BY,
  });
  for (let from = 0; from < rows; from += ROWS_PER_GROUP) {
    const end = Math.min(rows, from + ROWS_PER_GROUP);
    const columns = columnsOf(from, end);
    const pending = file.write({
      columnData: table.map((column) => {
        const data = columns.get(column.name);
        assert(data !== undefined, `column ${column.name} has values`);
        assert(data.length === end - from, `column ${column.name} has as many values as rows`);
        return { name: column.name, data: data as never, ...encodingOf(column) };
      }),
      rowGroupSize: ROWS_PER_GROUP,
      pageSize: PAGE_BYTES,
    });
    assert(pending === undefined, "a writer into memory never waits");
  }
  assert(file.finish() === undefined, "a writer into memory never waits");
  return writer.getBytes().slice();
}

function schemaOf(table: readonly ArchiveColumn[]): SchemaElement[] {
  const columns = table.map(
    ({ name, type, isNullable }): SchemaElement => ({
      name,
      ...physicalType(type),
      repetition_type: isNullable ? "OPTIONAL" : "REQUIRED",
    }),
  );
  return [{ name: "root", num_children: table.length }, ...columns];
}

function physicalType(type: ColumnType): Pick<SchemaElement, "type" | "converted_type"> {
  switch (type) {
    case "STRING":
      return { type: "BYTE_ARRAY", converted_type: "UTF8" };
    case "BYTES":
      return { type: "BYTE_ARRAY" };
    case "INT32":
    case "INT64":
    case "BOOLEAN":
      return { type };
  }
}

/** How many rows the file's own footer counts; throws when it is no Parquet file. */
export function countRows(file: Uint8Array): number {
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
  return Number(parquetMetadata(buffer as ArrayBuffer).num_rows);
}

type ColumnEncoding = {
  readonly encoding?: "DELTA_BINARY_PACKED" | "PLAIN";
  readonly statistics?: boolean;
};

/** The same in every row of a file or nearly, or asked for by nobody: their least value spares no query. */
const WITHOUT_STATISTICS: readonly string[] = [
  "engine",
  "run_id",
  "segment",
  "class_code",
  "type_code",
  "schema_version",
  "tick",
];

function encodingOf({ type, name }: ArchiveColumn): ColumnEncoding {
  const statistics = !WITHOUT_STATISTICS.includes(name);
  switch (type) {
    case "INT32":
    case "INT64":
      return { encoding: "DELTA_BINARY_PACKED", statistics };
    case "BYTES":
      // Neither a dictionary nor a minimum means anything for frames, and both cost.
      return { encoding: "PLAIN", statistics: false };
    case "STRING":
    case "BOOLEAN":
      return { statistics };
  }
}

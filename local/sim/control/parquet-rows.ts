/**
 * One column of a Parquet object of the archive, read straight from its bytes and not through the stores.
 */
import { zstdDecompressSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";

const COMPRESSORS = { ZSTD: (packed: Uint8Array): Uint8Array => zstdDecompressSync(packed) };

/** The values of a column of text; of an object that is not there, none. */
export async function readParquetRows(
  bytes: Uint8Array | undefined,
  column: string,
): Promise<readonly string[]> {
  if (bytes === undefined) return [];
  const whole = new Uint8Array(bytes).buffer;
  const file = {
    byteLength: whole.byteLength,
    slice: (from: number, end?: number) => whole.slice(from, end),
  };
  const rows = await parquetReadObjects({ file, columns: [column], compressors: COMPRESSORS });
  return rows.map((row) => String(row[column]));
}

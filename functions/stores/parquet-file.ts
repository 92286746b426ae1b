/**
 * One Parquet object of the archive, read by ranges: its footer, then the columns and rows that are wanted.
 *
 * A small object is fetched whole, because three requests cost more than its bytes. Pages are unpacked by the
 * runtime's own zstd.
 */
import { zstdDecompressSync } from "node:zlib";
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from "hyparquet";
import type { ArchiveStore } from "./archive-store.ts";

/** Up to this size an object is fetched whole. */
const WHOLE_BYTES_MAX = 1024 * 1024;
/** The footer of the largest object is far smaller. */
const FOOTER_BYTES = 64 * 1024;
const COMPRESSORS = {
  ZSTD: (packed: Uint8Array, outputBytes: number): Uint8Array =>
    zstdDecompressSync(packed, { maxOutputLength: Math.max(outputBytes, 1) }),
};

/** Values by column name; whole numbers of 64 bits are bigints. */
export type ParquetRow = Readonly<Record<string, unknown>>;

/** A run of rows that are stored together, with the least and greatest values of its columns. */
export type RowGroup = {
  readonly from: number;
  readonly end: number;
  readonly least: (column: string) => unknown;
  readonly greatest: (column: string) => unknown;
};

export type ParquetFile = {
  readonly groups: readonly RowGroup[];
  readonly read: (
    columns: readonly string[],
    rows: { readonly from: number; readonly end: number },
  ) => Promise<readonly ParquetRow[]>;
};

/** An object that was listed and is gone, or is no Parquet file. */
export class ArchiveObjectError extends Error {
  override readonly name = "ArchiveObjectError";
}

/** Opens the object `key` of `sizeBytes` bytes. */
export async function openParquet(
  store: Pick<ArchiveStore, "read" | "readRange">,
  { key, sizeBytes }: { readonly key: string; readonly sizeBytes: number },
): Promise<ParquetFile> {
  const file = await bufferOf(store, key, sizeBytes);
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES });
  return {
    groups: groupsOf(metadata),
    read: async (columns, { from, end }) =>
      await parquetReadObjects({
        file,
        metadata,
        columns: [...columns],
        rowStart: from,
        rowEnd: end,
        compressors: COMPRESSORS,
        useOffsetIndex: true,
        // Columns of text say so themselves; what does not is bytes.
        utf8: false,
      }),
  };
}

async function bufferOf(
  store: Pick<ArchiveStore, "read" | "readRange">,
  key: string,
  sizeBytes: number,
): Promise<AsyncBuffer> {
  if (sizeBytes <= WHOLE_BYTES_MAX) {
    const bytes = present(await store.read(key), key);
    const whole = exactBuffer(bytes);
    return { byteLength: whole.byteLength, slice: (from, end) => whole.slice(from, end) };
  }
  return {
    byteLength: sizeBytes,
    slice: async (from, end = sizeBytes) =>
      exactBuffer(present(await store.readRange(key, from, end - from), key)),
  };
}

function present(bytes: Uint8Array | undefined, key: string): Uint8Array {
  if (bytes === undefined) throw new ArchiveObjectError(`${key} was listed and is gone`);
  return bytes;
}

/** The reader wants memory of its own, which a view into a larger piece is not. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function groupsOf(metadata: FileMetaData): RowGroup[] {
  let from = 0;
  return metadata.row_groups.map(({ num_rows, columns }) => {
    const begin = from;
    from += Number(num_rows);
    const statistics = (name: string) =>
      columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data?.statistics;
    return {
      from: begin,
      end: from,
      least: (name) => statistics(name)?.min_value,
      greatest: (name) => statistics(name)?.max_value,
    };
  });
}

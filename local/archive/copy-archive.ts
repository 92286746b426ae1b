/**
 * A copy of the archive in a folder, as files under their keys: what DuckDB, Spark and people read with no code of
 * ours. Files that are there already are left alone, because objects are written once.
 */
import fs from "node:fs";
import path from "node:path";
import type { ArchiveStore } from "../../functions/stores/archive-store.ts";

/** Where all Parquet objects lie. */
export const ARCHIVE_PREFIX = "archive/";

/** Copies every object under `prefix` into `folder`; returns how many files are new. */
export async function copyArchive(
  store: Pick<ArchiveStore, "list" | "read">,
  folder: string,
  prefix: string = ARCHIVE_PREFIX,
): Promise<number> {
  let copied = 0;
  let after: string | undefined;
  do {
    const page = await store.list(prefix, { after });
    for (const { key, sizeBytes } of page.objects) {
      const file = path.resolve(folder, key);
      if (!file.startsWith(path.resolve(folder) + path.sep)) continue;
      if (fs.statSync(file, { throwIfNoEntry: false })?.size === sizeBytes) continue;
      const bytes = await store.read(key);
      if (bytes === undefined) continue;
      fs.mkdirSync(path.dirname(file), { recursive: true });
      // Whole or not at all: a reader may look while we copy.
      fs.writeFileSync(`${file}.part`, bytes);
      fs.renameSync(`${file}.part`, file);
      copied += 1;
    }
    after = page.next;
  } while (after !== undefined);
  return copied;
}

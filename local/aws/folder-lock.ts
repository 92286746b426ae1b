/**
 * One process for each data folder.
 *
 * dynalite answers "listening" on a LevelDB folder that is open elsewhere and fails only later, so the folder
 * is claimed before anything is opened. The claim is a lock that SQLite takes from the kernel: it ends with
 * the process, however that ends, and no stale file is left to explain.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

// Asked of the process, because the linter's list of built-in modules ends before this one (Biome 2.5.15).
const { DatabaseSync } = process.getBuiltinModule("node:sqlite");

/** The folder is open in another process, or elsewhere in this one. */
export class FolderLockedError extends Error {
  override readonly name = "FolderLockedError";
}

export type FolderLock = { readonly release: () => void };

/** Claims `folder`, which is made when it is absent. Throws a `FolderLockedError` when it is taken. */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(folder, "lock.sqlite"));
  try {
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw new FolderLockedError(`${folder} is open in another process`, { cause: error });
  }
  return { release: () => database.close() };
}

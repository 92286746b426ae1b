/**
 * The few things the engine asks of a disk, each of them synchronous and each of them allowed to
 * throw. Tests put a disk in its place that fails, forgets or stops at any chosen operation.
 *
 * Nothing here retries: after a failed fsync the kernel may have dropped the pages, so a second
 * fsync that succeeds proves nothing.
 *
 * @see https://wiki.postgresql.org/wiki/Fsync_Errors (read 2026-11-21)
 */
import fs from "node:fs";
import path from "node:path";
import { assert } from "../../../contracts/assert.ts";

const WHOLE_FILE_BYTES_MAX = 1024 * 1024 * 1024;

/**
 * What a file is opened for. `createNew` and `appendNew` refuse one that exists, `replace` empties it,
 * `append` makes it where it is not there; `read` and `update` want it to be there.
 */
export type OpenMode = "createNew" | "appendNew" | "append" | "replace" | "read" | "update";

/** Nobody but the engine's own user reads such a file. */
export const PERMISSIONS_OWNER = 0o600;
/** What people and programs beside the engine read; the process's mask says who. */
export const PERMISSIONS_EVERYBODY = 0o666;
const PERMISSIONS_GROUP = 0o640;

/** A disk; `realDisk` in production, a faulty or recording one in tests. */
export interface Disk {
  /** File names in `directory`, sorted; empty when it does not exist, and only then. */
  list(directory: string): string[];
  /** Folder names in `directory`, sorted; empty when it does not exist. */
  listDirectories(directory: string): string[];
  /** Creates `directory` and those above it. */
  makeDirectory(directory: string): void;
  /** Size in bytes, or -1 when there is no such file. */
  sizeBytes(file: string): number;
  readWhole(file: string): Uint8Array;
  /** `permissions` are those of a file that is made by it; without any, the owner's and the group's. */
  open(file: string, mode: OpenMode, permissions?: number): number;
  /** Reads up to `into.length` bytes; returns how many there were. */
  read(handle: number, into: Uint8Array, position: number): number;
  /** Writes at `position`; returns how many bytes the disk took. */
  write(handle: number, bytes: Uint8Array, position: number): number;
  /** Writes the first `length` bytes at the end of a file that was opened to append; how many it took. */
  append(handle: number, bytes: Uint8Array, length: number): number;
  truncate(handle: number, bytes: number): void;
  /** Returns when the file's bytes are durable. */
  sync(handle: number): void;
  close(handle: number): void;
  rename(from: string, to: string): void;
  remove(file: string): void;
  /** Removes a folder and everything in it; one that is not there is no error. */
  removeTree(directory: string): void;
  /** Makes created, renamed and removed names of `directory` durable. */
  syncDirectory(directory: string): void;
  /** Bytes an unprivileged process may still write to the disk of `directory`. */
  freeBytes(directory: string): number;
}

const OPEN_FLAGS: Readonly<Record<OpenMode, string>> = {
  createNew: "wx+",
  appendNew: "ax",
  append: "a",
  replace: "w+",
  read: "r",
  update: "r+",
};

export const realDisk: Disk = {
  list: (directory) => namesIn(directory, (entry) => !entry.isDirectory()),
  listDirectories: (directory) => namesIn(directory, (entry) => entry.isDirectory()),
  makeDirectory: (directory) => {
    fs.mkdirSync(directory, { recursive: true });
  },
  sizeBytes: (file) => fs.statSync(file, { throwIfNoEntry: false })?.size ?? -1,
  readWhole: (file) => {
    const bytes = fs.statSync(file).size;
    if (bytes > WHOLE_FILE_BYTES_MAX)
      throw new Error(`${bytes} bytes are too many to read at once`);
    return fs.readFileSync(file);
  },
  open: (file, mode, permissions = PERMISSIONS_GROUP) =>
    fs.openSync(file, OPEN_FLAGS[mode], permissions),
  read: (handle, into, position) => fs.readSync(handle, into, 0, into.length, position),
  write: (handle, bytes, position) => fs.writeSync(handle, bytes, 0, bytes.length, position),
  append: (handle, bytes, length) => fs.writeSync(handle, bytes, 0, length),
  truncate: (handle, bytes) => fs.ftruncateSync(handle, bytes),
  sync: (handle) => fs.fdatasyncSync(handle),
  close: (handle) => fs.closeSync(handle),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (file) => fs.unlinkSync(file),
  removeTree: (directory) => fs.rmSync(directory, { recursive: true, force: true }),
  syncDirectory: (directory) => {
    const handle = fs.openSync(directory, "r");
    try {
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
  },
  freeBytes: (directory) => {
    const stat = fs.statfsSync(directory);
    return stat.bavail * stat.bsize;
  },
};

/** Writes all of `bytes` at `position` or throws; a short write is a failure, not a beginning. */
export function writeAll(disk: Disk, handle: number, bytes: Uint8Array, position: number): void {
  const written = disk.write(handle, bytes, position);
  if (written !== bytes.length) {
    throw new Error(`short write: ${written} of ${bytes.length} bytes`);
  }
}

/**
 * Puts `bytes` under the name `file` such that a crash leaves the old file or the new one, never
 * half of one: a temporary name, fsync, rename, fsync of the folder.
 */
export function writeFileWhole(disk: Disk, file: string, bytes: Uint8Array): void {
  const temporary = temporaryName(file);
  const handle = disk.open(temporary, "replace");
  try {
    writeAll(disk, handle, bytes, 0);
    disk.sync(handle);
  } finally {
    disk.close(handle);
  }
  disk.rename(temporary, file);
  disk.syncDirectory(path.dirname(file));
}

/**
 * Makes `directory`, and its name durable with those of all folders above that had to be made: a file that
 * was synced is lost with the name of any folder above it.
 *
 * @see https://rgbcu.be/dump/posix/fsync-pitfalls (quotes fsync(2) of Linux; read 2026-11-21)
 */
export function makeDirectoryDurably(disk: Disk, directory: string): void {
  const parents = [path.dirname(directory)];
  // A process may have died between making a folder and syncing its name, so one is synced in any case.
  for (let above = path.dirname(directory); disk.sizeBytes(above) < 0; ) {
    above = path.dirname(above);
    if (parents.at(-1) === above) break;
    parents.push(above);
  }
  disk.makeDirectory(directory);
  for (const parent of parents) disk.syncDirectory(parent);
}

/** Whether a disk threw `error` because there is no such file or folder. */
export function isAbsent(error: unknown): boolean {
  return errorCodeOf(error) === "ENOENT";
}

/** The system's word for what went wrong, such as EIO; "" where it is none of the system's errors. */
export function errorCodeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** The name a file has until it is whole; recovery removes what still bears it. */
export function temporaryName(file: string): string {
  assert(!file.endsWith(".tmp"), "a temporary file has no temporary file");
  return `${file}.tmp`;
}

/** A folder that cannot be looked into is no empty one: what it holds would be forgotten. */
function namesIn(directory: string, keep: (entry: fs.Dirent) => boolean): string[] {
  try {
    const entries = fs.readdirSync(directory, { withFileTypes: true });
    return entries
      .filter(keep)
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    // Below a file there can be nothing; the file itself is no folder, and says so.
    if (errorCodeOf(error) === "ENOTDIR" && !fs.existsSync(directory)) return [];
    throw error;
  }
}

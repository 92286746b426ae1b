/**
 * Station: the engine's `Disk` -> memory that knows what of it is durable.
 *
 * Production code writes here exactly as it writes to a real disk. Bytes are volatile until their file is
 * synced, names until their folder is; `crash` gives a disk as a machine may find it afterwards, and leaves
 * this one as it is, so that one moment can be crashed in many ways. It reads no clock and draws no chance
 * but from the stream that a crash is given. Paths are absolute and normal, as `path.join` makes them.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Disk, OpenMode } from "../../../hotpath/io/journal/disk.ts";
import type { Random } from "../../venues/market/random.ts";
import { type CrashModel, crashTree } from "./crash-models.ts";
import { diskError } from "./disk-error.ts";
import { type DiskFault, DiskFaultCounts, DiskFaultPlan } from "./disk-faults.ts";
import { DiskMedium } from "./disk-medium.ts";
import { DiskSpace } from "./disk-space.ts";
import { DiskTree } from "./disk-tree.ts";
import { VirtualFile } from "./virtual-file.ts";
import { VirtualFolder } from "./virtual-folder.ts";

const FIRST_HANDLE = 3;

/** Operations that change something; an append is a write. */
export type DiskOperation =
  | "makeDirectory"
  | "open"
  | "write"
  | "truncate"
  | "sync"
  | "rename"
  | "remove"
  | "removeTree"
  | "syncDirectory";

type DiskParts = {
  readonly counts: DiskFaultCounts;
  readonly faults: DiskFaultPlan;
  readonly tree: DiskTree;
  readonly spaceBytes: number;
};

type OpenFile = { readonly file: VirtualFile; readonly path: string; readonly mode: OpenMode };

const WRITE_FAULTS = ["shortWrite", "writeError", "misdirectedWrite"] as const;
const SYNC_FAULTS = ["syncError", "syncLie"] as const;
const READ_FAULTS = ["readError"] as const;

export class VirtualDisk implements Disk {
  readonly counts: DiskFaultCounts;
  /** Operations that changed something, or tried to. */
  operations = 0;
  /**
   * Called before each of them; may take virtual time (a slow fsync), or throw to end the process there.
   * Whatever it throws, the operation has not happened.
   */
  onOperation: ((operation: DiskOperation, file: string) => void) | undefined;
  /** What may happen to the bytes while nobody writes. */
  readonly medium: DiskMedium;
  readonly #tree: DiskTree;
  readonly #space: DiskSpace;
  readonly #faults: DiskFaultPlan;
  readonly #handles = new Map<number, OpenFile>();
  #nextHandle = FIRST_HANDLE;

  constructor(from?: DiskParts) {
    this.counts = from?.counts ?? new DiskFaultCounts();
    this.#faults = from?.faults ?? new DiskFaultPlan(this.counts);
    this.#tree = from?.tree ?? new DiskTree();
    this.#space = new DiskSpace(this.counts, this.#tree.recount(), from?.spaceBytes);
    this.medium = new DiskMedium(this.#tree, this.#space, this.counts);
  }

  list(directory: string): string[] {
    return this.#namesIn(directory, (node) => node instanceof VirtualFile);
  }

  listDirectories(directory: string): string[] {
    return this.#namesIn(directory, (node) => node instanceof VirtualFolder);
  }

  makeDirectory(directory: string): void {
    this.#change("makeDirectory", directory);
    this.#tree.makeFolder(directory);
  }

  sizeBytes(file: string): number {
    const node = this.#tree.find(file);
    if (node instanceof VirtualFolder) return 0;
    return node?.sizeBytes ?? -1;
  }

  readWhole(file: string): Uint8Array {
    const found = this.#tree.file("open", file);
    this.#readFault(file);
    return found.slice(0, found.sizeBytes);
  }

  /** Permissions are those of the one user there is. */
  open(path: string, mode: OpenMode): number {
    const mustBeThere = mode === "read" || mode === "update";
    const file = mustBeThere ? this.#tree.file("open", path) : this.#made(path, mode);
    const handle = this.#nextHandle;
    this.#nextHandle += 1;
    this.#handles.set(handle, { file, path, mode });
    return handle;
  }

  read(handle: number, into: Uint8Array, position: number): number {
    const { file, path, mode } = this.#opened(handle, "read");
    if (isToAppend(mode)) throw diskError("EBADF", "read", path);
    this.#readFault(path);
    return file.read(into, position);
  }

  write(handle: number, bytes: Uint8Array, position: number): number {
    const opened = this.#opened(handle, "write");
    // Linux appends whatever the place, where a file was opened for that.
    const at = isToAppend(opened.mode) ? opened.file.sizeBytes : position;
    return this.#write(opened, bytes, bytes.length, at);
  }

  append(handle: number, bytes: Uint8Array, length: number): number {
    const opened = this.#opened(handle, "write");
    assert(isToAppend(opened.mode), "a file is opened to append");
    assert(length <= bytes.length, "what is appended is there");
    return this.#write(opened, bytes, length, opened.file.sizeBytes);
  }

  truncate(handle: number, bytes: number): void {
    const { file, path, mode } = this.#opened(handle, "ftruncate");
    if (mode === "read") throw diskError("EINVAL", "ftruncate", path);
    this.#change("truncate", path);
    this.#resize(file, bytes);
  }

  sync(handle: number): void {
    const { file, path } = this.#opened(handle, "fdatasync");
    this.#change("sync", path);
    const fault = this.#faults.isEmpty ? undefined : this.#faults.strike(SYNC_FAULTS, path);
    if (fault?.kind === "syncLie") return;
    if (fault === undefined) {
      file.sync();
      return;
    }
    file.failSync();
    throw diskError("EIO", "fdatasync", path);
  }

  close(handle: number): void {
    this.#opened(handle, "close");
    this.#handles.delete(handle);
  }

  rename(from: string, to: string): void {
    this.#change("rename", from);
    const replaced = this.#tree.rename(from, to);
    if (replaced !== undefined) this.#space.removed(replaced);
  }

  remove(file: string): void {
    this.#change("remove", file);
    this.#space.removed(this.#tree.remove(file));
  }

  removeTree(directory: string): void {
    this.#change("removeTree", directory);
    for (const file of this.#tree.removeTree(directory)) this.#space.removed(file);
  }

  syncDirectory(directory: string): void {
    this.#change("syncDirectory", directory);
    const node = this.#tree.find(directory) ?? this.#tree.folder("open", directory);
    node.sync();
  }

  /** Where a folder is does not matter: there is one medium. */
  freeBytes(_directory: string): number {
    return this.#space.freeBytes;
  }

  /** Paths of all files, sorted. */
  files(): string[] {
    return this.#tree.paths();
  }

  /** Files that are open; a leak shows here. */
  get openHandles(): number {
    return this.#handles.size;
  }

  /** A second disk in the same state, with the same faults to come, on which nothing is open. */
  clone(): VirtualDisk {
    return new VirtualDisk({
      counts: this.counts,
      faults: this.#faults.copy(),
      tree: this.#tree.copy(),
      spaceBytes: this.#space.allBytes,
    });
  }

  /** The disk as it may be found after a crash at this moment, in which everything was closed. */
  crash(model: CrashModel, random: Random): VirtualDisk {
    const disk = this.clone();
    if (model === "none") return disk;
    crashTree(disk.#tree, model, random, this.counts);
    disk.#space.recounted(disk.#tree.recount());
    return disk;
  }

  /** Plans a fault of one operation to come. */
  plant(fault: DiskFault): void {
    this.#faults.plant(fault);
  }

  /** Leaves room for so many bytes more (P13); counted when a write finds too little. */
  limitFreeBytes(bytes: number): void {
    this.#space.limitFree(bytes);
  }

  #namesIn(directory: string, keep: (node: VirtualFile | VirtualFolder) => boolean): string[] {
    if (this.#tree.find(directory) === undefined) return [];
    const { names } = this.#tree.folder("scandir", directory);
    return [...names]
      .filter(([, node]) => keep(node))
      .map(([name]) => name)
      .sort();
  }

  #made(path: string, mode: OpenMode): VirtualFile {
    this.#change("open", path);
    const there = this.#tree.find(path);
    if (there instanceof VirtualFolder) throw diskError("EISDIR", "open", path);
    if (there === undefined) return this.#tree.makeFile(path);
    if (mode === "createNew" || mode === "appendNew") throw diskError("EEXIST", "open", path);
    if (mode === "replace") this.#resize(there, 0);
    return there;
  }

  #write(opened: OpenFile, bytes: Uint8Array, length: number, position: number): number {
    const { file, path, mode } = opened;
    if (mode === "read") throw diskError("EBADF", "write", path);
    this.#change("write", path);
    const fault = this.#faults.isEmpty ? undefined : this.#faults.strike(WRITE_FAULTS, path);
    if (fault?.kind === "writeError") throw diskError("EIO", "write", path);
    const wanted = fault?.kind === "shortWrite" ? Math.min(length, fault.takesBytes) : length;
    const taken = this.#space.fitting(file, position, wanted);
    if (taken <= 0 && wanted > 0) throw diskError("ENOSPC", "write", path);
    if (fault?.kind === "misdirectedWrite") {
      // The file system believes that it wrote here, so the file is as long as if it had.
      const end = Math.max(file.sizeBytes, position + taken);
      this.#resize(file, end);
      const target = fault.into === undefined ? file : this.#tree.file("write", fault.into);
      this.#put(target, bytes, taken, Math.max(0, position + fault.byBytes));
    } else this.#put(file, bytes, taken, position);
    return taken;
  }

  #put(file: VirtualFile, bytes: Uint8Array, length: number, position: number): void {
    const bytesBefore = file.sizeBytes;
    file.write(bytes, length, position);
    this.#space.changed(file, bytesBefore);
  }

  #resize(file: VirtualFile, bytes: number): void {
    const bytesBefore = file.sizeBytes;
    file.truncate(bytes);
    this.#space.changed(file, bytesBefore);
  }

  #opened(handle: number, operation: string): OpenFile {
    const opened = this.#handles.get(handle);
    if (opened === undefined) throw diskError("EBADF", operation, String(handle));
    return opened;
  }

  #readFault(file: string): void {
    const hasFault = !this.#faults.isEmpty && this.#faults.strike(READ_FAULTS, file) !== undefined;
    if (hasFault) throw diskError("EIO", "read", file);
  }

  #change(operation: DiskOperation, file: string): void {
    this.operations += 1;
    this.onOperation?.(operation, file);
  }
}

function isToAppend(mode: OpenMode): boolean {
  return mode === "append" || mode === "appendNew";
}

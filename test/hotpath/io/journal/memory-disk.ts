// Goal: a disk that forgets what was not synced, fails where told and can stop at any operation.
import path from "node:path";
import type { Disk, OpenMode } from "../../../../hotpath/io/journal/disk.ts";

type Inode = { content: Uint8Array; durable: Uint8Array };
type Operation = Exclude<keyof Disk, "list" | "listDirectories" | "sizeBytes">;

/** Thrown by every operation from the one at which the machine died. */
export class Crash extends Error {}

export class MemoryDisk implements Disk {
  /** Operations that change something so far; `stopAt` is compared with it. */
  operations = 0;
  /** The operation (counted from 1) at which the machine dies, or 0 for never. */
  stopAt = 0;
  /** What each operation does instead of succeeding, by name; consulted before the operation. */
  faults: Partial<Record<Operation, (file: string) => void>> = {};
  /** Bytes a write takes at most; a smaller one is a short write. */
  writeBytesMax = Number.MAX_SAFE_INTEGER;
  free = 1e12;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #handles = new Map<number, { inode: Inode; file: string }>();
  #nextHandle = 3;

  list(directory: string): string[] {
    return [...this.#names.keys()]
      .filter((file) => path.dirname(file) === directory)
      .map((file) => path.basename(file))
      .sort();
  }

  listDirectories(directory: string): string[] {
    const below = [...this.#names.keys()].map((file) => path.dirname(file));
    const children = below.filter((folder) => path.dirname(folder) === directory);
    return [...new Set(children.map((folder) => path.basename(folder)))].sort();
  }

  makeDirectory(directory: string): void {
    this.#change("makeDirectory", directory);
  }

  sizeBytes(file: string): number {
    return this.#names.get(file)?.content.length ?? -1;
  }

  readWhole(file: string): Uint8Array {
    this.#fault("readWhole", file);
    return this.#inode(file).content.slice();
  }

  open(file: string, mode: OpenMode): number {
    if (mode === "read" || mode === "update") this.#fault("open", file);
    else this.#change("open", file);
    const isThere = this.#names.has(file);
    const mustBeNew = mode === "createNew" || mode === "appendNew";
    if (mustBeNew && isThere) throw new Error(`EEXIST ${file}`);
    if (mustBeNew || mode === "replace" || (mode === "append" && !isThere)) {
      this.#names.set(file, { content: new Uint8Array(0), durable: new Uint8Array(0) });
    }
    const handle = this.#nextHandle;
    this.#nextHandle += 1;
    this.#handles.set(handle, { inode: this.#inode(file), file });
    return handle;
  }

  read(handle: number, into: Uint8Array, position: number): number {
    const { inode, file } = this.#at(handle);
    this.#fault("read", file);
    const piece = inode.content.subarray(position, position + into.length);
    into.set(piece);
    return piece.length;
  }

  write(handle: number, bytes: Uint8Array, position: number): number {
    const { inode, file } = this.#at(handle);
    this.#change("write", file);
    const taken = bytes.subarray(0, this.writeBytesMax);
    const content = new Uint8Array(Math.max(inode.content.length, position + taken.length));
    content.set(inode.content);
    content.set(taken, position);
    inode.content = content;
    return taken.length;
  }

  append(handle: number, bytes: Uint8Array, length: number): number {
    const { inode } = this.#at(handle);
    return this.write(handle, bytes.subarray(0, length), inode.content.length);
  }

  truncate(handle: number, bytes: number): void {
    const { inode, file } = this.#at(handle);
    this.#change("truncate", file);
    inode.content = inode.content.slice(0, bytes);
  }

  sync(handle: number): void {
    const { inode, file } = this.#at(handle);
    this.#change("sync", file);
    inode.durable = inode.content.slice();
  }

  close(handle: number): void {
    this.#handles.delete(handle);
  }

  rename(from: string, to: string): void {
    this.#change("rename", from);
    const moved = [...this.#names].filter(([file]) => file === from || file.startsWith(`${from}/`));
    if (moved.length === 0) throw new Error(`ENOENT ${from}`);
    for (const [file, inode] of moved) {
      this.#names.delete(file);
      this.#names.set(to + file.slice(from.length), inode);
    }
  }

  remove(file: string): void {
    this.#change("remove", file);
    this.#inode(file);
    this.#names.delete(file);
  }

  removeTree(directory: string): void {
    this.#change("removeTree", directory);
    for (const file of [...this.#names.keys()]) {
      if (file.startsWith(`${directory}/`)) this.#names.delete(file);
    }
  }

  syncDirectory(directory: string): void {
    this.#change("syncDirectory", directory);
    for (const file of [...this.#durableNames.keys()]) {
      if (path.dirname(file) === directory) this.#durableNames.delete(file);
    }
    for (const [file, inode] of this.#names) {
      if (path.dirname(file) === directory) this.#durableNames.set(file, inode);
    }
  }

  freeBytes(directory: string): number {
    this.#fault("freeBytes", directory);
    return this.free;
  }

  /** Files that are open; a leak shows here. */
  get openHandles(): number {
    return this.#handles.size;
  }

  /** A new disk as the machine finds it after its death: everything kept, or only what was synced. */
  afterCrash(unsynced: "kept" | "lost"): MemoryDisk {
    const disk = new MemoryDisk();
    const names = unsynced === "kept" ? this.#names : this.#durableNames;
    for (const [file, inode] of names) {
      disk.put(file, unsynced === "kept" ? inode.content : inode.durable);
    }
    return disk;
  }

  /** Puts a file there, durably and without counting as an operation. */
  put(file: string, bytes: Uint8Array): void {
    const inode = { content: bytes.slice(), durable: bytes.slice() };
    this.#names.set(file, inode);
    this.#durableNames.set(file, inode);
  }

  take(file: string): void {
    this.#names.delete(file);
    this.#durableNames.delete(file);
  }

  files(): Map<string, Uint8Array> {
    return new Map([...this.#names].map(([file, inode]) => [file, inode.content.slice()]));
  }

  #inode(file: string): Inode {
    const inode = this.#names.get(file);
    if (inode === undefined) throw new Error(`ENOENT ${file}`);
    return inode;
  }

  #at(handle: number): { inode: Inode; file: string } {
    const open = this.#handles.get(handle);
    if (open === undefined) throw new Error(`EBADF ${handle}`);
    return open;
  }

  #change(operation: Operation, file: string): void {
    this.operations += 1;
    if (this.stopAt > 0 && this.operations >= this.stopAt) throw new Crash(`${operation} ${file}`);
    this.#fault(operation, file);
  }

  #fault(operation: Operation, file: string): void {
    this.faults[operation]?.(file);
  }
}

/**
 * Station: paths -> folders and files of the virtual disk.
 *
 * Paths are absolute and normal ("/run/head"). Errors are those that the operating system gives for the same
 * mistake, because production code asks for their codes. What is removed stays in memory for a while, so
 * that a fault may bring it back. It knows nothing of what is durable; folders and files do.
 */
import { assert } from "../../../contracts/assert.ts";
import { diskError } from "./disk-error.ts";
import { VirtualFile } from "./virtual-file.ts";
import { type Node, VirtualFolder } from "./virtual-folder.ts";

/** Removed files that can still come back; the oldest are forgotten. */
const REMOVED_MAX = 16;

type Place = { readonly folder: VirtualFolder; readonly name: string };

export class DiskTree {
  readonly #root: VirtualFolder;
  readonly #removed: Map<string, VirtualFile>;

  constructor(
    root: VirtualFolder = new VirtualFolder(),
    removed: ReadonlyMap<string, VirtualFile> = new Map(),
  ) {
    this.#root = root;
    this.#removed = new Map(removed);
  }

  /** What stands at `path`, if anything does. */
  find(path: string): Node | undefined {
    assert(path.startsWith("/"), "a path on the virtual disk is absolute");
    let node: Node | undefined = this.#root;
    for (let from = 1; from < path.length && node !== undefined; ) {
      const slash = path.indexOf("/", from);
      const to = slash < 0 ? path.length : slash;
      node = node instanceof VirtualFolder ? node.names.get(path.slice(from, to)) : undefined;
      from = to + 1;
    }
    return node;
  }

  /** The file at `path`; throws as `operation` would where there is none. */
  file(operation: string, path: string): VirtualFile {
    const node = this.find(path);
    if (node instanceof VirtualFile) return node;
    throw diskError(node === undefined ? this.#absence(path) : "EISDIR", operation, path);
  }

  /** The folder at `path`; throws as `operation` would where there is none. */
  folder(operation: string, path: string): VirtualFolder {
    const node = this.find(path);
    if (node instanceof VirtualFolder) return node;
    throw diskError(node === undefined ? this.#absence(path) : "ENOTDIR", operation, path);
  }

  /** Makes the folder and those above it. */
  makeFolder(path: string): void {
    let folder = this.#root;
    for (const name of path.split("/").filter((each) => each !== "")) {
      const next = folder.names.get(name);
      if (next instanceof VirtualFile) throw diskError("EEXIST", "mkdir", path);
      const made = next ?? new VirtualFolder();
      if (next === undefined) folder.change([{ name, before: undefined, after: made }]);
      folder = made;
    }
  }

  /** Makes an empty file under a name that is free. */
  makeFile(path: string): VirtualFile {
    const { folder, name } = this.#placeOf("open", path);
    assert(!folder.names.has(name), "a new file's name is free");
    const file = new VirtualFile();
    folder.change([{ name, before: undefined, after: file }]);
    return file;
  }

  /** Renames within one folder; the file that was replaced, if one was. */
  rename(from: string, to: string): VirtualFile | undefined {
    const source = this.#placeOf("rename", from);
    const target = this.#placeOf("rename", to);
    const node = source.folder.names.get(source.name);
    if (node === undefined) throw diskError("ENOENT", "rename", from);
    // The engine moves nothing between folders, and what a crash does to that is another story.
    if (source.folder !== target.folder) throw diskError("EXDEV", "rename", from);
    const replaced = target.folder.names.get(target.name);
    if (replaced === node) return undefined;
    if (replaced instanceof VirtualFolder) throw diskError("EISDIR", "rename", to);
    if (replaced !== undefined && node instanceof VirtualFolder) {
      throw diskError("ENOTDIR", "rename", to);
    }
    source.folder.change([
      { name: source.name, before: node, after: undefined },
      { name: target.name, before: replaced, after: node },
    ]);
    return replaced;
  }

  /** Removes a file; gives it back for the accounts. */
  remove(path: string): VirtualFile {
    const file = this.file("unlink", path);
    const { folder, name } = this.#placeOf("unlink", path);
    folder.change([{ name, before: file, after: undefined }]);
    this.#removed.delete(path);
    this.#removed.set(path, file);
    const [oldest] = this.#removed.keys();
    if (oldest !== undefined && this.#removed.size > REMOVED_MAX) this.#removed.delete(oldest);
    return file;
  }

  /** Removes a folder with everything in it; the files that went. None that is there is no error. */
  removeTree(path: string): VirtualFile[] {
    const node = this.find(path);
    if (node === undefined) return [];
    const files: VirtualFile[] = [];
    walkNode(node, (each) => {
      if (each instanceof VirtualFile) files.push(each);
    });
    const { folder, name } = this.#placeOf("rm", path);
    folder.change([{ name, before: node, after: undefined }]);
    return files;
  }

  /** Puts a file under a name, or takes the name away, as if the medium had always been so. */
  place(path: string, file: VirtualFile | undefined): void {
    const { folder, name } = this.#placeOf("place", path);
    folder.replaceForGood(name, file);
  }

  /** Brings back the file that was removed last from under this name; whether there was one. */
  resurrect(path: string): boolean {
    const removed = this.#removed.get(path);
    if (removed === undefined) return false;
    const file = removed.copy();
    file.sync();
    this.place(path, file);
    return true;
  }

  /** Visits every folder before what is in it, and names in the order in which they were made. */
  walk(visit: (node: Node) => void): void {
    walkNode(this.#root, visit);
  }

  /** Paths of all files, sorted. */
  paths(): string[] {
    const paths: string[] = [];
    addPaths(this.#root, "", paths);
    return paths.sort();
  }

  /** Counts the bytes of all files that have a name. */
  recount(): number {
    let bytes = 0;
    this.walk((node) => {
      if (!(node instanceof VirtualFile)) return;
      node.isRemoved = false;
      bytes += node.sizeBytes;
    });
    return bytes;
  }

  copy(): DiskTree {
    return new DiskTree(this.#root.copy(new Map()), this.#removed);
  }

  /** Whether there is nothing at `path`, or a file where a folder should be above it. */
  #absence(path: string): "ENOENT" | "ENOTDIR" {
    for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
      const above = this.find(path.slice(0, slash));
      if (above !== undefined) return above instanceof VirtualFile ? "ENOTDIR" : "ENOENT";
    }
    return "ENOENT";
  }

  #placeOf(operation: string, path: string): Place {
    const slash = path.lastIndexOf("/");
    const folder = this.folder(operation, slash === 0 ? "/" : path.slice(0, slash));
    return { folder, name: path.slice(slash + 1) };
  }
}

function walkNode(node: Node, visit: (node: Node) => void): void {
  visit(node);
  if (node instanceof VirtualFile) return;
  for (const each of node.names.values()) walkNode(each, visit);
}

function addPaths(folder: VirtualFolder, path: string, paths: string[]): void {
  for (const [name, node] of folder.names) {
    if (node instanceof VirtualFile) paths.push(`${path}/${name}`);
    else addPaths(node, `${path}/${name}`, paths);
  }
}

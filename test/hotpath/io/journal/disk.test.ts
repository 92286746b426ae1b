// Goal: the real disk does what the journal asks of it, and whole files are whole.
import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  errorCodeOf,
  isAbsent,
  makeDirectoryDurably,
  PERMISSIONS_EVERYBODY,
  PERMISSIONS_OWNER,
  realDisk,
  temporaryName,
  writeAll,
  writeFileWhole,
} from "../../../../hotpath/io/journal/disk.ts";
import { temporaryRoot } from "./fixture.ts";

const TEXT = new TextEncoder().encode("0123456789");

describe("the real disk", () => {
  test("creates once, updates in place, truncates and reads", () => {
    using temporary = temporaryRoot();
    const directory = path.join(temporary.root, "a", "b");
    realDisk.makeDirectory(directory);
    const file = path.join(directory, "x.seg");
    const handle = realDisk.open(file, "createNew");
    writeAll(realDisk, handle, TEXT, 0);
    realDisk.sync(handle);
    realDisk.close(handle);
    realDisk.syncDirectory(directory);
    expect(() => realDisk.open(file, "createNew")).toThrow("EEXIST");
    const update = realDisk.open(file, "update");
    writeAll(realDisk, update, TEXT.subarray(0, 2), 4);
    realDisk.truncate(update, 8);
    realDisk.close(update);
    expect(new TextDecoder().decode(realDisk.readWhole(file))).toBe("01230167");
    const read = realDisk.open(file, "read");
    const into = new Uint8Array(6);
    expect(realDisk.read(read, into, 4)).toBe(4);
    expect(() => realDisk.write(read, TEXT, 0)).toThrow("EBADF");
    realDisk.close(read);
    expect(realDisk.sizeBytes(file)).toBe(8);
  });

  test("lists files and folders apart, sorted, and nothing where there is nothing", () => {
    using temporary = temporaryRoot();
    const { root } = temporary;
    fs.mkdirSync(path.join(root, "run-b"));
    fs.mkdirSync(path.join(root, "run-a"));
    fs.writeFileSync(path.join(root, "z"), "");
    fs.writeFileSync(path.join(root, "head"), "");
    expect(realDisk.list(root)).toEqual(["head", "z"]);
    expect(realDisk.listDirectories(root)).toEqual(["run-a", "run-b"]);
    expect(realDisk.list(path.join(root, "none"))).toEqual([]);
    expect(realDisk.listDirectories(path.join(root, "none"))).toEqual([]);
    expect(realDisk.sizeBytes(path.join(root, "none"))).toBe(-1);
    realDisk.remove(path.join(root, "z"));
    realDisk.removeTree(path.join(root, "run-a"));
    realDisk.removeTree(path.join(root, "none"));
    expect(realDisk.list(root)).toEqual(["head"]);
    expect(() => realDisk.remove(path.join(root, "z"))).toThrow("ENOENT");
    expect(realDisk.freeBytes(root)).toBeGreaterThan(0);
  });

  test("appends at the end, whatever was there, and only to a file of its own where asked", () => {
    using temporary = temporaryRoot();
    const file = path.join(temporary.root, "lines");
    for (const length of [4, 2]) {
      const handle = realDisk.open(file, "append");
      expect(realDisk.append(handle, TEXT, length)).toBe(length);
      realDisk.close(handle);
    }
    expect(fs.readFileSync(file, "utf8")).toBe("012301");
    expect(() => realDisk.open(file, "appendNew")).toThrow("EEXIST");
    const handle = realDisk.open(`${file}.new`, "appendNew");
    realDisk.append(handle, TEXT, 3);
    realDisk.append(handle, TEXT, 1);
    realDisk.close(handle);
    expect(fs.readFileSync(`${file}.new`, "utf8")).toBe("0120");
  });

  test("gives a file that it makes the permissions it is asked for", () => {
    using temporary = temporaryRoot();
    const mask = process.umask();
    const permissionsOf = (name: string, permissions?: number): number => {
      const file = path.join(temporary.root, name);
      realDisk.close(realDisk.open(file, "appendNew", permissions));
      return fs.statSync(file).mode & 0o777;
    };
    expect(permissionsOf("owner", PERMISSIONS_OWNER)).toBe(0o600 & ~mask);
    expect(permissionsOf("everybody", PERMISSIONS_EVERYBODY)).toBe(0o666 & ~mask);
    expect(permissionsOf("usual")).toBe(0o640 & ~mask);
  });

  test("makes folders durable: every name that is new, and that of the folder itself in any case", () => {
    using temporary = temporaryRoot();
    const synced: string[] = [];
    const disk = {
      ...realDisk,
      syncDirectory: (directory: string): void => {
        synced.push(path.relative(temporary.root, directory));
        realDisk.syncDirectory(directory);
      },
    };
    makeDirectoryDurably(disk, path.join(temporary.root, "a", "b", "c"));
    expect(synced.splice(0)).toEqual(["a/b", "a", ""]);
    makeDirectoryDurably(disk, path.join(temporary.root, "a", "b", "c"));
    expect(synced).toEqual(["a/b"]);
    expect(realDisk.listDirectories(path.join(temporary.root, "a", "b"))).toEqual(["c"]);
  });

  test("says that a folder cannot be looked into rather than call it empty", () => {
    using temporary = temporaryRoot();
    const { root } = temporary;
    const loop = path.join(root, "loop");
    fs.symlinkSync(loop, loop);
    expect(() => realDisk.list(path.join(loop, "intents"))).toThrow("ELOOP");
    fs.writeFileSync(path.join(root, "file"), "");
    expect(() => realDisk.list(path.join(root, "file"))).toThrow("ENOTDIR");
    expect(realDisk.list(path.join(root, "file", "below"))).toEqual([]);
  });

  test("tells what is not there from what cannot be read", () => {
    using temporary = temporaryRoot();
    const thrownBy = (act: () => void): unknown => {
      try {
        act();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const absent = thrownBy(() => realDisk.readWhole(path.join(temporary.root, "none")));
    const folder = thrownBy(() => realDisk.readWhole(temporary.root));
    expect([isAbsent(absent), isAbsent(folder), isAbsent(new Error("none"))]).toEqual([
      true,
      false,
      false,
    ]);
    expect([errorCodeOf(folder), errorCodeOf("EIO")]).toEqual(["EISDIR", ""]);
  });

  test("does not read more at once than memory should hold", () => {
    using temporary = temporaryRoot();
    const file = path.join(temporary.root, "sparse");
    fs.writeFileSync(file, "");
    fs.truncateSync(file, 1024 ** 3 + 1);
    expect(() => realDisk.readWhole(file)).toThrow("too many");
  });

  test("puts a whole file under its name, replacing what was there", () => {
    using temporary = temporaryRoot();
    const file = path.join(temporary.root, "head");
    writeFileWhole(realDisk, file, TEXT);
    writeFileWhole(realDisk, file, TEXT.subarray(0, 3));
    expect(fs.readFileSync(file, "utf8")).toBe("012");
    expect(realDisk.list(temporary.root)).toEqual(["head"]);
    expect(() => temporaryName(temporaryName(file))).toThrow("no temporary file");
  });

  test("keeps the old file when the new one was not taken whole", () => {
    using temporary = temporaryRoot();
    const file = path.join(temporary.root, "head");
    writeFileWhole(realDisk, file, TEXT);
    const short = { ...realDisk, write: () => 4 };
    expect(() => writeFileWhole(short, file, TEXT)).toThrow("short write: 4 of 10 bytes");
    expect(fs.readFileSync(file, "utf8")).toBe("0123456789");
  });
});

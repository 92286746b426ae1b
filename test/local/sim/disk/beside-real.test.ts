// Goal: the virtual disk answers like the real one, errors and all.
// Method: the same random operations on both, and everything there is to see compared after every few.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { crc32c } from "../../../../contracts/crc32c.ts";
import {
  type Disk,
  errorCodeOf,
  isAbsent,
  type OpenMode,
  realDisk,
} from "../../../../hotpath/io/journal/disk.ts";
import { VirtualDisk } from "../../../../local/sim/disk/virtual-disk.ts";
import { Random } from "../../../../local/venues/market/random.ts";

const MODES: readonly OpenMode[] = [
  "createNew",
  "appendNew",
  "append",
  "replace",
  "read",
  "update",
];
const NAMES = ["a", "b", "deep/a", "deep/er/b", "a/below"];
const FOLDERS = ["", "deep", "deep/er", "none", "a"];

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function digestOf(bytes: Uint8Array): string {
  return `${bytes.length} ${crc32c(bytes, 0, bytes.length)}`;
}

function put(disk: Disk, file: string, text: string): number {
  const handle = disk.open(file, "append");
  disk.append(handle, bytesOf(text), text.length);
  return handle;
}

/** One operation on a disk below `root`, with what it gave or the code it threw. */
class Hand {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #handles: number[] = [];
  readonly #toAppend = new Set<number>();

  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  /** `draw` gives the same numbers to both disks. */
  act(draw: (count: number) => number): unknown {
    try {
      return this.#act(draw);
    } catch (error) {
      return errorCodeOf(error);
    }
  }

  #act(draw: (count: number) => number): unknown {
    const disk = this.#disk;
    const pick = <Each>(list: readonly Each[]): Each => list[draw(list.length)] as Each;
    const place = (name: string): string => path.join(this.#root, name);
    const handle = (): number => this.#handles[draw(Math.max(1, this.#handles.length))] ?? 9999;
    switch (draw(13)) {
      case 0:
      case 1: {
        const [name, mode] = [place(pick(NAMES)), pick(MODES)];
        const opened = disk.open(name, mode);
        this.#handles.push(opened);
        if (mode === "append" || mode === "appendNew") this.#toAppend.add(opened);
        return "opened";
      }
      case 2:
      case 3:
        return disk.write(handle(), new Uint8Array(draw(9000)).fill(7), draw(10_000));
      case 4:
        return this.#append(handle(), 1 + draw(19));
      case 5: {
        const into = new Uint8Array(draw(9000));
        const count = disk.read(handle(), into, draw(12_000));
        return [count, crc32c(into, 0, into.length)];
      }
      case 6:
        return disk.truncate(handle(), draw(9000));
      case 7: {
        const at = draw(Math.max(1, this.#handles.length));
        const [closed] = this.#handles.splice(at, 1);
        if (closed === undefined) return "nothing is open";
        this.#toAppend.delete(closed);
        return disk.close(closed);
      }
      case 8: {
        const folder = pick(["", "deep/"]);
        return disk.rename(
          place(`${folder}${pick(["a", "b"])}`),
          place(`${folder}${pick(["a", "b"])}`),
        );
      }
      case 9:
        return disk.remove(place(pick(NAMES)));
      case 10:
        return disk.makeDirectory(place(pick(["deep", "deep/er"])));
      case 11:
        return disk.syncDirectory(place(pick(FOLDERS)));
      default:
        return draw(8) === 0 ? disk.removeTree(place("deep")) : disk.sync(handle());
    }
  }

  closeAll(): void {
    for (const handle of this.#handles.splice(0)) this.#disk.close(handle);
  }

  /** Only what was opened to append may be appended to. */
  #append(handle: number, length: number): unknown {
    const mayAppend = this.#toAppend.has(handle) || handle === 9999;
    return mayAppend && this.#disk.append(handle, bytesOf("appended at the end"), length);
  }

  /** Everything there is to see. */
  sight(): unknown {
    return [
      FOLDERS.map((folder) => this.#orCode(() => this.#disk.list(path.join(this.#root, folder)))),
      FOLDERS.map((folder) =>
        this.#orCode(() => this.#disk.listDirectories(path.join(this.#root, folder))),
      ),
      NAMES.map((name) =>
        this.#orCode(() => digestOf(this.#disk.readWhole(path.join(this.#root, name)))),
      ),
      NAMES.map((name) => {
        const file = path.join(this.#root, name);
        return this.#disk.sizeBytes(file);
      }),
    ];
  }

  #orCode(look: () => unknown): unknown {
    try {
      return look();
    } catch (error) {
      return errorCodeOf(error);
    }
  }
}

describe("beside the real disk", () => {
  test.each([1, 2, 3, 4, 5, 6])("it answers the same, seed %i", (seed) => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-disk-"));
    try {
      const virtual = new VirtualDisk();
      virtual.makeDirectory(root);
      const real = new Hand(realDisk, root);
      const made = new Hand(virtual, root);
      const draws = new Random(seed, "operations");
      for (let step = 0; step < 400; step += 1) {
        const numbers = Array.from({ length: 8 }, () => draws.next());
        const replay = (): ((count: number) => number) => {
          let at = 0;
          return (count) => Math.floor((numbers[at++] ?? 0) * count);
        };
        expect(made.act(replay()), `step ${step}`).toEqual(real.act(replay()));
        if (step % 10 === 0) expect(made.sight(), `after ${step}`).toEqual(real.sight());
      }
      real.closeAll();
      made.closeAll();
      expect(virtual.openHandles).toBe(0);
    } finally {
      fs.rmSync(root, { recursive: true, force: true });
    }
  });

  test("what is not there is told by its code", () => {
    const disk = new VirtualDisk();
    const thrown = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return error;
      }
    };
    expect(isAbsent(thrown(() => disk.readWhole("/none")))).toBe(true);
    expect(isAbsent(thrown(() => disk.open("/none/f", "replace")))).toBe(true);
    expect(() => disk.readWhole("relative")).toThrow("absolute");
    disk.makeDirectory("/r/s");
    expect(errorCodeOf(thrown(() => disk.readWhole("/r")))).toBe("EISDIR");
    expect(errorCodeOf(thrown(() => disk.open("/r", "append")))).toBe("EISDIR");
    const handle = put(disk, "/r/f", "x");
    expect(errorCodeOf(thrown(() => disk.makeDirectory("/r/f/g")))).toBe("EEXIST");
    expect(errorCodeOf(thrown(() => disk.rename("/r/f", "/r/s/f")))).toBe("EXDEV");
    expect(errorCodeOf(thrown(() => disk.rename("/r/f", "/r/s")))).toBe("EISDIR");
    expect(errorCodeOf(thrown(() => disk.rename("/r/s", "/r/f")))).toBe("ENOTDIR");
    expect(disk.openHandles).toBe(1);
    disk.close(handle);
    expect(errorCodeOf(thrown(() => disk.close(handle)))).toBe("EBADF");
    expect(disk.files()).toEqual(["/r/f"]);
  });
});

/**
 * Station: a campaign -> damage of what lies on the disk, while nobody writes.
 *
 * Bits rot, files come back, appear twice or are gone (fault classes P07 to P10). All of it is durable at
 * once and nobody is told; it is for recovery to find out.
 */
import type { DiskFaultCounts } from "./disk-faults.ts";
import type { DiskSpace } from "./disk-space.ts";
import type { DiskTree } from "./disk-tree.ts";

export class DiskMedium {
  readonly #tree: DiskTree;
  readonly #space: DiskSpace;
  readonly #counts: DiskFaultCounts;

  constructor(tree: DiskTree, space: DiskSpace, counts: DiskFaultCounts) {
    this.#tree = tree;
    this.#space = space;
    this.#counts = counts;
  }

  /** Flips one bit of a file: before the last acknowledged record (P07) or in the tail after it (P08). */
  flipBit(file: string, bit: number, faultClass: "P07" | "P08"): void {
    this.#tree.file("open", file).flipBit(bit);
    this.#counts.add(faultClass);
  }

  /** Brings back the file that was removed last from under this name (P09); false where there is none. */
  resurrect(file: string): boolean {
    const isBack = this.#tree.resurrect(file);
    if (isBack) this.#damaged("P09");
    return isBack;
  }

  /** Puts a copy of one file under the name of another (P09). */
  duplicate(from: string, to: string): void {
    const copy = this.#tree.file("open", from).copy();
    copy.sync();
    this.#tree.place(to, copy);
    this.#damaged("P09");
  }

  /** Takes a file away without a trace (P10). */
  lose(file: string): void {
    this.#tree.file("open", file);
    this.#tree.place(file, undefined);
    this.#damaged("P10");
  }

  #damaged(faultClass: "P09" | "P10"): void {
    this.#counts.add(faultClass);
    this.#space.recounted(this.#tree.recount());
  }
}

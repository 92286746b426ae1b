/**
 * Station: writes -> how many bytes of them still find room.
 *
 * There is one medium, and only files that have a name take room on it. A disk that is nearly full takes what
 * fits and refuses the next write, as a real one does; that is fault class P13, counted each time.
 */
import type { DiskFaultCounts } from "./disk-faults.ts";
import type { VirtualFile } from "./virtual-file.ts";

const SPACE_BYTES = 2 ** 40;

export class DiskSpace {
  readonly #counts: DiskFaultCounts;
  #allBytes: number;
  #usedBytes: number;

  constructor(counts: DiskFaultCounts, usedBytes: number, allBytes: number = SPACE_BYTES) {
    this.#counts = counts;
    this.#usedBytes = usedBytes;
    this.#allBytes = allBytes;
  }

  get allBytes(): number {
    return this.#allBytes;
  }

  get freeBytes(): number {
    return Math.max(0, this.#allBytes - this.#usedBytes);
  }

  /** Leaves room for so many bytes more. */
  limitFree(bytes: number): void {
    this.#allBytes = this.#usedBytes + bytes;
  }

  /** As many of `wanted` bytes as find room in `file` from `position` on; 0 or less for none. */
  fitting(file: VirtualFile, position: number, wanted: number): number {
    const lacking = position + wanted - file.sizeBytes - this.freeBytes;
    if (lacking <= 0) return wanted;
    this.#counts.add("P13");
    return wanted - lacking;
  }

  /** Accounts for a file whose size was `bytesBefore`. */
  changed(file: VirtualFile, bytesBefore: number): void {
    if (!file.isRemoved) this.#usedBytes += file.sizeBytes - bytesBefore;
  }

  /** Accounts for a file that no name leads to any more. */
  removed(file: VirtualFile): void {
    file.isRemoved = true;
    this.#usedBytes -= file.sizeBytes;
  }

  /** Begins again with what a walk over all names has found. */
  recounted(usedBytes: number): void {
    this.#usedBytes = usedBytes;
  }
}

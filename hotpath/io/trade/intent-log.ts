/**
 * Station: placeOrder -> a record on the disk, before its first byte leaves. Survives the death of the
 * process: one synchronous write hands the whole record to the kernel.
 *
 * `fdatasync` between the write and the order is a setting: it costs about 150 us and covers the death of the
 * machine as well. Once a write has failed the log is broken for good and no order may follow, because what
 * is behind a torn record cannot be read any more. The form of a record stands in `intent-record.ts`.
 */
import { join } from "node:path";
import { assert } from "../../../contracts/assert.ts";
import type { PlaceOrder } from "../../core/trade/commands.ts";
import { type Disk, makeDirectoryDurably, PERMISSIONS_OWNER, realDisk } from "../journal/disk.ts";
import { IntentEncoder } from "./intent-record.ts";

export type IntentLogOptions = {
  readonly folder: string;
  readonly fence: number;
  /** Also survives the death of the machine. */
  readonly isSynced: boolean;
  /** A new file is begun above this. */
  readonly fileBytesMax: number;
  /** Files of earlier lives are removed, oldest first, until the folder holds no more than this. */
  readonly retainBytes: number;
  readonly disk?: Disk;
};

/** The defaults of all but place and fence. */
export const INTENT_OPTIONS: Omit<IntentLogOptions, "folder" | "fence"> = {
  isSynced: false,
  fileBytesMax: 16 * 1024 * 1024,
  retainBytes: 256 * 1024 * 1024,
};

export type IntentAppended =
  | { readonly kind: "appended" }
  | { readonly kind: "broken"; readonly reason: string };

const FENCE_DIGITS = 10;
const PART_DIGITS = 6;
const FILE_NAME = /^intents-(\d{10})-\d{6}(\.synced)?\.bin$/;

export type IntentFile = {
  readonly name: string;
  readonly fence: number;
  /** Whether each of its records was synced before its order left. */
  readonly isSynced: boolean;
};

/**
 * The name of a file: fence and part, so that names sort in the order of writing, and whether its records were
 * synced, because a reader years later must know what a crash could take from it, whatever the setting is then.
 */
export function intentFileName(fence: number, part: number, isSynced = false): string {
  const digits = (value: number, width: number): string => String(value).padStart(width, "0");
  const place = `${digits(fence, FENCE_DIGITS)}-${digits(part, PART_DIGITS)}`;
  return `intents-${place}${isSynced ? ".synced" : ""}.bin`;
}

/** The files of a folder in the order of writing; none where there is no folder. */
export function intentFiles(folder: string, disk: Disk = realDisk): readonly IntentFile[] {
  const files: IntentFile[] = [];
  for (const name of disk.list(folder)) {
    const [, fence, synced] = FILE_NAME.exec(name) ?? [];
    if (fence !== undefined) {
      files.push({ name, fence: Number(fence), isSynced: synced !== undefined });
    }
  }
  return files.sort((one, other) => (one.name < other.name ? -1 : 1));
}

export class IntentLog {
  readonly #options: IntentLogOptions;
  readonly #disk: Disk;
  readonly #encoder = new IntentEncoder();
  #file = -1;
  #part = 0;
  #fileBytes = 0;
  #broken = "";

  /** Begins a file of this fence; throws where the folder cannot be written. */
  constructor(options: IntentLogOptions) {
    this.#options = options;
    this.#disk = options.disk ?? realDisk;
    if (options.isSynced) makeDirectoryDurably(this.#disk, options.folder);
    else this.#disk.makeDirectory(options.folder);
    this.#begin();
  }

  /** Why nothing can be appended any more; "" while all is well. */
  get broken(): string {
    return this.#broken;
  }

  /** In the kernel when this returns "appended", and on the disk too where the log is synced. */
  append(order: PlaceOrder): IntentAppended {
    if (this.#broken !== "") return { kind: "broken", reason: this.#broken };
    assert(order.fence === this.#options.fence, "an intent carries the fence of its log");
    try {
      const length = this.#encoder.encode(order);
      const written = this.#disk.append(this.#file, this.#encoder.bytes, length);
      if (written !== length) throw new Error(`only ${written} of ${length} bytes were written`);
      if (this.#options.isSynced) this.#disk.sync(this.#file);
      this.#fileBytes += length;
      if (this.#fileBytes >= this.#options.fileBytesMax) this.#begin();
    } catch (error) {
      this.#broken = error instanceof Error ? error.message : String(error);
      return { kind: "broken", reason: this.#broken };
    }
    return APPENDED;
  }

  close(): void {
    if (this.#file !== -1) this.#disk.close(this.#file);
    this.#file = -1;
    this.#broken = "the log is closed";
  }

  /** A file is made anew and never opened again: one that is there already is another life's. */
  #begin(): void {
    if (this.#file !== -1) this.#disk.close(this.#file);
    this.#file = -1;
    this.#part++;
    const { folder, fence, isSynced } = this.#options;
    const path = join(folder, intentFileName(fence, this.#part, isSynced));
    this.#file = this.#disk.open(path, "appendNew", PERMISSIONS_OWNER);
    this.#fileBytes = 0;
    // A file is not there for good before its folder says so.
    if (isSynced) this.#disk.syncDirectory(folder);
    removeOldest(this.#disk, this.#options);
  }
}

const APPENDED: IntentAppended = { kind: "appended" };

/** Files of the current fence always stay. */
function removeOldest(disk: Disk, { folder, fence, retainBytes }: IntentLogOptions): void {
  const files = intentFiles(folder, disk).map((file) => ({
    ...file,
    bytes: disk.sizeBytes(join(folder, file.name)),
  }));
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { name, bytes, fence: of } of files) {
    if (total <= retainBytes || of >= fence) return;
    disk.remove(join(folder, name));
    total -= bytes;
  }
}

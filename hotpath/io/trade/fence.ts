/**
 * Station: start of an engine -> the fence of this life: a counter in a file that only grows.
 *
 * Every client order id carries it, so a late order of an earlier life is told from our own. Until there
 * is a lease the file is all there is; it is written whole or not at all, and one that is damaged is
 * refused, because counting from one again would name new orders like old ones.
 */
import { dirname } from "node:path";
import { crc32c } from "../../../contracts/crc32c.ts";
import {
  type Disk,
  isAbsent,
  makeDirectoryDurably,
  PERMISSIONS_OWNER,
  realDisk,
  writeAll,
} from "../journal/disk.ts";

/** Five base-36 digits of a client order id. */
export const FENCE_MAX = 36 ** 5 - 1;

export type FenceRaised =
  | { readonly kind: "raised"; readonly fence: number }
  /** `reason` is a sentence for a person. */
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Raises the counter in `path` and gives the new value; on the disk for good when this returns. `atLeast`
 * is the highest fence seen elsewhere (intents, snapshots): a file that was lost does not set it back.
 */
export function raiseFence(path: string, atLeast: number, disk: Disk = realDisk): FenceRaised {
  const read = readFence(path, disk);
  if (read.kind === "refused") return read;
  const fence = Math.max(read.fence, atLeast) + 1;
  if (fence > FENCE_MAX) {
    return { kind: "refused", reason: `the fence of ${path} is used up: it has reached ${fence}` };
  }
  try {
    writeWhole(disk, path, fenceText(fence));
  } catch (error) {
    return { kind: "refused", reason: `the fence cannot be written: ${messageOf(error)}` };
  }
  return { kind: "raised", fence };
}

/** The counter as it stands; 0 where there is no file yet. */
export function readFence(path: string, disk: Disk = realDisk): FenceRaised {
  let text: string;
  try {
    text = Buffer.from(disk.readWhole(path)).toString("latin1");
  } catch (error) {
    if (isAbsent(error)) return { kind: "raised", fence: 0 };
    return { kind: "refused", reason: `the fence cannot be read: ${messageOf(error)}` };
  }
  const fence = Number(/^(\d{1,9}) [0-9a-f]{8}\n$/.exec(text)?.[1] ?? Number.NaN);
  if (Number.isSafeInteger(fence) && text === fenceText(fence)) return { kind: "raised", fence };
  return {
    kind: "refused",
    reason:
      `the fence file ${path} is damaged; do not delete it: put the highest fence ever used by this ` +
      "account into a copy from a backup, or find it in the intents beside it",
  };
}

/** The number, a checksum of it, and the end of the line. */
export function fenceText(fence: number): string {
  const digits = Buffer.from(String(fence), "latin1");
  const sum = crc32c(digits, 0, digits.length).toString(16).padStart(8, "0");
  return `${fence} ${sum}\n`;
}

function writeWhole(disk: Disk, path: string, text: string): void {
  const folder = dirname(path);
  makeDirectoryDurably(disk, folder);
  const draft = `${path}.new`;
  const file = disk.open(draft, "replace", PERMISSIONS_OWNER);
  try {
    writeAll(disk, file, Buffer.from(text, "latin1"), 0);
    disk.sync(file);
  } finally {
    disk.close(file);
  }
  disk.rename(draft, path);
  disk.syncDirectory(folder);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

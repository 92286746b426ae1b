/**
 * Station: the intent log -> the orders that may have left, for the recovery.
 *
 * Only the last record of a file may be torn: its writer died over it, and its order never left, because the
 * write comes first. Damage with a whole record anywhere behind it is refused with its place, since an order
 * that cannot be read might be at the venue.
 */
import { join } from "node:path";
import type { PlaceOrder } from "../../core/trade/commands.ts";
import { type Disk, realDisk } from "../journal/disk.ts";
import { intentFiles } from "./intent-log.ts";
import { BOOK_BYTES, decodeIntent, INTENT_BYTES_MAX } from "./intent-record.ts";

export type IntentsRead =
  | {
      readonly kind: "read";
      /** In the order of writing. */
      readonly orders: readonly PlaceOrder[];
      /** The highest fence of the folder; 0 without any. */
      readonly fenceMax: number;
      /** Files whose last record was cut. */
      readonly tornFiles: readonly string[];
    }
  /** `reason` is a sentence that names file and byte. */
  | { readonly kind: "refused"; readonly reason: string };

/** Reads every intent whose fence is at least `fenceMin`. */
export function readIntents(folder: string, fenceMin: number, disk: Disk = realDisk): IntentsRead {
  const orders: PlaceOrder[] = [];
  const tornFiles: string[] = [];
  let fenceMax = 0;
  for (const { name, fence } of intentFiles(folder, disk)) {
    fenceMax = Math.max(fenceMax, fence);
    if (fence < fenceMin) continue;
    const file = readFile(disk.readWhole(join(folder, name)), fence);
    if (file.kind === "damaged") {
      const reason = `the intent log ${name} is damaged at byte ${file.at}: the record ${file.reason}`;
      return { kind: "refused", reason };
    }
    for (const order of file.orders) orders.push(order);
    if (file.isTorn) tornFiles.push(name);
  }
  return { kind: "read", orders, fenceMax, tornFiles };
}

type FileRead =
  | { readonly kind: "orders"; readonly orders: readonly PlaceOrder[]; readonly isTorn: boolean }
  | { readonly kind: "damaged"; readonly at: number; readonly reason: string };

function readFile(bytes: Uint8Array, fence: number): FileRead {
  const orders: PlaceOrder[] = [];
  for (let at = 0; at < bytes.length; ) {
    const decoded = decodeIntent(bytes, at);
    if (decoded.kind === "none") {
      if (!isTail(bytes, at)) return { kind: "damaged", at, reason: decoded.reason };
      return { kind: "orders", orders, isTorn: true };
    }
    if (decoded.order.fence !== fence) {
      return { kind: "damaged", at, reason: `is of fence ${decoded.order.fence}` };
    }
    orders.push(decoded.order);
    at += decoded.length;
  }
  return { kind: "orders", orders, isTorn: false };
}

/**
 * Whether what begins at `at` can be one cut record: not longer than one, and none behind it is whole. Where
 * the machine itself died, there may also be room that was never filled.
 */
function isTail(bytes: Uint8Array, at: number): boolean {
  if (bytes.subarray(at).every((byte) => byte === 0)) return true;
  if (bytes.length - at > INTENT_BYTES_MAX) return false;
  // Records are multiples of a book long, so only there can another begin.
  for (let next = at + BOOK_BYTES; next < bytes.length; next += BOOK_BYTES) {
    if (decodeIntent(bytes, next).kind === "order") return false;
  }
  return true;
}

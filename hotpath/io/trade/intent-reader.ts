/**
 * Station: the intent log -> the orders that may have left, for the recovery.
 *
 * Where each record was synced, only the last one of a file may be torn: its writer died over it, and its order
 * never left, because the write comes first. Damage with a whole record anywhere behind it is refused with its
 * place. Where records were not synced, the death of the machine may take any of them and leave later ones, so
 * what can be read is read and the holes are told: orders in them are as lost as those of a lost end, and are
 * found at the venue (decision 0011).
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
      /** Sentences that name file, place and length of what cannot be read before records that can. */
      readonly holes: readonly string[];
    }
  /** `reason` is a sentence that names file and byte. */
  | { readonly kind: "refused"; readonly reason: string };

/** Reads every intent whose fence is at least `fenceMin`. */
export function readIntents(folder: string, fenceMin: number, disk: Disk = realDisk): IntentsRead {
  const orders: PlaceOrder[] = [];
  const tornFiles: string[] = [];
  const holes: string[] = [];
  let fenceMax = 0;
  for (const { name, fence, isSynced } of intentFiles(folder, disk)) {
    fenceMax = Math.max(fenceMax, fence);
    if (fence < fenceMin) continue;
    const file = readFile(disk.readWhole(join(folder, name)), fence, isSynced);
    if (file.kind === "damaged") {
      const reason = `the intent log ${name} is damaged at byte ${file.at}: the record ${file.reason}`;
      return { kind: "refused", reason };
    }
    for (const order of file.orders) orders.push(order);
    for (const { at, bytes } of file.holes) {
      holes.push(`the intent log ${name} has lost ${bytes} bytes at byte ${at}`);
    }
    if (file.isTorn) tornFiles.push(name);
  }
  return { kind: "read", orders, fenceMax, tornFiles, holes };
}

type Hole = { readonly at: number; readonly bytes: number };

type FileRead =
  | {
      readonly kind: "orders";
      readonly orders: readonly PlaceOrder[];
      readonly holes: readonly Hole[];
      readonly isTorn: boolean;
    }
  | { readonly kind: "damaged"; readonly at: number; readonly reason: string };

function readFile(bytes: Uint8Array, fence: number, isSynced: boolean): FileRead {
  const orders: PlaceOrder[] = [];
  const holes: Hole[] = [];
  for (let at = 0; at < bytes.length; ) {
    const decoded = decodeIntent(bytes, at);
    if (decoded.kind === "none") {
      const next = nextRecord(bytes, at);
      if (isSynced && !isTail(bytes, at, next)) {
        return { kind: "damaged", at, reason: decoded.reason };
      }
      if (next === -1) return { kind: "orders", orders, holes, isTorn: true };
      holes.push({ at, bytes: next - at });
      at = next;
      continue;
    }
    if (decoded.order.fence !== fence) {
      return { kind: "damaged", at, reason: `is of fence ${decoded.order.fence}` };
    }
    orders.push(decoded.order);
    at += decoded.length;
  }
  return { kind: "orders", orders, holes, isTorn: false };
}

/** Where the next whole record behind `at` begins; -1 without one. */
function nextRecord(bytes: Uint8Array, at: number): number {
  // Records are multiples of a book long, so only there can another begin.
  for (let next = at + BOOK_BYTES; next < bytes.length; next += BOOK_BYTES) {
    if (decodeIntent(bytes, next).kind === "order") return next;
  }
  return -1;
}

/**
 * Whether what begins at `at` can be one cut record: not longer than one, and none behind it is whole. Where
 * the machine itself died, there may also be room that was never filled.
 */
function isTail(bytes: Uint8Array, at: number, next: number): boolean {
  if (next !== -1) return false;
  return bytes.length - at <= INTENT_BYTES_MAX || bytes.subarray(at).every((byte) => byte === 0);
}

/**
 * Station: the intent log -> the orders that may have left, for the recovery.
 *
 * Only the last line of a file may be torn: its writer died over it, and its order never left, because the
 * write comes first. Damage anywhere before is refused with its place, since an order that cannot be read
 * might be at the venue.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32c } from "../../../contracts/crc32c.ts";
import type { PlaceOrder } from "../../core/trade/commands.ts";
import { INTENT_HEAD_BYTES, intentFiles, intentText } from "./intent-log.ts";

export type IntentsRead =
  | {
      readonly kind: "read";
      /** In the order of writing. */
      readonly orders: readonly PlaceOrder[];
      /** The highest fence of the folder; 0 without any. */
      readonly fenceMax: number;
      /** Files whose last line was cut. */
      readonly tornFiles: readonly string[];
    }
  /** `reason` is a sentence that names file and byte. */
  | { readonly kind: "refused"; readonly reason: string };

const LINE_END = 10;

/** Reads every intent whose fence is at least `fenceMin`. */
export function readIntents(folder: string, fenceMin: number): IntentsRead {
  const orders: PlaceOrder[] = [];
  const tornFiles: string[] = [];
  let fenceMax = 0;
  for (const { name, fence } of intentFiles(folder)) {
    fenceMax = Math.max(fenceMax, fence);
    if (fence < fenceMin) continue;
    const bytes = readFileSync(join(folder, name));
    const file = readFile(bytes, fence);
    if (file.kind === "damaged") {
      const reason = `the intent log ${name} is damaged at byte ${file.at}: ${file.reason}`;
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

function readFile(bytes: Buffer, fence: number): FileRead {
  const orders: PlaceOrder[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(LINE_END, at);
    const end = found === -1 ? bytes.length : found;
    const order = readLine(bytes, at, end, fence);
    if (typeof order === "string") {
      const isLast = end >= bytes.length - 1;
      if (!isLast) return { kind: "damaged", at, reason: order };
      return { kind: "orders", orders, isTorn: true };
    }
    // A whole line without its end is torn as well: the writer did not get to say that it was done.
    if (found === -1) return { kind: "orders", orders, isTorn: true };
    orders.push(order);
    at = end + 1;
  }
  return { kind: "orders", orders, isTorn: false };
}

/** The order of one line, or what is wrong with it. */
function readLine(bytes: Buffer, from: number, end: number, fence: number): PlaceOrder | string {
  const body = from + INTENT_HEAD_BYTES;
  if (end <= body) return "a line without an order";
  const said = bytes.toString("latin1", from, body);
  const sum = crc32c(bytes, body, end).toString(16).padStart(8, "0");
  if (said !== `${sum} `) return "its checksum does not fit";
  const text = bytes.toString("latin1", body, end);
  const order = parseOrder(text);
  if (order === undefined) return "it is no order";
  return order.fence === fence ? order : `it is of fence ${order.fence}`;
}

/** What the writer would write the same way is one of its own orders; nothing else is. */
function parseOrder(text: string): PlaceOrder | undefined {
  try {
    const order = JSON.parse(text) as PlaceOrder;
    return intentText(order) === text ? order : undefined;
  } catch {
    // No JSON, or none with these fields: the caller says where.
    return undefined;
  }
}

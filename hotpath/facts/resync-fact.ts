/**
 * Station: resync record + orders -> the fact, with the orders that were open on the instrument while its book
 * was wrong. An order counts as touched if it was open at any moment between degraded and live.
 */
import type { ResyncFact } from "../../contracts/history.ts";
import type { ResyncRecord } from "../../contracts/resync.ts";
import type { OrderMemory } from "./memory.ts";

/** More than any account may have open on one instrument. */
const TOUCHED_MAX = 1_000;

export function resyncFact(record: Omit<ResyncRecord, "venue">, orders: OrderMemory): ResyncFact {
  const { instrument, degradedUs, liveUs } = record;
  const touched = orders.openBetween(instrument, degradedUs, liveUs);
  return { ...record, ordersTouched: touched.slice(0, TOUCHED_MAX) };
}

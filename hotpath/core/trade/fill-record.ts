/**
 * Station: fills that the ledger has just counted -> one record each, in the tick that counted them.
 *
 * Whether the stream, an answer, a query or a reading told of a trade, and however often: it is counted
 * once, and this is told once. Fills of orders that are not ours are alarms, never records.
 */
import { fillRecordOf } from "../order/told-fill.ts";
import type { World } from "../world.ts";
import type { Trading } from "./trading.ts";

/** Puts out a record for each fill counted since the last call. */
export function recordFills(world: World, trade: Trading): void {
  const { told } = trade.orders.table;
  if (told.length === 0) return;
  for (const each of told) world.outbox.push({ type: "recordFill", fill: fillRecordOf(each) });
  told.length = 0;
}

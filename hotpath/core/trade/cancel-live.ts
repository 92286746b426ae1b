/**
 * Station: core, a wish that orders be gone -> cancels of all that are meant, by name, and of whole accounts
 * where a venue has that. A request that has left is followed to its end all the same.
 */
import type { Order } from "../order/order.ts";
import type { World } from "../world.ts";
import { putOutCancel } from "./put-out.ts";
import type { Trading } from "./trading.ts";

/** Cancels every live order that is meant; the venues that had one. Tests reach no matcher. */
export function cancelLive(
  world: World,
  trade: Trading,
  isMeant: (order: Order) => boolean,
): Set<number> {
  const venues = new Set<number>();
  for (const order of trade.orders.table.live) {
    if (order.isTest || !isMeant(order)) continue;
    trade.orders.markCancel(order, world.nowUs);
    putOutCancel(world, trade, order);
    venues.add(order.venue);
  }
  return venues;
}

/**
 * Station: core, taking an order back. The answer proves nothing about fills on their way.
 */
import type { Order } from "../order/order.ts";
import type { World } from "../world.ts";

/** Stamped with the venue's time by our measure, as everything that is signed. */
export function pushCancel(world: World, order: Order): void {
  const { venue, instrument, clientId, orderId } = order;
  const stampUs = world.nowUs + (world.venues[venue]?.clockOffsetUs ?? 0);
  world.outbox.push({ type: "cancelOrder", venue, instrument, clientId, orderId, stampUs });
}

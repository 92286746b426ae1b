/**
 * Station: an order that is settled -> its record, whoever told the last of it: an event, or a reading.
 */
import type { Order } from "../order/order.ts";
import type { World } from "../world.ts";

export function recordOrder(world: World, order: Order): void {
  const { venue, instrument, clientId, orderId, cycle, leg, side, state, cause } = order;
  const { priceTicks, lots, filledLots } = order;
  world.outbox.push({
    type: "recordOrder",
    order: {
      venue,
      instrument,
      clientId,
      orderId,
      cycle,
      leg,
      side,
      state,
      cause,
      priceTicks,
      lots,
      filledLots,
    },
  });
}

/**
 * Station: an order that is settled -> its record, whoever told the last of it: an event, or a reading.
 */
import type { Order } from "../order/order.ts";
import type { World } from "../world.ts";
import type { OrderRecord } from "./commands.ts";

export function recordOrder(world: World, order: Order): void {
  world.outbox.push({ type: "recordOrder", order: orderRecordOf(order) });
}

/** The record of an order as it is now. */
export function orderRecordOf(order: Order): OrderRecord {
  const { venue, instrument, clientId, orderId, cycle, leg, side, state, cause } = order;
  const { priceTicks, lots, filledLots } = order;
  return {
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
  };
}

/**
 * Station: core, commands to a venue that are no orders -> the outbox, each charged to the venue's rates in the
 * turn that put it out, whoever asked for it. Orders are charged by the gate that lets them pass.
 */
import type { Order } from "../order/order.ts";
import type { RatedCommand } from "../risk/rate-rule.ts";
import type { World } from "../world.ts";
import type { AccountCommand } from "./commands.ts";
import type { Trading } from "./trading.ts";

type Charged = Extract<AccountCommand, { readonly type: RatedCommand }>;

/** Puts out a command and charges it. Asks nobody whether it may leave: cancels after a kill must. */
export function putOut(
  world: World,
  trade: Trading,
  command: Exclude<Charged, { readonly type: "placeOrder" }>,
): void {
  const instrument = "instrument" in command ? command.instrument : -1;
  trade.risk.onSpent(command.venue, command.type, instrument, world.nowUs);
  world.outbox.push(command);
}

/**
 * Takes an order back; the answer proves nothing about fills on their way. Stamped with the venue's time by our
 * measure, as everything that is signed.
 */
export function putOutCancel(world: World, trade: Trading, order: Order): void {
  const { venue, instrument, clientId, orderId } = order;
  const stampUs = world.nowUs + (world.venues[venue]?.clockOffsetUs ?? 0);
  putOut(world, trade, { type: "cancelOrder", venue, instrument, clientId, orderId, stampUs });
}

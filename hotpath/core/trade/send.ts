/**
 * Station: an intent -> the risk gate -> an order on its way, in one synchronous step. The one place of the
 * house where a `placeOrder` is made.
 *
 * Nothing stands between the gate and the command: no await, no queue, no other decision. What the gate
 * denies is recorded with its control and the version of the limits, and no number is used up for it.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Side } from "../../../contracts/trade.ts";
import { clientIdOf } from "../order/client-id.ts";
import type { Order } from "../order/order.ts";
import type { Denial, OrderContext, PlacePurpose } from "../risk/view.ts";
import type { World } from "../world.ts";
import type { BookStamp, PlaceOrder } from "./commands.ts";
import type { Trading } from "./trading.ts";

export type Intent = {
  readonly venue: number;
  readonly instrument: number;
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
  readonly purpose: PlacePurpose;
  readonly cycle: number;
  readonly leg: number;
  readonly books: readonly BookStamp[];
  /** The control that blocked the same step before: told once, counted each time. */
  readonly deniedBy: string;
};

export type Sent =
  | { readonly ok: true; readonly order: Order }
  | { readonly ok: false; readonly denial: Denial };

/** Sends an order, or says which control blocked it. */
export function sendOrder(
  world: World,
  trade: Trading,
  intent: Intent,
  context: OrderContext,
): Sent {
  const venue = world.venues[intent.venue];
  const account = trade.accounts[intent.venue];
  assert(venue !== undefined && account !== undefined, "an order is for a venue that trades");
  const { table } = trade.orders;
  const command = table.commandMax + 1;
  const placed: PlaceOrder = {
    type: "placeOrder",
    venue: intent.venue,
    instrument: intent.instrument,
    command,
    fence: trade.plan.fence,
    clientId: clientIdOf(trade.plan.fence, command),
    side: intent.side,
    timeInForce: "ioc",
    priceTicks: intent.priceTicks,
    lots: intent.lots,
    purpose: intent.purpose,
    cycle: intent.cycle,
    leg: intent.leg,
    stampUs: world.nowUs + venue.clockOffsetUs,
    windowUs: account.plan.windowUs,
    limitsVersion: trade.risk.limitsVersion,
    books: intent.books,
    isTest: account.plan.mode === "paper",
  };
  const denial = trade.risk.admit(placed, context, world.nowUs);
  if (denial !== undefined) {
    recordDenial(world, trade, intent, denial);
    return { ok: false, denial };
  }
  noteBooks(world, trade, placed);
  const order = trade.orders.applyPlace(placed, world.nowUs);
  trade.counts.orders++;
  world.outbox.push(placed);
  return { ok: true, order };
}

/** What a book is at this moment, for the order that is decided upon it. */
export function stampOf(world: World, instrument: number): BookStamp {
  const slot = world.slots[instrument];
  assert(slot !== undefined, "a stamp is of a book of this world");
  const session = world.sessions[slot.session];
  const ageUs = world.nowUs - (session?.lastRecvUs ?? 0);
  return { instrument, epoch: slot.book.epoch, seq: slot.book.seq, ageUs };
}

function recordDenial(world: World, trade: Trading, intent: Intent, denial: Denial): void {
  const { venue, instrument, cycle, leg } = intent;
  const { control, reason, limitsVersion } = denial;
  trade.counts.denials++;
  trade.denialsByControl.set(control, (trade.denialsByControl.get(control) ?? 0) + 1);
  if (control === intent.deniedBy) return;
  world.outbox.push({
    type: "recordDenial",
    denial: { venue, instrument, cycle, leg, control, reason, limitsVersion },
  });
}

/**
 * The independent look after the gate's: made from raw facts, and counted where it disagrees. The benches
 * hold `ordersOnInvalidBook` to zero.
 */
function noteBooks(world: World, trade: Trading, placed: PlaceOrder): void {
  for (const { instrument, epoch, seq } of placed.books) {
    const slot = world.slots[instrument];
    const session = slot === undefined ? undefined : world.sessions[slot.session];
    const isValid =
      slot?.book.state === "live" &&
      slot.book.epoch === epoch &&
      slot.book.seq === seq &&
      session?.state === "live" &&
      !slot.book.bids.isEmpty &&
      !slot.book.asks.isEmpty &&
      slot.book.bids.bestTicks < slot.book.asks.bestTicks;
    if (!isValid) trade.counts.ordersOnInvalidBook++;
  }
}

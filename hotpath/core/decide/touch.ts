/**
 * Station: changed book -> touch, the one door through which a decision sees a book.
 *
 * Whoever decides asks `mayDecide` first; the engine asks it for every change and counts. Beside the
 * permission stands an independent check, made from raw facts and not from the flags that gave the
 * permission: if it ever disagrees, `decisionsOnInvalidBook` says so, and the benches hold it to zero.
 */
import type { BookSlot, World } from "../world.ts";

/** Whether a decision may use this book now. */
export function mayDecide(world: World, slot: BookSlot): boolean {
  if (slot.book.state !== "live" || world.halted !== "") return false;
  const session = world.sessions[slot.session];
  const venue = world.venues[slot.venue];
  if (session === undefined || venue === undefined) return false;
  if (session.state !== "live" || venue.mode !== "active") return false;
  return world.nowUs - session.lastRecvUs <= world.limits.decisionAgeUs;
}

/** Called after every change of a book: notes the touch for decisions, or that it was withheld. */
export function observeTouch(world: World, slot: BookSlot): void {
  const { counters } = world;
  if (!mayDecide(world, slot)) {
    counters.decisionsWithheld++;
    return;
  }
  counters.decisions++;
  const { book } = slot;
  slot.decidedSeq = book.seq;
  slot.decidedBidTicks = book.bids.bestTicks;
  slot.decidedAskTicks = book.asks.bestTicks;
  const session = world.sessions[slot.session];
  const isWrong =
    slot.phase !== "idle" ||
    slot.decidedBidTicks >= slot.decidedAskTicks ||
    session === undefined ||
    session.epoch < book.epoch ||
    world.nowUs - session.openedUs < 0;
  if (isWrong) counters.decisionsOnInvalidBook++;
  else world.trader?.onTouch(slot);
}

/**
 * Station: a transport that was just opened -> snapshots on their way before it is confirmed.
 *
 * Subscribing and fetching take about as long as each other, so they run side by side. Whether an early
 * answer serves is decided as for any other: it joins the first delta of the new transport, or it does
 * not, and then the one that is asked for at the confirmation does. Nothing is believed earlier; only
 * the waiting is shorter. Costs request weight, so it is done while there is plenty.
 */
import type { SnapshotLevels } from "../decode/decoder.ts";
import type { BookSlot, Session } from "../world.ts";

/**
 * Two, because the last of many books decides how long all of them take: the slower half of the answers
 * is then mostly not waited for. Measured with eight books and answers of 100 to 500 ms: 100 ms less.
 */
const EARLY_COUNT = 2;

/** Asks for snapshots as soon as there is room for them. */
export function wantEarly(slot: BookSlot): void {
  // Where snapshots come in the stream, the subscription itself has asked for one.
  if (slot.checksum !== undefined) return;
  slot.early = undefined;
  slot.earlyWanted = EARLY_COUNT;
}

/** The new transport came to nothing, or the book is live: what was held for it is let go. */
export function dropEarly(slot: BookSlot): void {
  slot.early = undefined;
  slot.earlyWanted = 0;
}

/** Keeps an answer that came before its book could use it; false when no transport is on its way. */
export function keepEarly(slot: BookSlot, session: Session, levels: SnapshotLevels): boolean {
  const { candidate } = session;
  const isOpening = candidate !== undefined && candidate.phase !== "dialing";
  const isWaiting = slot.phase === "waitingSession" && session.state === "subscribing";
  if (!(isWaiting || (isOpening && slot.phase === "idle"))) return false;
  if (slot.early === undefined || levels.seq > slot.early.seq) slot.early = levels;
  return true;
}

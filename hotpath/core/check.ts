/**
 * Station: the time alone -> sessions, snapshots, clocks, modes. Whatever has become due is done here.
 *
 * Deadlines are fields of the state they belong to, so a deadline of an epoch that is gone is gone with
 * it; `due.ts` says when the next one is.
 */
import { pumpSnapshots, rollWeightWindow } from "./book/fetch.ts";
import { onJoined, voidBook } from "./book/resync.ts";
import { checkDeadlines, checkSilence, heardUs, instrumentSilenceUs } from "./confidence.ts";
import { updateMode } from "./mode.ts";
import { dial, endPredecessor } from "./session.ts";
import type { BookSlot, Session, World } from "./world.ts";

/** Called after every control event. */
export function checkEverything(world: World): void {
  if (world.stopping) return;
  for (const session of world.sessions) {
    checkDeadlines(world, session);
    checkSilence(world, session);
    if (session.predecessorEpoch > 0 && world.nowUs >= session.predecessorEndUs) {
      endPredecessor(world, session, "rotation");
    }
    if (isRotationDue(world, session)) dial(world, session, "rotation");
    if (session.state === "waiting" && world.nowUs >= session.nextDialUs) {
      dial(world, session, "replace");
    }
  }
  for (const slot of world.slots) checkInstrumentSilence(world, slot);
  for (let venue = 0; venue < world.venues.length; venue++) {
    measureClock(world, venue);
    pumpSnapshots(world, venue);
    updateMode(world, venue);
  }
}

/** Asks for the venue's time when it is due; a venue that told us to be silent is not asked. */
function measureClock(world: World, index: number): void {
  const venue = world.venues[index];
  if (venue === undefined || world.nowUs < Math.max(venue.clockNextUs, venue.silentUntilUs)) return;
  rollWeightWindow(world, venue);
  venue.clockNextUs = world.nowUs + world.limits.clockIntervalUs;
  venue.clockWindow = venue.weightWindow;
  venue.weightUsed += venue.rules.clockWeight;
  world.outbox.push({ type: "measureClock", venue: index });
}

function isRotationDue(world: World, session: Session): boolean {
  if (session.state !== "live") return false;
  // Books that come in the stream are each transport's own: two of them side by side do not join.
  if (world.venues[session.venue]?.inStream !== undefined) return false;
  return session.shutdownAnnounced || world.nowUs - session.openedUs >= world.limits.rotateAfterUs;
}

/** One stream that went silent while its session speaks: its book is not believed, by its own pace. */
function checkInstrumentSilence(world: World, slot: BookSlot): void {
  const { book } = slot;
  if (slot.phase === "waitingDelta") {
    const quietSinceUs = heardUs(world, slot.venue, slot.rebuiltUs);
    if (world.nowUs - quietSinceUs >= world.limits.quietAcceptUs) onJoined(world, slot);
    return;
  }
  if (book.state !== "live") return;
  const session = world.sessions[slot.session];
  // A session's own silence is judged as a whole, above; here the others must be heard.
  if (session === undefined || session.suspectedUs > 0) return;
  const limitUs = instrumentSilenceUs(slot.deltaIntervalUs, world.limits);
  const lastUs = heardUs(world, slot.venue, slot.lastDeltaUs);
  if (session.lastRecvUs - lastUs < limitUs) return;
  if (world.nowUs - lastUs < limitUs) return;
  voidBook(world, slot, "noMarketFlow", slot.lastDeltaUs);
  // Its pace was misjudged, or its stream is dead: the next verdict needs twice the patience.
  slot.deltaIntervalUs = (2 * limitUs) / world.limits.silenceFactor;
}

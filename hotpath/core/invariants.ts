/**
 * Station: core, what must always hold. Checked at every checkpoint and by the simulator; one that does
 * not hold is our own broken state, and the engine halts.
 *
 * Each has a name, because the name is what an operator reads first.
 */
import type { MarketRing } from "./market-ring.ts";
import type { BookSlot, Session, VenueState, World } from "./world.ts";

type Invariant<T> = readonly [name: string, holds: (subject: T, world: World) => boolean];

const OF_BOOKS: readonly Invariant<BookSlot>[] = [
  [
    "a live book has two sides",
    ({ book }) => !isLive(book) || !(book.bids.isEmpty || book.asks.isEmpty),
  ],
  ["a live book does not cross", ({ book }) => !isLive(book) || book.isSound],
  ["a live book has a sequence", ({ book }) => !isLive(book) || book.seq > 0],
  ["a live book needs no resync", ({ book, phase }) => !isLive(book) || phase === "idle"],
  [
    "a book that is not live is being repaired",
    ({ book, phase }, world) =>
      isLive(book) || phase !== "idle" || world.stopping || world.tick === 0,
  ],
  [
    "a live book hangs on a session with a transport",
    (slot, world) => !isLive(slot.book) || hasTransport(world.sessions[slot.session]),
  ],
  [
    "a book's epoch is not from the future",
    ({ book, session }, world) => book.epoch <= (world.sessions[session]?.lastEpoch ?? 0),
  ],
  [
    "quantities at the touch are positive",
    ({ book }) => !isLive(book) || (book.bids.bestLots > 0 && book.asks.bestLots > 0),
  ],
  ["levels are counted", ({ book }) => book.bids.levelCount >= 0 && book.asks.levelCount >= 0],
  ["a sequence is a safe integer", ({ book }) => Number.isSafeInteger(book.seq)],
  [
    "a resync that waits for a session has none",
    ({ phase, session }, world) =>
      phase !== "waitingSession" || world.sessions[session]?.state !== "live",
  ],
  ["requests in flight are counted", ({ inFlight }) => inFlight >= 0],
  [
    "a decision is not newer than its book",
    ({ book, decidedSeq }) => !isLive(book) || decidedSeq <= book.seq || book.isBridging,
  ],
  ["a resync began before now", ({ degradedUs }, world) => degradedUs <= world.nowUs],
];

const OF_SESSIONS: readonly Invariant<Session>[] = [
  ["epochs only grow", ({ epoch, lastEpoch }) => epoch <= lastEpoch],
  [
    "a predecessor is older",
    ({ epoch, predecessorEpoch }) => predecessorEpoch === 0 || predecessorEpoch < epoch,
  ],
  [
    "a candidate is younger",
    ({ candidate, epoch }) => candidate === undefined || candidate.epoch > epoch,
  ],
  [
    "a session with a transport has an epoch",
    (session) => !hasTransport(session) || session.epoch > 0,
  ],
  [
    "a dialing session has a candidate",
    ({ state, candidate }) => state !== "dialing" || candidate !== undefined,
  ],
  [
    "a waiting session has no candidate",
    ({ state, candidate }) => state !== "waiting" || candidate === undefined,
  ],
  ["frames were read before now", ({ lastRecvUs }, world) => lastRecvUs <= world.nowUs],
  ["a mean interval is not negative", ({ intervalUs }) => intervalUs >= 0],
  ["failures are counted", ({ failures }) => failures >= 0],
];

const OF_VENUES: readonly Invariant<VenueState>[] = [
  ["weight used is counted", ({ weightUsed }) => weightUsed >= 0],
  [
    "snapshots in flight are within their limit",
    ({ snapshotsInFlight }, world) =>
      snapshotsInFlight >= 0 && snapshotsInFlight <= world.limits.snapshotsInFlightMax,
  ],
  [
    "dial tokens stay within their bucket",
    ({ dialTokens, rules }) => dialTokens >= 0 && dialTokens <= rules.dialsMax,
  ],
  ["a clock's error is not negative", ({ clockErrorUs }) => clockErrorUs >= 0],
  [
    "a venue trades only with a live book",
    (venue, world) =>
      venue.mode !== "active" ||
      world.stopping ||
      world.slots.some((slot) => world.venues[slot.venue] === venue && isLive(slot.book)),
  ],
];

const OF_WORLD: readonly Invariant<MarketRing>[] = [
  ["ticks are numbered without a gap", (_, { tick, counters }) => tick === counters.ticks],
  [
    "every tick was a market or a control event",
    (_, { counters }) => counters.ticks === counters.marketEvents + counters.controlEvents,
  ],
  [
    "no decision was made on an invalid book",
    (_, { counters }) => counters.decisionsOnInvalidBook === 0,
  ],
  ["the commands of every tick were taken", (_, { outbox }) => outbox.length === 0],
  ["the market ring is within its capacity", (ring) => ring.depth <= ring.capacity],
];

/** How many invariants there are; the tests hold a floor under it. */
export const INVARIANT_COUNT =
  OF_BOOKS.length + OF_SESSIONS.length + OF_VENUES.length + OF_WORLD.length;

/** The first invariant that does not hold, with whom it concerns; undefined when all hold. */
export function brokenInvariant(world: World, ring: MarketRing): string | undefined {
  for (const slot of world.slots) {
    const name = firstBroken(OF_BOOKS, slot, world);
    if (name !== undefined) return `${name} (${slot.instrument.id})`;
  }
  for (const session of world.sessions) {
    const name = firstBroken(OF_SESSIONS, session, world);
    if (name !== undefined) return `${name} (session ${session.index})`;
  }
  for (const venue of world.venues) {
    const name = firstBroken(OF_VENUES, venue, world);
    if (name !== undefined) return `${name} (${venue.id})`;
  }
  return firstBroken(OF_WORLD, ring, world);
}

function firstBroken<T>(
  invariants: readonly Invariant<T>[],
  subject: T,
  world: World,
): string | undefined {
  for (const [name, holds] of invariants) if (!holds(subject, world)) return name;
  return undefined;
}

function isLive(book: BookSlot["book"]): boolean {
  return book.state === "live";
}

function hasTransport(session: Session | undefined): boolean {
  return session?.state === "live" || session?.state === "subscribing";
}

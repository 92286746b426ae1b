/**
 * Station: core, the numbers that are read from outside. Instead of log lines on the hot path.
 *
 * They are part of the world: a replay of the journal ends with the same counts.
 */
export class Counters {
  ticks = 0;
  marketEvents = 0;
  controlEvents = 0;
  deltas = 0;
  quotes = 0;
  trades = 0;
  levels = 0;
  /** Events of an epoch that is not the current one: dropped. */
  staleEpochDiscards = 0;
  /** Deltas that the book already held: ignored. */
  staleDeltas = 0;
  /** Deltas that met a void book before its resync could buffer them. */
  voidDeltas = 0;
  bufferedDeltas = 0;
  /** Deltas of a young transport whose older one had yet to deliver what came before them. */
  aheadDeltas = 0;
  duplicateTrades = 0;
  gaps = 0;
  brokenContinuity = 0;
  crossedBooks = 0;
  /** Books compared with the venue's own checksum, and those that differed. */
  checksums = 0;
  checksumMismatches = 0;
  /** Snapshots that came in the stream itself. */
  streamSnapshots = 0;
  staleSnapshots = 0;
  failedSnapshots = 0;
  lateSnapshots = 0;
  framesRefused = 0;
  gapsDeclared = 0;
  /** Transports that were replaced, for whatever cause. */
  sessionsReplaced = 0;
  sessionsRotated = 0;
  suspicions = 0;
  /** Suspicions that the session itself disproved: the successor was sent away again. */
  suspicionsWithdrawn = 0;
  dials = 0;
  dialFailures = 0;
  commandsDropped = 0;
  modeChanges = 0;
  resyncs = 0;
  loopStalls = 0;
  /** Touches handed to decisions, and those that should not have been (must stay 0). */
  decisions = 0;
  decisionsOnInvalidBook = 0;
  /** Book changes that no decision was allowed to see: not live, stale, or the mode forbids. */
  decisionsWithheld = 0;
}

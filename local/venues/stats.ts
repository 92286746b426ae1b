/**
 * Station: a venue's counters -> the numbers that `GET /stats` gives.
 *
 * What a test or a bench wants to know of the other side of the wire. It only reads.
 */
import type { VenueModel } from "./venue-model.ts";

export type VenueStats = {
  readonly instrumentCount: number;
  readonly sessionCount: number;
  readonly dialCount: number;
  readonly dialRefusedCount: number;
  readonly diffsMade: number;
  readonly framesSent: number;
  readonly bytesSent: number;
  readonly backlogCuts: number;
  readonly snapshotCount: number;
  readonly weightUsed: number;
  readonly weightLimit: number;
  readonly tooManyCount: number;
  readonly bannedCount: number;
};

/** The counters of one venue as they stand. */
export function venueStats(venue: VenueModel, nowUs: number): VenueStats {
  const { streams, rest, feed, limiter, market } = venue;
  return {
    instrumentCount: market.instruments.length,
    sessionCount: streams.sessions.size,
    dialCount: streams.dialCount,
    dialRefusedCount: streams.dialRefusedCount,
    diffsMade: feed.diffsMade,
    ...streams.traffic,
    snapshotCount: rest.snapshotCount,
    weightUsed: limiter.usedWeight(nowUs),
    weightLimit: limiter.limit,
    tooManyCount: rest.tooManyCount,
    bannedCount: rest.bannedCount,
  };
}

/**
 * Station: a venue's clock -> its offset to ours, with an error bound.
 */
import type { RestClient } from "../io/rest-client.ts";
import type { Venue } from "../venues/venue.ts";

const CLOCK_TRIES = 5;
const READ_TIMEOUT_MS = 5000;
const MILLISECOND_US = 1000;
/** Venues whose clock is in their stream tell it over REST in whole seconds. */
const SECOND_US = 1_000_000;

/** The venue's clock less ours, and how far that may be wrong. */
export type ClockMeasured = { readonly offsetUs: number; readonly errorUs: number };

/** The reading with the shortest way there and back bounds the error best. */
export async function measureClock(
  venue: Venue,
  client: RestClient,
): Promise<ClockMeasured | undefined> {
  const grainUs = venue.isClockInStream === true ? SECOND_US : MILLISECOND_US;
  let best: ClockMeasured | undefined;
  for (let i = 0; i < CLOCK_TRIES; i++) {
    const answer = await client.get(venue.clockPath, READ_TIMEOUT_MS);
    if (answer.kind === "failed" || answer.status !== 200) continue;
    const venueUs = venue.parseClock(answer.body);
    if (venueUs === undefined) continue;
    const halfUs = answer.roundTripUs / 2;
    // What is told is cut to its grain: on average it is half of that too early.
    const errorUs = Math.round(halfUs + grainUs / 2);
    const offsetUs = Math.round(venueUs + grainUs / 2 - (answer.recvUs - halfUs));
    if (best === undefined || errorUs < best.errorUs) best = { offsetUs, errorUs };
  }
  return best;
}

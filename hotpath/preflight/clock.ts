/**
 * Station: a venue's clock -> its offset to ours, with an error bound.
 */
import type { RestClient } from "../io/rest-client.ts";
import type { Venue } from "../venues/venue.ts";

const CLOCK_TRIES = 5;
const READ_TIMEOUT_MS = 5000;
const US_PER_MS = 1000;

/** The venue's clock less ours, and how far that may be wrong. */
export type ClockMeasured = { readonly offsetUs: number; readonly errorUs: number };

/** The reading with the shortest way there and back bounds the error best. */
export async function measureClock(
  venue: Venue,
  client: RestClient,
): Promise<ClockMeasured | undefined> {
  let best: ClockMeasured | undefined;
  for (let i = 0; i < CLOCK_TRIES; i++) {
    const answer = await client.get(venue.clockPath, READ_TIMEOUT_MS);
    if (answer.kind === "failed" || answer.status !== 200) continue;
    const venueUs = venue.parseClock(answer.body);
    if (venueUs === undefined) continue;
    const halfUs = answer.roundTripUs / 2;
    const errorUs = Math.round(halfUs + US_PER_MS);
    const offsetUs = Math.round(venueUs - (answer.recvUs - halfUs));
    if (best === undefined || errorUs < best.errorUs) best = { offsetUs, errorUs };
  }
  return best;
}

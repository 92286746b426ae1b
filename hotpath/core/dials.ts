/**
 * Station: connection attempts at a venue -> a bucket that refills evenly, one for sessions and accounts alike.
 *
 * Venues count dials by address, whatever they are for. Half of what a window allows is in the bucket and half
 * flows in, so that no window, wherever it begins, sees more dials than it allows.
 */
import { dialBurst, type VenueState } from "./world.ts";

/** Takes `count` dials at once; 0 when they may be made, else when (us) to ask again, and nothing is taken. */
export function takeDials(venue: VenueState, count: number, nowUs: number): number {
  const { dialsMax, dialWindowUs } = venue.rules;
  const burst = dialBurst(dialsMax);
  const perUs = Math.max(1, dialsMax - burst) / dialWindowUs;
  if (venue.dialTokensUs > 0) {
    const refill = (nowUs - venue.dialTokensUs) * perUs;
    venue.dialTokens = Math.min(burst, venue.dialTokens + refill);
  }
  venue.dialTokensUs = nowUs;
  const wanted = Math.min(count, burst);
  if (venue.dialTokens < wanted) {
    return nowUs + Math.ceil((wanted - venue.dialTokens) / perUs);
  }
  venue.dialTokens -= wanted;
  return 0;
}

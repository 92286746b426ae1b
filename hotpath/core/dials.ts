/**
 * Station: connection attempts at a venue -> a bucket that refills evenly, one for sessions and accounts alike.
 *
 * Venues count dials by address, whatever they are for. Half of what a window allows is in the bucket and half
 * flows in, so that no window, wherever it begins, sees more dials than it allows.
 */

/** What a venue's state keeps of its dials. */
export type DialBucket = {
  readonly rules: { readonly dialsMax: number; readonly dialWindowUs: number };
  dialTokens: number;
  /** Time of the last look; 0 before the first. */
  dialTokensUs: number;
};

/** What opening an account dials at most, and a dial that fails. */
const BESIDE_SESSIONS = 3;
/** Of what a window allows, beside what every start needs: lost the first time, it is there at once. */
const SPARE_SHARE = 1 / 12;

/** How many dials may be made at once, of those that a window allows. */
export function dialBurst(dialsMax: number): number {
  return Math.max(1, Math.floor(dialsMax / 2));
}

/**
 * What is in the bucket at the start: enough to open everything, and little more. Nobody remembers the dials of
 * the life before, which count in the same window.
 */
export function dialsAtStart(dialsMax: number, sessionCount: number): number {
  const needed = sessionCount + BESIDE_SESSIONS + Math.floor(dialsMax * SPARE_SHARE);
  return Math.min(dialBurst(dialsMax), needed);
}

/** Takes `count` dials at once; 0 when they may be made, else when (us) to ask again, and nothing is taken. */
export function takeDials(bucket: DialBucket, count: number, nowUs: number): number {
  const { dialsMax, dialWindowUs } = bucket.rules;
  const burst = dialBurst(dialsMax);
  const perUs = Math.max(1, dialsMax - burst) / dialWindowUs;
  if (bucket.dialTokensUs > 0) {
    const refill = (nowUs - bucket.dialTokensUs) * perUs;
    bucket.dialTokens = Math.min(burst, bucket.dialTokens + refill);
  }
  bucket.dialTokensUs = nowUs;
  const wanted = Math.min(count, burst);
  if (bucket.dialTokens < wanted) {
    return nowUs + Math.ceil((wanted - bucket.dialTokens) / perUs);
  }
  bucket.dialTokens -= wanted;
  return 0;
}

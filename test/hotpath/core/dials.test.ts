// Goal: one life keeps a venue's limit of dials, and so do two that follow each other within one window.
import { expect, test } from "vitest";
import {
  type DialBucket,
  dialBurst,
  dialsAtStart,
  takeDials,
} from "../../../hotpath/core/dials.ts";

const SECOND = 1_000_000;
const START_US = 1_700_000_000 * SECOND;
/** KuCoin: 30 dials a minute, of which four fifths are ours (docs of 2026). */
const ALLOWED = 30;
const RULES = { dialsMax: 24, dialWindowUs: 60 * SECOND };

function bucket(sessionCount: number): DialBucket {
  const dialTokens = dialsAtStart(RULES.dialsMax, sessionCount);
  return { rules: RULES, dialTokens, dialTokensUs: 0 };
}

/** Dials as often as the bucket allows. */
function dialsWithin(venue: DialBucket, fromUs: number, untilUs: number, count = 1): number {
  let dials = 0;
  for (let nowUs = fromUs; nowUs < untilUs; ) {
    const againUs = takeDials(venue, count, nowUs);
    if (againUs === 0) dials += count;
    else nowUs = Math.max(againUs, nowUs + 1);
  }
  return dials;
}

test("a life that dials without end stays within what the venue allows", () => {
  const venue = bucket(3);
  expect(dialsWithin(venue, START_US, START_US + 60 * SECOND)).toBeLessThanOrEqual(RULES.dialsMax);
});

test("a second life within the window does too, as long as both only dial what falls free", () => {
  const first = dialsWithin(bucket(3), START_US, START_US + 30 * SECOND);
  const second = dialsWithin(bucket(3), START_US + 30 * SECOND, START_US + 60 * SECOND);
  expect(first + second).toBeLessThanOrEqual(ALLOWED);
});

test("a start may open everything at once, and never more than a burst", () => {
  expect(dialsAtStart(RULES.dialsMax, 3)).toBeGreaterThanOrEqual(3 + 2);
  expect(dialsAtStart(RULES.dialsMax, 1000)).toBe(dialBurst(RULES.dialsMax));
  expect(dialsAtStart(1, 1)).toBe(1);
});

test("several are taken together or not at all, and the answer is when to ask again", () => {
  const venue = bucket(0);
  venue.dialTokens = 1;
  venue.dialTokensUs = START_US;
  const againUs = takeDials(venue, 2, START_US);
  expect(againUs).toBe(START_US + 5 * SECOND);
  expect(venue.dialTokens).toBe(1);
  expect(takeDials(venue, 2, againUs)).toBe(0);
});

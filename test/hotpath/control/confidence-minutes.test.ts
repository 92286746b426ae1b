// Goal: the least confidence of each minute is what the pages are told, for an hour and no longer.
import { describe, expect, test } from "vitest";
import type { VenueStatus } from "../../../contracts/status.ts";
import {
  CONFIDENCE_MINUTES_KEPT,
  ConfidenceMinutes,
} from "../../../hotpath/control/confidence-minutes.ts";

const US_PER_MINUTE = 60_000_000;

function venues(...confidences: readonly (readonly [venue: string, confidence: number])[]) {
  const all: unknown = confidences.map(([venue, confidence]) => {
    return { sessions: [{ venue, shard: 0, confidence }] };
  });
  return all as VenueStatus[];
}

describe("confidence by minute", () => {
  test("is the least that was seen, cut off to two places", () => {
    const minutes = new ConfidenceMinutes();
    for (const confidence of [0.999, 0.456, 0.8]) {
      minutes.take({ nowUs: 5, venues: venues(["kraken", confidence]) });
    }
    expect(minutes.told).toEqual({ endedUs: [US_PER_MINUTE], sessions: { "kraken #0": [0.45] } });
  });

  test("has no number for a session in a minute in which it was not there", () => {
    const minutes = new ConfidenceMinutes();
    minutes.take({ nowUs: 1, venues: venues(["kraken", 1]) });
    minutes.take({ nowUs: US_PER_MINUTE, venues: venues(["kucoin", 0.5]) });
    expect(minutes.told.sessions).toEqual({ "kraken #0": [1, null], "kucoin #0": [null, 0.5] });
  });

  test("keeps the last hour and goes on where a clock was set back", () => {
    const minutes = new ConfidenceMinutes();
    for (let at = 0; at < CONFIDENCE_MINUTES_KEPT + 5; at += 1) {
      minutes.take({ nowUs: at * US_PER_MINUTE, venues: venues(["kraken", 1]) });
    }
    minutes.take({ nowUs: 3, venues: venues(["kraken", 0.25]) });
    const { endedUs, sessions } = minutes.told;
    expect(endedUs).toHaveLength(CONFIDENCE_MINUTES_KEPT);
    expect(endedUs[0]).toBe(6 * US_PER_MINUTE);
    expect(sessions["kraken #0"]?.at(-1)).toBe(0.25);
  });
});

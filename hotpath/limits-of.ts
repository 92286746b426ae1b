/**
 * Station: configuration -> limits of the core. Milliseconds that people write become the microseconds
 * that the core counts in; nothing is decided here.
 */
import type { Config, LimitsConfig, VenueConfig } from "../contracts/schema/config.ts";
import { US_PER_MS, US_PER_S } from "../contracts/time.ts";
import type { CoreLimits, VenueRules } from "./core/limits.ts";
import type { Venue } from "./venues/venue.ts";

const US_PER_MINUTE = 60 * US_PER_S;
const MINUTE_US = 60_000_000;

/** The core's limits, all of them from the file. */
export function coreLimitsOf({ limits }: Config): CoreLimits {
  return {
    ...silenceLimitsOf(limits),
    transportUs: limits.transportMs * US_PER_MS,
    ancientUs: limits.ancientMs * US_PER_MS,
    frozenUs: limits.frozenMs * US_PER_MS,
    queueDelayUs: limits.queueDelayMs * US_PER_MS,
    stallUs: limits.stallMs * US_PER_MS,
    decisionAgeUs: limits.decisionAgeMs * US_PER_MS,
    clockOffsetUs: limits.clockOffsetMsMax * US_PER_MS,
    clockIntervalUs: limits.clockIntervalS * US_PER_S,
    dialTimeoutUs: limits.dialTimeoutMs * US_PER_MS,
    subscribeTimeoutUs: limits.subscribeTimeoutMs * US_PER_MS,
    snapshotHedgeUs: limits.snapshotHedgeMs * US_PER_MS,
    snapshotTimeoutUs: limits.snapshotTimeoutMs * US_PER_MS,
    snapshotsInFlightMax: limits.snapshotsInFlightMax,
    quietAcceptUs: limits.quietAcceptMs * US_PER_MS,
    backoffInitialUs: limits.backoffInitialMs * US_PER_MS,
    backoffCapUs: limits.backoffCapMs * US_PER_MS,
    stableUs: limits.stableAfterS * US_PER_S,
    rotateAfterUs: Math.round(limits.rotateAfterMinutes * US_PER_MINUTE),
    overlapUs: limits.overlapMs * US_PER_MS,
    modeHysteresisUs: limits.modeHysteresisMs * US_PER_MS,
    refusalsMax: limits.refusalsMax,
    refusalWindowUs: limits.refusalWindowMs * US_PER_MS,
    bufferedDeltasMax: limits.bufferedDeltasMax,
    bufferedLevelsMax: limits.bufferedLevelsMax,
  };
}

type SilenceLimits = Pick<
  CoreLimits,
  | "suspectFloorUs"
  | "silenceFloorUs"
  | "silenceFastUs"
  | "silenceCeilingUs"
  | "silenceFactor"
  | "firstDataUs"
>;

function silenceLimitsOf(limits: LimitsConfig): SilenceLimits {
  return {
    suspectFloorUs: limits.suspectMs * US_PER_MS,
    silenceFloorUs: limits.silenceFloorMs * US_PER_MS,
    silenceFastUs: limits.silenceFastMs * US_PER_MS,
    silenceCeilingUs: limits.silenceCeilingMs * US_PER_MS,
    silenceFactor: limits.silenceFactor,
    firstDataUs: limits.firstDataMs * US_PER_MS,
  };
}

/** Dials are kept well below the venue's own limit: other programs may share the address. */
const DIAL_SHARE = 0.8;

/** What may be asked of a venue: its published limits, and our share of them. */
export function venueRulesOf(
  venue: Venue,
  config: VenueConfig,
  publishedWeightPerMinute: number,
): VenueRules {
  const wantedLevels = Math.min(config.snapshotLevels, venue.depthLevelsMax);
  const depthLimit = venue.depthFor?.(wantedLevels) ?? wantedLevels;
  const windows = venue.weightWindowUs / MINUTE_US;
  return {
    depthLimit,
    depthWeight: venue.depthWeight(depthLimit),
    shallower: venue.depthSizes
      .filter((levels) => levels < depthLimit)
      .map((levels) => ({ levels, weight: venue.depthWeight(levels) })),
    clockWeight: venue.clockWeight,
    weightLimit: Math.floor(publishedWeightPerMinute * windows * config.weightShare),
    weightWindowUs: venue.weightWindowUs,
    dialsMax: Math.floor(venue.dialsMax * DIAL_SHARE),
    dialWindowUs: venue.dialWindowUs,
  };
}

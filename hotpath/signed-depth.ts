/**
 * Station: a plan and the keys of its accounts -> the same plan with the deeper snapshots that keys open.
 *
 * Some venues give the whole book only to those who sign. Which books are deeper is part of the plan, and so
 * of the journal; the keys never are.
 */
import type { Config } from "../contracts/schema/config.ts";
import type { VenueRules } from "./core/limits.ts";
import type { HotPlan } from "./plan.ts";
import type { KeysByVenue } from "./prepare-trading.ts";
import { VENUES } from "./venues/registry.ts";
import type { Venue } from "./venues/venue.ts";

/** Raises the depth of snapshots where the venue wants a signature for it and there is a key. */
export function withSignedDepth(config: Config, plan: HotPlan, keys: KeysByVenue): HotPlan {
  const venues = plan.venues.map((share) => {
    const { signedReads } = VENUES[share.id];
    const asked = config.venues[share.id]?.snapshotLevels;
    if (signedReads === undefined || keys[share.id] === undefined || asked === undefined) {
      return share;
    }
    const depthLimit = Math.min(asked, signedReads.depthLevelsMax);
    return { ...share, rules: rulesWith(VENUES[share.id], share.rules, depthLimit) };
  });
  return { ...plan, venues };
}

/** What was the deepest without a key is the first of the smaller sizes now. */
function rulesWith(venue: Venue, rules: VenueRules, depthLimit: number): VenueRules {
  if (depthLimit <= rules.depthLimit) return rules;
  const shallower = [venue.depthLevelsMax, ...venue.depthSizes]
    .filter((levels) => levels < depthLimit)
    .map((levels) => ({ levels, weight: venue.depthWeight(levels) }));
  return { ...rules, depthLimit, depthWeight: venue.depthWeight(depthLimit), shallower };
}

/**
 * A rate of a venue in which only the commands that a test names cost anything.
 */
import { RATED_COMMANDS, type RateRule } from "../../../../hotpath/core/risk/rate-rule.ts";
import { SECOND } from "./rig.ts";

/** A limit of 100 a minute, in which only these commands cost anything. */
export function weight(costs: Partial<RateRule["costs"]>): RateRule {
  const none = Object.fromEntries(RATED_COMMANDS.map((command) => [command, 0]));
  return {
    name: "weight",
    kind: "window",
    scope: "account",
    limit: 100,
    windowUs: 60 * SECOND,
    decayPerS: 0,
    costs: { ...(none as RateRule["costs"]), ...costs },
  };
}

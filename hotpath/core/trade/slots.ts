/**
 * Station: core, which cycles may be under way together. Two that share an instrument would take from one
 * another's book and balance; two of one triangle would be the same opportunity twice (L13).
 */
import type { Cycle } from "./cycle.ts";
import type { TradingPlan } from "./plan.ts";

export type SlotClaim = {
  readonly venue: number;
  readonly key: number;
  readonly startAsset: string;
  readonly instruments: readonly number[];
};

/** Why a cycle may not begin beside those that are under way; "" when it may. */
export function slotConflict(
  active: readonly Cycle[],
  claim: SlotClaim,
  plan: Pick<TradingPlan, "slots" | "isolation">,
): string {
  if (active.length >= plan.slots) return "no slot is free";
  for (const cycle of active) {
    if (cycle.venue !== claim.venue) continue;
    if (cycle.key === claim.key) return "the triangle is under way";
    if (plan.isolation.primaryQuote && cycle.startAsset === claim.startAsset) {
      return "its start asset is in use";
    }
    if (!plan.isolation.instrument) continue;
    const isShared = (leg: { readonly instrument: number }) =>
      claim.instruments.includes(leg.instrument);
    if (cycle.planned.some(isShared) || cycle.orders.some(isShared)) {
      return "an instrument is in use";
    }
  }
  return "";
}

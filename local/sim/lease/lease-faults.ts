/**
 * Station: what befalls the lease and its holders -> counts by class (RELIABILITY section 2), and what was
 * seen in answer to it. A class that was never injected proves nothing, so both are told.
 */

/** Faults of this room. */
export const LEASE_FAULTS = [
  "C01",
  "C03",
  "C06",
  "C08",
  "C09",
  "C10",
  "C11",
  "C12",
  "C38",
  "O04",
  "P01",
  "P22",
  "P23",
  "P24",
  "P30",
] as const;
export type LeaseFault = (typeof LEASE_FAULTS)[number];

/** Reactions that a campaign wants to have seen. */
export const LEASE_PROBES = [
  "takeover",
  "handover",
  "lossByTime",
  "lossByOther",
  "zombieEnded",
  "shortLeaseDenied",
  "clockDenied",
  "windowRefused",
  "backEndLate",
  "doubtResolved",
  "floorHeld",
] as const;
export type LeaseProbe = (typeof LEASE_PROBES)[number];

export type LeaseCounts = {
  readonly injected: Record<LeaseFault, number>;
  readonly seen: Record<LeaseProbe, number>;
};

export function noCounts(): LeaseCounts {
  const zero = <Name extends string>(names: readonly Name[]): Record<Name, number> =>
    Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  return { injected: zero(LEASE_FAULTS), seen: zero(LEASE_PROBES) };
}

/** Adds the counts of one run to those of a campaign. */
export function addCounts(sum: LeaseCounts, more: LeaseCounts): void {
  for (const fault of LEASE_FAULTS) sum.injected[fault] += more.injected[fault];
  for (const probe of LEASE_PROBES) sum.seen[probe] += more.seen[probe];
}

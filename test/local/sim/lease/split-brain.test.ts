// Goal: whatever befalls tables, hosts and the way to the venue, never two containers trade on one account.
// Method: whole histories from seeds, production claim, keeper and core inside; seeds that once failed are kept.
import { describe, expect, test } from "vitest";
import { splitBrainCampaign } from "../../../../local/sim/lease/campaign.ts";
import { LEASE_FAULTS, LEASE_PROBES } from "../../../../local/sim/lease/lease-faults.ts";
import { runSplitBrain } from "../../../../local/sim/lease/split-brain.ts";

const FRESH = { from: 100_001, to: 100_120 };

describe("split brains", () => {
  test("end with one holder that trades, and never had two", { timeout: 120_000 }, async () => {
    const totals = await splitBrainCampaign(FRESH);
    expect(totals.failed).toEqual([]);
    expect(totals.seeds).toBe(FRESH.to - FRESH.from + 1);
    expect(totals.takeovers).toBeGreaterThan(totals.seeds);
    expect(totals.pauses).toBeGreaterThan(totals.seeds);
    expect(totals.accepted).toBeGreaterThan(100 * totals.seeds);
    // What was never injected, or never answered to, proves nothing.
    expect(LEASE_FAULTS.filter((fault) => totals.counts.injected[fault] === 0)).toEqual([]);
    expect(LEASE_PROBES.filter((probe) => totals.counts.seen[probe] === 0)).toEqual([]);
  });

  test("are the same history whenever they are run", { timeout: 60_000 }, async () => {
    const totals = await splitBrainCampaign({ from: 7, to: 16, isTwice: true });
    expect(totals.unequal).toEqual([]);
    const hashes = new Set<string>();
    const onVerdict = ({ traceHash }: { traceHash: string }): void => void hashes.add(traceHash);
    await splitBrainCampaign({ from: 7, to: 16, onVerdict });
    expect(hashes.size).toBe(10);
  });

  test.each([
    [4, "orders left with less of the lease than its margin"],
    [32, "an item that was deleted twice counted as one wait, and a lower fence came back"],
    [261, "a fence was used again that neither a record nor a disk remembered"],
    [
      282,
      "two orders that nobody had recorded were forgotten with their disk, and so was their fence",
    ],
    [406, "client ids of a fence that was forgotten were used again"],
    [543, "two fences were forgotten one after the other"],
    [583, "a holder of an older fence began after a newer one"],
    [8021, "a pause that had to end before its time kept back half of what waited for its end"],
    [946, "an account that had been slow once was never traded on again"],
  ])("seed %i holds: %s", { timeout: 30_000 }, async (seed) => {
    expect((await runSplitBrain({ seed })).violations).toEqual([]);
  });
});

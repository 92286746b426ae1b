// Goal: no order of looks, landings, answers and losses gives two machines of the lease a right at once.
import { expect, test } from "vitest";
import { LEASE_TIMES } from "../../../../contracts/lease.ts";
import { US_PER_S } from "../../../../contracts/time.ts";
import { LeaseMachine } from "../../../../hotpath/core/lease/lease-machine.ts";
import { checkInterleavings, leaseMachine } from "../../../../local/sim/lease/interleavings.ts";

test("no order of eight steps is wrong, and some of them pass the lease on", () => {
  const found = checkInterleavings(8);
  expect(found.violations).toEqual([]);
  expect(found.states).toBeGreaterThan(40_000);
  expect(found.transitions).toBeGreaterThan(found.states);
  expect(found.takeovers).toBeGreaterThan(0);
});

test("a successor that waits for less than the lease is found, with the way to it", () => {
  const times = { ...LEASE_TIMES, ttlUs: 7 * US_PER_S, windowUs: 0, clockErrorUs: 0 };
  const found = checkInterleavings(7, (name, nowUs) => {
    if (name === "a") return leaseMachine(name, nowUs);
    const identity = {
      account: "main",
      engine: "e",
      holder: name,
      imageDigest: "",
      schemaHash: "",
    };
    return new LeaseMachine({ identity, times, fenceFloor: 0, nowUs });
  });
  expect(found.violations.length).toBeGreaterThan(0);
  expect(found.violations[0]).toMatch(/^b holds from \d+, a until \d+: .*b\.look b\.land b\.hear$/);
});

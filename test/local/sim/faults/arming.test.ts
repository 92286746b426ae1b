// Goal: every kind that is on and waits for an opportunity is armed once; what happens by itself and long bans are not.
import { expect, test } from "vitest";
import { armEach } from "../../../../local/sim/faults/arming.ts";
import type { TradingFaultKind } from "../../../../local/venues/exchange/faults.ts";
import { Random } from "../../../../local/venues/market/random.ts";

const TRADING = { ackLost: 0.1, banned: 0.1, deposit: 3, cancelError: 0 };

function armed(isFast: boolean): readonly (readonly [TradingFaultKind, number])[] {
  const found: [TradingFaultKind, number][] = [];
  const faults = { arm: (kind: TradingFaultKind, count: number) => void found.push([kind, count]) };
  const waits: number[] = [];
  const after = (us: number, arm: () => void) => {
    waits.push(us);
    arm();
  };
  armEach(faults, { trading: TRADING }, { random: new Random(1, "arms"), isFast, after });
  expect(waits.every((us) => us >= 5_000_000 && us <= 20_000_000)).toBe(true);
  return found;
}

test("a kind that is on is armed once", () => {
  expect(armed(false)).toEqual([["ackLost", 1]]);
});

test("a ban is armed where it is short", () => {
  expect(armed(true)).toEqual([
    ["ackLost", 1],
    ["banned", 1],
  ]);
});

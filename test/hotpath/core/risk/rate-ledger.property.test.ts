// Goal: whatever is asked for in whatever order, a venue's limit is never exceeded in any window of its own, and
// a cancel always finds room. Method: seeded sequences against a naive list of what was sent.
import { describe, expect, test } from "vitest";
import { RateLedger } from "../../../../hotpath/core/risk/rate-ledger.ts";
import {
  RATED_COMMANDS,
  type RatedCommand,
  type RateRule,
} from "../../../../hotpath/core/risk/rate-rule.ts";
import { seeded } from "../true-book.ts";

const COSTS: RateRule["costs"] = {
  placeOrder: 1,
  testOrder: 1,
  cancelOrder: 1,
  cancelAll: 2,
  queryOrder: 4,
  readAccount: 20,
  readFees: 10,
};

const WINDOW: RateRule = {
  name: "weight",
  kind: "window",
  scope: "account",
  limit: 600,
  windowUs: 10_000_000,
  decayPerS: 0,
  costs: COSTS,
};

const DECAY: RateRule = {
  name: "counter",
  kind: "decay",
  scope: "instrument",
  limit: 60,
  windowUs: 0,
  decayPerS: 2.34,
  costs: { ...COSTS, queryOrder: 0, readAccount: 0, readFees: 0 },
};

type Sent = { readonly atUs: number; readonly cost: number; readonly instrument: number };

/** Plays a day of a busy account: bursts, pauses, every command. What left is returned. */
function play(seed: number, rules: readonly RateRule[], steps: number): Sent[] {
  const chance = seeded(seed);
  const ledger = new RateLedger(rules);
  const sent: Sent[] = [];
  let nowUs = 1_795_262_400_000_000 + Math.floor(chance() * 60_000_000);
  for (let i = 0; i < steps; i++) {
    nowUs += chance() < 0.8 ? Math.floor(chance() * 2000) : Math.floor(chance() * 3_000_000);
    const command = RATED_COMMANDS[Math.floor(chance() * RATED_COMMANDS.length)] as RatedCommand;
    const instrument = Math.floor(chance() * 3);
    if (!ledger.maySpend(command, instrument, nowUs)) continue;
    ledger.spend(command, instrument, nowUs);
    const cost = rules[0]?.costs[command] ?? 0;
    sent.push({ atUs: nowUs, cost, instrument });
  }
  return sent;
}

/** The most that any window of the length holds, wherever the venue lets it begin. */
function worstWindow(sent: readonly Sent[], windowUs: number): number {
  let worst = 0;
  for (let first = 0, last = 0, sum = 0; last < sent.length; last++) {
    sum += sent[last]?.cost ?? 0;
    while ((sent[last]?.atUs ?? 0) - (sent[first]?.atUs ?? 0) >= windowUs) {
      sum -= sent[first]?.cost ?? 0;
      first++;
    }
    worst = Math.max(worst, sum);
  }
  return worst;
}

/** The highest that a counter which falls all the time gets to. */
function worstCounter(sent: readonly Sent[], decayPerS: number): number {
  let worst = 0;
  let level = 0;
  let beforeUs = 0;
  for (const { atUs, cost } of sent) {
    level = Math.max(0, level - ((atUs - beforeUs) / 1_000_000) * decayPerS) + cost;
    beforeUs = atUs;
    worst = Math.max(worst, level);
  }
  return worst;
}

describe("the ledger of rates", () => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    "never exceeds its share in any window of the venue: seed %d",
    (seed) => {
      const sent = play(seed, [WINDOW], 20_000);
      expect(sent.length).toBeGreaterThan(500);
      expect(worstWindow(sent, WINDOW.windowUs)).toBeLessThanOrEqual(WINDOW.limit * 0.8);
    },
  );

  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    "never lets a falling counter above its share, for each instrument alone: seed %d",
    (seed) => {
      const sent = play(seed, [DECAY], 20_000);
      for (const instrument of [0, 1, 2]) {
        const own = sent.filter((each) => each.instrument === instrument);
        expect(own.length).toBeGreaterThan(100);
        // One part in a million: the counter is a double.
        expect(worstCounter(own, DECAY.decayPerS)).toBeLessThanOrEqual(DECAY.limit * 0.8 + 1e-6);
      }
    },
  );

  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    "keeps a fifth of it for cancels, whatever else was sent: seed %d",
    (seed) => {
      const chance = seeded(seed);
      const ledger = new RateLedger([WINDOW]);
      const nowUs = 1_795_262_400_000_000;
      const others = RATED_COMMANDS.filter((each) => !each.startsWith("cancel"));
      for (let i = 0; i < 5000; i++) {
        const command = others[Math.floor(chance() * others.length)] as RatedCommand;
        if (ledger.maySpend(command, 0, nowUs)) ledger.spend(command, 0, nowUs);
      }
      expect(ledger.maySpend("placeOrder", 0, nowUs)).toBe(false);
      let cancels = 0;
      while (ledger.maySpend("cancelOrder", 0, nowUs)) {
        ledger.spend("cancelOrder", 0, nowUs);
        cancels++;
      }
      expect(cancels).toBe(WINDOW.limit * 0.8 * 0.2);
    },
  );

  test("lets repeated reads give way to orders", () => {
    const ledger = new RateLedger([WINDOW]);
    while (ledger.maySpend("readAccount", 0, 0)) ledger.spend("readAccount", 0, 0);
    expect(ledger.usedOf("weight", -1, 0)).toBe(280);
    expect(ledger.maySpend("placeOrder", 0, 0)).toBe(true);
    expect(ledger.maySpend("queryOrder", 0, 0)).toBe(true);
  });

  test("has everything back after a window and a slice of pause", () => {
    const ledger = new RateLedger([WINDOW]);
    while (ledger.maySpend("cancelOrder", 0, 0)) ledger.spend("cancelOrder", 0, 0);
    expect(ledger.usedOf("weight", 0, 10_999_999)).toBe(480);
    expect(ledger.usedOf("weight", 0, 11_000_000)).toBe(0);
  });

  test("takes up the venue's count where it is higher, and never where it is lower", () => {
    const ledger = new RateLedger([WINDOW, DECAY]);
    ledger.spend("placeOrder", 0, 0);
    ledger.onUsage("weight", -1, 384, 0);
    expect(ledger.usedOf("weight", -1, 0)).toBe(384);
    expect(ledger.whyNot("placeOrder", 0, 0)).toMatch(/rate weight: 384 used/);
    expect(ledger.maySpend("cancelOrder", 0, 0)).toBe(true);
    ledger.onUsage("weight", -1, 5, 0);
    expect(ledger.usedOf("weight", -1, 0)).toBe(384);
    ledger.onUsage("counter", 2, 48, 0);
    expect(ledger.usedOf("counter", 2, 0)).toBe(48);
    expect(ledger.usedOf("counter", 1, 0)).toBe(0);
    for (const used of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      ledger.onUsage("weight", -1, used, 0);
    }
    ledger.onUsage("nothing", -1, 1000, 0);
    expect(ledger.usedOf("weight", -1, 0)).toBe(384);
    expect(ledger.usedOf("nothing", -1, 0)).toBe(0);
  });

  test("is silent until the venue's time, for every command, and a shorter silence changes nothing", () => {
    const ledger = new RateLedger([WINDOW]);
    ledger.onSilenced(5_000_000, false);
    ledger.onSilenced(2_000_000, false);
    for (const command of RATED_COMMANDS) {
      expect(ledger.maySpend(command, 0, 4_999_999)).toBe(false);
      expect(ledger.maySpend(command, 0, 5_000_000)).toBe(true);
    }
    expect(ledger.isBanned).toBe(false);
    ledger.onSilenced(1, true);
    expect(ledger.isBanned).toBe(true);
  });

  test("goes on after a restart where it was, silence and ban included", () => {
    const before = new RateLedger([WINDOW, DECAY]);
    for (let i = 0; i < 100; i++) before.spend("cancelOrder", i % 3, i * 90_000);
    before.onSilenced(7, true);
    const after = new RateLedger([DECAY, WINDOW]);
    expect(after.importState(JSON.parse(JSON.stringify(before.exportState())))).toBe(true);
    expect([after.silentUntilUs, after.isBanned]).toEqual([7, true]);
    for (let atUs = 9_000_000; atUs < 25_000_000; atUs += 100_000) {
      for (const rate of ["weight", "counter"]) {
        expect(after.usedOf(rate, 1, atUs)).toBe(before.usedOf(rate, 1, atUs));
      }
    }
    // A rule that is gone is passed by.
    expect(new RateLedger([DECAY]).importState(before.exportState())).toBe(true);
  });

  const good = new RateLedger([WINDOW]).exportState();
  const tally = good.tallies.weight ?? [];
  test.each<[string, unknown]>([
    ["nothing", null],
    ["another version", { ...good, version: 2 }],
    ["no ban", { ...good, isBanned: 0 }],
    ["no silence", { ...good, silentUntilUs: "x" }],
    ["no tallies", { ...good, tallies: null }],
    ["a tally that is none", { ...good, tallies: { weight: 5 } }],
    ["a tally too short", { ...good, tallies: { weight: tally.slice(1) } }],
    ["a slice below zero", { ...good, tallies: { weight: [...tally.slice(0, -1), -1] } }],
    ["a slice that is none", { ...good, tallies: { weight: [...tally.slice(0, -1), null] } }],
  ])("refuses a state of %s", (_about, state) => {
    const ledger = new RateLedger([WINDOW]);
    expect(ledger.importState(state)).toBe(false);
    expect(ledger.exportState()).toEqual(good);
  });

  test("asserts shares that leave nothing", () => {
    expect(() => new RateLedger([], 0)).toThrow();
    expect(() => new RateLedger([], 0.8, 0.5)).toThrow();
  });
});

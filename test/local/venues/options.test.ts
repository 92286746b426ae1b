/** Goal: every flag is understood, and a wrong flag or plan is named in one line. */
import { describe, expect, it } from "vitest";
import { parseDelays, parseFault, parseFaultPlan } from "../../../local/venues/fault-plan.ts";
import { DEFAULT_OPTIONS, parseOptions } from "../../../local/venues/options.ts";

function reasonOf(...args: string[]): string {
  const parsed = parseOptions(args);
  return parsed.kind === "bad" ? parsed.reason : "accepted";
}

describe("flags", () => {
  it("left out have their defaults", () => {
    expect(parseOptions([])).toEqual({ kind: "ok", options: DEFAULT_OPTIONS });
  });

  it("given are taken", () => {
    const args = [
      ["--seed", "42", "--spot-instruments", "50", "--profile", "wide", "--with-parent"],
      ["--dial-ms", "100:500", "--snapshot-ms", "7", "--fault-kinds", "cut,silent"],
      ["--venue-speed", "10", "--trading-faults", "ackLost=0.05,halt=2"],
    ].flat();
    const parsed = parseOptions(args);
    if (parsed.kind === "bad") throw new Error(parsed.reason);
    expect(parsed.options).toMatchObject({
      seed: 42,
      spotInstruments: 50,
      usdmInstruments: DEFAULT_OPTIONS.usdmInstruments,
      profile: "wide",
      withParent: true,
      delays: { dialMs: [100, 500], subscribeMs: null, snapshotMs: [7, 7] },
      faultKinds: ["cut", "silent"],
      venueSpeed: 10,
      tradingFaults: { ackLost: 0.05, halt: 2 },
    });
  });

  it.each([
    [["--seed", "-1"], "seed"],
    [["--seed", "1.5"], "--seed: expected an integer from 0"],
    [["--levels", "10"], "--levels: expected an integer from 50 to 10000, got 10"],
    [["--dial-ms", "500:100"], "--dial-ms: expected MIN:MAX"],
    [["--snapshot-ms", "soon"], "--snapshot-ms: expected MIN:MAX"],
    [["--profile", "narrow"], "--profile: expected one of quiet, wide, got narrow"],
    [["--fault-kinds", "cut,nap"], "--fault-kinds: expected one of cut"],
    [["--trading-faults", "nap=1"], "--trading-faults: nap"],
    [["--trading-faults", "ackLost=2"], "--trading-faults: ackLost"],
    [["--trading-faults", "ackLost"], "--trading-faults: ackLost"],
    [["--speed", "3"], "--speed"],
    [["--seed"], "--seed"],
    [["extra"], "extra"],
  ])("%j name what is wrong", (args, words) => {
    const reason = reasonOf(...args);
    expect(reason).toContain(words);
    expect(reason).not.toContain("\n");
  });
});

describe("faults", () => {
  it.each([
    [{ kind: "nap", venue: "binance-spot" }, "kind"],
    [{ kind: "cut", venue: "mars" }, "venue"],
    [{ kind: "cut" }, "venue"],
    [{ kind: "cut", venue: "binance-spot", duration: 5 }, "duration"],
    [{ kind: "burst", venue: "binance-spot", durationMs: 0 }, "durationMs"],
    [{ kind: "snapshot503", venue: "binance-spot", count: 1.5 }, "count"],
    [null, "(whole)"],
  ])("%j name the field %s", (input, field) => {
    expect(parseFault(input)).toMatchObject({ kind: "bad", field });
  });

  it.each([
    ["{", "(whole)"],
    ['{"faults":[{"atMs":1,"kind":"cut","venue":"binance-spot"},{"atMs":2}]}', "faults.1.kind"],
    ['{"faultsPerMinute":-1}', "faultsPerMinute"],
    ['{"kinds":[]}', "kinds"],
    ['{"trading":[{"atMs":1,"kind":"nap"}]}', "trading.0.kind"],
  ])("of the plan %s name the field %s", (text, field) => {
    expect(parseFaultPlan(text)).toMatchObject({ kind: "bad", field });
  });
});

describe("delays", () => {
  it("may be null, absent or a range, and never end before they begin", () => {
    expect(parseDelays({ dialMs: null, snapshotMs: [1, 2] })).toMatchObject({ kind: "ok" });
    expect(parseDelays({ dialMs: [2, 1] })).toMatchObject({ kind: "bad", field: "dialMs" });
    expect(parseDelays({ dialMs: [-1, 1] })).toMatchObject({ kind: "bad", field: "dialMs.0" });
  });
});

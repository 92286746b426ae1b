// Goal: what people must know at once becomes an alert, once an incident; the rest stays history.
import { describe, expect, test } from "vitest";
import type { AlertFact, Fact, KillFact } from "../../../contracts/history.ts";
import { alertOf, INCIDENT_WINDOW_US, incidentIdOf } from "../../../hotpath/facts/alert-of.ts";
import { factOf } from "../../../hotpath/facts/fact.ts";
import { haltedAlert } from "../../../hotpath/publish/own-alerts.ts";

const SOURCE = { engine: "paper", runId: "run-1" } as const;
const AT_US = 1_790_000_000_000_000;

function alertFact(over: Partial<AlertFact> = {}, seq = 5, atUs = AT_US): Fact {
  const payload: AlertFact = {
    severity: 1,
    kind: "overfill",
    instrument: "binance-spot:BTCUSDT",
    text: "2 of 1 lots",
    ...over,
  };
  return factOf(SOURCE, { seq, atUs }, "alert", { venue: "binance-spot" }, payload);
}

function killFact(over: Partial<KillFact> = {}, seq = 6): Fact {
  const payload: KillFact = {
    scope: "venue",
    target: "kraken",
    isKilled: true,
    by: "ann",
    reason: "drill",
    ...over,
  };
  return factOf(SOURCE, { seq, atUs: AT_US }, "kill", { venue: null }, payload);
}

describe("an alert", () => {
  test("says what happened and where", () => {
    expect(alertOf(alertFact())).toMatchObject({
      engine: "paper",
      severity: 1,
      kind: "overfill",
      text: "overfill (binance-spot:BTCUSDT): 2 of 1 lots",
      atUs: AT_US,
    });
    expect(alertOf(alertFact({ instrument: "" }))?.text).toBe(
      "overfill (binance-spot): 2 of 1 lots",
    );
  });

  test("of severity 3 is for the record only", () => {
    expect(alertOf(alertFact({ severity: 3 }))).toBeUndefined();
    expect(alertOf(alertFact({ severity: 2 }))?.severity).toBe(2);
  });

  test("that repeats within the window is the same incident; later, or elsewhere, it is another", () => {
    const id = (over: Partial<AlertFact>, seq: number, atUs: number) =>
      alertOf(alertFact(over, seq, atUs))?.incidentId;
    const first = id({}, 1, AT_US);
    expect(id({ text: "3 of 1 lots" }, 2, AT_US + 1)).toBe(first);
    expect(id({}, 3, AT_US + INCIDENT_WINDOW_US)).not.toBe(first);
    expect(id({ instrument: "binance-spot:ETHUSDT" }, 4, AT_US)).not.toBe(first);
    expect(incidentIdOf({ engine: "e", kind: "k", place: "", atUs: 0 })).toBe("e.k.-.0");
  });

  test("of a halt is one incident of its run, whether its journal or its supervisor tells of it", () => {
    const halted = (seq: number) => alertOf(alertFact({ kind: "halted" }, seq));
    const own = haltedAlert(SOURCE.engine, SOURCE.runId, "the recorder failed", AT_US);
    expect(own).toMatchObject({ severity: 1, kind: "halted", text: "the recorder failed" });
    const ids = [halted(1), halted(2)].map((told) => told?.incidentId);
    expect(ids).toEqual([own.incidentId, own.incidentId]);
  });

  test("of a kill is an incident of its own, each time", () => {
    const kill = alertOf(killFact());
    expect(kill).toMatchObject({ severity: 1, kind: "killed" });
    expect(kill?.text).toBe("killed venue kraken by ann: drill");
    expect(alertOf(killFact({}, 7))?.incidentId).not.toBe(kill?.incidentId);
    expect(alertOf(killFact({ scope: "all", target: "" }))?.text).toBe("killed all by ann: drill");
  });

  test("is not made of a release, nor of any other fact", () => {
    expect(alertOf(killFact({ isKilled: false }))).toBeUndefined();
    const mode = { from: "active", to: "exitsOnly", reason: "" } as const;
    const stamp = { venue: null } as const;
    expect(alertOf(factOf(SOURCE, { seq: 1, atUs: AT_US }, "mode", stamp, mode))).toBeUndefined();
  });
});

// Goal: each rule rings when its fault has lasted, once, and says so when it is over.
import { describe, expect, test } from "vitest";
import { ALERT_KINDS } from "../../../contracts/alert.ts";
import {
  type EngineMemory,
  judge,
  NO_MEMORY,
  openIncident,
  readingsOf,
  readMemory,
  type Sight,
  WATCH_RULES,
} from "../../../functions/watch-engine/logic.ts";
import { ENGINE_ALARMS } from "../../../lib/alarms.ts";
import { heartbeat, sight } from "./sights.ts";

/** Looks one minute after another; what was told at each, as `kind severity incident`. */
function run(sights: readonly Sight[], from: EngineMemory = NO_MEMORY) {
  let memory = from;
  const told = sights.map((each) => {
    const judgment = judge(memory, each, {});
    ({ memory } = judgment);
    return judgment.alerts.map((alert) => `${alert.severity} ${alert.incidentId}`);
  });
  return { told, memory };
}

function minutes(count: number, change: (minute: number) => Partial<Sight>): Sight[] {
  return Array.from({ length: count }, (_, minute) => sight(minute, change(minute)));
}

/** An engine whose heartbeat is spoiled. */
const sick = (change: Parameters<typeof heartbeat>[1]) => (minute: number) => {
  const { atUs } = sight(minute);
  return { heartbeat: heartbeat(atUs - 1_000_000, change) };
};
const status = (value: unknown) => ({ statusJson: JSON.stringify(value) });

test("the rules are the alarms of the infrastructure, number by number", () => {
  const alarms = ENGINE_ALARMS.map(({ isMissingBad: _, ...rest }) => rest);
  expect(WATCH_RULES).toEqual(alarms);
  const kinds: readonly string[] = ALERT_KINDS;
  expect(WATCH_RULES.filter(({ kind }) => !kinds.includes(kind))).toEqual([]);
});

test("an engine that is well is only measured", () => {
  const { told } = run(minutes(5, () => ({})));
  expect(told.flat()).toEqual([]);
  expect(readingsOf(sight(0), -1)).toEqual({
    HeartbeatAge: 2,
    EngineHalted: 0,
    EngineNotReady: 0,
    LeaseChanges: 0,
    AuditGap: 0,
    ClockOffset: 12,
    UnknownOrders: 0,
    KillsInForce: 0,
    LimitsLag: 0,
    PublishLag: 10,
  });
});

describe("a rule", () => {
  const silent = () => ({ heartbeat: heartbeat(sight(0).atUs - 60_000_000) });

  test.each([
    ["heartbeat-missing", 1, 2, silent],
    ["heartbeat-missing", 1, 2, () => ({ heartbeat: undefined })],
    ["engine-halted", 1, 1, sick({ halted: "a book was wrong" })],
    ["engine-not-ready", 2, 3, sick({ isReady: false })],
    ["audit-gap", 1, 1, () => ({ auditFaultCount: 1, auditFault: "limits has no item 4" })],
    ["clock-offset", 2, 3, sick(status({ venues: [{ clockOffsetUs: -250_000 }] }))],
    ["unknown-orders", 1, 2, sick(status({ trading: { accounts: [{ unknownOrders: 2 }] } }))],
    ["kill-in-force", 2, 1, sick(status({ trading: { kills: [{}] } }))],
    ["limits-not-taken", 1, 2, () => ({ limitsVersion: 4 })],
    ["publish-lag", 2, 5, sick({ ackedSeq: 200_000, publishedSeq: 1 })],
  ] as const)(
    "%s of severity %d rings after %d minutes, once, and ends",
    (kind, severity, after, spoil) => {
      const ill = minutes(after + 3, spoil);
      const well = Array.from({ length: 6 }, (_, n) => sight(after + 3 + n));
      const { told, memory } = run([...ill, ...well]);
      const rang = told.map((each) => each.filter((text) => text.includes(`.${kind}.`)));
      expect(rang.flat()).toEqual([`${severity} paper.${kind}.1`, `3 paper.${kind}.1.over`]);
      expect(rang[after - 1]).toHaveLength(1);
      expect(openIncident("paper", memory, kind)).toBeUndefined();
    },
  );

  test("lease-flaps rings for three changes in a quarter of an hour, not for one take-over", () => {
    const { lease } = sight(0);
    const at = (fences: readonly number[]) =>
      fences.map((fence, minute) =>
        sight(minute, { lease: lease === undefined ? undefined : { ...lease, fence } }),
      );
    expect(run(at([3, 3, 4, 4, 4])).told.flat()).toEqual([]);
    expect(run(at([3, 4, 4, 5, 5, 6])).told.flat()).toEqual(["1 paper.lease-flaps.1"]);
  });

  test("that has ended and begins again is another incident", () => {
    const ill = sick({ halted: "again" });
    const { told, memory } = run(minutes(5, (minute) => (minute % 2 === 0 ? ill(minute) : {})));
    expect(told.flat()).toEqual([
      "1 paper.engine-halted.1",
      "3 paper.engine-halted.1.over",
      "1 paper.engine-halted.2",
      "3 paper.engine-halted.2.over",
      "1 paper.engine-halted.3",
    ]);
    expect(openIncident("paper", memory, "engine-halted")).toBe("paper.engine-halted.3");
  });

  test("counts two looks at one minute once", () => {
    const look = sight(0, sick({ isReady: false })(0));
    const first = judge(NO_MEMORY, look, {});
    const again = judge(first.memory, look, {});
    expect(again).toMatchObject({ isRepeated: true, alerts: [], memory: first.memory });
  });

  test("goes on after a clock that was set back", () => {
    const later = judge(NO_MEMORY, sight(100), {});
    expect(judge(later.memory, sight(1), {}).isRepeated).toBe(false);
  });
});

describe("the words", () => {
  const wordsAt = (change: Partial<Sight>) => {
    const { memory } = run([sight(1, change)]);
    return judge(memory, sight(2, change), {}).alerts.map(({ text }) => text);
  };

  test("about a silent engine say whether its lease is still held", () => {
    const gone = { heartbeat: heartbeat(sight(0).atUs) };
    const [held] = wordsAt(gone);
    expect(held).toContain("no heartbeat for 120 s, the last by run run-a");
    expect(held).toContain("held by run run-a with fence 3");
    const { lease } = sight(0);
    if (lease === undefined) throw new Error("there is a lease");
    const revoked = { ...lease, holder: "revoked" };
    expect(wordsAt({ heartbeat: undefined, lease: revoked }).join()).toContain(
      "revoked at fence 3",
    );
    expect(wordsAt({ heartbeat: undefined, lease: undefined }).join()).toContain("nobody holds");
  });
});

describe("what cannot be read", () => {
  test("of a status is left out, and of a memory is forgotten", () => {
    const { atUs } = sight(0);
    const torn = { heartbeat: heartbeat(atUs, { statusJson: "{" }) };
    expect(readingsOf(sight(0, torn), 3)).not.toHaveProperty("ClockOffset");
    const odd = { heartbeat: heartbeat(atUs, status({ venues: [{ clockOffsetUs: "x" }, 7] })) };
    expect(readingsOf(sight(0, odd), 3)).toMatchObject({ ClockOffset: 0 });
    expect(readMemory("{")).toBe(NO_MEMORY);
    expect(readMemory('{"version":2}')).toBe(NO_MEMORY);
  });
});

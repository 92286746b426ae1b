// Goal: what the fuzzers once found in the readers of requests, alarms and items stays mended.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { auditText } from "../../contracts/audit.ts";
import { parseStrictJson } from "../../functions/control-api/strict-json.ts";
import { readAlert } from "../../functions/send-alerts/logic.ts";
import { noticesOf, readAlarm } from "../../functions/watch-engine/alarm.ts";
import { leaseOf } from "../../hotpath/io/aws/lease-store.ts";
import { limitsVersionOf } from "../../hotpath/io/aws/limits-store.ts";
import { standardLimits } from "../fixtures/limits/limits-fixture.ts";

const NOW_US = 1_763_000_000_000_000;

test("a whole number that no double is exactly is refused in every spelling", () => {
  for (const text of ["9007199254740993", "9007199254740993e0", "90071992547409930e-1", "1e308"]) {
    expect(parseStrictJson(`[${text}]`), text).toMatchObject({ ok: false, field: "0" });
  }
  expect(parseStrictJson("[1e3,-0.5,2.50]")).toEqual({ ok: true, value: [1000, -0.5, 2.5] });
});

test("an alarm at no time is told as of now, so that it can be read on its way", () => {
  const alarm = (StateChangeTime: unknown) =>
    readAlarm(
      JSON.stringify({ AlarmName: "x", NewStateValue: "ALARM", StateChangeTime }),
      "reckoner",
      [],
      NOW_US,
    )?.alert;
  expect(alarm("2026-11-21T20:00:00.000+0000")?.atUs).toBe(Date.UTC(2026, 10, 21, 20) * 1000);
  for (const time of [
    "0001-01-01T00:00:00Z",
    "+200000-01-01T00:00:00Z",
    {},
    "soon",
    { toString: 1 },
  ]) {
    const alert = alarm(time);
    expect(alert?.atUs, JSON.stringify(time)).toBe(NOW_US);
    expect(readAlert(JSON.stringify(alert))).toMatchObject({ ok: true });
  }
});

test("an alarm whose words are objects is told without asking them", () => {
  const odd = { toString: 1 };
  const fields = { NewStateValue: "ALARM", AlarmDescription: odd, NewStateReason: odd };
  expect(readAlarm(JSON.stringify(fields), "reckoner", [], NOW_US)?.alert.text).toContain(
    "an object",
  );
  expect(noticesOf({ Records: [{ Sns: { Message: odd } }, null] })).toEqual(["an object", ""]);
});

test("a version of limits has a number and was made by somebody", () => {
  const item = {
    schemaVersion: 1,
    engine: "reckoner",
    chain: "limits" as const,
    seq: 3,
    kind: "limits.put",
    atUs: 1,
    by: "ada",
    approvedBy: "",
    reason: "smaller",
    requestId: "r",
    before: "null",
    after: JSON.stringify(standardLimits()),
    previousHash: "0".repeat(64),
  };
  const read = (part: object) => {
    const changed = { ...item, ...part };
    const hash = createHash("sha256").update(auditText(changed), "utf8").digest("hex");
    return limitsVersionOf({ ...changed, hash }, "reckoner");
  };
  expect(read({})).toMatchObject({ kind: "version", version: { version: 3, by: "ada" } });
  for (const part of [{ seq: "3" }, { seq: 0 }, { seq: 1.5 }, { by: 7 }, { reason: null }]) {
    expect(read(part), JSON.stringify(part)).toMatchObject({ kind: "refused" });
  }
});

test("a lease in another form is none", () => {
  const lease = { schemaVersion: 1, account: "a", holder: "", engine: "", fence: 1, renewals: 0 };
  const whole = { ...lease, imageDigest: "", schemaHash: "" };
  expect(leaseOf({ pk: "x", sk: "y", ...whole })).toEqual(whole);
  for (const part of [{ fence: -1 }, { fence: "1" }, { renewals: 0.5 }, { holder: null }]) {
    expect(leaseOf({ ...whole, ...part }), JSON.stringify(part)).toBeUndefined();
  }
});

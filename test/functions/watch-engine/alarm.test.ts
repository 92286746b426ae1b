// Goal: every alarm reaches people with its name, its engine and its gravity, whatever it is called.
import { describe, expect, test } from "vitest";
import { noticesOf, readAlarm } from "../../../functions/watch-engine/alarm.ts";

const ENGINES = ["two", "paper", "paper-two"];

function read(fields: Record<string, unknown>) {
  const message = {
    AlarmName: "reckoner-heartbeat-missing-paper",
    AlarmDescription: "severity 1; docs/RUNBOOK.md, heartbeat-missing",
    NewStateValue: "ALARM",
    OldStateValue: "OK",
    NewStateReason: "Threshold Crossed",
    StateChangeTime: "2026-11-21T10:00:00.000+0000",
    ...fields,
  };
  return readAlarm(JSON.stringify(message), "reckoner", ENGINES, 5);
}

describe("an alarm", () => {
  test("names engine, kind and severity", () => {
    expect(read({})).toMatchObject({
      isOver: false,
      alert: {
        engine: "paper",
        kind: "heartbeat-missing",
        severity: 1,
        atUs: 1_795_255_200_000_000,
        incidentId: "alarm.reckoner-heartbeat-missing-paper.1795255200000000",
      },
    });
  });

  test("of the control plane is about no engine; of a queue, about its engine", () => {
    const errors = {
      AlarmName: "reckoner-function-errors-send-alerts",
      AlarmDescription: "severity 2; docs/RUNBOOK.md, function-errors",
    };
    expect(read(errors)?.alert).toMatchObject({
      engine: "control-plane",
      kind: "function-errors",
      severity: 2,
    });
    expect(read({ AlarmName: "reckoner-dead-letters-commands-paper-two" })?.alert).toMatchObject({
      engine: "paper-two",
      kind: "dead-letters",
    });
  });

  test("that is not one of ours is told as it is, and taken for grave", () => {
    expect(read({ AlarmName: "budget", AlarmDescription: null })?.alert).toMatchObject({
      engine: "control-plane",
      kind: "budget",
      severity: 1,
    });
    const words = readAlarm("The budget is nearly spent.", "reckoner", ENGINES, 5);
    expect(words?.alert).toMatchObject({ kind: "unnamed alarm", atUs: 5 });
    expect(words?.alert.text).toContain("nearly spent");
    expect(readAlarm("7", "reckoner", ENGINES, 5)).toBeUndefined();
  });

  test("that is over is for the record, if it has rung", () => {
    const over = { NewStateValue: "OK", OldStateValue: "ALARM" };
    expect(read(over)).toMatchObject({ isOver: true, alert: { severity: 3 } });
    expect(read({ NewStateValue: "OK", OldStateValue: "INSUFFICIENT_DATA" })).toBeUndefined();
    expect(read({ NewStateValue: "INSUFFICIENT_DATA" })).toBeUndefined();
  });
});

test("an event without notices is the schedule's", () => {
  expect(noticesOf({ source: "aws.scheduler" })).toBeUndefined();
  expect(noticesOf(null)).toBeUndefined();
  expect(noticesOf({ Records: [{ Sns: { Message: "a" } }, null] })).toEqual(["a", ""]);
});

// Goal: whoever is woken by an alarm or an alert finds what to do. Method: docs/RUNBOOK.md against the lists.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ALERT_KINDS } from "../../contracts/alert.ts";
import { ALARM_KINDS } from "../../lib/alarms.ts";
import { STAGES } from "../../lib/stages.ts";
import { build, everyResource } from "../fixtures/infrastructure.ts";

const text = readFileSync(new URL("../../docs/RUNBOOK.md", import.meta.url), "utf8");
const entries = new Map(
  text
    .split(/^### /m)
    .slice(1)
    .map((entry) => [entry.split("\n", 1)[0] ?? "", entry.split(/^## /m, 1)[0] ?? ""] as const),
);
const wanted = new Set<string>([...ALARM_KINDS, ...ALERT_KINDS]);

describe("the runbook", () => {
  test.each([...wanted])("says of %s what it means, what to do, and when it is over", (kind) => {
    const entry = entries.get(kind) ?? "";
    expect(entry).toMatch(/\*\*Severity\*\* [123]\./);
    for (const label of ["Means:", "Do:", "Over when:"]) {
      expect(entry.split(`**${label}**`)[1]?.trim().length ?? 0).toBeGreaterThan(5);
    }
  });

  test("every alarm of the templates is of a kind that has an entry", () => {
    const alarms = everyResource(build(STAGES.live)).filter(
      ([, , { Type }]) => Type === "AWS::CloudWatch::Alarm",
    );
    expect(alarms.length).toBeGreaterThan(30);
    const kinds = alarms.map(
      ([, , { Properties }]) =>
        /RUNBOOK\.md, (\S+)$/.exec(String(Properties.AlarmDescription))?.[1] ?? "",
    );
    expect(kinds.filter((kind) => !entries.has(kind))).toEqual([]);
    expect([...ALARM_KINDS].filter((kind) => !kinds.includes(kind))).toEqual([]);
  });

  test("has no entry for what nobody sends", () => {
    expect([...entries.keys()].filter((kind) => !wanted.has(kind))).toEqual([]);
  });
});

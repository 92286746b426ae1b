// Goal: what is an alert, where it goes, and which addresses are never asked.
import { describe, expect, test } from "vitest";
import { ALERT_CHANNELS, ALERT_KINDS } from "../../../contracts/alert.ts";
import {
  channelsFor,
  DEFAULT_ROUTES,
  deliveryKey,
  readAlert,
  readRoutes,
  sentOf,
  targetFault,
  timeText,
  wordsOf,
} from "../../../functions/send-alerts/logic.ts";
import { ANOMALIES } from "../../../hotpath/core/order/change.ts";
import { CASES } from "../../../hotpath/core/order/reconcile-cases.ts";
import { sampleAlert } from "./receivers.ts";

describe("a message", () => {
  test("that is an alert is read as it is", () => {
    const alert = sampleAlert();
    expect(readAlert(JSON.stringify(alert))).toEqual({ ok: true, alert });
  });

  test("with too much text is cut, and nothing in it begins a line of its own", () => {
    const read = readAlert(JSON.stringify(sampleAlert({ text: `a\n\u202eb${"x".repeat(5000)}` })));
    if (!read.ok) throw new Error(read.reason);
    expect(read.alert.text).toMatch(/^a bx+$/);
    expect(read.alert.text.length).toBeLessThanOrEqual(1_500);
  });

  test("that is cut in the middle of a character loses the half of it", () => {
    const read = readAlert(JSON.stringify(sampleAlert({ text: `${"x".repeat(1_499)}😀` })));
    expect(read).toMatchObject({ alert: { text: `${"x".repeat(1_499)} ` } });
  });

  test.each([
    ["it is no JSON", "{"],
    ["it is no JSON", "null"],
    ["schemaVersion", { schemaVersion: "1" }],
    ["schemaVersion", { schemaVersion: 0 }],
    ["version 2 is newer than 1", { schemaVersion: 2 }],
    ["severity", { severity: 4 }],
    ["incidentId", { incidentId: "" }],
    ["incidentId", { incidentId: "x".repeat(301) }],
    ["engine", { engine: 7 }],
    ["kind", { kind: "x".repeat(65) }],
    ["text", { text: "" }],
    ["atUs", { atUs: -1 }],
  ])("is refused for its %s", (reason, change) => {
    const body =
      typeof change === "string" ? change : JSON.stringify({ ...sampleAlert(), ...change });
    expect(readAlert(body)).toEqual({ ok: false, reason });
  });
});

describe("a route", () => {
  test("of the gravest leads to every channel that is configured", () => {
    expect(channelsFor(1, DEFAULT_ROUTES, ALERT_CHANNELS)).toEqual(ALERT_CHANNELS);
    expect(channelsFor(1, DEFAULT_ROUTES, ["email"])).toEqual(["email"]);
  });

  test("without a configured channel leads to all there are, but for what is only for the record", () => {
    expect(channelsFor(2, DEFAULT_ROUTES, ["telegram"])).toEqual(["telegram"]);
    expect(channelsFor(3, DEFAULT_ROUTES, ["telegram"])).toEqual([]);
  });

  test("can be changed for one severity alone", () => {
    expect(readRoutes('{"2":["telegram"]}')).toEqual({ ...DEFAULT_ROUTES, 2: ["telegram"] });
    expect(readRoutes("")).toBe(DEFAULT_ROUTES);
  });

  test.each(["{", "[]", "7", '{"4":[]}', '{"2":["fax"]}', '{"2":"email"}', '{"1":[]}'])(
    "is refused when it is %s",
    (text) => {
      expect(readRoutes(text)).toBeUndefined();
    },
  );
});

describe("an answer", () => {
  test.each([
    [204, -1, { kind: "sent" }],
    [429, 1500, { kind: "limited", waitMs: 1500 }],
    [429, -1, { kind: "limited", waitMs: 1000 }],
    [500, -1, { kind: "failed", reason: "status 500" }],
    [502, -1, { kind: "failed", reason: "status 502" }],
    [408, -1, { kind: "failed", reason: "status 408" }],
    [401, -1, { kind: "refused", reason: "status 401" }],
    [302, -1, { kind: "refused", reason: "status 302" }],
  ])("of status %d means what it says", (status, waitMs, sent) => {
    expect(sentOf(status, waitMs)).toEqual(sent);
  });
});

describe("a target", () => {
  const hosts = ["hooks.example.com"];

  test("is a host of the list, over https, at its usual port", () => {
    expect(targetFault("https://hooks.example.com/a?b=c", hosts, false)).toBe("");
    expect(targetFault("https://HOOKS.example.com:443/a", hosts, false)).toBe("");
  });

  test.each([
    "http://hooks.example.com/",
    "https://hooks.example.com:8443/",
    "https://user:pass@hooks.example.com/",
    "https://hooks.example.com.evil.test/",
    "https://evil.test/?hooks.example.com",
    "https://evil.test#hooks.example.com",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://127.1/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://localhost/",
    "http://127.0.0.1:8080/",
    "file:///etc/passwd",
    "gopher://hooks.example.com/",
    "hooks.example.com",
    "",
  ])("is never %s", (address) => {
    expect(targetFault(address, hosts, false)).not.toBe("");
  });

  test("is this machine only in local mode", () => {
    expect(targetFault("http://127.0.0.1:8080/", hosts, true)).toBe("");
    expect(targetFault("http://10.0.0.1:8080/", hosts, true)).not.toBe("");
  });
});

describe("words", () => {
  test("say what, where and when", () => {
    const { subject, text } = wordsOf(sampleAlert({ incidentId: "i" }));
    expect(subject).toBe("[severity 1] paper: halted");
    expect(text).toContain(
      "the engine halted: a book was wrong\n2026-09-21 14:13:20 UTC\nincident i",
    );
    expect(timeText(0)).toBe("1970-01-01 00:00:00 UTC");
  });

  test("of one incident on one channel are one delivery", () => {
    const alert = sampleAlert();
    expect(deliveryKey({ ...alert, text: "again" }, "email")).toBe(deliveryKey(alert, "email"));
    expect(deliveryKey(alert, "discord")).not.toBe(deliveryKey(alert, "email"));
  });
});

describe("the list of kinds", () => {
  const kinds: readonly string[] = ALERT_KINDS;

  test("names each once", () => {
    expect(new Set(kinds).size).toBe(kinds.length);
  });

  test("has all that the engine finds out of the ordinary", () => {
    const alarming = Object.entries(CASES).filter(([, { severity }]) => severity > 0);
    const all = [...ANOMALIES, ...alarming.map(([name]) => name)];
    expect(all.filter((name) => !kinds.includes(name))).toEqual([]);
  });
});

// Goal: no secret reaches a log line, by whatever way it comes, and metrics are lines that CloudWatch reads.
import { afterEach, describe, expect, test, vi } from "vitest";
import { createLog } from "../../../functions/platform/log.ts";
import { createMeter, METRICS_NAMESPACE } from "../../../functions/platform/metrics.ts";
import { REDACTED, redacted } from "../../../functions/platform/redact.ts";

const TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";

/** What is printed while `act` runs. */
function printed(act: () => void): string {
  const lines: string[] = [];
  const spies = (["info", "warn", "error", "log"] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => void lines.push(String(line))),
  );
  const streams = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((line) => {
      lines.push(String(line));
      return true;
    }),
  );
  try {
    act();
  } finally {
    for (const spy of [...spies, ...streams]) spy.mockRestore();
  }
  return lines.join("");
}

afterEach(() => vi.restoreAllMocks());

describe("redaction", () => {
  test.each([
    [{ authorization: "x" }, { authorization: REDACTED }],
    [{ headers: { Cookie: "a=b", host: "h" } }, { headers: { Cookie: REDACTED, host: "h" } }],
    [
      { apiKey: "k", api_key: "k" },
      { apiKey: REDACTED, api_key: "k" },
    ],
    [{ webhookSecret: { deep: 1 } }, { webhookSecret: REDACTED }],
    [`sent Bearer abc to x`, `sent ${REDACTED} to x`],
    [[`a ${TOKEN}`], [`a ${REDACTED}`]],
    [
      { n: 7, no: null, yes: true },
      { n: 7, no: null, yes: true },
    ],
    [undefined, undefined],
  ])("of %j", (value, expected) => {
    expect(redacted(value)).toEqual(expected);
  });

  test("reaches into errors and their causes", () => {
    const cause = new Error(`was ${TOKEN}`);
    const shown = JSON.stringify(redacted(new Error("Bearer abc", { cause })));
    expect(shown).toContain("Error");
    expect(shown).not.toContain("abc");
    expect(shown).not.toContain(TOKEN);
  });

  test("ends in nests and rings", () => {
    const ring: { self?: unknown } = {};
    ring.self = ring;
    expect(JSON.stringify(redacted(ring))).toContain(REDACTED);
  });
});

describe("the log", () => {
  test.each(["info", "warn", "error"] as const)("writes %s as JSON without secrets", (level) => {
    const out = printed(() =>
      createLog("test-function")[level](`refused ${TOKEN}`, { route: "kill", token: "t0p" }),
    );
    const line = JSON.parse(out) as Record<string, unknown>;
    expect(line).toMatchObject({
      level: level.toUpperCase(),
      service: "test-function",
      message: `refused ${REDACTED}`,
      fields: { route: "kill", token: REDACTED },
    });
  });

  test("needs no fields", () => {
    expect(printed(() => createLog("f").info("started"))).toContain("started");
  });
});

test("metrics are one line of the embedded format at each flush", () => {
  const meter = createMeter("test-function");
  meter.count("AlertsSent");
  meter.count("AlertsSent", 2);
  meter.durationMs("Took", 12.5);
  const line = JSON.parse(printed(() => meter.flush())) as Record<string, unknown>;
  expect(line).toMatchObject({ service: "test-function", AlertsSent: [1, 2], Took: 12.5 });
  expect(JSON.stringify(line)).toContain(METRICS_NAMESPACE);
});

// Goal: a log line has the design's fields under their names, and never a secret.
import { describe, expect, test } from "vitest";
import { type LogOptions, openLog, redactText } from "../../../hotpath/io/log.ts";

function logTo(lines: string[], over: Partial<LogOptions> = {}) {
  const write = (line: string) => void lines.push(line);
  return openLog({ instance: "night", nowUs: () => 1_790_000_000_000_001, write, ...over });
}

function lastOf(lines: readonly string[]): Record<string, unknown> {
  return JSON.parse(lines.at(-1) ?? "") as Record<string, unknown>;
}

describe("a line", () => {
  test("is one line of JSON with its level, time, instance, sentence and fields", () => {
    const lines: string[] = [];
    logTo(lines).warn("session replaced", {
      venue: "binance-spot",
      epoch: 4,
      queueUs: 21,
      cause: "sequenceGap",
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith("}\n")).toBe(true);
    expect(lastOf(lines)).toEqual({
      level: "warn",
      atUs: 1_790_000_000_000_001,
      instance: "night",
      sentence: "session replaced",
      venue: "binance-spot",
      epoch: 4,
      queueUs: 21,
      cause: "sequenceGap",
    });
  });

  test("needs no fields, and has its own level", () => {
    const lines: string[] = [];
    const log = logTo(lines);
    log.info("started");
    expect(lastOf(lines)).toMatchObject({ level: "info", sentence: "started" });
    log.error("halted");
    expect(lastOf(lines)).toMatchObject({ level: "error", sentence: "halted" });
  });

  test("below the level is not written", () => {
    const lines: string[] = [];
    const log = logTo(lines, { level: "error" });
    log.info("a");
    log.warn("b");
    expect(lines).toEqual([]);
    log.error("c");
    expect(lines).toHaveLength(1);
  });

  test("keeps a line break inside its sentence inside the line", () => {
    const lines: string[] = [];
    logTo(lines).info("one\ntwo");
    expect(lines[0]?.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("secrets", () => {
  const secret = "hunter2hunter2";

  test.each(["apiKey", "secret", "privateKey", "password", "token", "signature", "authorization"])(
    "a field named %s is covered, also inside other fields",
    (name) => {
      const lines: string[] = [];
      const log = logTo(lines);
      log.info("a", { [name]: secret });
      log.info("a", { request: { [name]: secret } });
      log.info("a", { request: { headers: { [name]: secret } } });
      expect(lines).toHaveLength(3);
      for (const line of lines) expect(line).not.toContain(secret);
    },
  );

  test.each([
    `GET /api/v3/account?timestamp=1&signature=${secret}`,
    `apiKey: ${secret}, next`,
    `{"api_key":"${secret}"}`,
    `API-KEY=${secret};`,
    `password = '${secret}'`,
  ])("in the text %s they are covered", (text) => {
    expect(redactText(text)).not.toContain(secret);
    expect(redactText(text)).toContain("[redacted]");
    const lines: string[] = [];
    logTo(lines).warn(text, { address: text });
    expect(lines[0]).not.toContain(secret);
  });

  test("other text is left as it is", () => {
    const text = "binance-spot:BTCUSDT resynchronized in 132 ms, token of no kind";
    expect(redactText(text)).toBe(text);
  });
});

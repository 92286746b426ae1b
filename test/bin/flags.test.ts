// Goal: words become flags and operands, or one sentence that names the bad word.
import { describe, expect, test } from "vitest";
import type { Command } from "../../bin/command.ts";
import { EXIT } from "../../bin/command.ts";
import { countOf, durationMsOf, parseFlags } from "../../bin/flags.ts";

const command: Command = {
  operands: [
    { name: "FILE", summary: "the file", required: true },
    { name: "TICK", summary: "the tick", required: false },
  ],
  flags: [
    { name: "seed", kind: "count", summary: "the seed" },
    { name: "for", kind: "duration", summary: "how long" },
    { name: "feed", kind: "choice", choices: ["sim", "live"], summary: "which feed" },
    { name: "config", kind: "text", summary: "the file" },
    { name: "quiet", kind: "switch", summary: "say less" },
  ],
  fields: [],
  run: async () => ({ exitCode: EXIT.ok, lines: [], json: {} }),
};

const many: Command = {
  ...command,
  operands: [{ name: "PATH", summary: "a path", required: false, many: true }],
};

function errorOf(words: readonly string[], of: Command = command): string {
  const parsed = parseFlags("replay", of, words);
  return parsed.ok ? "" : parsed.error;
}

describe("good words", () => {
  test("flags take their value from the next word or after an equals sign", () => {
    for (const words of [
      ["a", "--seed", "7", "--for", "30s", "--feed", "live", "--quiet"],
      ["--seed=7", "--for=30s", "a", "--quiet", "--feed=live"],
    ]) {
      const parsed = parseFlags("replay", command, words);
      if (!parsed.ok) throw new Error(parsed.error);
      expect(parsed.operands).toEqual(["a"]);
      expect(countOf(parsed.flags, "seed", 1)).toBe(7);
      expect(durationMsOf(parsed.flags, "for")).toBe(30_000);
      expect(parsed.flags.get("feed")).toBe("live");
      expect(parsed.flags.has("quiet")).toBe(true);
    }
  });

  test("what is not given has its standard", () => {
    expect(countOf(new Map(), "seed", 5)).toBe(5);
    expect(durationMsOf(new Map(), "for")).toBeNull();
  });

  test.each([
    ["500ms", 500],
    ["1.5s", 1500],
    ["10m", 600_000],
    ["2h", 7_200_000],
    ["0s", 0],
  ])("%s is %i milliseconds", (text, ms) => {
    expect(durationMsOf(new Map([["for", text]]), "for")).toBe(ms);
  });

  test("a value may hold an equals sign, and a lone dash is an operand", () => {
    const parsed = parseFlags("replay", command, ["-", "--config=a=b"]);
    expect(parsed.ok && parsed.flags.get("config")).toBe("a=b");
    expect(parsed.ok && parsed.operands).toEqual(["-"]);
  });

  test("help wins over missing operands", () => {
    expect(errorOf(["--help"])).toBe("");
    expect(errorOf(["-h"])).toBe("");
  });

  test("a command may take every word that is left", () => {
    const parsed = parseFlags("format", many, ["a", "b", "c"]);
    expect(parsed.ok && parsed.operands).toEqual(["a", "b", "c"]);
  });

  test("a command that passes words on reads none of them", () => {
    const parsed = parseFlags("bench", { ...command, passesWordsOn: true }, ["--what", "--json"]);
    expect(parsed.ok && parsed.operands).toEqual(["--what", "--json"]);
    expect(parsed.ok && parsed.flags.has("json")).toBe(true);
  });
});

describe("bad words", () => {
  test.each([
    [["a", "--sed", "7"], 'unknown flag --sed, did you mean "seed"?'],
    [["a", "--zzzzzz"], "unknown flag --zzzzzz"],
    [["a", "--seed"], "flag --seed needs a whole number"],
    [["a", "--seed", "--quiet"], "flag --seed needs a whole number"],
    [["a", "--seed", "x"], 'flag --seed: expected a whole number, got "x"'],
    [["a", "--seed", "-1"], 'flag --seed: expected a whole number, got "-1"'],
    [["a", "--seed", "1e3"], 'flag --seed: expected a whole number, got "1e3"'],
    [
      ["a", `--seed=${"9".repeat(16)}`],
      `flag --seed: expected a whole number, got "${"9".repeat(16)}"`,
    ],
    [
      ["a", "--for", "30"],
      'flag --for: expected a duration such as 500ms, 30s, 10m or 2h, got "30"',
    ],
    [["a", "--feed", "moon"], 'flag --feed: expected one of sim, live, got "moon"'],
    [["a", "--config="], 'flag --config: expected a text, got ""'],
    [["a", "--quiet=yes"], 'flag --quiet takes no value, got "yes"'],
    [["a", "--seed", "1", "--seed", "2"], "flag --seed is given twice"],
    [[], "replay needs FILE: the file"],
    [["a", "b", "c"], 'replay does not take "c"'],
  ])("%j: %s", (words, error) => {
    expect(errorOf(words)).toBe(error);
  });
});

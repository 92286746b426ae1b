/**
 * Station: words of the command line -> flags and operands, or one sentence.
 *
 * Everything is checked here, before any command runs: a bad flag starts nothing. The values stay
 * text; the readers at the end of the file turn them into numbers after their form was checked.
 */
import { didYouMean } from "../hotpath/nearest-name.ts";
import type { Command, Flag } from "./command.ts";

export type ParsedFlags =
  | {
      readonly ok: true;
      readonly flags: ReadonlyMap<string, string>;
      readonly operands: readonly string[];
    }
  | { readonly ok: false; readonly error: string };

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Flags that every command has. */
export const COMMON_FLAGS: readonly Flag[] = [
  {
    name: "json",
    kind: "switch",
    summary: "print one final JSON line on stdout, the rest on stderr",
  },
  { name: "help", kind: "switch", summary: "print this page" },
];

/** Checks `words` against the flags and operands of the command `name`. */
export function parseFlags(name: string, command: Command, words: readonly string[]): ParsedFlags {
  if (command.passesWordsOn === true) return passWordsOn(words);
  const known = [...command.flags, ...COMMON_FLAGS];
  const flags = new Map<string, string>();
  const operands: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      continue;
    }
    const taken = takeFlag(known, word, words[index + 1]);
    if ("error" in taken) return { ok: false, error: taken.error };
    if (flags.has(taken.name)) return { ok: false, error: `flag --${taken.name} is given twice` };
    flags.set(taken.name, taken.value);
    index += taken.wordsUsed - 1;
  }
  const error = flags.has("help") ? "" : checkOperands(name, command, operands);
  return error === "" ? { ok: true, flags, operands } : { ok: false, error };
}

function passWordsOn(words: readonly string[]): ParsedFlags {
  const own = ["json", "help"].filter((name) => words.includes(`--${name}`));
  return { ok: true, flags: new Map(own.map((name) => [name, "true"])), operands: words };
}

type TakenFlag =
  | { readonly name: string; readonly value: string; readonly wordsUsed: number }
  | { readonly error: string };

function takeFlag(known: readonly Flag[], word: string, next: string | undefined): TakenFlag {
  const [head = "", ...rest] = word.split("=");
  const name = head === "-h" ? "help" : head.replace(/^--?/, "");
  const flag = known.find((candidate) => candidate.name === name);
  if (flag === undefined) {
    const names = known.map((candidate) => candidate.name);
    return { error: `unknown flag --${name}${didYouMean(name, names)}` };
  }
  const inline = rest.length > 0 ? rest.join("=") : undefined;
  if (flag.kind === "switch") {
    if (inline !== undefined) return { error: `flag --${name} takes no value, got "${inline}"` };
    return { name, value: "true", wordsUsed: 1 };
  }
  const value = inline ?? next;
  if (value === undefined || (inline === undefined && value.startsWith("--"))) {
    return { error: `flag --${name} needs ${valueForm(flag)}` };
  }
  if (!fits(flag, value)) {
    return { error: `flag --${name}: expected ${valueForm(flag)}, got "${value}"` };
  }
  return { name, value, wordsUsed: inline === undefined ? 2 : 1 };
}

function fits(flag: Flag, value: string): boolean {
  switch (flag.kind) {
    case "switch":
    case "text":
      return value !== "";
    case "count":
      return /^\d{1,15}$/.test(value);
    case "duration":
      return DURATION.test(value);
    case "choice":
      return flag.choices?.includes(value) ?? false;
  }
}

/** The form of a flag's value in words, with its unit. */
export function valueForm(flag: Flag): string {
  switch (flag.kind) {
    case "switch":
      return "no value";
    case "text":
      return "a text";
    case "count":
      return "a whole number";
    case "duration":
      return "a duration such as 500ms, 30s, 10m or 2h";
    case "choice":
      return `one of ${(flag.choices ?? []).join(", ")}`;
  }
}

function checkOperands(name: string, command: Command, operands: readonly string[]): string {
  const missing = command.operands.filter((operand) => operand.required)[operands.length];
  if (missing !== undefined) return `${name} needs ${missing.name}: ${missing.summary}`;
  const takesMany = command.operands.at(-1)?.many === true;
  const extra = operands[command.operands.length];
  if (extra === undefined || takesMany) return "";
  return `${name} does not take "${extra}"`;
}

/** Reads a count that parseFlags has let through, or `standard` when the flag was not given. */
export function countOf(
  flags: ReadonlyMap<string, string>,
  name: string,
  standard: number,
): number {
  const text = flags.get(name);
  return text === undefined ? standard : Number(text);
}

/** Reads a duration that parseFlags has let through, in milliseconds, or null when not given. */
export function durationMsOf(flags: ReadonlyMap<string, string>, name: string): number | null {
  const match = DURATION.exec(flags.get(name) ?? "");
  if (match === null) return null;
  return Math.round(Number(match[1]) * (MS_PER_UNIT[match[2] ?? ""] ?? 0));
}

/**
 * Station: argv -> one command -> one ending -> an exit code.
 *
 * The only place that prints results. Words that name no command or no flag end here with one line,
 * before anything is started. It knows commands by the table alone and never by name.
 */
import { didYouMean } from "../hotpath/nearest-name.ts";
import type { Command, CommandRow, Ending } from "./command.ts";
import { EXIT, refusal } from "./command.ts";
import { parseFlags } from "./flags.ts";
import { commandPage, helpPage } from "./help.ts";

/** Where the two streams go; tests listen here instead of on a terminal. */
export type Output = {
  result(line: string): void;
  say(line: string): void;
};

/** Runs the command that `words` name and returns the exit code. */
export async function runCommandLine(
  rows: readonly CommandRow[],
  words: readonly string[],
  output: Output,
): Promise<number> {
  const json = words.includes("--json");
  const ending = await endingOf(rows, words, output);
  if (ending.error !== undefined) output.say(`reckoner: ${ending.error}`);
  if (json) {
    const fault = ending.error === undefined ? {} : { error: ending.error };
    const ok = ending.exitCode === EXIT.ok;
    output.result(JSON.stringify({ ok, exitCode: ending.exitCode, ...ending.json, ...fault }));
  } else {
    for (const line of ending.lines) output.result(line);
  }
  return ending.exitCode;
}

async function endingOf(
  rows: readonly CommandRow[],
  words: readonly string[],
  output: Output,
): Promise<Ending> {
  const first = words[0] ?? "help";
  if (first === "help" || first.startsWith("-")) return helpEnding(rows, words);
  const row = rowOf(rows, words);
  if (row === undefined) return unknownCommand(rows, words);
  const command = await row.load();
  const parsed = parseFlags(row.name, command, words.slice(row.name.split(" ").length));
  if (!parsed.ok) return refusal(EXIT.usage, parsed.error);
  if (parsed.flags.has("help")) return pageEnding(commandPage(row, command), row.name);
  return runGuarded(row.name, command, {
    json: parsed.flags.has("json"),
    operands: parsed.operands,
    flags: parsed.flags,
    say: (line) => output.say(line),
  });
}

/** What escapes a command is our own defect: it is shown whole and counts as a failed run. */
async function runGuarded(
  name: string,
  command: Command,
  invocation: Parameters<Command["run"]>[0],
): Promise<Ending> {
  try {
    return await command.run(invocation);
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return refusal(EXIT.failed, `${name} broke: ${detail}`);
  }
}

/** The row whose name, of one or two words, starts `words`; the longer name wins. */
function rowOf(rows: readonly CommandRow[], words: readonly string[]): CommandRow | undefined {
  const two = words.slice(0, 2).join(" ");
  return rows.find((row) => row.name === two) ?? rows.find((row) => row.name === words[0]);
}

function unknownCommand(rows: readonly CommandRow[], words: readonly string[]): Ending {
  const first = words[0] ?? "";
  const family = rows.filter((row) => row.name.startsWith(`${first} `)).map((row) => row.name);
  if (family.length > 0) {
    const second = words[1] ?? "";
    const known = family.map((name) => name.slice(first.length + 1));
    if (second === "" || second.startsWith("-")) {
      return refusal(EXIT.usage, `${first} needs one of ${known.join(", ")}`);
    }
    return refusal(EXIT.usage, `unknown command "${first} ${second}"${didYouMean(second, known)}`);
  }
  const names = rows.map((row) => row.name);
  return refusal(EXIT.usage, `unknown command "${first}"${didYouMean(first, names)}`);
}

async function helpEnding(rows: readonly CommandRow[], words: readonly string[]): Promise<Ending> {
  if (words[0] === "--version") return versionOf(rows);
  const asked = words.slice(1).filter((word) => !word.startsWith("-"));
  const stray = words[0]?.startsWith("-") === true ? words[0] : "";
  if (stray !== "" && !["-h", "--help", "--json"].includes(stray)) {
    return refusal(
      EXIT.usage,
      `unknown flag ${stray}${didYouMean(stray, ["--help", "--version"])}`,
    );
  }
  if (asked.length === 0) return pageEnding(helpPage(rows), "help");
  const row = rowOf(rows, asked);
  if (row === undefined) return unknownCommand(rows, asked);
  return pageEnding(commandPage(row, await row.load()), row.name);
}

async function versionOf(rows: readonly CommandRow[]): Promise<Ending> {
  const row = rowOf(rows, ["version"]);
  if (row === undefined) return unknownCommand(rows, ["version"]);
  const command = await row.load();
  return command.run({ json: false, operands: [], flags: new Map(), say: () => undefined });
}

function pageEnding(lines: readonly string[], about: string): Ending {
  return { exitCode: EXIT.ok, lines, json: { command: about, help: lines.join("\n") } };
}

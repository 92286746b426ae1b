/**
 * Station: the command table -> help pages.
 *
 * Generated from the same data that the parser checks against, so a flag cannot exist without its
 * line here nor a line without its flag.
 */
import type { Command, CommandRow, Flag } from "./command.ts";
import { EXIT_MEANINGS } from "./command.ts";
import { COMMON_FLAGS } from "./flags.ts";

const PLACEHOLDERS = {
  switch: "",
  text: " TEXT",
  count: " N",
  duration: " DURATION",
  choice: "",
} as const;

/** The page of all commands, as lines. */
export function helpPage(rows: readonly CommandRow[]): string[] {
  const width = Math.max(...rows.map((row) => row.name.length));
  return [
    "reckoner: keeps order books true, knows when they are not, and can prove it afterwards",
    "",
    "usage: reckoner <command> [flags] [--json]",
    "",
    ...rows.map((row) => `  ${row.name.padEnd(width)}  ${row.summary}`),
    "",
    "reckoner <command> --help shows the flags and the JSON fields of one command.",
    "",
    ...exitCodeLines(),
  ];
}

/** The page of one command, as lines. */
export function commandPage(row: CommandRow, command: Command): string[] {
  const flags = [...command.flags, ...COMMON_FLAGS];
  const operands = command.operands.map((operand) => {
    const name = operand.many === true ? `${operand.name}...` : operand.name;
    return operand.required ? name : `[${name}]`;
  });
  const lines = [
    `reckoner ${row.name}: ${row.summary}`,
    "",
    `usage: ${["reckoner", row.name, ...operands, "[flags]"].join(" ")}`,
  ];
  for (const note of command.notes ?? []) lines.push("", note);
  if (command.operands.length > 0) {
    const rows = command.operands.map((each) => [each.name, each.summary] as const);
    lines.push("", "operands:", ...columns(rows));
  }
  lines.push(
    "",
    "flags:",
    ...columns(flags.map((flag) => [flagHead(flag), flagTail(flag)] as const)),
  );
  if (command.fields.length > 0) {
    lines.push("", "fields of the final JSON line:", ...columns(command.fields));
  }
  return [...lines, "", ...exitCodeLines()];
}

function flagHead(flag: Flag): string {
  if (flag.kind === "choice") return `--${flag.name} ${(flag.choices ?? []).join("|")}`;
  return `--${flag.name}${PLACEHOLDERS[flag.kind]}`;
}

function flagTail(flag: Flag): string {
  return flag.standard === undefined ? flag.summary : `${flag.summary} (default ${flag.standard})`;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([head]) => head.length));
  return rows.map(([head, tail]) => `  ${head.padEnd(width)}  ${tail}`);
}

function exitCodeLines(): string[] {
  return ["exit codes:", ...EXIT_MEANINGS.map(([code, meaning]) => `  ${code}  ${meaning}`)];
}

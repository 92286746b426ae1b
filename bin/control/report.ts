/**
 * Station: `reckoner report` and `reckoner pnl`: a day's report as it was built, and exact sums of cycles.
 */
import type { Command, Ending } from "../command.ts";
import { EXIT } from "../command.ts";
import { endingOf, type Json } from "./api.ts";
import { PROFILE_FLAGS } from "./profile.ts";
import { printable, tableOf, timeText } from "./table.ts";

export const reportCommand: Command = {
  operands: [{ name: "DAY", summary: "such as 2026-11-21; without it the list", required: false }],
  flags: PROFILE_FLAGS,
  fields: [["report", "of the day; or items, the reports there are"]],
  run: async (invocation): Promise<Ending> => {
    const [day] = invocation.operands;
    const path = day === undefined ? "reports" : `reports/${encodeURIComponent(day)}`;
    return await endingOf(invocation, { path }, ({ body }) => ({
      exitCode: EXIT.ok,
      lines: day === undefined ? listLines(body) : linesOf(body, 0),
      json: day === undefined ? body : { report: body },
    }));
  },
};

/** The days that have a report. */
function listLines({ items }: Json): string[] {
  const days = (items ?? []) as readonly Json[];
  return tableOf(days, [
    { name: "day", of: (row) => String(row.day ?? "") },
    { name: "built (UTC)", of: (row) => timeText(row.atUs) },
  ]);
}

/** A report is nested as it is; people read it indented. */
function linesOf(value: Json, depth: number): string[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const lead = `${"  ".repeat(depth)}${printable(name)}`;
    return typeof inner === "object" && inner !== null
      ? [lead, ...linesOf(inner as Json, depth + 1)]
      : [`${lead}: ${printable(String(inner))}`];
  });
}

/** Counts and fees by name, in one cell. */
function cellOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value ?? "");
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${String(inner)}`)
    .join(", ");
}

export const pnlCommand: Command = {
  operands: [],
  flags: [
    { name: "from", kind: "text", summary: "a day or a time, UTC", standard: "a week ago" },
    { name: "to", kind: "text", summary: "the same", standard: "now" },
    ...PROFILE_FLAGS,
  ],
  fields: [["days, totals", "by day, mode and asset: cycles and profit, exact"]],
  run: async (invocation): Promise<Ending> => {
    const { flags } = invocation;
    const query = { from: flags.get("from"), to: flags.get("to") };
    return await endingOf(invocation, { path: "pnl", query }, ({ body }) => {
      const days = (body.days ?? []) as readonly Json[];
      const [first = {}] = days;
      const columns = Object.keys(first).map((name) => ({
        name,
        of: (row: Json) => cellOf(row[name]),
      }));
      return { exitCode: EXIT.ok, lines: tableOf(days, columns), json: body };
    });
  },
};

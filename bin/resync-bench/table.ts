/**
 * Station: account -> the table that people read, in the form that docs/RESYNC.md holds. Pure.
 */
import { RESYNC_STAGES } from "../../contracts/resync.ts";
import { FAULT_KINDS } from "../../local/venues/fault-plan.ts";
import type { Account, Quantiles } from "./judge.ts";
import { GROUPS, KIND_RULES } from "./kinds.ts";

const HEAD = ["kind", "clock", "n", "recovered", "p50", "p99", "max", ...RESYNC_STAGES];

/** The lines of the whole account, as Markdown; all times in milliseconds. */
export function tableLines(account: Account): string[] {
  const lines: string[] = [];
  for (const group of GROUPS) {
    const rows = kindRows(account, group);
    if (rows.length === 0) continue;
    lines.push(`### ${group}`, "", ...markdown(HEAD, rows), "");
  }
  const totals = GROUPS.filter((group) => account.groups[group].count > 0).map((group) => [
    group,
    ...numbers(account.groups[group]),
  ]);
  totals.push(["gap seen to live", ...numbers(account.gapSeenMs)]);
  totals.push(["unread frame to live", ...numbers(account.unreadSeenMs)]);
  lines.push("### Together", "", ...markdown(["group", "n", "p50", "p99", "max"], totals), "");
  const verdicts = account.targets.map(({ group, quantile, msMax, ms, isMet }) => [
    `${group} ${quantile}`,
    String(msMax),
    ms.toFixed(1),
    isMet ? "met" : "MISSED",
  ]);
  lines.push(...markdown(["target", "ms at most", "measured", ""], verdicts), "");
  const { faults, unrecovered, wrongBooks, decisionsOnInvalidBook } = account;
  lines.push(
    `${faults} faults, ${unrecovered} unrecovered, ${wrongBooks} wrong books, ` +
      `${decisionsOnInvalidBook} decisions on an invalid book`,
  );
  return lines;
}

function kindRows(account: Account, group: (typeof GROUPS)[number]): string[][] {
  return FAULT_KINDS.flatMap((kind) => {
    const own = account.kinds[kind];
    if (own === undefined || KIND_RULES[kind].group !== group) return [];
    const stages = RESYNC_STAGES.map((stage) => own.stagesMs[stage].toFixed(1));
    const [, p50 = "", p99 = "", max = ""] = numbers(own.ms);
    const counts = [String(own.count), String(own.recovered)];
    return [[kind, KIND_RULES[kind].clock, ...counts, p50, p99, max, ...stages]];
  });
}

function numbers({ count, p50, p99, max }: Quantiles): string[] {
  return [String(count), p50.toFixed(1), p99.toFixed(1), max.toFixed(1)];
}

/** Columns as wide as their widest cell; numbers to the right. */
function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((name, column) =>
    Math.max(name.length, 3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)];
}

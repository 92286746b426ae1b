/**
 * `npm run bench`: each budget beside its measurement and its verdict, in one table.
 *
 * Words: `--quick` (shorter samples), `--only 1,4` (budgets by number), `--peers` (install and run the
 * peers), `--json` (one line in the end), `--write` (puts the table into docs/PERFORMANCE.md). Every
 * bench runs in a process of its own, so that none inherits another's garbage or type feedback.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BENCHES, benchNamed } from "./benches.ts";
import { machineFacts, type Row } from "./measure.ts";

const DOCUMENT = fileURLToPath(new URL("../../docs/PERFORMANCE.md", import.meta.url));
const SELF = fileURLToPath(import.meta.url);
const BEGIN = "<!-- bench table: begin -->";
const END = "<!-- bench table: end -->";
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    /** How the runner calls itself for one bench. */
    bench: { type: "string", default: "" },
  },
});

const options = { isQuick: values.quick, hasPeers: values.peers };

if (values.bench === "") runAll();
else process.stdout.write(`${JSON.stringify(await benchNamed(values.bench).run(options))}\n`);

function runAll(): void {
  const wanted = values.only === "" ? [] : values.only.split(",").map(Number);
  const facts = machineFacts();
  process.stdout.write(`${facts}\n`);
  const rows: Row[] = [];
  for (const { name, budgets, flags } of BENCHES) {
    if (wanted.length > 0 && !budgets.some((budget) => wanted.includes(budget))) continue;
    rows.push(...runOne(name, budgets, flags));
  }
  rows.sort((a, b) => a.budget - b.budget);
  process.stdout.write(`${tableOf(rows)}\n`);
  const missed = rows.filter(({ verdict }) => verdict === "MISSED").length;
  const met = rows.filter(({ verdict }) => verdict === "met").length;
  process.stdout.write(
    `${met} met, ${missed} missed, ${rows.length - met - missed} not measured\n`,
  );
  if (values.write) writeTable(rows, facts);
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ machine: facts, met, missed, budgets: rows })}\n`);
  }
}

/** One bench in a process of its own; one that fails is a row that says so, and the rest goes on. */
function runOne(name: string, budgets: readonly number[], flags: readonly string[]): Row[] {
  const words = [`--bench=${name}`];
  if (values.quick) words.push("--quick");
  if (values.peers) words.push("--peers");
  const child = spawnSync(process.execPath, ["--expose-gc", ...flags, SELF, ...words], {
    encoding: "utf8",
    maxBuffer: OUTPUT_BYTES_MAX,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const line = child.stdout.trimEnd().split("\n").at(-1) ?? "";
  if (child.status === 0 && line.startsWith("[")) return JSON.parse(line) as Row[];
  const reason =
    child.stderr
      .trim()
      .split("\n")
      .find((text) => text.includes("Error")) ?? "";
  return budgets.map((budget) => ({
    budget,
    what: name,
    goal: "",
    measured: `the bench failed with ${child.status}: ${reason}`,
    verdict: "not measured",
  }));
}

function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ budget, what, goal, measured, verdict }) =>
    [String(budget), what, goal, measured, verdict].map((cell) => cell.replaceAll("|", "/")),
  );
  const head = ["#", "what", "goal", "measured", "verdict"];
  const widths = head.map((title, i) =>
    Math.max(title.length, ...cells.map((cell) => cell[i]?.length ?? 0)),
  );
  const line = (cell: readonly string[]): string =>
    `| ${cell.map((text, i) => text.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...cells.map(line)].join("\n");
}

function writeTable(rows: readonly Row[], facts: string): void {
  const document = readFileSync(DOCUMENT, "utf8");
  const from = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (from < 0 || end < from) throw new Error(`${DOCUMENT} has lost the marks of its table`);
  const day = new Date().toISOString().slice(0, 10);
  const words = process.argv.slice(2).join(" ");
  const text = `${BEGIN}\n\`npm run bench -- ${words}\`, ${day}, ${facts}.\n\n${tableOf(rows)}\n`;
  writeFileSync(DOCUMENT, document.slice(0, from) + text + document.slice(end));
}

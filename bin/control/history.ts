/**
 * Station: `reckoner trades`, `orders`, `cycles`, `resyncs` ... : pages of history as tables, CSV or JSON.
 *
 * One table of commands: what is asked, by which filters, and what a row shows. Filters are those of the API,
 * which checks them; nothing is filtered here.
 */
import type { Command, Ending, Flag, Invocation } from "../command.ts";
import { EXIT } from "../command.ts";
import { type ApiAnswer, endingOf, type Json } from "./api.ts";
import { PROFILE_FLAGS } from "./profile.ts";
import { resyncLines } from "./resync-lines.ts";
import { type Column, msText, printable, tableOf, timeText } from "./table.ts";

const LIMIT_STANDARD = "50";
const COLUMNS_STANDARD = 100;

type Row = Json;

type History = {
  readonly path: string;
  readonly noun: string;
  readonly filters: readonly string[];
  readonly columns: readonly Column<Row>[];
  /** Draws more than a table. */
  readonly draw?: (rows: readonly Row[], width: number) => string[];
};

const text =
  (name: string) =>
  (row: Row): string =>
    row[name] === null || row[name] === undefined ? "" : String(row[name]);

const time: Column<Row> = { name: "time (UTC)", of: (row) => timeText(row.atUs) };
const column = (name: string, field = name): Column<Row> => ({ name, of: text(field) });
const number = (name: string, field = name): Column<Row> => ({
  name,
  of: text(field),
  isNumber: true,
});
const milliseconds = (name: string, field: string): Column<Row> => ({
  name,
  of: (row) => msText(row[field]),
  isNumber: true,
});

const HISTORIES = {
  trades: {
    path: "trades",
    noun: "fills",
    filters: ["venue", "instrument", "side", "clientId", "orderId", "mode", "cycle", "leg", "corr"],
    columns: [
      time,
      column("instrument"),
      column("side"),
      number("price"),
      number("quantity"),
      number("fee"),
      column("of", "feeAsset"),
      column("cycle", "corr"),
      number("leg"),
      column("client id", "clientId"),
    ],
  },
  orders: {
    path: "orders",
    noun: "orders at their end",
    filters: ["venue", "instrument", "side", "state", "clientId", "orderId", "cycle", "corr"],
    columns: [
      time,
      column("instrument"),
      column("side"),
      column("state"),
      number("price"),
      number("quantity"),
      number("filled", "filledQuantity"),
      column("cycle", "corr"),
      number("leg"),
      column("client id", "clientId"),
      column("cause"),
    ],
  },
  cycles: {
    path: "cycles",
    noun: "cycles at their end",
    filters: ["venue", "triangle", "corr", "cycle", "ending", "mode", "reason"],
    columns: [
      time,
      column("venue"),
      column("triangle"),
      column("ending"),
      number("predicted bps", "predictedBps"),
      number("effective bps", "effectiveBps"),
      number("profit"),
      column("of", "profitAsset"),
      milliseconds("ms", "totalUs"),
      column("corr"),
      column("reason"),
    ],
  },
  opportunities: {
    path: "opportunities",
    noun: "opportunities and what was made of them",
    filters: ["venue", "triangle", "decision", "reason"],
    columns: [
      time,
      column("venue"),
      column("triangle"),
      number("bps", "predictedBps"),
      number("start", "startAmount"),
      column("decision"),
      column("reason"),
    ],
  },
  denials: {
    path: "denials",
    noun: "denials of the risk gate, each with the version of the limits",
    filters: ["venue", "instrument", "control", "cycle", "leg", "reason"],
    columns: [
      time,
      column("instrument"),
      column("control"),
      number("limits", "limitsVersion"),
      column("reason"),
    ],
  },
  resyncs: {
    path: "resyncs",
    noun: "resyncs, drawn in their six stages",
    filters: ["venue", "instrument", "cause"],
    columns: [],
    draw: resyncLines,
  },
  alerts: {
    path: "alerts",
    noun: "alerts",
    filters: ["venue", "instrument", "severity", "kind"],
    columns: [
      time,
      number("severity"),
      column("kind", "alertKind"),
      column("venue"),
      column("text"),
    ],
  },
  latency: {
    path: "latency",
    noun: "minutes of the loop: how long market events waited",
    filters: [],
    columns: [
      time,
      number("events", "count"),
      number("p50 us", "p50Us"),
      number("p99 us", "p99Us"),
      number("p99.9 us", "p999Us"),
      number("max us", "maxUs"),
      number("tick p99 us", "tickP99Us"),
    ],
  },
} as const satisfies Readonly<Record<string, History>>;

/** Which histories have a command; the row of each is named after it. */
export type HistoryName = keyof typeof HISTORIES;

/** The command that shows one history. */
export function historyCommand(name: HistoryName): Command {
  const history: History = HISTORIES[name];
  return {
    notes: [
      "Times are UTC. A range is at most 92 days; what is older than the tables keep is read from the archive.",
    ],
    operands: [],
    flags: [
      {
        name: "from",
        kind: "text",
        summary: "a day, or 2026-11-21T10:00:00Z",
        standard: "a day ago",
      },
      { name: "to", kind: "text", summary: "the same; of a day its end", standard: "now" },
      {
        name: "limit",
        kind: "count",
        summary: "rows of a page, 1 to 500",
        standard: LIMIT_STANDARD,
      },
      { name: "cursor", kind: "text", summary: "nextCursor of the page before" },
      {
        name: "order",
        kind: "choice",
        choices: ["newest", "oldest"],
        summary: "which come first",
        standard: "newest",
      },
      ...history.filters.map(
        (filter): Flag => ({ name: filter, kind: "text", summary: `only of this ${filter}` }),
      ),
      ...PROFILE_FLAGS,
    ],
    fields: [
      ["items", `${history.noun}; docs/API.md has their fields`],
      ["nextCursor", "where the next page begins; left out at the end"],
      ["sources", "hot: the tables; cold: the archive"],
    ],
    run: (invocation) => page(invocation, history),
  };
}

async function page(invocation: Invocation, history: History): Promise<Ending> {
  const { flags } = invocation;
  const names = ["from", "to", "cursor", "order", ...history.filters];
  const query = {
    ...Object.fromEntries(names.map((name) => [name, flags.get(name)])),
    limit: flags.get("limit") ?? LIMIT_STANDARD,
  };
  return await endingOf(invocation, { path: history.path, query }, ({ body }: ApiAnswer) => {
    const rows = (body.items ?? []) as readonly Row[];
    const { nextCursor } = body;
    const width = process.stdout.columns ?? COLUMNS_STANDARD;
    const lines = history.draw?.(rows, width) ?? tableOf(rows, history.columns);
    const more =
      typeof nextCursor === "string" ? ["", `more: --cursor ${printable(nextCursor)}`] : [];
    return { exitCode: EXIT.ok, lines: [...lines, ...more], json: body };
  });
}

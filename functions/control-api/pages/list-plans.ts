/**
 * The lists as data: what each shows of its facts, and by what they are filtered.
 */
import { html } from "hono/html";
import { VENUE_IDS } from "../../../contracts/ids.ts";
import { RESYNC_CAUSES } from "../../../contracts/resync.ts";
import { ORDER_STATES, TRADING_MODES } from "../../../contracts/trade.ts";
import type { Filter, ListPlan } from "./listing.ts";
import { badge, type Html, type Tone, timeOf } from "./markup.ts";
import type { Column } from "./table.ts";
import { hrefOf, type View } from "./view.ts";
import {
  amountsText,
  countText,
  durationText,
  numberOf,
  type Row,
  textOf,
  wordsOf,
} from "./words.ts";

const VENUE: Filter = { name: "venue", label: "Venue", options: VENUE_IDS };
const INSTRUMENT: Filter = { name: "instrument", label: "Instrument" };
const TRIANGLE: Filter = { name: "triangle", label: "Triangle" };
const SIDE: Filter = { name: "side", label: "Side", options: ["buy", "sell"] };
const CORR: Filter = { name: "corr", label: "Cycle's id" };
const CLIENT: Filter = { name: "clientId", label: "Client order id" };
const REASON: Filter = { name: "reason", label: "Reason" };

export const TIME: Column = {
  name: "Time (UTC)",
  cell: (row, { nowUs }) => timeOf(numberOf(row, "atUs"), nowUs),
};

/** A column that shows one field as it is. */
function plain(name: string, field: string): Column {
  return { name, cell: (row) => textOf(row, field) };
}

function number(name: string, field: string): Column {
  return { ...plain(name, field), isNumber: true };
}

function code(name: string, field: string): Column {
  return { name, cell: (row) => html`<code>${textOf(row, field)}</code>` };
}

/** A link to the cycle that something belongs to. */
export const CYCLE_LINK: Column = { name: "Cycle", cell: (row, view) => cycleLink(row, view) };

function cycleLink(row: Row, view: View): Html {
  const corr = textOf(row, "corr");
  if (corr === "") return html`<span class="faint">none</span>`;
  // The time tells where to look: an id alone would have to be looked for in every day.
  const at = String(numberOf(row, "atUs"));
  const href = hrefOf(view, `/cycles/${encodeURIComponent(corr)}`, { at });
  return html`<a href="${href}"><code>${corr}</code></a>`;
}

export function endingTone(ending: string): Tone {
  if (ending === "FILLED") return "good";
  return ending === "FAILED" ? "bad" : "warn";
}

function orderTone(state: string): Tone {
  if (state === "filled") return "good";
  if (state === "unknown") return "bad";
  return state === "rejected" || state === "notAccepted" ? "warn" : "calm";
}

const SEVERITIES: readonly (readonly [string, Tone])[] = [
  ["unknown", "calm"],
  ["1 money at stake", "bad"],
  ["2 look today", "warn"],
  ["3 for the record", "calm"],
];

export function severityBadge(row: Row): Html {
  const [name, tone] = SEVERITIES[numberOf(row, "severity")] ?? ["unknown", "calm"];
  return badge(name, tone);
}

/** Where one resync is shown. */
export function resyncHref(view: View, row: Row): string {
  const { at, instrument } = {
    at: String(numberOf(row, "atUs")),
    instrument: textOf(row, "instrument"),
  };
  return hrefOf(view, `/resyncs/${encodeURIComponent(textOf(row, "factId"))}`, { at, instrument });
}

export const ORDERS: ListPlan = {
  path: "/orders",
  source: "/orders",
  title: "Orders",
  says: "Our orders as they ended, by the time at which they were placed.",
  filters: [
    VENUE,
    INSTRUMENT,
    SIDE,
    { name: "state", label: "State", options: ORDER_STATES },
    CLIENT,
    CORR,
  ],
  columns: [
    TIME,
    plain("Instrument", "instrument"),
    plain("Side", "side"),
    {
      name: "State",
      cell: (row) => badge(wordsOf(textOf(row, "state")), orderTone(textOf(row, "state"))),
    },
    number("Price", "price"),
    number("Quantity", "quantity"),
    number("Filled", "filledQuantity"),
    plain("Cause", "cause"),
    number("Limits v.", "limitsVersion"),
    CYCLE_LINK,
    code("Client id", "clientId"),
  ],
  empty: "No order was placed in this range.",
};

export const TRADES: ListPlan = {
  path: "/trades",
  source: "/trades",
  title: "Trades",
  says: "Our fills, each once, by the venue's own time.",
  filters: [
    VENUE,
    INSTRUMENT,
    SIDE,
    { name: "mode", label: "Mode", options: TRADING_MODES },
    TRIANGLE,
    CLIENT,
    CORR,
  ],
  columns: [
    TIME,
    plain("Instrument", "instrument"),
    plain("Side", "side"),
    number("Price", "price"),
    number("Quantity", "quantity"),
    number("Quote amount", "quote"),
    {
      name: "Fee",
      cell: (row) => `${textOf(row, "fee")} ${textOf(row, "feeAsset")}`,
      isNumber: true,
    },
    {
      name: "Role, mode",
      cell: (row) => `${row.isMaker === true ? "maker" : "taker"}, ${textOf(row, "mode")}`,
    },
    CYCLE_LINK,
    code("Trade id", "tradeId"),
  ],
  empty: "Nothing was traded in this range.",
};

export const OPPORTUNITIES: ListPlan = {
  path: "/opportunities",
  source: "/opportunities",
  title: "Opportunities",
  says: "Edges that were seen, and what was decided about each.",
  filters: [VENUE, TRIANGLE, { name: "decision", label: "Decision" }, REASON],
  columns: [
    TIME,
    plain("Venue", "venue"),
    plain("Triangle", "triangle"),
    { name: "Edge (bps)", cell: (row) => textOf(row, "predictedBps"), isNumber: true },
    number("Start amount", "startAmount"),
    {
      name: "Decision",
      cell: (row) =>
        badge(textOf(row, "decision"), textOf(row, "decision") === "fired" ? "good" : "calm"),
    },
    plain("Reason", "reason"),
  ],
  empty: "No opportunity was seen in this range.",
};

export const CYCLES: ListPlan = {
  path: "/cycles",
  source: "/cycles",
  title: "Cycles",
  says: "Cycles that ended, with what they were expected to make and what they made.",
  filters: [
    VENUE,
    TRIANGLE,
    { name: "ending", label: "Ending", options: ["FILLED", "FAILED", "ABORTED"] },
    { name: "mode", label: "Mode", options: TRADING_MODES },
    REASON,
  ],
  columns: [
    TIME,
    CYCLE_LINK,
    plain("Venue", "venue"),
    plain("Triangle", "triangle"),
    {
      name: "Ending",
      cell: (row) => badge(textOf(row, "ending"), endingTone(textOf(row, "ending"))),
    },
    number("Expected (bps)", "predictedBps"),
    number("Made (bps)", "effectiveBps"),
    {
      name: "Profit",
      cell: (row) => `${textOf(row, "profit")} ${textOf(row, "profitAsset")}`,
      isNumber: true,
    },
    { name: "Took", cell: (row) => durationText(numberOf(row, "totalUs")), isNumber: true },
    plain("Mode", "mode"),
    plain("Reason", "reason"),
  ],
  empty: "No cycle ended in this range.",
};

export const DENIALS: ListPlan = {
  path: "/denials",
  source: "/denials",
  title: "Denials",
  says: "What the risk gate refused, by which control, under which version of the limits.",
  filters: [VENUE, INSTRUMENT, { name: "control", label: "Control" }, REASON],
  columns: [
    TIME,
    plain("Instrument", "instrument"),
    code("Control", "control"),
    plain("Reason", "reason"),
    number("Limits v.", "limitsVersion"),
    number("Cycle", "cycle"),
    number("Leg", "leg"),
  ],
  empty: "Nothing was refused in this range.",
};

export const RESYNCS: ListPlan = {
  path: "/resyncs",
  source: "/resyncs",
  title: "Resyncs",
  says: "Every time that a book stopped being true, and how long it took until it was true again.",
  filters: [VENUE, INSTRUMENT, { name: "cause", label: "Cause", options: RESYNC_CAUSES }],
  columns: [
    {
      name: "Live again (UTC)",
      cell: (row, view) => timeOf(numberOf(row, "liveUs"), view.nowUs, resyncHref(view, row)),
    },
    plain("Instrument", "instrument"),
    { name: "Cause", cell: (row) => wordsOf(textOf(row, "cause")) },
    { name: "Took", cell: (row) => durationText(numberOf(row, "totalUs")), isNumber: true },
    { name: "Slowest stage", cell: (row) => slowestStage(row) },
    number("Epoch", "epoch"),
    number("Snapshots", "snapshotCount"),
    {
      name: "Orders open",
      cell: (row) => (Array.isArray(row.ordersTouched) ? countText(row.ordersTouched.length) : ""),
      isNumber: true,
    },
  ],
  empty: "No book was resynced in this range.",
};

function slowestStage(row: Row): string {
  const stages = Object.entries((row.stagesUs ?? {}) as Readonly<Record<string, unknown>>);
  const [name, us] = stages.reduce<readonly [string, number]>(
    (slowest, [stage, value]) =>
      typeof value === "number" && value > slowest[1] ? [stage, value] : slowest,
    ["", 0],
  );
  return name === "" ? "" : `${name} ${durationText(us)}`;
}

export const ALERTS: ListPlan = {
  path: "/alerts",
  source: "/alerts",
  title: "Alerts",
  says: "What the engine thought that somebody should know. The runbook has an entry for each kind.",
  filters: [
    VENUE,
    INSTRUMENT,
    { name: "severity", label: "Severity", options: ["1", "2", "3"] },
    { name: "kind", label: "Kind" },
  ],
  columns: [
    TIME,
    { name: "Severity", cell: severityBadge },
    code("Kind", "alertKind"),
    plain("Venue", "venue"),
    plain("Instrument", "instrument"),
    plain("What happened", "text"),
  ],
  empty: "No alert in this range.",
};

/** Fees of a leg or a residual, as text. */
export function amountsCell(field: string): Column["cell"] {
  return (row) => amountsText(row[field]);
}

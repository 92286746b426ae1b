/**
 * The first page: is the engine alive, may it be believed, what did it do, when was it wrong.
 */
import { html } from "hono/html";
import { confidenceChart, loopChart } from "./charts.ts";
import { badge, type Html, NOTHING, problemBox, type Tone, tile } from "./markup.ts";
import { engineState, modeTone } from "./shell.ts";
import { resyncLanes, stageLegend } from "./stages.ts";
import { type Column, table } from "./table.ts";
import { drawTransitions } from "./transitions.ts";
import { type Drawn, hrefOf, type Page, type View } from "./view.ts";
import {
  countText,
  durationText,
  numberOf,
  type Row,
  rowOf,
  rowsOf,
  textOf,
  wordsOf,
} from "./words.ts";

const US_PER_MS = 1_000;
const US_PER_MINUTE = 60_000_000;
/** What the lanes may show, in minutes. */
const SPANS: Readonly<Record<string, string>> = {
  "15": "15 min",
  "60": "1 h",
  "360": "6 h",
  "1440": "24 h",
};
const USUAL_SPAN = "60";

export const overviewPage: Page = { path: "/", draw: drawOverview };

async function drawOverview(view: View): Promise<Drawn> {
  const { door, nowUs } = view;
  const span =
    SPANS[view.query.get("span") ?? ""] === undefined
      ? USUAL_SPAN
      : (view.query.get("span") ?? USUAL_SPAN);
  const axis = { fromUs: nowUs - Number(span) * US_PER_MINUTE, toUs: nowUs + 1 };
  const range = { from: String(axis.fromUs), to: String(axis.toUs) };
  const [resyncs, latency, transitions] = await Promise.all([
    door.ask("/resyncs", { ...range, limit: "500" }),
    door.ask("/latency", { ...range, limit: "500", order: "oldest" }),
    drawTransitions(view),
  ]);
  const engine = rowOf(view.status.body.status);
  const body = html`<h1>Overview</h1>
<section id="tiles" data-live aria-label="Numbers">${view.status.ok ? tiles(view, engine) : problemBox(view.status)}</section>
<section id="venues" data-live><h2>Venues and sessions</h2>${table(view, VENUES, sessionRows(engine))}</section>
<section id="confidence"><h2>Confidence over time</h2>${confidenceChart(engine)}</section>
<section><h2>Resyncs over time</h2>${spanChoice(view, span)}${stageLegend()}
<div id="lanes" data-live>${resyncs.ok ? lanes(view, rowsOf(resyncs.body.items), axis) : problemBox(resyncs)}</div></section>
<section id="loop"><h2>Delay of the loop</h2>${latency.ok ? loopChart(rowsOf(latency.body.items)) : problemBox(latency)}</section>
<section id="accounts" data-live><h2>Accounts</h2>${table(view, ACCOUNTS, rowsOf(rowOf(engine.trading).accounts))}</section>
<section id="transitions" data-live><h2>What changed</h2>${transitions}</section>`;
  return { title: "Overview", body };
}

function lanes(
  view: View,
  rows: readonly Row[],
  axis: { readonly fromUs: number; readonly toUs: number },
): Html {
  if (rows.length === 0) return html`<p class="empty">No book had to be resynced.</p>`;
  return resyncLanes(view, rows, axis);
}

function spanChoice(view: View, chosen: string): Html {
  return html`<p class="choice" role="group" aria-label="Time that is shown">${Object.entries(
    SPANS,
  ).map(
    ([span, name]) =>
      html`<a href="${hrefOf(view, "/", { span })}"${span === chosen ? html` aria-current="true"` : NOTHING}>${name}</a>`,
  )}</p>`;
}

function tiles(view: View, engine: Row): Html {
  const { body } = view.status;
  const { word, tone, note } = engineState(body);
  const heartbeat = rowOf(body.heartbeat);
  const trading = rowOf(engine.trading);
  const counts = rowOf(trading.counts);
  const resyncs = rowOf(engine.resyncs);
  const venues = rowsOf(engine.venues);
  const live = sumOf(venues, "booksLive");
  const total = sumOf(venues, "booksTotal");
  const unknown = numberOf(counts, "unknownOpen");
  const loopVersion = numberOf(heartbeat, "limitsVersion");
  const lastVersion = numberOf(body, "limitsVersion");
  const lag = numberOf(heartbeat, "ackedSeq") - numberOf(heartbeat, "publishedSeq");
  return html`<dl class="tiles">${[
    tile("Engine", word, note, tone),
    tile("Books live", `${live} of ${total}`, "", live === total && total > 0 ? "good" : "warn"),
    tile(
      "Cycles filled",
      countText(numberOf(counts, "filled")),
      `${numberOf(counts, "failed")} failed, ${numberOf(counts, "aborted")} aborted`,
    ),
    tile(
      "Open cycles",
      countText(numberOf(counts, "cyclesOpen")),
      `${countText(numberOf(counts, "orders"))} orders sent`,
    ),
    tile(
      "Unknown orders",
      String(unknown),
      unknown === 0 ? "every outcome is known" : "being asked for",
      unknown === 0 ? "good" : "bad",
    ),
    tile(
      "Denials",
      countText(numberOf(counts, "denials")),
      html`<a href="${hrefOf(view, "/denials")}">by control</a>`,
    ),
    tile(
      "Limits",
      versionText(loopVersion, lastVersion),
      lastVersion > loopVersion ? `version ${lastVersion} is on its way` : "in force in the loop",
      lastVersion > loopVersion ? "warn" : "good",
    ),
    tile(
      "Resync p50 / p99",
      `${msText(rowOf(resyncs.ms), "p50")} / ${msText(rowOf(resyncs.ms), "p99")}`,
      `${countText(numberOf(resyncs, "count"))} since the start`,
    ),
    profitTile(rowOf(trading.profit)),
    tile(
      "Journal",
      `${countText(lag)} behind`,
      "records safe and not yet published",
      lag > 100_000 ? "warn" : "calm",
    ),
  ]}</dl>`;
}

function versionText(loop: number, last: number): string {
  return loop === 0 && last === 0 ? "from the file" : `version ${loop}`;
}

function msText(row: Row, field: string): string {
  return durationText(Math.round(numberOf(row, field) * US_PER_MS));
}

function profitTile(profit: Row): Html {
  const entries = Object.entries(profit);
  const value = entries.map(
    ([place, amount]) => html`<div>${String(amount)} <span class="faint">${place}</span></div>`,
  );
  return tile("Profit of this run", entries.length === 0 ? "none yet" : value);
}

function sumOf(rows: readonly Row[], field: string): number {
  return rows.reduce((sum, row) => sum + numberOf(row, field), 0);
}

/** One row for each session, under its venue. */
function sessionRows(engine: Row): readonly Row[] {
  return rowsOf(engine.venues).flatMap((venue) =>
    rowsOf(venue.sessions).map((session) => ({ ...session, of: venue })),
  );
}

/** How far a session is believed: the word beside the number. */
function confidenceTone(confidence: number): Tone {
  if (confidence >= 0.8) return "good";
  return confidence >= 0.4 ? "warn" : "bad";
}

const VENUES = {
  caption: "Venues and their sessions",
  empty: "No session is known: the engine has not told of itself.",
  columns: [
    { name: "Session", cell: (row) => `${textOf(row, "venue")}\u00a0#${numberOf(row, "shard")}` },
    {
      name: "Mode",
      cell: ({ of }) => {
        const mode = textOf(rowOf(of), "mode");
        return html`${badge(wordsOf(mode), modeTone(mode))} <span class="faint">${wordsOf(textOf(rowOf(of), "modeReason"))}</span>`;
      },
    },
    { name: "State", cell: (row) => textOf(row, "state") },
    {
      name: "Confidence",
      cell: (row) => {
        const confidence = numberOf(row, "confidence");
        const told = textOf(row, "confidenceReason");
        const reason = told === "none" ? "" : wordsOf(told);
        return html`${badge(confidence.toFixed(2), confidenceTone(confidence))} <meter min="0" max="1" low="0.4" high="0.8" optimum="1" value="${confidence}" aria-hidden="true"></meter> <span class="faint">${reason}</span>`;
      },
    },
    {
      name: "Books live",
      cell: ({ of }) =>
        `${numberOf(rowOf(of), "booksLive")} of ${numberOf(rowOf(of), "booksTotal")}`,
      isNumber: true,
    },
    { name: "Epoch", cell: (row) => textOf(row, "epoch"), isNumber: true },
    {
      name: "Transport",
      cell: (row) => durationText(numberOf(row, "transportUs")),
      isNumber: true,
    },
    { name: "Silence", cell: (row) => durationText(numberOf(row, "silenceUs")), isNumber: true },
    {
      name: "Clock offset",
      cell: ({ of }) =>
        `${durationText(numberOf(rowOf(of), "clockOffsetUs"))} ± ${durationText(numberOf(rowOf(of), "clockErrorUs"))}`,
      isNumber: true,
    },
  ] satisfies readonly Column[],
};

const ACCOUNTS = {
  caption: "Accounts",
  empty: "No account is configured to trade.",
  columns: [
    { name: "Venue", cell: (row) => textOf(row, "venue") },
    { name: "Trades", cell: (row) => textOf(row, "mode") },
    {
      name: "State",
      cell: (row) => {
        const blocked = textOf(row, "blocked");
        const phase = textOf(row, "phase");
        return blocked === ""
          ? badge(phase, phase === "ready" ? "good" : "warn")
          : html`${badge("blocked", "warn")} ${blocked}`;
      },
    },
    { name: "Portfolio", cell: (row) => textOf(rowOf(row.risk), "portfolio") },
    {
      name: "Result of the day",
      cell: (row) => textOf(rowOf(row.risk), "dayResult"),
      isNumber: true,
    },
    { name: "Open orders", cell: (row) => textOf(row, "openOrders"), isNumber: true },
    { name: "Unknown", cell: (row) => textOf(row, "unknownOrders"), isNumber: true },
    {
      name: "Balances",
      cell: (row) =>
        Object.entries(rowOf(row.balances))
          .map(([asset, amounts]) => `${Array.isArray(amounts) ? String(amounts[0]) : ""} ${asset}`)
          .join(", "),
    },
  ] satisfies readonly Column[],
};

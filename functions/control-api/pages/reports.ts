/**
 * The daily reports: the list, and one day as it was written.
 *
 * A report is shown by its own names, whatever it holds: what a later version adds is shown as well.
 */
import { html } from "hono/html";
import { type Html, hidden, NOTHING, problemBox } from "./markup.ts";
import { table } from "./table.ts";
import { apiHref, type Drawn, hrefOf, type Page, type View } from "./view.ts";
import { type Row, rowsOf, shownText, textOf, wordsOf } from "./words.ts";

export const reportsPage: Page = { path: "/reports", draw: drawReports };
export const reportPage: Page = { path: "/reports/:day", draw: drawReport };

async function drawReports(view: View): Promise<Drawn> {
  const cursor = view.query.get("cursor") ?? undefined;
  const told = await view.door.ask("/reports", { cursor, limit: "62" });
  const rows = rowsOf(told.body.items);
  const next = textOf(told.body, "nextCursor");
  const body = html`<h1>Reports</h1><p class="lead">One for each UTC day: trades, result, resyncs, delays, cost.</p>
${
  told.ok
    ? table(
        view,
        {
          caption: "Reports",
          columns: [
            { name: "Day", cell: dayLink },
            { name: "In short", cell: shortOf },
          ],
          empty: "No report was written in the last month.",
        },
        rows,
      )
    : problemBox(told)
}
<nav class="pager" aria-label="Pages of the list">${next === "" ? NOTHING : html`<a rel="next" href="${hrefOf(view, "/reports", { cursor: next })}">Older</a>`}<a class="csv" href="${apiHref(view, "/reports", { format: "csv" })}" download>CSV</a></nav>
<form class="inline" method="get" action="/reports/of">${hidden({ engine: view.engine })}<p class="field"><label for="day">Another day</label><input id="day" name="day" type="date" required></p><button>Show</button></form>`;
  return { title: "Reports", body, status: told.status };
}

function dayOfRow(row: Row): string {
  return textOf(row, "day") || textOf(row, "at").slice(0, 10);
}

function dayLink(row: Row, view: View): Html {
  const day = dayOfRow(row);
  return html`<a href="${hrefOf(view, `/reports/${encodeURIComponent(day)}`)}">${day}</a>`;
}

const ENVELOPE = [
  "eventId",
  "factId",
  "kind",
  "engine",
  "runId",
  "venue",
  "at",
  "atUs",
  "observedUs",
  "day",
];

/** What the item of the list says beside its place: plain values only. */
function shortOf(row: Row): string {
  return Object.entries(row)
    .filter(([name, value]) => !ENVELOPE.includes(name) && typeof value !== "object")
    .map(([name, value]) => `${wordsOf(name)} ${shownText(value)}`)
    .slice(0, 6)
    .join(", ");
}

async function drawReport(view: View): Promise<Drawn> {
  const day = view.query.get("day") ?? view.path.day ?? "";
  const told = await view.door.ask(`/reports/${encodeURIComponent(day)}`);
  const title = `Report of ${day}`;
  const body = html`<h1>${title}</h1>${told.ok ? nested(told.body) : problemBox(told)}
${told.ok ? html`<p><a href="${apiHref(view, `/reports/${encodeURIComponent(day)}`)}">As JSON</a></p>` : NOTHING}
<p><a href="${hrefOf(view, "/reports")}">All reports</a></p>`;
  return { title, body, status: told.status };
}

const DEPTH_MAX = 6;

/** Names and values of a report; lists of objects as tables. */
function nested(row: Row, depth = 0): Html {
  const plain = Object.entries(row).filter(([, value]) => !isNested(value));
  const deep = Object.entries(row).filter(([, value]) => isNested(value));
  return html`${plain.length === 0 ? NOTHING : html`<dl class="facts">${plain.map(([name, value]) => html`<div><dt>${wordsOf(name)}</dt><dd>${shownText(value)}</dd></div>`)}</dl>`}${deep.map(
    ([name, value]) =>
      html`<section class="nested"><h2>${wordsOf(name)}</h2>${nestedValue(value, depth + 1)}</section>`,
  )}`;
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function nestedValue(value: unknown, depth: number): Html {
  if (depth > DEPTH_MAX) return html`<pre>${shownText(value)}</pre>`;
  if (!Array.isArray(value)) return nested(value as Row, depth);
  if (value.length === 0) return html`<p class="empty">None.</p>`;
  if (!value.every((each) => isNested(each) && !Array.isArray(each))) {
    return html`<ul>${value.map((each) => html`<li>${shownText(each)}</li>`)}</ul>`;
  }
  const names = [...new Set(value.flatMap((each) => Object.keys(each as Row)))];
  return html`<table><thead><tr>${names.map((name) => html`<th scope="col">${wordsOf(name)}</th>`)}</tr></thead><tbody>${value.map(
    (each) =>
      html`<tr>${names.map((name) => html`<td data-label="${wordsOf(name)}">${shownText((each as Row)[name])}</td>`)}</tr>`,
  )}</tbody></table>`;
}

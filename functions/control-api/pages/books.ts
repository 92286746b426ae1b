/**
 * The books: which of them may be believed, their best prices, how often they had to be made anew.
 */
import { html } from "hono/html";
import { badge, type Html, hidden, NOTHING, problemBox, type Tone } from "./markup.ts";
import { type Column, table } from "./table.ts";
import { type Drawn, hrefOf, may, type Page, type View } from "./view.ts";
import { countText, numberOf, rowOf, rowsOf, textOf } from "./words.ts";

export const booksPage: Page = { path: "/books", draw: drawBooks };

function stateTone(state: string): Tone {
  if (state === "live") return "good";
  return state === "void" ? "bad" : "warn";
}

const COLUMNS: readonly Column[] = [
  { name: "Instrument", cell: (row) => textOf(row, "instrument") },
  { name: "State", cell: (row) => badge(textOf(row, "state"), stateTone(textOf(row, "state"))) },
  { name: "Bid", cell: (row) => textOf(row, "bid"), isNumber: true },
  { name: "Ask", cell: (row) => textOf(row, "ask"), isNumber: true },
  { name: "Levels", cell: (row) => textOf(row, "levels"), isNumber: true },
  { name: "Epoch", cell: (row) => textOf(row, "epoch"), isNumber: true },
  { name: "Sequence", cell: (row) => textOf(row, "seq"), isNumber: true },
  { name: "Resyncs", cell: (row) => countText(numberOf(row, "resyncs")), isNumber: true },
  { name: "Make anew", cell: (row, view) => resyncForm(view, textOf(row, "instrument")) },
];

async function drawBooks(view: View): Promise<Drawn> {
  const engine = rowOf(view.status.body.status);
  const books = rowsOf(engine.books);
  const total = rowsOf(engine.venues).reduce((sum, row) => sum + numberOf(row, "booksTotal"), 0);
  const body = html`<h1>Books</h1>
<p class="lead">Best prices as the engine last told them, about every two seconds. Nothing trades on a book that is not live.</p>
${view.status.ok ? NOTHING : problemBox(view.status)}
<section id="rows" data-live>${table(view, { caption: "Books", columns: COLUMNS, empty: "The engine has told of no book yet." }, books)}
${books.length < total ? html`<p class="faint">${total - books.length} more are followed; those that are not live are shown first.</p>` : NOTHING}</section>`;
  return { title: "Books", body };
}

function resyncForm(view: View, instrument: string): Html {
  if (!may(view, "resync")) return html`<span class="faint">needs operator</span>`;
  const fields = { instrument, reason: "asked on the page of books", key: view.newKey() };
  return html`<form method="post" action="${hrefOf(view, "/actions/resync")}">${hidden(fields)}<button class="small" aria-label="Resync ${instrument}">Resync</button></form>`;
}

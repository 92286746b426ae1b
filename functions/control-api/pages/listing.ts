/**
 * Station: a kind of fact -> its page: filters as a form, a table, the next page, the same as CSV.
 *
 * A page of history is one question to the API; the address holds all of it, so that it can be kept, sent
 * on and asked again.
 */
import { html } from "hono/html";
import type { Question } from "./door.ts";
import { type Html, NOTHING, problemBox } from "./markup.ts";
import { type Column, table } from "./table.ts";
import { apiHref, type Drawn, hrefOf, type Page, type View } from "./view.ts";
import { rowsOf, textOf } from "./words.ts";

export type Filter = {
  /** Name in the API's question. */
  readonly name: string;
  readonly label: string;
  /** A closed list to choose from; free text without. */
  readonly options?: readonly string[];
};

export type ListPlan = {
  readonly path: string;
  /** Where the API has it, after the engine. */
  readonly source: string;
  readonly title: string;
  readonly says: string;
  readonly filters: readonly Filter[];
  readonly columns: readonly Column[];
  readonly empty: string;
};

const ROWS = "50";

/** A page of the list. */
export function listPage(plan: ListPlan): Page {
  return { path: plan.path, draw: (view) => drawList(plan, view) };
}

async function drawList(plan: ListPlan, view: View): Promise<Drawn> {
  const question = questionOf(plan, view);
  const cursor = view.query.get("cursor") ?? undefined;
  const told = await view.door.ask(plan.source, { ...question, cursor, limit: ROWS });
  const rows = rowsOf(told.body.items);
  const body = html`<h1>${plan.title}</h1><p class="lead">${plan.says}</p>
${filterForm(plan, view)}
${told.ok ? NOTHING : problemBox(told)}
<section id="rows"${cursor === undefined ? html` data-live` : NOTHING}>${
    told.ok ? table(view, { caption: plan.title, ...plan }, rows) : NOTHING
  }</section>${told.ok ? pager(plan, view, question, textOf(told.body, "nextCursor")) : NOTHING}`;
  return { title: plan.title, body, status: told.status };
}

function questionOf({ filters }: ListPlan, { query }: View): Question {
  const names = ["from", "to", ...filters.map(({ name }) => name)];
  return Object.fromEntries(names.map((name) => [name, trimmed(query.get(name))]));
}

function trimmed(text: string | null): string | undefined {
  const bare = (text ?? "").trim();
  return bare === "" ? undefined : bare;
}

function filterForm({ path, filters }: ListPlan, view: View): Html {
  const { engine, engines, query } = view;
  const isUsed = [...query.keys()].some((name) => name !== "engine" && name !== "cursor");
  return html`<details class="filters"${isUsed ? html` open` : NOTHING}><summary>Filter</summary>
<form method="get" action="${path}">${engine === engines[0] ? NOTHING : html`<input type="hidden" name="engine" value="${engine}">`}
<p class="field"><label for="from">From (UTC)</label><input id="from" name="from" placeholder="2026-11-21 or 2026-11-21T12:00Z" value="${query.get("from") ?? ""}"></p>
<p class="field"><label for="to">To (UTC)</label><input id="to" name="to" placeholder="now" value="${query.get("to") ?? ""}"></p>
${filters.map((filter) => filterField(filter, query.get(filter.name) ?? ""))}
<p class="buttons"><button class="primary">Show</button> <a href="${hrefOf(view, path)}">Clear</a></p></form></details>`;
}

function filterField({ name, label, options }: Filter, value: string): Html {
  const id = `filter-${name}`;
  if (options === undefined) {
    return html`<p class="field"><label for="${id}">${label}</label><input id="${id}" name="${name}" value="${value}"></p>`;
  }
  return html`<p class="field"><label for="${id}">${label}</label><select id="${id}" name="${name}">
<option value="">any</option>${options.map(
    (each) => html`<option${each === value ? html` selected` : NOTHING}>${each}</option>`,
  )}</select></p>`;
}

function pager(plan: ListPlan, view: View, question: Question, next: string): Html {
  const { path, source } = plan;
  const isFirst = view.query.get("cursor") === null;
  return html`<nav class="pager" aria-label="Pages of the list">${
    isFirst ? NOTHING : html`<a href="${hrefOf(view, path, question)}">Newest</a>`
  }${
    next === ""
      ? html`<span class="faint">End of the range</span>`
      : html`<a rel="next" href="${hrefOf(view, path, { ...question, cursor: next })}">Older</a>`
  }<a class="csv" href="${apiHref(view, source, { ...question, format: "csv", limit: "500" })}" download>CSV</a></nav>`;
}

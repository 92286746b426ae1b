/**
 * The audit: who changed what, and whether the chain of hashes still holds.
 */
import { html } from "hono/html";
import { badge, type Html, NOTHING, problemBox, timeOf } from "./markup.ts";
import { type Column, table } from "./table.ts";
import { type Drawn, hrefOf, type Page, type View } from "./view.ts";
import { countText, numberOf, type Row, rowOf, rowsOf, textOf } from "./words.ts";

export const auditPage: Page = { path: "/audit", draw: drawAudit };

const CHAINS = { action: "Actions", limits: "Limits" } as const;

async function drawAudit(view: View): Promise<Drawn> {
  const chain = view.query.get("chain") === "limits" ? "limits" : "action";
  const cursor = view.query.get("cursor") ?? undefined;
  const wantsWalk = view.query.get("verify") === "1";
  const [told, walk] = await Promise.all([
    view.door.ask("/audit", { chain, cursor, limit: "50" }),
    wantsWalk ? view.door.ask("/audit/verify", { chain }) : undefined,
  ]);
  const next = textOf(told.body, "nextCursor");
  const body = html`<h1>Audit</h1>
<p class="lead">Every change is one immutable item that carries the hash of the one before it.</p>
<p class="choice" role="group" aria-label="Chain">${Object.entries(CHAINS).map(
    ([name, title]) =>
      html`<a href="${hrefOf(view, "/audit", { chain: name })}"${name === chain ? html` aria-current="true"` : NOTHING}>${title}</a>`,
  )}</p>
${walk === undefined ? html`<p><a class="button" href="${hrefOf(view, "/audit", { chain, verify: "1" })}">Verify the whole chain</a></p>` : walk.ok ? walkResult(walk.body) : problemBox(walk)}
${told.ok ? pageMark(told.body) : problemBox(told)}
<section id="rows">${told.ok ? table(view, { caption: "Items", columns: COLUMNS, empty: "This chain has no item yet." }, rowsOf(told.body.items)) : NOTHING}</section>
<nav class="pager" aria-label="Pages of the chain">${cursor === undefined ? NOTHING : html`<a href="${hrefOf(view, "/audit", { chain })}">Newest</a>`}${
    next === ""
      ? html`<span class="faint">Beginning of the chain</span>`
      : html`<a rel="next" href="${hrefOf(view, "/audit", { chain, cursor: next })}">Older</a>`
  }</nav>`;
  return { title: "Audit", body, status: told.status };
}

function pageMark({ fault }: Row): Html {
  if (fault === null)
    return html`<p>${badge("These items are whole", "good")} <span class="faint">each follows the one before it</span></p>`;
  return faultBox(rowOf(fault));
}

function faultBox(fault: Row): Html {
  return html`<div class="box bad" role="alert"><h2>■ The chain is broken at item ${textOf(fault, "seq")}</h2><p>${textOf(fault, "reason")}</p></div>`;
}

function walkResult(walk: Row): Html {
  if (walk.fault !== null) return faultBox(rowOf(walk.fault));
  const to = countText(numberOf(walk, "checkedTo"));
  const head = countText(numberOf(walk, "headSeq"));
  return walk.isComplete === true
    ? html`<div class="box good" role="status"><p>${badge("The chain holds", "good")} from its first item to its last, ${head}.</p></div>`
    : html`<div class="box warn" role="status"><p>${badge("So far it holds", "warn")} to item ${to} of ${head}; the rest is for <code>reckoner audit verify</code>.</p></div>`;
}

const COLUMNS: readonly Column[] = [
  { name: "No.", cell: (row) => textOf(row, "seq"), isNumber: true },
  { name: "Time (UTC)", cell: (row, { nowUs }) => timeOf(numberOf(row, "atUs"), nowUs) },
  { name: "What", cell: (row) => html`<code>${textOf(row, "kind")}</code>` },
  { name: "Who", cell: (row) => people(row) },
  { name: "Why", cell: (row) => textOf(row, "reason") },
  { name: "Change", cell: (row) => changeDetails(row) },
  {
    name: "Hash",
    cell: (row) =>
      html`<code title="${textOf(row, "hash")}">${textOf(row, "hash").slice(0, 12)}</code>`,
  },
];

function people(row: Row): string {
  const second = textOf(row, "approvedBy");
  return second === "" ? textOf(row, "by") : `${textOf(row, "by")}, approved by ${second}`;
}

function changeDetails(row: Row): Html {
  return html`<details><summary>Show</summary><p class="faint">Before</p><pre>${prettyJson(textOf(row, "before"))}</pre><p class="faint">After</p><pre>${prettyJson(textOf(row, "after"))}</pre><p class="faint">Request ${textOf(row, "requestId")}</p></details>`;
}

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

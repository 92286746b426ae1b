/**
 * One cycle: its legs, where its time went, and why it made what it made.
 */
import { html } from "hono/html";
import { endingTone, ORDERS } from "./list-plans.ts";
import { badge, factList, type Html, problemBox, timeOf } from "./markup.ts";
import { type Column, table } from "./table.ts";
import { type Drawn, hrefOf, type Page, type View } from "./view.ts";
import { basisPointBars, latencyWaterfall } from "./waterfall.ts";
import { amountsText, durationText, numberOf, type Row, rowsOf, textOf, wordsOf } from "./words.ts";

const US_PER_HOUR = 3_600_000_000;
const US_PER_WEEK = 168 * US_PER_HOUR;

export const cyclePage: Page = { path: "/cycles/:corr", draw: drawCycle };

async function drawCycle(view: View): Promise<Drawn> {
  const corr = view.path.corr ?? "";
  const range = rangeAround(view);
  const [told, orders] = await Promise.all([
    view.door.ask("/cycles", { corr, ...range, limit: "1" }),
    view.door.ask("/orders", { corr, ...range, limit: "50" }),
  ]);
  const title = `Cycle ${corr}`;
  if (!told.ok)
    return { title, body: html`<h1>${title}</h1>${problemBox(told)}`, status: told.status };
  const [row] = rowsOf(told.body.items);
  if (row === undefined) {
    const body = html`<h1>${title}</h1><p class="empty">No such cycle ended near that time. It may still be open, or lie further back: ask for it with a <a href="${hrefOf(view, "/cycles")}">range</a>.</p>`;
    return { title, body, status: 404 };
  }
  const body = html`<h1>Cycle <code>${corr}</code></h1>${summary(view, row)}
<section><h2>Where the time went</h2>${latencyWaterfall(row)}</section>
<section><h2>From the expected edge to the result</h2>${basisPointBars(row)}</section>
<section><h2>Legs</h2>${table(view, { caption: "Legs", columns: LEGS, empty: "No leg was sent." }, rowsOf(row.legs))}</section>
<section><h2>Orders</h2>${orders.ok ? table(view, { ...ORDERS, caption: "Orders" }, rowsOf(orders.body.items)) : problemBox(orders)}</section>`;
  return { title, body };
}

/** Around the time that the link carries; without one, the last week. */
function rangeAround({ query, nowUs }: View): { readonly from: string; readonly to: string } {
  const atUs = Number(query.get("at") ?? "");
  const isKnown = Number.isSafeInteger(atUs) && atUs > US_PER_HOUR;
  const fromUs = isKnown ? atUs - US_PER_HOUR : nowUs - US_PER_WEEK;
  return { from: String(fromUs), to: String(isKnown ? atUs + US_PER_HOUR : nowUs + 1) };
}

function summary(view: View, row: Row): Html {
  const ending = textOf(row, "ending");
  const reason = textOf(row, "reason");
  return factList([
    ["Ending", html`${badge(ending, endingTone(ending))} ${reason}`],
    ["Signal (UTC)", timeOf(numberOf(row, "signalUs"), view.nowUs)],
    ["Triangle", textOf(row, "triangle")],
    ["Venue", `${textOf(row, "venue")}, ${textOf(row, "mode")}`],
    ["Spent", textOf(row, "startAmount")],
    ["Profit", `${textOf(row, "profit")} ${textOf(row, "profitAsset")}`],
    ["Expected / made", `${textOf(row, "predictedBps")} / ${textOf(row, "effectiveBps")} bps`],
    ["Took", durationText(numberOf(row, "totalUs"))],
    ["Left over", amountsText(row.residual) || "nothing"],
  ]);
}

const LEGS: readonly Column[] = [
  { name: "Leg", cell: (row) => String(numberOf(row, "leg") + 1), isNumber: true },
  { name: "Instrument", cell: (row) => textOf(row, "instrument") },
  { name: "Side", cell: (row) => textOf(row, "side") },
  { name: "State", cell: (row) => wordsOf(textOf(row, "state")) },
  {
    name: "Filled",
    cell: (row) => `${textOf(row, "filledQuantity")} of ${textOf(row, "quantity")}`,
    isNumber: true,
  },
  { name: "Average price", cell: (row) => textOf(row, "averagePrice"), isNumber: true },
  {
    name: "In",
    cell: (row) => `${textOf(row, "input")} ${textOf(row, "inputAsset")}`,
    isNumber: true,
  },
  {
    name: "Out",
    cell: (row) => `${textOf(row, "output")} ${textOf(row, "outputAsset")}`,
    isNumber: true,
  },
  { name: "Fees", cell: (row) => amountsText(row.fees), isNumber: true },
  { name: "Client id", cell: (row) => html`<code>${textOf(row, "clientId")}</code>` },
];

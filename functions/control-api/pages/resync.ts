/**
 * One resync: when the book began to be wrong, what each of the six stages took, what was open meanwhile.
 */
import { html } from "hono/html";
import type { ResyncCause } from "../../../contracts/resync.ts";
import { factList, type Html, problemBox, timeOf } from "./markup.ts";
import { STAGE_MEANINGS, stageBar, stageLegend, stageParts } from "./stages.ts";
import { type Drawn, hrefOf, type Page, type View } from "./view.ts";
import { clockText, durationText, numberOf, type Row, rowsOf, textOf, wordsOf } from "./words.ts";

export const resyncPage: Page = { path: "/resyncs/:id", draw: drawResync };

/** What each cause means, in a sentence. */
export const CAUSE_MEANINGS: Readonly<Record<ResyncCause, string>> = {
  noMarketFlow: "Nothing came for longer than this instrument's usual silence.",
  sequenceGap: "A number of the venue's sequence was missing.",
  ancientTimestamp: "Messages bore times that were too old.",
  transportLatency: "Messages took too long to arrive.",
  writeFailure: "The connection refused to be written to.",
  subscriptionFailure: "The venue did not confirm, or refused, a subscription.",
  brokenContinuity: "A delta did not fit onto the book.",
  queueDelay: "Messages waited too long inside our own process.",
  staleSnapshot: "The snapshot was older than what was held already.",
  start: "The book was made for the first time in this run.",
  sessionClosed: "The connection was closed.",
  crossedBook: "The best bid was not below the best ask.",
  malformedFrames: "Frames could not be read.",
  ringOverflow: "More came than could be kept until it was processed.",
  bufferOverflow: "More deltas waited for a snapshot than may wait.",
  instrumentRules: "The venue changed the rules of the instrument.",
  operator: "Somebody asked for it.",
  checksumMismatch: "The venue's checksum was another than ours.",
  horizonPassed: "The market moved beyond the levels that the snapshot had shown.",
};

async function drawResync(view: View): Promise<Drawn> {
  const at = view.query.get("at") ?? "";
  const to = /^\d{1,15}\d$/.test(at) ? String(Number(at) + 1) : "";
  const instrument = view.query.get("instrument") ?? "";
  const told = await view.door.ask("/resyncs", { from: at, to, instrument, limit: "500" });
  const title = "Resync";
  if (!told.ok)
    return { title, body: html`<h1>${title}</h1>${problemBox(told)}`, status: told.status };
  const row = rowsOf(told.body.items).find((each) => textOf(each, "factId") === view.path.id);
  if (row === undefined) {
    return {
      title,
      body: html`<h1>${title}</h1><p class="empty">There is no such resync.</p>`,
      status: 404,
    };
  }
  const body = html`<h1>Resync of ${instrument}</h1>${summary(view, row)}
<section><h2>Timeline</h2>${stageLegend()}${stageBar(row)}${timeline(row)}</section>
<section><h2>Orders that were open meanwhile</h2>${orders(view, row)}</section>
<p><a href="${hrefOf(view, "/resyncs", { instrument })}">All resyncs of ${instrument}</a></p>`;
  return { title, body };
}

function summary(view: View, row: Row): Html {
  const cause = textOf(row, "cause");
  const meaning = Object.entries(CAUSE_MEANINGS).find(([name]) => name === cause)?.[1] ?? "";
  return factList([
    ["Cause", html`<strong>${wordsOf(cause)}</strong> ${meaning}`],
    ["Degraded since (UTC)", timeOf(numberOf(row, "degradedUs"), view.nowUs)],
    ["Live again (UTC)", timeOf(numberOf(row, "liveUs"), view.nowUs)],
    ["Took", durationText(numberOf(row, "totalUs"))],
    ["Epoch", textOf(row, "epoch")],
    ["Session", `${textOf(row, "venue")} #${textOf(row, "shard")}`],
    ["Snapshots asked for", textOf(row, "snapshotCount")],
    ["Tick of the loop", textOf(row, "tick")],
    ["Run", html`<code>${textOf(row, "runId")}</code> resync ${textOf(row, "resyncId")}`],
  ]);
}

function timeline(row: Row): Html {
  const startUs = numberOf(row, "degradedUs");
  return html`<ol class="timeline"><li><span class="clock">${clockText(startUs)}</span> the book began to be wrong</li>${stageParts(
    row,
  ).map(
    ({ stage, fromUs, us }) =>
      html`<li><span class="clock">${clockText(startUs + fromUs + us)}</span> <strong>${stage}</strong> ended after ${durationText(us)}: <span class="faint">${STAGE_MEANINGS[stage]}</span></li>`,
  )}<li><span class="clock">${clockText(numberOf(row, "liveUs"))}</span> the book was live again</li></ol>`;
}

function orders(view: View, row: Row): Html {
  const touched = Array.isArray(row.ordersTouched) ? row.ordersTouched.map(String) : [];
  if (touched.length === 0) return html`<p class="empty">No order of ours was open on it.</p>`;
  return html`<ul>${touched.map(
    (clientId) =>
      html`<li><a href="${hrefOf(view, "/orders", { clientId })}"><code>${clientId}</code></a></li>`,
  )}</ul>`;
}

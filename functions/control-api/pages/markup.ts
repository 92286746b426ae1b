/**
 * The small parts that all pages are put together of: times, badges, facts, problems.
 *
 * Everything that is not one of our own templates goes in as text and is escaped there; no page says
 * something by color alone, and none carries a style or a script in its own text.
 */
import { html } from "hono/html";
import type { Micros } from "../../../contracts/time.ts";
import { isoOf } from "../flat-fact.ts";
import { REASON_LENGTH_MAX } from "../schemas.ts";
import type { Told } from "./door.ts";
import { agoText, isTime, textOf, timeText } from "./words.ts";

/** Escaped markup, perhaps still being put together. */
export type Html = ReturnType<typeof html>;

export const NOTHING: Html = html``;

/** How good or bad something is; each has a sign of its own beside its color. */
export type Tone = "good" | "warn" | "bad" | "calm";

const SIGNS: Readonly<Record<Tone, string>> = { good: "●", warn: "▲", bad: "■", calm: "○" };

export function badge(text: string, tone: Tone = "calm"): Html {
  return html`<span class="badge ${tone}"><span aria-hidden="true">${SIGNS[tone]}</span> ${text}</span>`;
}

/** A time in UTC, as a link where `href` is given; the script keeps its age up to date. */
export function timeOf(us: Micros, nowUs: Micros, href = ""): Html {
  if (!isTime(us)) return html`<span class="faint">–</span>`;
  const time = html`<time datetime="${isoOf(us)}">${timeText(us)}</time>`;
  return html`${href === "" ? time : html`<a href="${href}">${time}</a>`} <span class="age" data-us="${us}">${agoText(us, nowUs)}</span>`;
}

/** Names and what they are, as a list of terms. */
export function factList(facts: readonly (readonly [name: string, value: unknown])[]): Html {
  return html`<dl class="facts">${facts.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

export function tile(name: string, value: unknown, note: unknown = "", tone: Tone = "calm"): Html {
  return html`<div class="tile ${tone}"><dt>${name}</dt><dd>${value}</dd>${
    note === "" ? NOTHING : html`<dd class="note">${note}</dd>`
  }</div>`;
}

/** What the API refused, in its own words, with the number under which the log knows it. */
export function problemBox({ status, body }: Told): Html {
  const field = textOf(body, "field");
  return html`<div class="box bad" role="alert"><h2>${textOf(body, "title") || `Status ${status}`}</h2>
<p>${textOf(body, "detail")}${field === "" ? NOTHING : html` <code>${field}</code>`}</p>
<p class="faint">Request ${textOf(body, "requestId")}</p></div>`;
}

export function noteBox(tone: Tone, text: unknown): Html {
  return html`<div class="box ${tone}" role="status"><p>${text}</p></div>`;
}

/** Hidden fields of a form. */
export function hidden(fields: Readonly<Record<string, string>>): Html[] {
  return Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
}

/** The field in which everybody says why; it is written into the audit. */
export function reasonField(id: string): Html {
  return html`<p class="field"><label for="${id}">Reason, for the audit</label>
<input id="${id}" name="reason" required maxlength="${REASON_LENGTH_MAX}" autocomplete="off"></p>`;
}

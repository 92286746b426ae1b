/**
 * Station: what a page draws -> the whole document: head, navigation, the engine's state, what is killed.
 *
 * The state stands at the top of every page, because whoever reads a table must know whether the engine
 * behind it is alive. All of it works without the script.
 */
import { html } from "hono/html";
import { firstPlace } from "./live-place.ts";
import { badge, type Html, NOTHING, type Tone } from "./markup.ts";
import { type Drawn, hrefOf, type View } from "./view.ts";
import { agoText, numberOf, type Row, rowOf, rowsOf, textOf, wordsOf } from "./words.ts";

const PAGES = [
  ["/", "Overview"],
  ["/books", "Books"],
  ["/opportunities", "Opportunities"],
  ["/cycles", "Cycles"],
  ["/orders", "Orders"],
  ["/trades", "Trades"],
  ["/denials", "Denials"],
  ["/resyncs", "Resyncs"],
  ["/limits", "Limits"],
  ["/actions", "Actions"],
  ["/alerts", "Alerts"],
  ["/reports", "Reports"],
  ["/audit", "Audit"],
] as const;

/** The document around `drawn`; `at` is the page's path, for the navigation. */
export function shell(view: View, drawn: Drawn, at: string): Html {
  const { engine, subject, role } = view;
  const body = html`<header class="top">
<a class="brand" href="${hrefOf(view, "/")}">Reckoner</a>${engineChoice(view)}
<div class="state" id="state" data-live>${stateLine(view)}</div>
<span class="link-state" id="link-state" hidden></span>
<a class="menu" href="#pages">Menu</a><a class="kill-short" href="${hrefOf(view, "/kill")}">Kill</a>
<form class="who" method="post" action="/logout"><span>${subject} <span class="faint">${role}</span></span>
<button class="plain">Log out</button></form>
</header>
<nav id="pages" aria-label="Pages"><ul>${PAGES.map(([path, name]) => {
    const isHere = path === at;
    return html`<li><a href="${hrefOf(view, path)}"${isHere ? html` aria-current="page"` : NOTHING}>${name}</a></li>`;
  })}<li><a class="kill" href="${hrefOf(view, "/kill")}"${at === "/kill" ? html` aria-current="page"` : NOTHING}>Kill switch</a></li></ul></nav>
<main id="main" tabindex="-1"><div id="kills" data-live>${killBanner(view)}</div>
${drawn.body}</main>
<footer class="faint">All times are UTC. Engine <code>${engine}</code>.</footer>`;
  return document(drawn.title, body, engine, firstPlace(view.nowUs));
}

/** A document without the frame of an engine: the login. */
export function document(title: string, body: Html, engine = "", from = ""): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title} · Reckoner</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/uplot.css">
<link rel="stylesheet" href="/assets/style.css">
<script src="/assets/uplot.js" defer></script>
<script src="/assets/live.js" type="module"></script>
</head><body data-engine="${engine}" data-from="${from}"><a class="skip" href="#main">Skip to content</a>
${body}</body></html>`;
}

function engineChoice(view: View): Html {
  const { engines, engine } = view;
  if (engines.length < 2) return html`<span class="engine">${engine}</span>`;
  return html`<form class="engine" method="get"><label class="hush" for="engine">Engine</label>
<select id="engine" name="engine">${engines.map(
    (each) => html`<option${each === engine ? html` selected` : NOTHING}>${each}</option>`,
  )}</select><button class="plain">Show</button></form>`;
}

export type EngineState = { readonly word: string; readonly tone: Tone; readonly note: string };

/** The engine in one word: the worst thing that is true of it. */
export function engineState(status: Row): EngineState {
  const heartbeat = status.heartbeat === null ? undefined : rowOf(status.heartbeat);
  const atUs = numberOf(heartbeat ?? {}, "atUs");
  if (heartbeat === undefined || atUs === 0) {
    return { word: "Never heard from", tone: "bad", note: "no heartbeat was ever written" };
  }
  const halted = textOf(heartbeat, "halted");
  if (halted !== "") return { word: "Halted", tone: "bad", note: halted };
  if (status.isFresh !== true) {
    return { word: "Silent", tone: "bad", note: "its heartbeats have stopped" };
  }
  if (heartbeat.isReady !== true) {
    return { word: "Not ready", tone: "warn", note: "not every required book is live" };
  }
  return { word: "Ready", tone: "good", note: "every required book is live" };
}

const MODES_BY_STRICTNESS = ["active", "noNewPositions", "exitsOnly", "suspended"];

/** The strictest mode of its venues, and how many of them are in it; "" where none is known. */
export function strictestMode(engineStatus: Row): { readonly mode: string; readonly text: string } {
  const modes = rowsOf(engineStatus.venues).map((venue) => textOf(venue, "mode"));
  const mode = MODES_BY_STRICTNESS.findLast((each) => modes.includes(each)) ?? "";
  const count = modes.filter((each) => each === mode).length;
  const isAll = count === modes.length;
  return { mode, text: isAll ? wordsOf(mode) : `${count} of ${modes.length} ${wordsOf(mode)}` };
}

/** How bad a mode is. */
export function modeTone(mode: string): Tone {
  if (mode === "active") return "good";
  return mode === "suspended" ? "bad" : "warn";
}

function stateLine({ status, nowUs }: View): Html {
  if (!status.ok)
    return html`${badge("State unknown", "bad")} <span>the status cannot be read</span>`;
  const { word, tone, note } = engineState(status.body);
  const { mode, text } = strictestMode(rowOf(status.body.status));
  const atUs = numberOf(rowOf(status.body.heartbeat), "atUs");
  return html`${badge(word, tone)} ${
    mode === "" || tone === "bad" ? html`<span>${note}</span>` : badge(text, modeTone(mode))
  } <span class="age" data-us="${atUs}">${atUs === 0 ? "" : agoText(atUs, nowUs)}</span>`;
}

/** The kills that the engine says are in force. */
export function killsOf(view: View): readonly Row[] {
  return rowsOf(rowOf(rowOf(view.status.body.status).trading).kills);
}

function killBanner(view: View): Html {
  const kills = killsOf(view);
  if (kills.length === 0) return NOTHING;
  const isAll = kills.some((kill) => kill.scope === "all");
  return html`<div class="box bad kills" role="alert"><h2>■ ${isAll ? "Trading is killed" : "A part of trading is killed"}</h2><ul>${kills.map(
    (kill) =>
      html`<li><strong>${killName(kill)}</strong> by ${textOf(kill, "by")}, <span class="age" data-us="${numberOf(kill, "atUs")}">${agoText(numberOf(kill, "atUs"), view.nowUs)}</span>: ${textOf(kill, "reason")}</li>`,
  )}</ul><p><a href="${hrefOf(view, "/kill")}">How to release it</a></p></div>`;
}

/** What a kill is of, in words. */
export function killName(kill: Row): string {
  const scope = textOf(kill, "scope");
  return scope === "all" ? "everything" : `${scope} ${textOf(kill, "target")}`;
}

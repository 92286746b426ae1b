/**
 * The kill switch: what it stops, what it does not, how it is released; and the button.
 *
 * The page asks for the engine's name, because a wrong tab must not stop the wrong engine. It needs no
 * script, and it is drawn also while the status cannot be read: then it matters most.
 */
import { html } from "hono/html";
import { VENUE_IDS } from "../../../contracts/ids.ts";
import { KILL_SCOPES } from "../../../contracts/trade.ts";
import { drawApprovals } from "./approvals.ts";
import { type Door, queryText, type Told } from "./door.ts";
import { badge, type Html, hidden, NOTHING, noteBox, problemBox, reasonField } from "./markup.ts";
import { killName, killsOf } from "./shell.ts";
import {
  type Drawn,
  type FormPage,
  hrefOf,
  may,
  type Page,
  type SentOn,
  type View,
} from "./view.ts";
import { type Row, rowOf, textOf } from "./words.ts";

const PATH = "/kill";

export const killPage: Page = { path: PATH, draw: (view) => drawKill(view) };

const SCOPE_NAMES: Readonly<Record<(typeof KILL_SCOPES)[number], string>> = {
  all: "everything this engine trades",
  venue: "one venue",
  strategy: "one strategy",
  instrument: "one instrument",
};

async function drawKill(view: View, fault: Html = NOTHING, status = 200): Promise<Drawn> {
  const [approvals, told] = await Promise.all([
    drawApprovals(view, "release"),
    commandSection(view),
  ]);
  const kills = killsOf(view);
  const body = html`<h1>Kill switch</h1>${fault}${told}${releaseNote(view)}
${consequences()}
<section><h2>Kill</h2>${killForm(view)}</section>
<section><h2>Release</h2>
<p>A release waits for a second person, and for an engine that is heard from, whose books are live and whose accounts are reconciled.</p>
<div id="releases" data-live>${kills.length === 0 ? html`<p class="empty">Nothing is killed, as far as the engine has told.</p>` : kills.map((kill, at) => releaseForm(view, kill, at))}
<h3>Waiting for a second person</h3>${approvals}</div></section>`;
  return { title: "Kill switch", body, status };
}

function consequences(): Html {
  return html`<section class="box bad"><h2>What happens when you kill</h2><ul>
<li><strong>Stops at once:</strong> nothing new is opened in what is killed. No order that begins something leaves the process from the same tick on.</li>
<li><strong>Is canceled:</strong> every open order of ours in it. Cancels go out before anything else.</li>
<li><strong>Goes on:</strong> books, records and this page. Orders whose outcome is unknown are asked for until they are known. What is held is <em>not</em> sold; that is <code>flatten</code>, under Actions.</li>
<li><strong>Lasts:</strong> also over a restart and on another machine, until it is released.</li>
<li><strong>Is released</strong> below: one person with the role risk proposes it, another one approves it.</li></ul></section>`;
}

function killForm(view: View): Html {
  if (!may(view, "kill")) return noteBox("calm", "Your role may not kill; ask an operator.");
  return html`<form method="post" action="${hrefOf(view, PATH)}">${hidden({ key: view.newKey(), engine: view.engine })}
<p class="field"><label for="scope">What</label><select id="scope" name="scope">${KILL_SCOPES.map(
    (scope) => html`<option value="${scope}">${SCOPE_NAMES[scope]}</option>`,
  )}</select></p>
<p class="field"><label for="target">Which one, unless everything</label><input id="target" name="target" maxlength="64" autocomplete="off" list="venues" spellcheck="false"><datalist id="venues">${VENUE_IDS.map((venue) => html`<option value="${venue}"></option>`)}</datalist></p>
${reasonField("kill-reason")}
<p class="field"><label for="confirm">Type the engine’s name, <code>${view.engine}</code></label><input id="confirm" name="confirm" required autocomplete="off" spellcheck="false" pattern="${view.engine}" title="${view.engine}"></p>
<button class="danger">Kill now</button></form>`;
}

function releaseForm(view: View, kill: Row, at: number): Html {
  const fields = {
    scope: textOf(kill, "scope"),
    target: textOf(kill, "target"),
    key: view.newKey(),
  };
  return html`<article class="box"><h3>${killName(kill)}</h3><p>Killed by ${textOf(kill, "by")}: ${textOf(kill, "reason")}</p>${
    may(view, "release")
      ? html`<form class="inline" method="post" action="${hrefOf(view, `${PATH}/release`)}">${hidden(fields)}${reasonField(`release-${at}`)}<button>Propose the release</button></form>`
      : html`<p class="faint">To propose its release needs the role risk.</p>`
  }</article>`;
}

function releaseNote({ query }: View): Html {
  switch (query.get("done")) {
    case "proposed":
      return noteBox("warn", "The release is proposed. Somebody else must approve it.");
    case "approved":
      return noteBox("good", "The release is approved and on its way to the engine.");
    case "rejected":
      return noteBox("calm", "The release is turned down. It stays killed.");
    default:
      return NOTHING;
  }
}

/** What became of the kill that this page has just sent. */
async function commandSection(view: View): Promise<Html> {
  const id = view.query.get("command") ?? "";
  if (id === "") return NOTHING;
  const told = await view.door.ask(`/commands/${encodeURIComponent(id)}`);
  const state = textOf(told.body, "state");
  if (!told.ok || state === "") {
    return noteBox("warn", "The kill is sent. What became of it cannot be read at this moment.");
  }
  const outcome = textOf(told.body, "outcome");
  return html`<div id="outcome" data-live class="box ${state === "done" ? "good" : "warn"}" role="status"><p>${badge(`Kill ${state}`, state === "done" ? "good" : "warn")} ${
    state === "done" ? "The engine has carried it out." : "It is on its way to the engine."
  } ${outcome}</p></div>`;
}

/** Sends the kill. Neither the status that a page shows nor the rate of reading it stands before it. */
async function kill(
  doorTo: (engine: string) => Door,
  form: URLSearchParams,
): Promise<Drawn | SentOn | undefined> {
  const engine = form.get("engine") ?? "";
  if (engine === "" || (form.get("confirm") ?? "").trim() !== engine) return undefined;
  const told = await doorTo(engine).send({
    method: "POST",
    path: "/kill",
    body: bodyOf(form),
    headers: { "idempotency-key": form.get("key") ?? "" },
  });
  const command = textOf(rowOf(told.body.command), "commandId");
  if (told.ok) return { goTo: `${PATH}${queryText({ command, engine })}` };
  const back = `${PATH}${queryText({ engine })}`;
  const body = html`<main id="main" class="login" tabindex="-1"><h1>Kill switch</h1>${refusal(told)}<p><a href="${back}">Back</a></p></main>`;
  return { title: "Kill switch", body, status: told.status };
}

function refusal(told: Told): Html {
  return html`${problemBox(told)}${told.status >= 500 ? noteBox("bad", "Do not wait for this page: use the engine's admin port, its kill file or the independent canceller.") : NOTHING}`;
}

async function nothingKilled(view: View): Promise<Drawn> {
  const says = "Nothing was killed: the name is not the engine's.";
  return await drawKill(view, noteBox("bad", says), 422);
}

async function release(view: View, form: URLSearchParams): Promise<Drawn | SentOn> {
  const told = await view.door.send({
    method: "POST",
    path: "/release",
    body: bodyOf(form),
    headers: { "idempotency-key": form.get("key") ?? "" },
  });
  if (!told.ok) return await drawKill(view, problemBox(told), told.status);
  return { goTo: hrefOf(view, PATH, { done: "proposed" }) };
}

function bodyOf(form: URLSearchParams): Row {
  const scope = form.get("scope") ?? "";
  const target = (form.get("target") ?? "").trim();
  return { scope, target, reason: form.get("reason") ?? "" };
}

export const KILL_FORMS: readonly FormPage[] = [
  { path: PATH, atOnce: kill, carryOut: nothingKilled },
  { path: `${PATH}/release`, carryOut: release },
];

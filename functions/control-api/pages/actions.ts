/**
 * What an engine can be asked to do beside killing it, and what became of all that was asked.
 */
import { html } from "hono/html";
import { VENUE_IDS } from "../../../contracts/ids.ts";
import { COMMAND_STATES } from "../../../contracts/operator-command.ts";
import { MODES } from "../../../contracts/status.ts";
import { SHUTDOWN_POLICIES } from "../../../contracts/trade.ts";
import type { RouteId } from "../roles.ts";
import {
  badge,
  type Html,
  hidden,
  NOTHING,
  noteBox,
  problemBox,
  reasonField,
  type Tone,
  timeOf,
} from "./markup.ts";
import { type Column, table } from "./table.ts";
import {
  type Drawn,
  type FormPage,
  hrefOf,
  may,
  type Page,
  type SentOn,
  type View,
} from "./view.ts";
import { numberOf, type Row, rowOf, rowsOf, textOf, wordsOf } from "./words.ts";

const PATH = "/actions";

type Choice = {
  readonly name: string;
  readonly label: string;
  readonly options: readonly string[];
};

type Action = {
  readonly id: string;
  readonly route: RouteId;
  /** Where the API takes it. */
  readonly to: string;
  readonly title: string;
  readonly says: string;
  readonly choice?: Choice;
  /** A name that is typed: an instrument, or the engine itself. */
  readonly typed?: { readonly name: string; readonly label: string; readonly isRequired: boolean };
};

const ACTIONS: readonly Action[] = [
  {
    id: "pause",
    route: "pause",
    to: "/commands/pause",
    title: "Pause",
    says: "Opens nothing new; what is under way is finished.",
  },
  {
    id: "resume",
    route: "resume",
    to: "/commands/resume",
    title: "Resume",
    says: "Back to the engine’s own mode.",
  },
  {
    id: "mode",
    route: "setMode",
    to: "/mode",
    title: "Set the mode",
    says: "The loosest mode that the engine may be in, whatever its confidence would allow.",
    choice: { name: "mode", label: "Mode", options: MODES },
  },
  {
    id: "resync",
    route: "resync",
    to: "/commands/resync",
    title: "Resync",
    says: "Makes one book anew, or all where none is named.",
    typed: { name: "instrument", label: "Instrument, or nothing for all", isRequired: false },
  },
  {
    id: "cancel-all",
    route: "cancelAll",
    to: "/commands/cancelAll",
    title: "Cancel all orders",
    says: "Cancels every open order of ours, at one venue or at all.",
    choice: { name: "venue", label: "Venue", options: ["", ...VENUE_IDS] },
  },
  {
    id: "drain",
    route: "drain",
    to: "/commands/drain",
    title: "Drain",
    says: "Finishes or unwinds what is under way, by the policy that is chosen.",
    choice: { name: "policy", label: "Policy", options: SHUTDOWN_POLICIES },
  },
  {
    id: "flatten",
    route: "flatten",
    to: "/commands/flatten",
    title: "Flatten",
    says: "Unwinds what is under way and sells what is held.",
    typed: { name: "confirm", label: "The engine’s name, to confirm", isRequired: true },
  },
];

export const actionsPage: Page = { path: PATH, draw: (view) => drawActions(view) };

async function drawActions(view: View, fault: Html = NOTHING, status = 200): Promise<Drawn> {
  const state = COMMAND_STATES.find((each) => each === view.query.get("state"));
  const cursor = view.query.get("cursor") ?? undefined;
  const told = await view.door.ask("/commands", { state, cursor, limit: "50" });
  const next = textOf(told.body, "nextCursor");
  const isSent = view.query.get("done") === "sent";
  const body = html`<h1>Actions</h1>${fault}${isSent ? noteBox("good", "It is on its way; the list below says what becomes of it.") : NOTHING}
<div class="cards">${ACTIONS.map((action) => actionForm(view, action))}</div>
<section id="commands" data-live><h2>What was asked</h2>${told.ok ? table(view, { caption: "Commands, newest first", columns: COLUMNS, empty: "Nothing was asked yet." }, rowsOf(told.body.items)) : problemBox(told)}</section>
<nav class="pager" aria-label="Pages of commands">${next === "" ? NOTHING : html`<a rel="next" href="${hrefOf(view, PATH, { cursor: next, state })}">Older</a>`}</nav>`;
  return { title: "Actions", body, status };
}

function actionForm(view: View, action: Action): Html {
  const { id, route, title, says, choice, typed } = action;
  if (!may(view, route))
    return html`<section class="card"><h2>${title}</h2><p>${says}</p><p class="faint">Your role may not do this.</p></section>`;
  return html`<section class="card"><h2>${title}</h2><p>${says}</p><form method="post" action="${hrefOf(view, `${PATH}/${id}`)}">${hidden({ key: view.newKey() })}
${choice === undefined ? NOTHING : html`<p class="field"><label for="${id}-choice">${choice.label}</label><select id="${id}-choice" name="${choice.name}">${choice.options.map((each) => html`<option value="${each}">${each === "" ? "all" : wordsOf(each)}</option>`)}</select></p>`}
${typed === undefined ? NOTHING : html`<p class="field"><label for="${id}-typed">${typed.label}</label><input id="${id}-typed" name="${typed.name}" maxlength="64" autocomplete="off" spellcheck="false"${typed.isRequired ? html` required` : NOTHING}></p>`}
${reasonField(`${id}-reason`)}<button>${title}</button></form></section>`;
}

function stateTone(state: string): Tone {
  if (state === "done") return "good";
  return state === "refused" || state === "expired" ? "bad" : "warn";
}

const COLUMNS: readonly Column[] = [
  { name: "Time (UTC)", cell: (row, { nowUs }) => timeOf(numberOf(row, "askedUs"), nowUs) },
  { name: "What", cell: (row) => actionText(rowOf(row.action)) },
  { name: "State", cell: (row) => badge(textOf(row, "state"), stateTone(textOf(row, "state"))) },
  { name: "Outcome", cell: (row) => textOf(row, "outcome") },
  { name: "By", cell: (row) => textOf(row, "by") },
  { name: "Why", cell: (row) => textOf(row, "reason") },
  {
    name: "Tick",
    cell: (row) => (numberOf(row, "tick") < 0 ? "" : textOf(row, "tick")),
    isNumber: true,
  },
];

function actionText({ kind, ...rest }: Row): string {
  const details = Object.entries(rest)
    .map(([name, value]) => `${name} ${String(value) || "all"}`)
    .join(", ");
  return `${wordsOf(String(kind))}${details === "" ? "" : `: ${details}`}`;
}

function carryOutAs({ to, choice, typed }: Action): FormPage["carryOut"] {
  return async (view, form): Promise<Drawn | SentOn> => {
    const names = [
      "reason",
      ...(choice === undefined ? [] : [choice.name]),
      ...(typed === undefined ? [] : [typed.name]),
    ];
    const body = Object.fromEntries(names.map((name) => [name, (form.get(name) ?? "").trim()]));
    const headers = { "idempotency-key": form.get("key") ?? "" };
    const told = await view.door.send({ method: "POST", path: to, body, headers });
    if (!told.ok) return await drawActions(view, problemBox(told), told.status);
    return { goTo: hrefOf(view, PATH, { done: "sent" }) };
  };
}

export const ACTION_FORMS: readonly FormPage[] = ACTIONS.map((action) => {
  return { path: `${PATH}/${action.id}`, carryOut: carryOutAs(action) };
});

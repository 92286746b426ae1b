/**
 * The limits: what is in force, a form to change them, what the change would do, and what became of it.
 *
 * A change is seen before it is made: the form leads to the differences, and only those can be sent on, with
 * the version they were based on. All of it works without the script.
 */
import { html } from "hono/html";
import { drawApprovals } from "./approvals.ts";
import { changesTable } from "./changes.ts";
import type { Told } from "./door.ts";
import { LIMIT_FIELDS, limitsOfForm, usualLimits } from "./limits-fields.ts";
import { limitsForm } from "./limits-form.ts";
import {
  badge,
  type Html,
  hidden,
  NOTHING,
  noteBox,
  problemBox,
  reasonField,
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
import { numberOf, type Row, rowOf, rowsOf, shownText, textOf } from "./words.ts";

const PATH = "/limits";

export const limitsPage: Page = { path: PATH, draw: (view) => drawLimits(view) };
export const limitsVersionPage: Page = { path: "/limits/versions/:version", draw: drawVersion };

type Attempt = { readonly limits: Row; readonly told: Told };

async function drawLimits(view: View, attempt?: Attempt): Promise<Drawn> {
  const { door, nowUs } = view;
  const [current, history, approvals] = await Promise.all([
    door.ask("/limits"),
    door.ask("/limits/history", { limit: "20", cursor: view.query.get("cursor") ?? undefined }),
    drawApprovals(view, "limits"),
  ]);
  if (!current.ok && current.status !== 404) {
    return {
      title: "Limits",
      body: html`<h1>Limits</h1>${problemBox(current)}`,
      status: current.status,
    };
  }
  const version = current.ok ? numberOf(current.body, "version") : 0;
  const limits = current.ok ? rowOf(current.body.limits) : usualLimits();
  const next = textOf(history.body, "nextCursor");
  const body = html`<h1>Limits</h1>${whatWasDone(view)}
${attempt === undefined ? NOTHING : problemBox(attempt.told)}
${current.ok ? html`<p class="lead">Version <strong>${version}</strong> by ${textOf(current.body, "by")}, ${timeOf(numberOf(current.body, "atUs"), nowUs)}: ${textOf(current.body, "reason")}</p>` : noteBox("warn", "No version was put yet: the engine runs on the limits of its configuration. The form begins with the usual ones.")}
<section id="approvals"><h2>Waiting for a second person</h2>${approvals}</section>
<section><h2>Change</h2>${limitsForm(view, { limits: attempt?.limits ?? limits, version })}</section>
<section><h2>Versions</h2>${history.ok ? table(view, { caption: "Versions", columns: VERSIONS, empty: "None yet." }, rowsOf(history.body.items)) : problemBox(history)}
<nav class="pager" aria-label="Pages of versions">${next === "" ? NOTHING : html`<a rel="next" href="${hrefOf(view, PATH, { cursor: next })}">Older</a>`}</nav></section>`;
  return {
    title: "Limits",
    body,
    ...(attempt === undefined ? {} : { status: attempt.told.status }),
  };
}

/** What the redirect after a form says was done; only words of ours are shown. */
function whatWasDone({ query }: View): Html {
  const version = /^\d{1,12}$/.exec(query.get("version") ?? "")?.[0] ?? "";
  switch (query.get("done")) {
    case "put":
      return noteBox("good", html`Version ${version} is put, and the engine is being told.`);
    case "proposed":
      return noteBox(
        "warn",
        "It widens a limit, so it waits for a second person. Nothing has changed yet.",
      );
    case "approved":
      return noteBox("good", "It is approved and on its way to the engine.");
    case "rejected":
      return noteBox("calm", "It is turned down. Nothing has changed.");
    default:
      return NOTHING;
  }
}

const VERSIONS: readonly Column[] = [
  {
    name: "Version",
    cell: (row, view) =>
      html`<a href="${hrefOf(view, `/limits/versions/${numberOf(row, "version")}`)}">${textOf(row, "version")}</a>`,
    isNumber: true,
  },
  { name: "Time (UTC)", cell: (row, { nowUs }) => timeOf(numberOf(row, "atUs"), nowUs) },
  { name: "By", cell: (row) => textOf(row, "by") },
  { name: "Approved by", cell: (row) => textOf(row, "approvedBy") || "–" },
  { name: "Reason", cell: (row) => textOf(row, "reason") },
];

async function drawVersion(view: View): Promise<Drawn> {
  const version = view.path.version ?? "";
  const title = `Limits, version ${version}`;
  const told = await view.door.ask(`/limits/versions/${encodeURIComponent(version)}`);
  if (!told.ok)
    return { title, body: html`<h1>${title}</h1>${problemBox(told)}`, status: told.status };
  const limits = rowOf(told.body.limits);
  const names = [...LIMIT_FIELDS.map(({ name }) => name), "reserve", "allowlist"];
  const body = html`<h1>${title}</h1><p class="lead">By ${textOf(told.body, "by")}, ${timeOf(numberOf(told.body, "atUs"), view.nowUs)}: ${textOf(told.body, "reason")}</p>
<p class="faint">Hash <code>${textOf(told.body, "hash")}</code></p>
<dl class="facts">${names.map((name) => html`<div><dt><code>${name}</code></dt><dd>${shownText(limits[name]) || "every configured instrument"}</dd></div>`)}</dl>
<p><a href="${hrefOf(view, PATH)}">All versions</a></p>`;
  return { title, body };
}

/** The form's values, tried: the differences and a button, or what is wrong with them. */
async function preview(view: View, form: URLSearchParams): Promise<Drawn> {
  const limits = limitsOfForm(form);
  const told = await view.door.send({ method: "POST", path: "/limits/preview", body: { limits } });
  if (!told.ok) return await drawLimits(view, { limits, told });
  const changes = rowsOf(told.body.changes);
  const version = numberOf(told.body, "baseVersion");
  const isNothing = changes.length === 0 && version > 0;
  const body = html`<h1>Check the change</h1>
<p class="lead">Against version ${version}.</p>${
    isNothing
      ? noteBox("calm", "Nothing is different.")
      : html`${changesTable(view, changes)}${secondPerson(told.body.needsSecondPerson === true)}${sendForm(view, limits, version)}`
  }<p><a href="${hrefOf(view, PATH)}">Back, change nothing</a></p>`;
  return { title: "Check the change", body };
}

function secondPerson(isNeeded: boolean): Html {
  return isNeeded
    ? html`<p>${badge("A second person is needed", "warn")} because at least one limit lets more through. Nothing changes until somebody else approves it.</p>`
    : html`<p>${badge("Takes effect at once", "good")} because every limit that changes lets less through.</p>`;
}

function sendForm(view: View, limits: Row, version: number): Html {
  if (!may(view, "putLimits"))
    return noteBox("calm", "Your role may look at changes, not make them.");
  const fields = { limits: JSON.stringify(limits), version: String(version), key: view.newKey() };
  return html`<form method="post" action="${hrefOf(view, `${PATH}/put`)}">${hidden(fields)}${reasonField("reason")}<button class="primary">Send the change</button></form>`;
}

async function put(view: View, form: URLSearchParams): Promise<Drawn | SentOn> {
  const limits = jsonRow(form.get("limits") ?? "");
  const told = await view.door.send({
    method: "PUT",
    path: "/limits",
    body: { limits, reason: form.get("reason") ?? "" },
    headers: {
      "if-match": `"${form.get("version") ?? ""}"`,
      "idempotency-key": form.get("key") ?? "",
    },
  });
  if (!told.ok) return await drawLimits(view, { limits, told });
  const isProposed = told.status === 202;
  const version = isProposed ? "" : textOf(rowOf(told.body.limits), "version");
  return { goTo: hrefOf(view, PATH, { done: isProposed ? "proposed" : "put", version }) };
}

function jsonRow(text: string): Row {
  try {
    return rowOf(JSON.parse(text));
  } catch {
    return {};
  }
}

export const LIMITS_FORMS: readonly FormPage[] = [
  { path: `${PATH}/preview`, carryOut: preview },
  { path: `${PATH}/put`, carryOut: put },
];

/**
 * What waits for a second person: seen with its differences, then approved or turned down with a reason.
 *
 * Whoever proposed a change cannot approve it; the hash of what is shown here goes with the approval, so
 * nothing else can be approved under it.
 */
import { html } from "hono/html";
import { changesTable } from "./changes.ts";
import { badge, type Html, hidden, problemBox, reasonField, timeOf } from "./markup.ts";
import { type Drawn, type FormPage, hrefOf, may, type SentOn, type View } from "./view.ts";
import { durationText, numberOf, type Row, rowOf, rowsOf, textOf } from "./words.ts";

/** The open proposals of one kind, each with its buttons. */
export async function drawApprovals(view: View, kind: "limits" | "release"): Promise<Html> {
  const told = await view.door.ask("/proposals", { state: "open", limit: "100" });
  if (!told.ok) return problemBox(told);
  const open = rowsOf(told.body.items).filter((proposal) => proposal.kind === kind);
  if (open.length === 0) return html`<p class="empty">Nothing waits.</p>`;
  return html`${open.map((proposal) => drawProposal(view, proposal))}`;
}

function drawProposal(view: View, proposal: Row): Html {
  const leftUs = Math.max(0, numberOf(proposal, "expiresUs") - view.nowUs);
  const isOwn = textOf(proposal, "by") === view.subject;
  const id = textOf(proposal, "proposalId");
  return html`<article class="box proposal"><h3>${whatItIs(proposal)}</h3>
<p>Proposed by <strong>${textOf(proposal, "by")}</strong>, ${timeOf(numberOf(proposal, "atUs"), view.nowUs)}: ${textOf(proposal, "reason")}<br>
<span class="faint">Expires in ${durationText(Math.floor(leftUs / 1e6) * 1e6)}.</span></p>
${proposal.kind === "limits" ? changesTable(view, rowsOf(proposal.changes)) : html``}
${isOwn ? html`<p>${badge("Somebody else must approve it", "warn")}</p>` : decisionForm(view, proposal, "approve")}
${may(view, "rejectProposal") ? html`<details><summary>${isOwn ? "Take it back" : "Turn it down"}</summary>${decisionForm(view, proposal, "reject")}</details>` : html``}
<p class="faint"><code>${id}</code></p></article>`;
}

function whatItIs(proposal: Row): string {
  if (proposal.kind === "limits")
    return `New limits, based on version ${numberOf(proposal, "baseVersion")}`;
  const { scope, target } = rowOf(proposal.after);
  return scope === "all" ? "Release everything" : `Release ${String(scope)} ${String(target)}`;
}

function decisionForm(view: View, proposal: Row, verb: "approve" | "reject"): Html {
  if (!may(view, "approveProposal")) return html`<p class="faint">Needs the role risk.</p>`;
  const id = textOf(proposal, "proposalId");
  const path = `/proposals/${encodeURIComponent(id)}/${verb}`;
  const fields = {
    payloadHash: textOf(proposal, "payloadHash"),
    kind: textOf(proposal, "kind"),
    key: view.newKey(),
  };
  return html`<form class="inline" method="post" action="${hrefOf(view, path)}">${hidden(fields)}${reasonField(`${verb}-${id}`)}<button class="${verb === "approve" ? "primary" : ""}">${verb === "approve" ? "Approve" : "Turn down"}</button></form>`;
}

function decision(verb: "approve" | "reject"): FormPage["carryOut"] {
  return async (view, form): Promise<Drawn | SentOn> => {
    const reason = form.get("reason") ?? "";
    const payloadHash = form.get("payloadHash") ?? "";
    const told = await view.door.send({
      method: "POST",
      path: `/proposals/${encodeURIComponent(view.path.id ?? "")}/${verb}`,
      body: verb === "approve" ? { payloadHash, reason } : { reason },
      headers: { "idempotency-key": form.get("key") ?? "" },
    });
    const back = form.get("kind") === "release" ? "/kill" : "/limits";
    if (told.ok)
      return { goTo: hrefOf(view, back, { done: verb === "approve" ? "approved" : "rejected" }) };
    const title = verb === "approve" ? "Not approved" : "Not turned down";
    const body = html`<h1>${title}</h1>${problemBox(told)}<p><a href="${hrefOf(view, back)}">Back</a></p>`;
    return { title, body, status: told.status };
  };
}

export const APPROVAL_FORMS: readonly FormPage[] = [
  { path: "/proposals/:id/approve", carryOut: decision("approve") },
  { path: "/proposals/:id/reject", carryOut: decision("reject") },
];

/**
 * Station: `reckoner proposals list`, `approve`, `reject`: the second person's side of a change.
 *
 * What is approved is what was shown: the hash of the proposal as this command has read it goes along, and
 * the API refuses it if the proposal is another one by then.
 */
import type { Command, Ending, Invocation } from "../command.ts";
import { EXIT, refusal } from "../command.ts";
import { ask, endingOf, type Json } from "./api.ts";
import { findAccess, PROFILE_FLAGS } from "./profile.ts";
import { tableOf, timeText } from "./table.ts";

const ID = { name: "ID", summary: "which proposal", required: true };
const REASON_FLAG = { name: "reason", kind: "text", summary: "why; it is written into the audit" };
const LIST_MAX = "100";

export const proposalsListCommand: Command = {
  operands: [],
  flags: [
    {
      name: "state",
      kind: "choice",
      choices: ["open", "approved", "rejected", "expired"],
      summary: "only those",
    },
    ...PROFILE_FLAGS,
  ],
  fields: [["items", "proposals, newest first, with their changes"]],
  run: async (invocation) => {
    const query = { state: invocation.flags.get("state"), limit: LIST_MAX };
    return await endingOf(invocation, { path: "proposals", query }, ({ body }) => ({
      exitCode: EXIT.ok,
      lines: proposalLines((body.items ?? []) as readonly Json[]),
      json: body,
    }));
  },
};

function proposalLines(items: readonly Json[]): string[] {
  return tableOf(items, [
    { name: "id", of: (row) => String(row.proposalId) },
    { name: "state", of: (row) => String(row.state) },
    { name: "what", of: (row) => whatOf(row) },
    { name: "by", of: (row) => String(row.by) },
    { name: "until (UTC)", of: (row) => timeText(row.expiresUs) },
    { name: "reason", of: (row) => String(row.reason) },
  ]);
}

function whatOf({ kind, changes, after }: Json): string {
  if (kind !== "limits") return `${String(kind)} ${JSON.stringify(after)}`;
  return (changes as readonly Json[])
    .map(({ field, before, after: to }) => `${String(field)} ${text(before)} -> ${text(to)}`)
    .join(", ");
}

function text(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export const proposalsApproveCommand: Command = {
  operands: [ID],
  flags: [{ ...REASON_FLAG, kind: "text" }, ...PROFILE_FLAGS],
  fields: [
    ["proposal", "as it is now"],
    ["limits", "the new version, where it was a change of limits"],
  ],
  run: (invocation) => decide(invocation, "approve"),
};

export const proposalsRejectCommand: Command = {
  operands: [ID],
  flags: [{ ...REASON_FLAG, kind: "text" }, ...PROFILE_FLAGS],
  fields: [["proposal", "as it is now"]],
  run: (invocation) => decide(invocation, "reject"),
};

async function decide(invocation: Invocation, what: "approve" | "reject"): Promise<Ending> {
  const [id = ""] = invocation.operands;
  const reason = invocation.flags.get("reason") ?? "";
  if (reason === "") return refusal(EXIT.usage, "flag --reason: expected a text, got nothing");
  const found = await findAccess(invocation);
  if (!found.ok) return found.ending;
  const listed = await ask(found.access, { path: "proposals", query: { limit: LIST_MAX } });
  if (!listed.ok) return listed.ending;
  const items = (listed.answer.body.items ?? []) as readonly Json[];
  const proposal = items.find(({ proposalId }) => proposalId === id);
  if (proposal === undefined) return refusal(EXIT.failed, `there is no proposal ${id}`);
  const hash = what === "approve" ? { payloadHash: proposal.payloadHash } : {};
  const decided = await ask(found.access, {
    method: "POST",
    path: `proposals/${encodeURIComponent(id)}/${what}`,
    body: { reason, ...hash },
  });
  if (!decided.ok) return decided.ending;
  const { body } = decided.answer;
  const version = (body.limits as Json | undefined)?.version;
  const outcome = version === undefined ? "" : `; version ${String(version)} is in force`;
  return {
    exitCode: EXIT.ok,
    lines: [...proposalLines([body.proposal as Json]), `done${outcome}`],
    json: body,
  };
}

/**
 * Station: `reckoner limits get`, `limits set`, `limits history`.
 *
 * A change names single fields; the rest is taken from the version in force, and the change is based on that
 * version, so that two people who change at once cannot undo each other unseen. The API judges.
 */
import { AMOUNT_CEILINGS, NUMBER_BOUNDS } from "../../contracts/risk-limits.ts";
import { didYouMean } from "../../hotpath/nearest-name.ts";
import type { Command, Ending } from "../command.ts";
import { EXIT, refusal } from "../command.ts";
import { ask, endingOf, type Json } from "./api.ts";
import { type Access, findAccess, PROFILE_FLAGS } from "./profile.ts";
import { printable, tableOf, timeText } from "./table.ts";

type Change = {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly direction: string;
};

export const limitsGetCommand: Command = {
  operands: [{ name: "VERSION", summary: "an earlier version", required: false }],
  flags: PROFILE_FLAGS,
  fields: [
    ["version", "its number; 0 are the limits of the configuration"],
    ["limits", "every limit; contracts/risk-limits.ts has their units"],
    ["by, approvedBy, reason, atUs, hash", "who put it, why and when, and its place in the chain"],
  ],
  run: async (invocation) => {
    const [version] = invocation.operands;
    const path =
      version === undefined ? "limits" : `limits/versions/${encodeURIComponent(version)}`;
    return await endingOf(invocation, { path }, ({ body }) => ({
      exitCode: EXIT.ok,
      lines: versionLines(body),
      json: body,
    }));
  },
};

function versionLines(body: Json): string[] {
  const { version, by, approvedBy, reason, atUs } = body;
  const isConfigured = version === 0;
  const second = approvedBy === "" ? "" : `, approved by ${String(approvedBy)}`;
  const head = isConfigured
    ? "version 0: the engine's configuration; nobody has put one yet"
    : `version ${String(version)}, ${timeText(atUs)}, by ${String(by)}${second}: ${String(reason)}`;
  const limits = Object.entries((body.limits ?? {}) as Json);
  return [
    printable(head),
    ...tableOf(limits, [
      { name: "limit", of: ([name]) => name },
      { name: "value", of: ([, value]) => valueText(value), isNumber: true },
    ]),
  ];
}

function valueText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export const limitsHistoryCommand: Command = {
  operands: [],
  flags: [
    { name: "limit", kind: "count", summary: "how many", standard: "20" },
    { name: "cursor", kind: "text", summary: "nextCursor of the page before" },
    ...PROFILE_FLAGS,
  ],
  fields: [
    ["items", "versions, newest first"],
    ["nextCursor", "where the next page begins"],
  ],
  run: async (invocation) => {
    const { flags } = invocation;
    const query = { limit: flags.get("limit") ?? "20", cursor: flags.get("cursor") };
    return await endingOf(invocation, { path: "limits/history", query }, ({ body }) => ({
      exitCode: EXIT.ok,
      lines: tableOf((body.items ?? []) as readonly Json[], [
        { name: "version", of: (row) => String(row.version), isNumber: true },
        { name: "time (UTC)", of: (row) => timeText(row.atUs) },
        { name: "by", of: (row) => String(row.by) },
        { name: "approved by", of: (row) => String(row.approvedBy) },
        { name: "reason", of: (row) => String(row.reason) },
      ]),
      json: body,
    }));
  },
};

export const limitsSetCommand: Command = {
  notes: [
    "What only tightens is in force at once. As soon as one field widens, the whole change waits for a second\n" +
      "person: reckoner proposals approve ID.",
  ],
  operands: [
    { name: "FIELD=VALUE", summary: "limits to change", required: true },
    { name: "...", summary: "more of them", required: false, many: true },
  ],
  flags: [
    { name: "reason", kind: "text", summary: "why; it is written into the audit" },
    { name: "dry-run", kind: "switch", summary: "show what would change, and change nothing" },
    ...PROFILE_FLAGS,
  ],
  fields: [
    ["version", "the new version, or the one in force where the change waits"],
    ["changes", "field, before, after and direction of each"],
    ["proposalId", "what a second person approves; null where it is in force"],
  ],
  run: async (invocation) => {
    const edits = editsOf(invocation.operands);
    if (typeof edits === "string") return refusal(EXIT.usage, edits);
    const isDry = invocation.flags.has("dry-run");
    const reason = invocation.flags.get("reason") ?? "";
    if (reason === "" && !isDry) {
      return refusal(EXIT.usage, "flag --reason: expected a text, got nothing");
    }
    const found = await findAccess(invocation);
    return found.ok ? await change(found.access, edits, { reason, isDry }) : found.ending;
  },
};

type Edits = Readonly<Record<string, unknown>>;

/** `orderNotionalMax=250` and so on; amounts stay text, lists are JSON. */
function editsOf(words: readonly string[]): Edits | string {
  const names = [
    ...Object.keys(NUMBER_BOUNDS),
    ...Object.keys(AMOUNT_CEILINGS),
    "reserve",
    "allowlist",
  ];
  const edits: Record<string, unknown> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    const field = at < 0 ? word : word.slice(0, at);
    if (!names.includes(field)) return `no limit is named ${field}${didYouMean(field, names)}`;
    if (at < 0) return `${field}: expected ${field}=VALUE`;
    const value = limitOf(field, word.slice(at + 1));
    if (value === undefined) return `${field}: "${word.slice(at + 1)}" is no value of it`;
    edits[field] = value;
  }
  return edits;
}

function limitOf(field: string, text: string): unknown {
  if (Object.hasOwn(AMOUNT_CEILINGS, field)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function change(
  access: Access,
  edits: Edits,
  { reason, isDry }: { readonly reason: string; readonly isDry: boolean },
): Promise<Ending> {
  const read = await ask(access, { path: "limits" });
  if (!read.ok) return read.ending;
  const { etag, body: inForce } = read.answer;
  const limits = { ...(inForce.limits as Json), ...edits };
  if (isDry) {
    const tried = await ask(access, { method: "POST", path: "limits/preview", body: { limits } });
    if (!tried.ok) return tried.ending;
    const { changes, needsSecondPerson } = tried.answer.body;
    const lines = changeLines(changes as readonly Change[]);
    const who =
      needsSecondPerson === true ? "this needs a second person" : "this would be in force at once";
    return { exitCode: EXIT.ok, lines: [...lines, who], json: tried.answer.body };
  }
  const put = await ask(access, {
    method: "PUT",
    path: "limits",
    headers: { "if-match": etag },
    body: { limits, reason },
  });
  return put.ok ? changeEnding(put.answer.status, put.answer.body, inForce) : put.ending;
}

function changeEnding(status: number, body: Json, inForce: Json): Ending {
  const changes = (body.changes ??
    (body.proposal as Json | undefined)?.changes ??
    []) as readonly Change[];
  if (status === 202) {
    const proposalId = String((body.proposal as Json | undefined)?.proposalId ?? "");
    return {
      exitCode: EXIT.ok,
      lines: [
        ...changeLines(changes),
        `it widens, and waits for a second person: reckoner proposals approve ${proposalId}`,
      ],
      json: { version: inForce.version, changes, proposalId },
    };
  }
  const { version } = body.limits as Json;
  return {
    exitCode: EXIT.ok,
    lines: [...changeLines(changes), `version ${String(version)} is in force`],
    json: { version, changes, proposalId: null },
  };
}

function changeLines(changes: readonly Change[]): string[] {
  return tableOf(changes, [
    { name: "limit", of: ({ field }) => field },
    { name: "before", of: ({ before }) => valueText(before ?? ""), isNumber: true },
    { name: "after", of: ({ after }) => valueText(after ?? ""), isNumber: true },
    { name: "", of: ({ direction }) => direction },
  ]);
}

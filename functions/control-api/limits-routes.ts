/**
 * The end points of limits: read a version, try a change, change.
 *
 * A version is one immutable item of the audit chain. What only tightens is put at once; as soon as one
 * field widens, the whole change waits for a second person. `If-Match` names the version a change is based
 * on, so nobody undoes what they have not seen.
 */
import type { AuditItem } from "../../contracts/audit.ts";
import type { RiskLimits } from "../../contracts/risk-limits.ts";
import { appendLimits, canonicalJson } from "./audit-trail.ts";
import { type Call, type Endpoint, endpoint } from "./endpoint.ts";
import { baseVersionOf, notifyOfLimits, versionOf } from "./limits-version.ts";
import { isWidening, type LimitChange, limitsChanges } from "./logic.ts";
import { badCursor, nextOf, PAGE_LIMIT } from "./paging.ts";
import { type Answer, answer, problem } from "./problem.ts";
import { proposeChange } from "./proposal-desk.ts";
import {
  limitsPutSchema,
  limitsSchema,
  pageSchema,
  previewSchema,
  proposalAnswerSchema,
} from "./response-schemas.ts";
import { enginePath, limitsBody, pageQuery, previewBody, versionPath } from "./schemas.ts";

const ROOM = "limits";

/** The limits of a version, or before the first those of the configuration where they are known. */
function limitsOf({ ports, engine }: Call, item: AuditItem | undefined): RiskLimits | undefined {
  if (item === undefined) return ports.settings.baseLimits.get(engine);
  // Every item of this chain was put by this room after its limits had been checked.
  return JSON.parse(item.after) as RiskLimits;
}

function shown(item: AuditItem): Answer {
  return answer(versionOf(item), 200, { etag: `"${item.seq}"` });
}

const getLimits = endpoint({
  id: "getLimits",
  method: "get",
  path: "/v1/engines/{engine}/limits",
  summary: "The limits in force; their version is the ETag",
  room: ROOM,
  pathSchema: enginePath,
  responses: { 200: { says: "The last version", schema: limitsSchema } },
  work: async (call) => {
    const head = await call.ports.control.readHead(call.engine, "limits");
    if (head !== undefined) return shown(head);
    const headers = { etag: '"0"' };
    const base = limitsOf(call, head);
    if (base !== undefined) return answer(baseVersionOf(call.engine, base), 200, headers);
    const detail = "No version was put yet: the engine runs on the limits of its configuration.";
    return problem("notFound", detail, { headers });
  },
});

const getLimitsVersion = endpoint({
  id: "getLimitsVersion",
  method: "get",
  path: "/v1/engines/{engine}/limits/versions/{version}",
  summary: "One version of the limits",
  room: ROOM,
  pathSchema: versionPath,
  responses: { 200: { says: "The version", schema: limitsSchema } },
  work: async ({ ports, engine }, { path }) => {
    const item = await ports.control.readItem(engine, "limits", Number(path.version));
    return item === undefined ? problem("notFound", "There is no such version.") : shown(item);
  },
});

const listLimits = endpoint({
  id: "listLimits",
  method: "get",
  path: "/v1/engines/{engine}/limits/history",
  summary: "The versions of the limits, newest first",
  room: ROOM,
  pathSchema: enginePath,
  querySchema: pageQuery,
  responses: { 200: { says: "A page of versions", schema: pageSchema(limitsSchema) } },
  work: async ({ ports, engine }, { query }) => {
    const { limit = PAGE_LIMIT, cursor } = query;
    const page = await ports.control.list(engine, "limits", { limit, cursor });
    if (page.kind === "badCursor") return badCursor();
    return answer({ items: page.items.map(versionOf), ...nextOf(page.cursor) });
  },
});

const previewLimits = endpoint({
  id: "previewLimits",
  method: "post",
  path: "/v1/engines/{engine}/limits/preview",
  summary: "What a change would do, without making it",
  room: ROOM,
  pathSchema: enginePath,
  bodySchema: previewBody,
  responses: { 200: { says: "The differences", schema: previewSchema } },
  work: async (call, { body }) => {
    const head = await call.ports.control.readHead(call.engine, "limits");
    const changes = limitsChanges(limitsOf(call, head), body.limits);
    const needsSecondPerson = isWidening(changes);
    return answer({ baseVersion: head?.seq ?? 0, changes, needsSecondPerson });
  },
});

const putLimits = endpoint({
  id: "putLimits",
  method: "put",
  path: "/v1/engines/{engine}/limits",
  summary: "Change the limits: tightening at once, widening with a second person",
  room: ROOM,
  guard: "ifMatch",
  pathSchema: enginePath,
  bodySchema: limitsBody,
  responses: {
    200: { says: "The new version, or the old one where nothing changes", schema: limitsPutSchema },
    202: { says: "It widens: a proposal for a second person", schema: proposalAnswerSchema },
  },
  work: async (call, { body: { limits, reason } }) => {
    const base = versionMatched(call.header("if-match"));
    if (base === undefined) {
      return problem("badRequest", 'Expected a version such as "7", or "0" for the first.', {
        field: "if-match",
      });
    }
    const head = await call.ports.control.readHead(call.engine, "limits");
    if (head !== undefined && isOwnReplay(call, head, { base, limits })) {
      return await put(call, head, []);
    }
    if ((head?.seq ?? 0) !== base) return changedSince(head);
    const before = limitsOf(call, head);
    const changes = limitsChanges(before, limits);
    if (head !== undefined && changes.length === 0) return await put(call, head, changes);
    if (!isWidening(changes)) return await tighten(call, head, { limits, reason, changes });
    const key = call.header("idempotency-key") || call.requestId;
    const change = { reason, baseVersion: base, before, after: limits, key };
    return await proposeChange(call, { kind: "limits", ...change });
  },
});

async function tighten(
  call: Call,
  head: AuditItem | undefined,
  {
    limits,
    reason,
    changes,
  }: {
    readonly limits: RiskLimits;
    readonly reason: string;
    readonly changes: readonly LimitChange[];
  },
): Promise<Answer> {
  const draft = { kind: "limits.put", reason, before: limitsOf(call, head), after: limits };
  const appended = await appendLimits(call, head, draft);
  if (appended.kind === "taken") return changedSince(appended.current);
  return await put(call, appended.item, changes);
}

async function put(call: Call, item: AuditItem, changes: readonly LimitChange[]): Promise<Answer> {
  const command = await notifyOfLimits(call, item);
  const headers = { etag: `"${item.seq}"` };
  return answer({ limits: versionOf(item), changes, command }, 200, headers);
}

/** The same change by the same person, already put: its answer was lost. */
function isOwnReplay(
  call: Call,
  head: AuditItem,
  { base, limits }: { readonly base: number; readonly limits: RiskLimits },
): boolean {
  return (
    head.seq === base + 1 &&
    head.by === call.principal.subject &&
    head.after === canonicalJson(limits)
  );
}

/** The version that `If-Match` names; undefined where it is no version. */
function versionMatched(header: string): number | undefined {
  const digits = /^(?:"(\d{1,12})"|(\d{1,12}))$/.exec(header.trim());
  return digits === null ? undefined : Number(digits[1] ?? digits[2]);
}

function changedSince(head: AuditItem | undefined): Answer {
  const etag = `"${head?.seq ?? 0}"`;
  return problem("preconditionFailed", `The limits are at version ${etag} by now.`, {
    field: "if-match",
    headers: { etag },
  });
}

export const LIMITS_ENDPOINTS: readonly Endpoint[] = [
  getLimits,
  getLimitsVersion,
  listLimits,
  previewLimits,
  putLimits,
];

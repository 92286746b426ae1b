/**
 * The end points of the audit: the chains to read, and a walk along one that says where it breaks.
 */
import type { AuditChain } from "../../contracts/audit.ts";
import { CHAIN_START, chainFault } from "./audit-trail.ts";
import { type Call, type Endpoint, endpoint } from "./endpoint.ts";
import { badCursor, nextOf, PAGE_LIMIT } from "./paging.ts";
import { type Answer, answer } from "./problem.ts";
import { auditPageSchema, auditVerifySchema } from "./response-schemas.ts";
import { auditQuery, enginePath, verifyQuery } from "./schemas.ts";

/** Items of one walk along a chain; the caller goes on from where it ended. */
const VERIFIED_MAX = 5_000;
/** Items read at once. */
const LANES = 50;

const getAudit = endpoint({
  id: "getAudit",
  method: "get",
  path: "/v1/engines/{engine}/audit",
  summary: "One audit chain, newest first, each page checked in itself",
  room: "audit",
  pathSchema: enginePath,
  querySchema: auditQuery,
  responses: { 200: { says: "A page of items", schema: auditPageSchema } },
  work: async ({ ports, engine }, { query }) => {
    const { limit = PAGE_LIMIT, cursor, chain = "action" } = query;
    const page = await ports.control.list(engine, chain, { limit, cursor });
    if (page.kind === "badCursor") return badCursor();
    const fault = chainFault(page.items.toReversed(), undefined, ports.sha256) ?? null;
    return answer({ items: page.items, ...nextOf(page.cursor), fault });
  },
});

const verifyAudit = endpoint({
  id: "verifyAudit",
  method: "get",
  path: "/v1/engines/{engine}/audit/verify",
  summary: "Walk an audit chain from its start, or from an item, and say where it breaks",
  room: "audit",
  pathSchema: enginePath,
  querySchema: verifyQuery,
  responses: { 200: { says: "How far it holds", schema: auditVerifySchema } },
  work: async (call, { query: { chain = "action", from = 1 } }) => verifyChain(call, chain, from),
});

async function verifyChain(call: Call, chain: AuditChain, fromSeq: number): Promise<Answer> {
  const { control, sha256 } = call.ports;
  const headSeq = (await control.readHead(call.engine, chain))?.seq ?? 0;
  const before =
    fromSeq === 1 ? CHAIN_START : await control.readItem(call.engine, chain, fromSeq - 1);
  const lastSeq = Math.min(headSeq, fromSeq + VERIFIED_MAX - 1);
  let previous: { readonly seq: number; readonly hash: string } | undefined = before;
  let fault = before === undefined ? missing(fromSeq - 1) : undefined;
  for (let seq = fromSeq; fault === undefined && seq <= lastSeq; seq += LANES) {
    const seqs = Array.from({ length: Math.min(LANES, lastSeq - seq + 1) }, (_, at) => seq + at);
    const read = await Promise.all(seqs.map((at) => control.readItem(call.engine, chain, at)));
    const gap = read.indexOf(undefined);
    const upToGap = gap === -1 ? read : read.slice(0, gap);
    const whole = upToGap.filter((item) => item !== undefined);
    fault = chainFault(whole, previous, sha256) ?? (gap === -1 ? undefined : missing(seq + gap));
    previous = whole.at(-1) ?? previous;
  }
  return answer({
    chain,
    fromSeq,
    checkedTo: Math.max(0, fault === undefined ? lastSeq : fault.seq - 1),
    headSeq,
    isComplete: fault === undefined && lastSeq === headSeq,
    fault: fault ?? null,
  });
}

function missing(seq: number): { readonly seq: number; readonly reason: string } {
  return { seq, reason: "the item is missing" };
}

export const AUDIT_ENDPOINTS: readonly Endpoint[] = [getAudit, verifyAudit];

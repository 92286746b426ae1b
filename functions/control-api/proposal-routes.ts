/**
 * The end points of proposals: what waits for a second person, and that person's yes or no.
 */
import type { Proposal } from "../stores/control-store.ts";
import { recordOnce } from "./audit-trail.ts";
import { type Call, type Endpoint, endpoint } from "./endpoint.ts";
import { badCursor, nextOf, PAGE_LIMIT } from "./paging.ts";
import { type Answer, answer, problem } from "./problem.ts";
import { approve, decide, proposalIdIn, shownProposal, standingFault } from "./proposal-desk.ts";
import {
  approvalSchema,
  pageSchema,
  proposalAnswerSchema,
  proposalSchema,
} from "./response-schemas.ts";
import { approveBody, enginePath, idPath, proposalQuery, reasonBody } from "./schemas.ts";

const ROOM = "proposals";

const listProposals = endpoint({
  id: "listProposals",
  method: "get",
  path: "/v1/engines/{engine}/proposals",
  summary: "Changes that wait, waited or expired, newest first",
  room: ROOM,
  pathSchema: enginePath,
  querySchema: proposalQuery,
  responses: { 200: { says: "A page of proposals", schema: pageSchema(proposalSchema) } },
  work: async ({ ports, engine, nowUs }, { query }) => {
    const { limit = PAGE_LIMIT, cursor, state } = query;
    const page = await ports.control.listProposals(engine, { limit, cursor });
    if (page.kind === "badCursor") return badCursor();
    const shown = page.items.map((proposal) => shownProposal(proposal, nowUs));
    const items = shown.filter((proposal) => state === undefined || proposal.state === state);
    return answer({ items, ...nextOf(page.cursor) });
  },
});

const approveProposal = endpoint({
  id: "approveProposal",
  method: "post",
  path: "/v1/engines/{engine}/proposals/{id}/approve",
  summary: "Carry out what somebody else has proposed",
  room: ROOM,
  guard: "idempotencyKey",
  pathSchema: idPath,
  bodySchema: approveBody,
  responses: {
    200: { says: "The new version of the limits", schema: approvalSchema },
    202: { says: "The release is on its way", schema: approvalSchema },
  },
  work: (call, { path, body }) =>
    onProposal(call, path.id, (proposal) => approve(call, proposal, body)),
});

const rejectProposal = endpoint({
  id: "rejectProposal",
  method: "post",
  path: "/v1/engines/{engine}/proposals/{id}/reject",
  summary: "Turn a proposal down, or take one's own back",
  room: ROOM,
  guard: "idempotencyKey",
  pathSchema: idPath,
  bodySchema: reasonBody,
  responses: { 200: { says: "The proposal as it is now", schema: proposalAnswerSchema } },
  work: (call, { path, body: { reason } }) =>
    onProposal(call, path.id, async (proposal) => {
      const fault = standingFault(call, proposal, "rejected");
      if (fault !== undefined) return fault;
      const decided = await decide(call, proposal, "rejected", reason);
      if (decided === undefined) {
        return problem("conflict", "Somebody else has decided the proposal.");
      }
      const kind = `${proposal.kind}.reject`;
      const { proposalId, by: proposedBy } = proposal;
      await recordOnce(
        call,
        { kind, reason, after: { proposalId, proposedBy } },
        (item) => item.kind === kind && proposalIdIn(item) === proposalId,
      );
      return answer({ proposal: shownProposal(decided, call.nowUs) });
    }),
});

async function onProposal(
  call: Call,
  proposalId: string,
  work: (proposal: Proposal) => Promise<Answer>,
): Promise<Answer> {
  const proposal = await call.ports.control.readProposal(call.engine, proposalId);
  return proposal === undefined
    ? problem("notFound", "There is no such proposal.")
    : await work(proposal);
}

export const PROPOSAL_ENDPOINTS: readonly Endpoint[] = [
  listProposals,
  approveProposal,
  rejectProposal,
];

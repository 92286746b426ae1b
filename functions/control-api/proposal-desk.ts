/**
 * Station: a change that widens -> a proposal; a second person -> the change.
 *
 * What was proposed is what is put: the second person names the hash of what they have seen, and the
 * version it was based on must still be the last. The one claim is the conditional decision of the
 * proposal; whoever decided it may ask again, in its time, until it is carried out.
 */
import type { AuditItem } from "../../contracts/audit.ts";
import type { OperatorCommandRecord } from "../../contracts/operator-command.ts";
import { limitsFault, type RiskLimits } from "../../contracts/risk-limits.ts";
import { US_PER_S } from "../../contracts/time.ts";
import { KILL_SCOPES, type KillScope } from "../../contracts/trade.ts";
import type { Proposal } from "../stores/control-store.ts";
import { appendLimits, canonicalJson, recordOnce, subjectOf } from "./audit-trail.ts";
import { commandIdOf, dispatch, isAbout } from "./command-desk.ts";
import type { Call } from "./endpoint.ts";
import { notifyOfLimits, versionOf } from "./limits-version.ts";
import { type LimitChange, limitsChanges, releaseObstacles } from "./logic.ts";
import { type Answer, answer, problem } from "./problem.ts";

export type Change = {
  readonly kind: "limits" | "release";
  readonly reason: string;
  readonly baseVersion: number;
  readonly before: unknown;
  readonly after: unknown;
  /** What makes the id: the caller's key, or the request. */
  readonly key: string;
};

/** Ids count seconds downward, so that a list in the order of ids is newest first. */
const SECONDS_END = 2 ** 33;

/** Writes into the audit that a proposal is made, and puts it; 202 with it. */
export async function proposeChange(call: Call, change: Change): Promise<Answer> {
  const by = call.principal.subject;
  const secondsLeft = SECONDS_END - Math.floor(call.nowUs / US_PER_S);
  const name = commandIdOf(call, by, `proposal ${change.key}`).slice(0, 12);
  const newId = `${secondsLeft.toString(36).padStart(7, "0")}-${name}`;
  const after = canonicalJson(change.after);
  const payloadHash = call.ports.sha256(after);
  const kind = `${change.kind}.propose`;
  const item = await recordOnce(
    call,
    {
      kind,
      reason: change.reason,
      before: change.before,
      after: { proposalId: newId, payloadHash, payload: change.after },
    },
    (standing) => standing.kind === kind && proposalIdIn(standing).endsWith(`-${name}`),
  );
  // Of an attempt before the second may have been another one; what the audit says is what is proposed.
  const proposalId = proposalIdIn(item);
  const { proposal } = await call.ports.control.putProposal({
    proposalId,
    engine: call.engine,
    kind: change.kind,
    state: "open",
    by,
    reason: change.reason,
    requestId: call.requestId,
    atUs: call.nowUs,
    expiresUs: call.nowUs + call.ports.settings.proposalLifeUs,
    baseVersion: change.baseVersion,
    before: canonicalJson(change.before),
    after,
    payloadHash,
    decidedBy: "",
    decidedUs: 0,
    decision: "",
  });
  const location = `/v1/engines/${call.engine}/proposals/${proposalId}`;
  return answer({ proposal: shownProposal(proposal, call.nowUs) }, 202, { location });
}

/** The proposal that an action is about; "" of actions that are about none. */
export function proposalIdIn(item: AuditItem): string {
  const { proposalId = "" } = subjectOf(item);
  return String(proposalId);
}

/** A proposal as it is shown: JSON unfolded, its changes spelled out, and expired where it is. */
export function shownProposal(proposal: Proposal, nowUs: number): Record<string, unknown> {
  const isExpired = proposal.state === "open" && nowUs >= proposal.expiresUs;
  const before = JSON.parse(proposal.before) as RiskLimits | null;
  const after: unknown = JSON.parse(proposal.after);
  return {
    ...proposal,
    state: isExpired ? "expired" : proposal.state,
    before,
    after,
    changes: changesOf(proposal.kind, before, after),
  };
}

function changesOf(kind: string, before: RiskLimits | null, after: unknown): LimitChange[] {
  return kind === "limits" ? limitsChanges(before ?? undefined, after as RiskLimits) : [];
}

/** Approves and carries out; every reason why not is an answer. */
export async function approve(
  call: Call,
  proposal: Proposal,
  { payloadHash, reason }: { readonly payloadHash: string; readonly reason: string },
): Promise<Answer> {
  const { subject } = call.principal;
  if (proposal.by === subject) {
    return problem("selfApproval", "Whoever proposes a change cannot approve it.");
  }
  const refusal = standingFault(call, proposal, "approved");
  if (refusal !== undefined) return refusal;
  if (payloadHash !== proposal.payloadHash || call.ports.sha256(proposal.after) !== payloadHash) {
    return problem("conflict", "The proposal is not what you have seen.", { field: "payloadHash" });
  }
  const obstacle = await obstacleTo(call, proposal);
  if (obstacle !== undefined) return obstacle;
  const decided = await decide(call, proposal, "approved", reason);
  if (decided === undefined) {
    return problem("conflict", "Somebody else has decided the proposal.");
  }
  return decided.kind === "limits"
    ? await putProposedLimits(call, decided)
    : await releaseAsProposed(call, decided);
}

type Decision = "approved" | "rejected";

/**
 * Why the proposal cannot be decided so any more. Whoever decided it may ask again, but only in its time: an
 * approval that was never carried out must not release what was killed since.
 */
export function standingFault(call: Call, proposal: Proposal, state: Decision): Answer | undefined {
  const isResumed = proposal.state === state && proposal.decidedBy === call.principal.subject;
  if (proposal.state !== "open" && !isResumed) {
    return problem("conflict", `The proposal is ${proposal.state} already.`);
  }
  if (call.nowUs >= proposal.expiresUs) {
    return problem("conflict", "The proposal has expired; make it again.");
  }
  return undefined;
}

/** Decides a proposal that has no standing fault; undefined where somebody else was first. */
export async function decide(
  call: Call,
  proposal: Proposal,
  state: Decision,
  decision: string,
): Promise<Proposal | undefined> {
  if (proposal.state === state) return proposal;
  const { proposalId, payloadHash } = proposal;
  const decided = await call.ports.control.decideProposal({
    engine: call.engine,
    proposalId,
    state,
    payloadHash,
    decidedBy: call.principal.subject,
    decidedUs: call.nowUs,
    decision,
  });
  return decided.kind === "decided" ? decided.proposal : undefined;
}

/** What stands against the change itself at this moment. */
async function obstacleTo(call: Call, proposal: Proposal): Promise<Answer | undefined> {
  const after: unknown = JSON.parse(proposal.after);
  if (proposal.kind === "release") return await releaseObstacle(call, releaseOf(after));
  const fault = limitsFault(after);
  if (fault !== undefined) {
    return problem("invalid", `${fault.reason}.`, { field: `limits.${fault.field}` });
  }
  const head = await call.ports.control.readHead(call.engine, "limits");
  if ((head?.seq ?? 0) === proposal.baseVersion || isPut(head, proposal)) return undefined;
  return changedSince(head);
}

function changedSince(head: AuditItem | undefined): Answer {
  const etag = `"${head?.seq ?? 0}"`;
  const detail = `The limits are at version ${etag} by now; propose the change anew.`;
  return problem("preconditionFailed", detail, { headers: { etag } });
}

/** Whether `head` is what this proposal became: an approval whose answer was lost. */
function isPut(head: AuditItem | undefined, proposal: Proposal): boolean {
  return (
    head?.seq === proposal.baseVersion + 1 &&
    head.by === proposal.by &&
    head.after === proposal.after
  );
}

async function putProposedLimits(call: Call, proposal: Proposal): Promise<Answer> {
  const head = await call.ports.control.readHead(call.engine, "limits");
  let item = head;
  if (!isPut(head, proposal)) {
    if ((head?.seq ?? 0) !== proposal.baseVersion) return changedSince(head);
    const appended = await appendLimits(call, head, {
      kind: "limits.approve",
      by: proposal.by,
      approvedBy: call.principal.subject,
      reason: joinedReason(proposal),
      before: JSON.parse(proposal.before),
      after: JSON.parse(proposal.after),
    });
    if (appended.kind === "taken") return changedSince(appended.current);
    item = appended.item;
  }
  if (item === undefined) return changedSince(head);
  const command = await notifyOfLimits(call, item);
  const limits = versionOf(item);
  const body = { proposal: shownProposal(proposal, call.nowUs), limits, command };
  return answer(body, 200, { etag: `"${item.seq}"` });
}

/** Both persons' words, since the item has one place for them. */
function joinedReason({ reason, decision }: Proposal): string {
  return decision === "" ? reason : `${reason} | approved: ${decision}`;
}

type Release = { readonly scope: KillScope; readonly target: string };

/** A release as it was proposed; what is none releases nothing that there is. */
function releaseOf(after: unknown): Release {
  const { scope, target } = (after ?? {}) as {
    readonly scope?: unknown;
    readonly target?: unknown;
  };
  const known = KILL_SCOPES.find((each) => each === scope);
  if (known === undefined || typeof target !== "string") {
    throw new Error("a proposal of a release holds no scope and target");
  }
  return { scope: known, target };
}

/** S11: a kill is released only while the engine is reconciled and its data healthy. */
export async function releaseObstacle(call: Call, release: Release): Promise<Answer | undefined> {
  const heartbeat = await call.ports.commands.readHeartbeat(call.engine);
  const obstacles = releaseObstacles(heartbeat, release, call.nowUs);
  if (obstacles.length === 0) return undefined;
  return problem("conflict", `It cannot be released now: ${obstacles.join("; ")}.`);
}

async function releaseAsProposed(call: Call, proposal: Proposal): Promise<Answer> {
  const release = releaseOf(JSON.parse(proposal.after));
  const action = { kind: "release", ...release } as const;
  const commandId = commandIdOf(call, proposal.by, `release ${proposal.proposalId}`);
  const reason = joinedReason(proposal);
  const draft = {
    kind: "release",
    by: proposal.by,
    approvedBy: call.principal.subject,
    reason,
    after: { commandId, action, proposalId: proposal.proposalId },
  };
  const item = await recordOnce(call, draft, isAbout(draft.kind, commandId));
  const record: OperatorCommandRecord = await dispatch(call, {
    commandId,
    action,
    by: proposal.by,
    reason,
    // Not when it is carried out: a kill that was asked for in between is not what was decided about.
    askedUs: proposal.decidedUs,
  });
  const body = { proposal: shownProposal(proposal, call.nowUs), command: record };
  return answer({ ...body, auditSeq: item.seq }, 202);
}

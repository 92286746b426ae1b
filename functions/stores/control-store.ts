/**
 * The table of control: the two audit chains of each engine, and the proposals that wait for a second person.
 *
 * A number of a chain is claimed by one conditional put, so that of any number of writers one wins and the
 * others learn what stands there. Items are never changed and never deleted; a proposal is decided once.
 */
import {
  type DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { AuditChain, AuditItem } from "../../contracts/audit.ts";
import { actionKey, type ItemKey, limitsKey, proposalKey } from "../../contracts/keys.ts";
import { tableName } from "../../contracts/resources.ts";
import type { Micros } from "../../contracts/time.ts";
import type { BadCursor } from "./cursor.ts";
import {
  bareItem,
  type KeyedTable,
  type Page,
  type PageRequest,
  putOnce,
  readItem,
  readPage,
} from "./keyed-items.ts";
import { asked, isConditionFailed } from "./store-error.ts";

export type Appended =
  | { readonly kind: "appended"; readonly item: AuditItem }
  /** Somebody else has that number; `current` is the end of the chain now. */
  | { readonly kind: "taken"; readonly current: AuditItem };

export const PROPOSAL_STATES = ["open", "approved", "rejected"] as const;
export type ProposalState = (typeof PROPOSAL_STATES)[number];

/** A change that waits for a second person. `before` and `after` are JSON text, as in the audit. */
export type Proposal = {
  readonly proposalId: string;
  readonly engine: string;
  readonly kind: string;
  readonly state: ProposalState;
  readonly by: string;
  readonly reason: string;
  readonly requestId: string;
  readonly atUs: Micros;
  /** From then on it cannot be decided any more. */
  readonly expiresUs: Micros;
  /** The version of the limits that it would replace; 0 where it is about something else. */
  readonly baseVersion: number;
  readonly before: string;
  readonly after: string;
  /** SHA-256 of `after`: what the second person has seen is what is put. */
  readonly payloadHash: string;
  /** "" and 0 while it is open. */
  readonly decidedBy: string;
  readonly decidedUs: Micros;
  readonly decision: string;
};

/** What decides a proposal; it must have been open, unexpired, and have just this payload. */
export type ProposalDecision = {
  readonly engine: string;
  readonly proposalId: string;
  readonly state: "approved" | "rejected";
  readonly payloadHash: string;
  readonly decidedBy: string;
  readonly decidedUs: Micros;
  readonly decision: string;
};

export interface ControlStore {
  /** The last item of a chain, or undefined where it has none; strongly consistent. */
  readHead(engine: string, chain: AuditChain): Promise<AuditItem | undefined>;
  readItem(engine: string, chain: AuditChain, seq: number): Promise<AuditItem | undefined>;
  /** Claims the number `item.seq`. A lost answer is recognized by the item's own hash. */
  append(item: AuditItem): Promise<Appended>;
  /** Newest first. */
  list(
    engine: string,
    chain: AuditChain,
    request: PageRequest,
  ): Promise<Page<AuditItem> | BadCursor>;
  putProposal(
    proposal: Proposal,
  ): Promise<{ readonly kind: "put" | "exists"; readonly proposal: Proposal }>;
  readProposal(engine: string, proposalId: string): Promise<Proposal | undefined>;
  /** In the order of their ids. */
  listProposals(engine: string, request: PageRequest): Promise<Page<Proposal> | BadCursor>;
  /** Decides an open proposal once; `refused` carries what stands there, or undefined where nothing does. */
  decideProposal(
    decision: ProposalDecision,
  ): Promise<
    | { readonly kind: "decided"; readonly proposal: Proposal }
    | { readonly kind: "refused"; readonly current: Proposal | undefined }
  >;
}

/** The table of control of the deployment `prefix`. */
export function createControlStore(client: DynamoDBDocumentClient, prefix: string): ControlStore {
  const table = { client, TableName: tableName(prefix, "control") };
  return {
    readHead: (engine, chain) => readHead(table, engine, chain),
    readItem: (engine, chain, seq) => readItem<AuditItem>(table, chainKey(engine, chain, seq)),
    append: (item) => append(table, item),
    list: async (engine, chain, request) =>
      readPage<AuditItem>(table, chainKey(engine, chain, 1).pk, { ...request, isForward: false }),
    putProposal: (proposal) => putProposal(table, proposal),
    readProposal: (engine, proposalId) =>
      readItem<Proposal>(table, proposalKey(engine, proposalId)),
    listProposals: (engine, request) =>
      readPage<Proposal>(table, proposalKey(engine, "-").pk, { ...request, isForward: true }),
    decideProposal: (decision) => decideProposal(table, decision),
  };
}

function chainKey(engine: string, chain: AuditChain, seq: number): ItemKey {
  return chain === "limits" ? limitsKey(engine, seq) : actionKey(engine, seq);
}

async function readHead(
  { client, TableName }: KeyedTable,
  engine: string,
  chain: AuditChain,
): Promise<AuditItem | undefined> {
  const { Items = [] } = await asked("read the head of a chain", () =>
    client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": chainKey(engine, chain, 1).pk },
        ScanIndexForward: false,
        Limit: 1,
        ConsistentRead: true,
      }),
    ),
  );
  return Items[0] === undefined ? undefined : bareItem<AuditItem>(Items[0]);
}

async function append(table: KeyedTable, item: AuditItem): Promise<Appended> {
  const { client, TableName } = table;
  const key = chainKey(item.engine, item.chain, item.seq);
  const put = new PutCommand({
    TableName,
    Item: { ...key, ...item },
    ConditionExpression: "attribute_not_exists(pk)",
  });
  let failure: unknown;
  try {
    await asked("append to a chain", () => client.send(put));
    return { kind: "appended", item };
  } catch (error) {
    failure = error;
  }
  // Whether the condition failed or the answer was lost: what stands under the number decides.
  const standing = await readItem<AuditItem>(table, key);
  if (standing?.hash === item.hash) return { kind: "appended", item };
  if (!isConditionFailed(failure)) throw failure;
  return { kind: "taken", current: (await readHead(table, item.engine, item.chain)) ?? item };
}

async function putProposal(
  table: KeyedTable,
  proposal: Proposal,
): Promise<{ readonly kind: "put" | "exists"; readonly proposal: Proposal }> {
  const key = proposalKey(proposal.engine, proposal.proposalId);
  if ((await putOnce(table, key, proposal)) === "put") return { kind: "put", proposal };
  const standing = (await readItem<Proposal>(table, key)) ?? proposal;
  const isOurs = standing.requestId === proposal.requestId && standing.atUs === proposal.atUs;
  return { kind: isOurs ? "put" : "exists", proposal: standing };
}

async function decideProposal(
  table: KeyedTable,
  { engine, proposalId, payloadHash, ...decision }: ProposalDecision,
): ReturnType<ControlStore["decideProposal"]> {
  const key = proposalKey(engine, proposalId);
  const update = new UpdateCommand({
    TableName: table.TableName,
    Key: key,
    UpdateExpression:
      "SET #state = :state, decidedBy = :by, decidedUs = :at, #decision = :decision",
    ConditionExpression:
      "#state = :open AND payloadHash = :hash AND (expiresUs > :at OR :state = :rejected) AND (#by <> :by OR :state = :rejected)",
    ExpressionAttributeNames: { "#state": "state", "#by": "by", "#decision": "decision" },
    ExpressionAttributeValues: {
      ":state": decision.state,
      ":open": "open",
      ":rejected": "rejected",
      ":hash": payloadHash,
      ":by": decision.decidedBy,
      ":at": decision.decidedUs,
      ":decision": decision.decision,
    },
  });
  try {
    await asked("decide a proposal", () => table.client.send(update));
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
  // The same read serves a decision, a lost answer and a refusal: what stands there says which it was.
  const current = await readItem<Proposal>(table, key);
  const isOurs =
    current?.state === decision.state &&
    current.decidedBy === decision.decidedBy &&
    current.decidedUs === decision.decidedUs;
  return isOurs ? { kind: "decided", proposal: current } : { kind: "refused", current };
}

/**
 * The schemas of what goes out: the OpenAPI document shows them, and the contract tests hold every answer
 * to them. They describe; nothing is filtered by them on its way.
 */
import { z } from "@hono/zod-openapi";
import { COMMAND_STATES } from "../../contracts/operator-command.ts";
import { PROPOSAL_STATES } from "../stores/control-store.ts";

const text = z.string();
const count = z.int().min(0);
const micros = z.int().min(0).openapi({ description: "Microseconds since 1970." });
const hash = z.string().regex(/^[0-9a-f]{64}$/);
/** JSON of a shape that is written down elsewhere. */
const json = z.unknown();

export const problemSchema = z
  .looseObject({ type: text, title: text, status: count, detail: text, field: text.optional() })
  .openapi("Problem");

export const changeSchema = z
  .strictObject({
    field: text,
    before: json,
    after: json,
    direction: z.enum(["widens", "tightens"]),
  })
  .openapi("LimitChange");

export const limitsSchema = z
  .strictObject({
    engine: text,
    version: count,
    kind: text,
    limits: z.record(text, json),
    atUs: micros,
    by: text,
    approvedBy: text,
    reason: text,
    hash,
  })
  .openapi("LimitsVersion");

export const commandSchema = z
  .strictObject({
    schemaVersion: count,
    commandId: text,
    engine: text,
    action: z.looseObject({ kind: text }),
    by: text,
    reason: text,
    askedUs: micros,
    expiresUs: micros,
    state: z.enum(COMMAND_STATES),
    changedUs: micros,
    tick: z.int(),
    outcome: text,
  })
  .openapi("Command");

export const commandAnswerSchema = z
  .looseObject({ command: commandSchema, auditSeq: count })
  .openapi("CommandAnswer");

export const killAnswerSchema = z
  .strictObject({
    command: commandSchema,
    auditSeq: count,
    recorded: z.boolean(),
    queued: z.boolean(),
    audited: z.boolean(),
  })
  .openapi("KillAnswer");

export const limitsPutSchema = z
  .strictObject({
    limits: limitsSchema,
    changes: z.array(changeSchema),
    command: commandSchema.nullable(),
  })
  .openapi("LimitsPut");

export const proposalSchema = z
  .strictObject({
    proposalId: text,
    engine: text,
    kind: z.enum(["limits", "release"]),
    state: z.enum([...PROPOSAL_STATES, "expired"]),
    by: text,
    reason: text,
    requestId: text,
    atUs: micros,
    expiresUs: micros,
    baseVersion: count,
    before: json,
    after: json,
    changes: z.array(changeSchema),
    payloadHash: hash,
    decidedBy: text,
    decidedUs: micros,
    decision: text,
  })
  .openapi("Proposal");

export const proposalAnswerSchema = z.strictObject({ proposal: proposalSchema });
export const approvalSchema = z
  .strictObject({
    proposal: proposalSchema,
    limits: limitsSchema.optional(),
    command: commandSchema.nullable(),
    auditSeq: count.optional(),
  })
  .openapi("Approval");

export const previewSchema = z
  .strictObject({
    baseVersion: count,
    changes: z.array(changeSchema),
    needsSecondPerson: z.boolean(),
  })
  .openapi("LimitsPreview");

const auditItemSchema = z
  .strictObject({
    schemaVersion: count,
    engine: text,
    chain: z.enum(["limits", "action"]),
    seq: count,
    kind: text,
    atUs: micros,
    by: text,
    approvedBy: text,
    reason: text,
    requestId: text,
    before: text,
    after: text,
    previousHash: hash,
    hash,
  })
  .openapi("AuditItem");

const faultSchema = z.strictObject({ seq: count, reason: text }).nullable();
export const auditPageSchema = z.strictObject({
  items: z.array(auditItemSchema),
  nextCursor: text.optional(),
  /** Whether this page is whole and unchanged in itself. */
  fault: faultSchema,
});
export const auditVerifySchema = z.strictObject({
  chain: z.enum(["limits", "action"]),
  fromSeq: count,
  checkedTo: count,
  headSeq: count,
  isComplete: z.boolean(),
  fault: faultSchema,
});

/** A page of items of `item`. */
export function pageSchema(item: z.ZodType): z.ZodType {
  return z.strictObject({ items: z.array(item), nextCursor: text.optional() });
}

/** A fact, flat: where and when it was seen, then the fields of its kind (contracts/history.ts). */
export const factSchema = z
  .looseObject({
    eventId: text,
    factId: text,
    kind: text,
    engine: text,
    runId: text,
    venue: text.nullable(),
    at: text,
    atUs: micros,
  })
  .openapi("Fact");

export const historyPageSchema = z.strictObject({
  items: z.array(factSchema),
  nextCursor: text.optional(),
  fromUs: micros,
  toUs: micros,
  /** Which of tables and archive this page came from. */
  sources: z.array(z.enum(["hot", "cold"])),
});

export const statusSchema = z.strictObject({
  engine: text,
  isFresh: z.boolean(),
  ageUs: z.int(),
  heartbeat: z.looseObject({ engine: text, atUs: micros }).nullable(),
  status: json,
  limitsVersion: count,
});

const amounts = z.record(text, text);
export const pnlSchema = z.strictObject({
  fromUs: micros,
  toUs: micros,
  days: z.array(
    z.strictObject({
      day: text,
      mode: text,
      asset: text,
      profit: text,
      cycles: z.record(text, count),
      fees: amounts,
    }),
  ),
  totals: z.array(z.strictObject({ mode: text, asset: text, profit: text })),
});

export const executionSchema = z.strictObject({
  fromUs: micros,
  toUs: micros,
  triangles: z.array(
    z.strictObject({
      triangle: text,
      mode: text,
      cycles: count,
      filled: count,
      fillRate: text,
      predictedBps: text,
      effectiveBps: text,
      slippageBps: text,
    }),
  ),
  legs: z.array(
    z.strictObject({
      triangle: text,
      mode: text,
      leg: count,
      orders: count,
      filled: count,
      fillRate: text,
      ackUsMean: z.int().nullable(),
      fillUsMean: z.int().nullable(),
    }),
  ),
});

export const meSchema = z.strictObject({
  subject: text,
  role: text,
  engines: z.array(text),
});
export const enginesSchema = z.strictObject({ engines: z.array(text) });
export const healthSchema = z.strictObject({ status: z.literal("ok") });
export const reportSchema = z.looseObject({}).openapi("DailyReport");

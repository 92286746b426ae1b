/**
 * The schemas of what comes in: path, query and bodies. Unknown fields are refused everywhere, because a
 * misspelled `target` must never widen what is asked.
 */
import { z } from "@hono/zod-openapi";
import { ENGINE_ID_PATTERN } from "../../contracts/keys.ts";
import { COMMAND_STATES } from "../../contracts/operator-command.ts";
import { limitsFault, type RiskLimits } from "../../contracts/risk-limits.ts";
import { MODES } from "../../contracts/status.ts";
import { KILL_SCOPES, SHUTDOWN_POLICIES } from "../../contracts/trade.ts";

/** The engine takes 1000: the words of two people and what joins them. */
export const REASON_LENGTH_MAX = 480;
const NAME_MAX = 64;

/** Printable text, so that nobody can write a line of their own into a log or a page. */
export const reason = z
  .string()
  .min(1)
  .max(REASON_LENGTH_MAX)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u, "expected printable text")
  .openapi({ description: "Why. It is written into the audit.", example: "smaller while away" });

const name = z
  .string()
  .max(NAME_MAX)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/, "expected a name");

export const enginePath = z.strictObject({
  engine: z.string().regex(ENGINE_ID_PATTERN).openapi({ example: "reckoner" }),
});

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
export const idPath = enginePath.extend({ id });
export const versionPath = enginePath.extend({
  version: z
    .string()
    .regex(/^[1-9]\d{0,11}$/)
    .openapi({ example: "7" }),
});
export const dayPath = enginePath.extend({
  day: z.iso.date().openapi({ example: "2026-11-21" }),
});

export const reasonBody = z.strictObject({ reason });

/** A kill or a release: without a target it is of all, and only then. */
export const killBody = z
  .strictObject({
    scope: z.enum(KILL_SCOPES),
    target: name.or(z.literal("")).default(""),
    reason,
  })
  .refine(({ scope, target }) => (scope === "all") === (target === ""), {
    path: ["target"],
    error: 'expected a name, or with scope "all" nothing',
  });

export const modeBody = z.strictObject({ mode: z.enum(MODES), reason });
export const resyncBody = z.strictObject({
  instrument: name.or(z.literal("")).default(""),
  reason,
});
export const cancelAllBody = z.strictObject({ venue: name.or(z.literal("")).default(""), reason });
export const drainBody = z.strictObject({ policy: z.enum(SHUTDOWN_POLICIES), reason });
/** Sells everything, so the engine's name is asked for: a wrong tab must not do it. */
export const flattenBody = z.strictObject({ confirm: z.string().max(NAME_MAX), reason });

/** What the second person has seen: nothing else can be approved under its name. */
export const approveBody = z.strictObject({
  payloadHash: z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 in hex"),
  reason,
});

/** Limits of any field; `limitsFault` names the one that is wrong. */
const limits = z
  .record(z.string().max(NAME_MAX), z.unknown())
  .superRefine((value, context) => {
    const fault = limitsFault(value);
    if (fault === undefined) return;
    const path = fault.field === "" ? [] : fault.field.split(".");
    context.addIssue({ code: "custom", path, message: fault.reason });
  })
  // `limitsFault` has looked at every field of it.
  .transform((value) => value as unknown as RiskLimits)
  .openapi({ type: "object", description: "All limits, whole: contracts/risk-limits.ts" });

export const limitsBody = z.strictObject({ limits, reason });
export const previewBody = z.strictObject({ limits });

const limit = z
  .string()
  .regex(/^(?:[1-9]\d?|[1-4]\d\d|500)$/, "expected a whole number from 1 to 500")
  .transform(Number)
  .optional()
  .openapi({ type: "integer", description: "Items of a page: 1 to 500, usually 100." });

const cursor = z
  .string()
  .min(1)
  .max(2_048)
  .regex(/^[\w-]+$/, "expected a cursor of an earlier answer")
  .optional();

export const pageQuery = z.strictObject({ limit, cursor });
export const proposalQuery = pageQuery.extend({
  state: z.enum(["open", "approved", "rejected", "expired"]).optional(),
});
export const commandQuery = pageQuery.extend({ state: z.enum(COMMAND_STATES).optional() });
export const auditQuery = pageQuery.extend({ chain: z.enum(["limits", "action"]).optional() });
export const verifyQuery = z.strictObject({
  chain: z.enum(["limits", "action"]).optional(),
  from: z
    .string()
    .regex(/^[1-9]\d{0,11}$/)
    .transform(Number)
    .optional(),
});

const timeText = z
  .string()
  .max(40)
  .openapi({ description: "ISO 8601 in UTC, a day, or whole microseconds since 1970." });
export const rangeQuery = z.strictObject({ from: timeText.optional(), to: timeText.optional() });

const filterText = z.string().min(1).max(128);

/** A page of facts of one kind, filtered by the fields that this kind has. */
export function historyQuery(filters: readonly string[]): z.ZodObject {
  const shape = Object.fromEntries(filters.map((field) => [field, filterText.optional()]));
  return rangeQuery.extend({
    limit,
    cursor,
    order: z.enum(["newest", "oldest"]).optional(),
    format: z.enum(["json", "csv"]).optional(),
    ...shape,
  });
}

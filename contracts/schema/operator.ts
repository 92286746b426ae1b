/**
 * What an operator may ask of a running engine, as schemas: the bodies of the admin port's writes.
 *
 * Each names who asks and why, because both are journaled. Unknown fields are refused: a misspelled
 * `target` must never widen a release.
 */
import { z } from "zod";
import { type LimitsFault, limitsFault, type RiskLimits } from "../risk-limits.ts";
import { KILL_SCOPES, type KillScope, SHUTDOWN_POLICIES, type ShutdownPolicy } from "../trade.ts";

const WORDS_MAX = 500;
const NAME_MAX = 64;

/** Printable, so that nobody can write a line of their own into a log. */
const name = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} ._@-]*$/u, "expected a name");
const words = z
  .string()
  .min(1)
  .max(WORDS_MAX)
  .regex(/^[^\p{Cc}\p{Cf}]+$/u, "expected printable text");

const by = name.max(NAME_MAX);

const killSchema = z
  .strictObject({
    scope: z.enum(KILL_SCOPES),
    target: z.string().max(NAME_MAX).default(""),
    by,
    reason: words,
  })
  .refine(({ scope, target }) => (scope === "all") === (target === ""), {
    path: ["target"],
    error: 'expected a name, or with scope "all" nothing',
  });

const drainSchema = z.strictObject({
  policy: z.enum(SHUTDOWN_POLICIES).optional(),
  by,
});

const limitsSchema = z.strictObject({
  version: z.int().min(1),
  limits: z.record(z.string(), z.unknown()),
  by,
  reason: words,
});

export type KillRequest = {
  readonly scope: KillScope;
  readonly target: string;
  readonly by: string;
  readonly reason: string;
};

/** Without a policy the configured one holds. */
export type DrainRequest = { readonly policy?: ShutdownPolicy | undefined; readonly by: string };

export type LimitsRequest = {
  readonly version: number;
  readonly limits: RiskLimits;
  readonly by: string;
  readonly reason: string;
};

export type RequestParse<Request> =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly field: string; readonly reason: string };

/** Reads the body of a kill or a release. */
export function parseKillRequest(body: unknown): RequestParse<KillRequest> {
  return parsed<KillRequest>(killSchema, body);
}

/** Reads the body of a drain. */
export function parseDrainRequest(body: unknown): RequestParse<DrainRequest> {
  return parsed<DrainRequest>(drainSchema, body);
}

/** Reads the body of a change of limits; every limit is held to its bounds and to the ceilings. */
export function parseLimitsRequest(body: unknown): RequestParse<LimitsRequest> {
  const reading = parsed<z.output<typeof limitsSchema>>(limitsSchema, body);
  if (!reading.ok) return reading;
  const { limits, ...rest } = reading.request;
  const fault: LimitsFault | undefined = limitsFault(limits);
  if (fault !== undefined) {
    return { ok: false, field: `limits.${fault.field}`, reason: fault.reason };
  }
  // `limitsFault` has looked at every field of it.
  return { ok: true, request: { ...rest, limits: limits as unknown as RiskLimits } };
}

function parsed<Request>(schema: z.ZodType<Request>, body: unknown): RequestParse<Request> {
  const result = schema.safeParse(body);
  if (result.success) return { ok: true, request: result.data };
  const issue = result.error.issues[0];
  const path = (issue?.path ?? []).map(String);
  if (issue?.code === "unrecognized_keys") {
    const field = [...path, issue.keys[0] ?? ""].join(".");
    return { ok: false, field, reason: "there is no such field" };
  }
  return { ok: false, field: path.join("."), reason: issue?.message ?? "expected something else" };
}

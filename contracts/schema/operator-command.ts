/**
 * What comes to an engine through its queue, as a schema: one command of an operator.
 *
 * A queue is an open door of the process: whatever does not have this form exactly is refused whole, because
 * a field that was misread may widen what is asked.
 */
import { z } from "zod";
import { ENGINE_ID_PATTERN } from "../keys.ts";
import { OPERATOR_COMMAND_SCHEMA_VERSION, type OperatorCommand } from "../operator-command.ts";
import { MODES } from "../status.ts";
import { KILL_SCOPES, SHUTDOWN_POLICIES } from "../trade.ts";

const NAME_MAX = 128;
const WORDS_MAX = 1000;
const time = z.int().min(0);
const target = z.string().max(NAME_MAX);
const words = z
  .string()
  .max(WORDS_MAX)
  .regex(/^[^\p{Cc}]*$/u, "expected printable text");

const killFields = { scope: z.enum(KILL_SCOPES), target };

const actionSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("applyLimits"), version: z.int().min(1) }),
    z.strictObject({ kind: z.literal("kill"), ...killFields }),
    z.strictObject({ kind: z.literal("release"), ...killFields }),
    z.strictObject({ kind: z.literal("setMode"), mode: z.enum(MODES) }),
    z.strictObject({ kind: z.literal("pause") }),
    z.strictObject({ kind: z.literal("resume") }),
    z.strictObject({ kind: z.literal("drain"), policy: z.enum(SHUTDOWN_POLICIES) }),
    z.strictObject({ kind: z.literal("flatten") }),
    z.strictObject({ kind: z.literal("cancelAll"), venue: target }),
    z.strictObject({ kind: z.literal("resync"), instrument: target }),
  ])
  .refine((action) => !("scope" in action) || (action.scope === "all") === (action.target === ""), {
    path: ["target"],
    error: 'expected a name, or with scope "all" nothing',
  });

const commandSchema = z.strictObject({
  schemaVersion: z.literal(OPERATOR_COMMAND_SCHEMA_VERSION),
  commandId: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, "expected an id"),
  engine: z.string().regex(ENGINE_ID_PATTERN, "expected the name of an engine"),
  action: actionSchema,
  by: z
    .string()
    .min(1)
    .max(NAME_MAX)
    .regex(/^[^\p{Cc}]+$/u, "expected printable text"),
  reason: words,
  askedUs: time,
  expiresUs: time,
});

export type CommandParse =
  | { readonly ok: true; readonly command: OperatorCommand }
  | { readonly ok: false; readonly field: string; readonly reason: string };

/** Reads the body of a message. */
export function parseOperatorCommand(body: unknown): CommandParse {
  const parsed = commandSchema.safeParse(body);
  if (parsed.success) return { ok: true, command: parsed.data as OperatorCommand };
  const issue = parsed.error.issues[0];
  const path = (issue?.path ?? []).map(String);
  if (issue?.code === "unrecognized_keys") {
    const field = [...path, issue.keys[0] ?? ""].join(".");
    return { ok: false, field, reason: "there is no such field" };
  }
  return { ok: false, field: path.join("."), reason: issue?.message ?? "expected something else" };
}

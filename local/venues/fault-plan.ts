/**
 * Station: JSON from a file or a request -> a fault that may be injected, or the field that is wrong.
 *
 * The words of the fault plan. One schema serves the plan file and the control port, so that what can
 * be planned can be asked for. It never injects anything.
 */
import { z } from "zod";
import { VENUE_IDS } from "../../contracts/ids.ts";
import { plannedTradingFaultSchema } from "./trading-plan.ts";

/** Faults of one session, for its life or for a while. */
export const SESSION_FAULT_KINDS = [
  "cut",
  "halfOpen",
  "silent",
  "frozenTimestamps",
  "delay",
  "burst",
] as const;
/** Faults of the whole venue. */
export const VENUE_FAULT_KINDS = ["refuse", "venueRestart", "serverShutdown"] as const;
/** Faults of one depth frame of one instrument. */
export const FRAME_FAULT_KINDS = [
  "dropDiff",
  "duplicateDiff",
  "malformedFrame",
  "wrongSymbol",
  "crossedBook",
  "wrongChecksum",
] as const;
/** Faults of the next snapshots of one instrument. */
export const SNAPSHOT_FAULT_KINDS = ["oldSnapshot", "slowSnapshot", "snapshot503"] as const;

/** Every way in which a simulated venue can misbehave. */
export const FAULT_KINDS = [
  ...SESSION_FAULT_KINDS,
  ...VENUE_FAULT_KINDS,
  ...FRAME_FAULT_KINDS,
  ...SNAPSHOT_FAULT_KINDS,
] as const;

export type SessionFaultKind = (typeof SESSION_FAULT_KINDS)[number];
export type VenueFaultKind = (typeof VENUE_FAULT_KINDS)[number];
export type FrameFaultKind = (typeof FRAME_FAULT_KINDS)[number];
export type SnapshotFaultKind = (typeof SNAPSHOT_FAULT_KINDS)[number];
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Whether a kind belongs to one of the families above. */
export function isOneOf<T extends FaultKind>(family: readonly T[], kind: FaultKind): kind is T {
  return (family as readonly FaultKind[]).includes(kind);
}

const DURATION_MS_MAX = 3_600_000;
const COUNT_MAX = 1_000;

const faultFields = {
  kind: z.enum(FAULT_KINDS),
  venue: z.enum(VENUE_IDS),
  /** Absent: drawn for faults of one instrument; for faults of sessions, all sessions of the venue. */
  symbol: z.string().min(1).max(40).optional(),
  /** How long a lasting fault lasts; for `serverShutdown`, the time between notice and cut. */
  durationMs: z.number().int().min(1).max(DURATION_MS_MAX).optional(),
  /** `delay` only: how much later each frame arrives; the duration when absent. */
  delayMs: z.number().int().min(1).max(DURATION_MS_MAX).optional(),
  /** `snapshot503` only: how many requests are answered so. */
  count: z.number().int().min(1).max(COUNT_MAX).optional(),
};

const faultSchema = z.strictObject(faultFields);

const planSchema = z.strictObject({
  /** Faults at fixed times after the venues began to listen. */
  faults: z.array(z.strictObject({ ...faultFields, atMs: z.number().int().min(0) })).default([]),
  /** Faults of trading at fixed times. */
  trading: z.array(plannedTradingFaultSchema).default([]),
  /** Mean number of random faults a minute over all venues. */
  faultsPerMinute: z.number().min(0).max(6_000).default(0),
  /** The kinds that may be drawn; all when absent. */
  kinds: z.array(z.enum(FAULT_KINDS)).min(1).optional(),
});

export type FaultRequest = z.infer<typeof faultSchema>;
export type FaultPlan = z.infer<typeof planSchema>;

export type Parsed<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "bad"; readonly field: string; readonly reason: string };

/** Turns the first complaint of a schema into the field it is about and one sentence. */
function complaint(error: z.ZodError): { field: string; reason: string } {
  const [issue] = error.issues;
  if (issue === undefined) return { field: "(whole)", reason: "is not acceptable" };
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") path.push(issue.keys[0] ?? "");
  return { field: path.join(".") || "(whole)", reason: issue.message };
}

/** Reads any input by a schema. */
export function parseWith<T>(schema: z.ZodType<T>, input: unknown): Parsed<T> {
  const result = schema.safeParse(input);
  if (result.success) return { kind: "ok", value: result.data };
  return { kind: "bad", ...complaint(result.error) };
}

/** Reads one fault that is to happen now. */
export function parseFault(input: unknown): Parsed<FaultRequest> {
  return parseWith(faultSchema, input);
}

/** Reads a whole plan from the text of its file. */
export function parseFaultPlan(text: string): Parsed<FaultPlan> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "is not JSON";
    return { kind: "bad", field: "(whole)", reason };
  }
  return parseWith(planSchema, input);
}

const delayRange = z
  .tuple([z.number().min(0).max(DURATION_MS_MAX), z.number().min(0).max(DURATION_MS_MAX)])
  .refine(([min, max]) => min <= max, "must not begin above its end")
  .nullable();

const delaysSchema = z.strictObject({
  dialMs: delayRange.optional(),
  subscribeMs: delayRange.optional(),
  snapshotMs: delayRange.optional(),
});

/** Reads a change of the injected delays; what is absent stays as it is. */
export function parseDelays(input: unknown): Parsed<z.infer<typeof delaysSchema>> {
  return parseWith(delaysSchema, input);
}

const levelSchema = z.tuple([z.number().int().min(1), z.number().int().min(0)]);
const horizonSchema = z.number().int().nullable().default(null);

const foreignBookSchema = z.strictObject({
  venue: z.enum(VENUE_IDS),
  symbol: z.string(),
  seq: z.number().int().min(0),
  bids: z.array(levelSchema),
  asks: z.array(levelSchema),
  bidHorizonTicks: horizonSchema,
  askHorizonTicks: horizonSchema,
});

export type ForeignBookRequest = z.infer<typeof foreignBookSchema>;

/** Reads a book that is to be compared with the truth. */
export function parseForeignBook(input: unknown): Parsed<ForeignBookRequest> {
  return parseWith(foreignBookSchema, input);
}

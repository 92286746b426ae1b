/**
 * The configuration file as a schema: every field with its form, its default and its meaning.
 *
 * The reference page docs/CONFIG.md and the error messages are generated from it, so this is the one
 * place where a setting is described. Keys and other secrets have no field here and never will.
 */
import { z } from "zod";
import { VENUE_IDS } from "../ids.ts";
import type { FieldNode } from "./field-form.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** A whole number between two bounds, with its standard value and meaning. */
function count(bounds: readonly [number, number], standard: number, meaning: string) {
  return z.int().min(bounds[0]).max(bounds[1]).default(standard).meta({ description: meaning });
}

/** A number between two bounds, with its standard value and meaning. */
function ratio(bounds: readonly [number, number], standard: number, meaning: string) {
  return z.number().min(bounds[0]).max(bounds[1]).default(standard).meta({ description: meaning });
}

/** A count that must be a power of two, because a ring finds its slot by masking. */
function powerOfTwo(bounds: readonly [number, number], standard: number, meaning: string) {
  const isPower = (value: number) => value > 0 && Number.isInteger(Math.log2(value));
  return z
    .int()
    .min(bounds[0])
    .max(bounds[1])
    .refine(isPower, { error: "must be a power of two" })
    .default(standard)
    .meta({ description: `${meaning}. A power of two.` });
}

const journalSchema = z.strictObject({
  directory: z
    .string()
    .min(1)
    .default(".reckoner/journal")
    .meta({ description: "Folder of the journal; each run makes one folder in it." }),
  segmentBytes: count(
    [MIB, 4 * GIB],
    64 * MIB,
    "Size at which a segment is sealed and the next one begun.",
  ),
  retainBytes: count(
    [16 * MIB, 64 * 1024 * GIB],
    8 * GIB,
    "Cap of the whole journal folder, all runs together; the oldest raw records go first.",
  ),
  retainHours: ratio([0.01, 87_600], 72, "Age at which raw and normalized records are dropped."),
  reserveFreeBytes: count(
    [0, 1024 * GIB],
    512 * MIB,
    "Room on the disk that the journal leaves free for everybody else.",
  ),
  sync: z.enum(["group", "off"]).default("group").meta({
    description:
      "group: each group commit is forced to the disk before it is acknowledged; off: the operating system writes when it likes.",
  }),
});

const adminSchema = z.strictObject({
  port: count(
    [0, 65_535],
    9464,
    "TCP port on 127.0.0.1 of health, metrics and status; 0 takes any free port.",
  ),
});

const streamsSchema = z.strictObject({
  depth: z.enum(["100ms", "250ms", "500ms", "1000ms"]).default("100ms").meta({
    description:
      "How often the venue sends changes of the book. Spot knows 100ms and 1000ms, USD-M 100ms, 250ms and 500ms.",
  }),
  bookTicker: z
    .boolean()
    .default(true)
    .meta({ description: "Also take best bid and ask, which the book is checked against." }),
  trades: z.boolean().default(true).meta({ description: "Also take the public trades." }),
});

const instrumentName = z
  .string()
  .regex(/^[A-Z0-9_-]{2,32}$/)
  .meta({ form: "a name in capital letters and digits, such as BTCUSDT" });

const venueSchema = z.strictObject({
  environment: z.enum(["production", "testnet", "simulated", "custom"]).default("simulated").meta({
    description:
      "Which of the venue's addresses to dial. simulated takes the addresses of the simulated venues; custom takes restUrl and wsUrl.",
  }),
  restUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      description: "Address of the REST interface; only with environment custom.",
      form: "an address that begins with http:// or https://",
    }),
  wsUrl: z
    .url({ protocol: /^wss?$/ })
    .optional()
    .meta({
      description: "Address of the WebSocket streams; only with environment custom.",
      form: "an address that begins with ws:// or wss://",
    }),
  instruments: z
    .union([z.literal("all"), z.array(instrumentName).min(1).max(2000)])
    .default("all")
    .meta({
      description: "Names as the venue spells them, or all that are trading, up to instrumentsMax.",
    }),
  instrumentsMax: count([1, 2000], 50, "Most instruments to follow at this venue."),
  streams: streamsSchema.prefault({}),
  streamsPerConnectionMax: count(
    [3, 1024],
    200,
    "Most streams on one connection; more instruments open more connections. The venue allows 1024.",
  ),
  snapshotLevels: count(
    [5, 5000],
    1000,
    "Levels a side to ask for in a snapshot. The next size that the venue offers is taken.",
  ),
  weightShare: ratio(
    [0.05, 1],
    0.8,
    "Share of the venue's request weight a minute that snapshots may use.",
  ),
});

const limitsSchema = z.strictObject({
  suspectMs: count(
    [50, 60_000],
    200,
    "Least silence of a session after which its successor is dialed beside it; nothing is lost if it was only a pause.",
  ),
  silenceFloorMs: count(
    [50, 60_000],
    500,
    "Least silence of a session or an instrument that counts as a loss of market flow, however fast it is.",
  ),
  silenceFastMs: count(
    [50, 60_000],
    1000,
    "Longest silence allowed to a stream faster than ten messages a second.",
  ),
  silenceCeilingMs: count(
    [100, 3_600_000],
    60_000,
    "Longest silence allowed to any stream, however slow it usually is.",
  ),
  silenceFactor: ratio(
    [2, 1000],
    20,
    "Silence is lost market flow when it is this many times the usual pause of the stream.",
  ),
  firstDataMs: count(
    [100, 600_000],
    3000,
    "Longest wait for the first message of a session after its subscription was confirmed.",
  ),
  transportMs: count(
    [10, 60_000],
    1000,
    "Time on the way from the venue, clock offset removed, above which a session is not believed.",
  ),
  ancientMs: count(
    [100, 600_000],
    10_000,
    "Age of the venue's own timestamps above which they count as ancient.",
  ),
  frozenMs: count(
    [50, 60_000],
    250,
    "How long the venue's time may stand still while its messages go on.",
  ),
  queueDelayMs: count(
    [1, 60_000],
    1000,
    "Time between receiving and processing above which our own loop counts as saturated and the book as stale.",
  ),
  stallMs: count(
    [50, 60_000],
    1000,
    "Absence of the hot thread from its sockets that is noted as a stall of our own.",
  ),
  decisionAgeMs: count(
    [10, 60_000],
    1000,
    "Silence of its session above which a book, though live, is not decided upon.",
  ),
  clockOffsetMsMax: count(
    [1, 60_000],
    250,
    "Clock offset to a venue above which no new positions are opened there.",
  ),
  clockIntervalS: count([1, 3600], 30, "How often the clock offset to a venue is measured."),
  dialTimeoutMs: count([100, 60_000], 3000, "Longest wait for a connection to open."),
  subscribeTimeoutMs: count(
    [100, 60_000],
    2000,
    "Longest wait for the venue to confirm a subscription.",
  ),
  snapshotHedgeMs: count(
    [50, 60_000],
    800,
    "Wait for a snapshot after which a second one is asked for beside it.",
  ),
  snapshotTimeoutMs: count([100, 60_000], 3000, "Longest wait for the answer to a REST request."),
  snapshotsInFlightMax: count([1, 256], 12, "Most snapshots of one venue on their way at once."),
  quietAcceptMs: count(
    [50, 60_000],
    1000,
    "A stream without a change for this long after its snapshot is quiet, and the snapshot is taken.",
  ),
  backoffInitialMs: count(
    [1, 60_000],
    100,
    "Pause before the second dial in a row; the first is immediate, each further one is half longer.",
  ),
  backoffCapMs: count([1, 600_000], 30_000, "Longest pause between two dials."),
  stableAfterS: count(
    [1, 3600],
    60,
    "Life after which a session counts as stable and the backoff starts anew.",
  ),
  rotateAfterMinutes: ratio(
    [0.01, 1440],
    1410,
    "Age at which a session is replaced in advance; the venue cuts it after 1440.",
  ),
  overlapMs: count(
    [50, 60_000],
    500,
    "How long both sessions are heard while one takes over from the other.",
  ),
  refusalsMax: count(
    [1, 100_000],
    20,
    "Frames of a session that may be refused within refusalWindowMs before it is replaced.",
  ),
  refusalWindowMs: count([100, 600_000], 10_000, "Window in which refused frames are counted."),
  modeHysteresisMs: count(
    [0, 600_000],
    5000,
    "How long conditions must be good before a mode is relaxed; it is tightened at once.",
  ),
  eventsPerTurnMax: count(
    [1, 1_000_000],
    2048,
    "Events the loop applies in one turn before it lets its sockets breathe.",
  ),
  marketRingSlots: powerOfTwo([1024, 1 << 20], 16_384, "Capacity of the ring of market events"),
  controlRingSlots: powerOfTwo([64, 1 << 20], 8192, "Capacity of the ring of control events"),
  commandRingSlots: powerOfTwo([64, 1 << 20], 4096, "Capacity of the ring of outbound commands"),
  recorderRingBytes: powerOfTwo(
    [64 * KIB, GIB],
    64 * MIB,
    "Capacity of the ring to the recorder, in bytes",
  ),
  bufferedDeltasMax: count(
    [16, 1_000_000],
    4096,
    "Changes of one book that are kept while its snapshot is on the way.",
  ),
  bufferedLevelsMax: count(
    [1024, 16_777_216],
    262_144,
    "Levels in those changes that are kept, all of one book together.",
  ),
});

/** Each venue of the house at most once; the standard is both Binance venues, simulated. */
const venuesSchema = z
  .partialRecord(z.enum(VENUE_IDS), venueSchema)
  .prefault(Object.fromEntries(VENUE_IDS.map((id) => [id, {}])));

/** The whole file. Unknown fields are refused. */
export const configSchema = z.strictObject({
  instance: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/)
    .default("reckoner")
    .meta({
      description: "Name of this engine in logs, metrics and the journal.",
      form: "lower-case letters, digits and dashes, beginning with a letter",
    }),
  journal: journalSchema.prefault({}),
  admin: adminSchema.prefault({}),
  venues: venuesSchema,
  limits: limitsSchema.prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type VenueConfig = Config["venues"][keyof Config["venues"]] & object;
export type LimitsConfig = Config["limits"];
export type JournalConfig = Config["journal"];

/** The schema as JSON Schema of what a person may write; error texts and the reference read it. */
export function configJsonSchema(): FieldNode {
  return z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" }) as FieldNode;
}

export type ConfigIssue = {
  readonly path: readonly (string | number)[];
  readonly kind: "form" | "unknownFields" | "rule";
  /** Only for unknownFields: their names. */
  readonly names: readonly string[];
  /** Only for rule: what must hold, as a sentence about the field. */
  readonly rule: string;
};

export type ConfigParse =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly issues: readonly ConfigIssue[] };

/** Checks `data`, as read from the file, against the schema and the rules between fields. */
export function parseConfig(data: unknown): ConfigParse {
  const parsed = configSchema.safeParse(data);
  if (parsed.success) {
    const issues = rulesBroken(parsed.data);
    return issues.length === 0 ? { ok: true, config: parsed.data } : { ok: false, issues };
  }
  return { ok: false, issues: parsed.error.issues.map(issueOf) };
}

function issueOf(issue: z.core.$ZodIssue): ConfigIssue {
  const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
  if (issue.code === "unrecognized_keys") {
    return { path, kind: "unknownFields", names: issue.keys, rule: "" };
  }
  if (issue.code === "invalid_key") {
    const name = String(path.at(-1) ?? "");
    return { path: path.slice(0, -1), kind: "unknownFields", names: [name], rule: "" };
  }
  if (issue.code === "custom") return { path, kind: "rule", names: [], rule: issue.message };
  return { path, kind: "form", names: [], rule: "" };
}

/** Rules that join two fields, which no single field's form can say. */
function rulesBroken(config: Config): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const refuse = (path: readonly string[], rule: string) =>
    issues.push({ path, kind: "rule", names: [], rule });
  const { limits, journal } = config;
  if (limits.silenceFloorMs > limits.silenceCeilingMs) {
    refuse(["limits", "silenceFloorMs"], "must be at most limits.silenceCeilingMs");
  }
  if (limits.backoffInitialMs > limits.backoffCapMs) {
    refuse(["limits", "backoffInitialMs"], "must be at most limits.backoffCapMs");
  }
  if (journal.retainBytes < 2 * journal.segmentBytes) {
    refuse(["journal", "retainBytes"], "must be at least twice journal.segmentBytes");
  }
  if (Object.keys(config.venues).length === 0) refuse(["venues"], "must hold at least one venue");
  for (const [id, venue] of Object.entries(config.venues)) {
    const isCustom = venue.environment === "custom";
    for (const field of ["restUrl", "wsUrl"] as const) {
      if (isCustom && venue[field] === undefined) {
        refuse(["venues", id, field], "must be given when environment is custom");
      }
      if (!isCustom && venue[field] !== undefined) {
        refuse(["venues", id, field], "must be left out unless environment is custom");
      }
    }
  }
  return issues;
}

/**
 * The configuration file as a schema: every field with its form, its default and its meaning.
 *
 * The reference page docs/CONFIG.md and the error messages are generated from it, so this is the one
 * place where a setting is described. Keys and other secrets have no field here and never will.
 */
import { z } from "zod";
import { VENUE_IDS } from "../ids.ts";
import { controlSchema, refuseControl } from "./config-control.ts";
import { count, GIB, MIB, ratio } from "./config-fields.ts";
import { limitsSchema } from "./config-limits.ts";
import {
  refuseTrading,
  refuseVenueTrading,
  tradingSchema,
  venueTradingSchema,
} from "./config-trading.ts";
import type { FieldNode } from "./field-form.ts";

const journalSchema = z.strictObject({
  directory: z
    .string()
    .min(1)
    .default(".reckoner/journal")
    .meta({ description: "Folder of the journal; each run makes one folder in it." }),
  segmentBytes: count(
    [MIB, 4 * GIB],
    64 * MIB,
    "Size at which a segment is sealed and the next one begun; at most 16 MiB where a control plane is configured, because segments are uploaded then.",
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
  .regex(/^[A-Z0-9_/.-]{2,32}$/)
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
  trading: venueTradingSchema.prefault({}),
});

/** Each venue of the house at most once; the standard is both Binance venues, simulated. */
const venuesSchema = z
  .partialRecord(z.enum(VENUE_IDS), venueSchema)
  .prefault({ "binance-spot": {}, "binance-usdm": {}, kucoin: {}, kraken: {} });

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
  trading: tradingSchema.prefault({}),
  control: controlSchema.prefault({}),
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
  const isDrill = Object.values(config.venues).every(({ trading, environment }) => {
    return trading.mode === "off" || environment === "simulated" || environment === "custom";
  });
  refuseTrading(config.trading, isDrill, refuse);
  const { requestWindowMs, clockErrorMs } = config.trading;
  const engine = { instance: config.instance, requestWindowMs, clockErrorMs, isDrill };
  refuseControl(config.control, engine, refuse);
  if (Object.keys(config.venues).length === 0) refuse(["venues"], "must hold at least one venue");
  for (const [id, venue] of Object.entries(config.venues)) {
    refuseVenueTrading(id, venue.environment, venue.trading, refuse);
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

/**
 * A fact as a schema: what project-records and compact-archive hold every fact to before they believe it.
 *
 * The types of contracts/history.ts are the authority, and the compiler holds these schemas to them. A fact of
 * a later version is refused by name: a reader that guesses would write what nobody reported.
 */
import { z } from "zod";
import {
  type CycleFact,
  FACT_CLASSES,
  FACT_KINDS,
  FACT_SCHEMA_VERSION,
  FACTS_PER_MESSAGE_MAX,
  type Fact,
  type FactKind,
  type FactPayloads,
  type LegFact,
} from "../history.ts";
import { type InstrumentId, VENUE_IDS } from "../ids.ts";
import { RUN_ID_PATTERN } from "../journal.ts";
import { ENGINE_ID_PATTERN } from "../keys.ts";
import { RESYNC_CAUSES, type StageDurations } from "../resync.ts";
import { MODES } from "../status.ts";
import { KILL_SCOPES, ORDER_STATES, TRADING_MODES } from "../trade.ts";

const TEXT_CHARS_MAX = 2000;
const NAME_CHARS_MAX = 200;
const ORDERS_TOUCHED_MAX = 10_000;
const LEGS_MAX = 16;

const text = z.string().max(TEXT_CHARS_MAX);
const name = z.string().max(NAME_CHARS_MAX);
const whole = z.int();
const count = z.int().min(0);
const micros = z.int().min(0);
const side = z.enum(["buy", "sell"]);
/** A number as text. It may be absent where nothing was traded. */
const decimal = z.string().regex(/^-?\d{1,40}(?:\.\d{1,40})?$/, "expected a decimal number");
const amount = z.union([decimal, z.literal("")]);
const amounts = z.record(name, amount);
const instrument: z.ZodType<InstrumentId> = z.templateLiteral([
  z.enum(VENUE_IDS),
  ":",
  z.string().regex(/[^\s#]{1,64}/),
]);
const instrumentOrNone = z.union([instrument, z.literal("")]);

const leg: z.ZodType<LegFact> = z.strictObject({
  leg: whole,
  instrument,
  side,
  clientId: name,
  state: z.enum(ORDER_STATES),
  quantity: amount,
  filledQuantity: amount,
  averagePrice: amount,
  input: amount,
  inputAsset: name,
  output: amount,
  outputAsset: name,
  fees: amounts,
  firedUs: whole,
  ackUs: whole,
  fillUs: whole,
  endUs: whole,
});

const cycle: z.ZodType<CycleFact> = z.strictObject({
  cycle: whole,
  corr: name,
  mode: name,
  ending: z.enum(["FILLED", "FAILED", "ABORTED"]),
  reason: text,
  triangle: name,
  predictedBps: amount,
  effectiveBps: amount,
  startAmount: amount,
  profit: amount,
  profitAsset: name,
  residualValue: amount,
  residual: amounts,
  attribution: amounts,
  signalUs: whole,
  totalUs: whole,
  legs: z.array(leg).max(LEGS_MAX),
});

const stages: z.ZodType<StageDurations> = z.strictObject({
  detect: whole,
  dial: whole,
  subscribe: whole,
  snapshot: whole,
  rebuild: whole,
  validate: whole,
});

const PAYLOADS: { readonly [Kind in FactKind]: z.ZodType<FactPayloads[Kind]> } = {
  fill: z.strictObject({
    instrument,
    tradeId: name,
    clientId: name,
    orderId: name,
    side,
    price: decimal,
    quantity: decimal,
    quote: decimal,
    fee: decimal,
    feeAsset: name,
    isMaker: z.boolean(),
    mode: z.enum(TRADING_MODES),
    cycle: whole,
    leg: whole,
    corr: name,
    triangle: name,
    exchangeUs: whole,
  }),
  order: z.strictObject({
    instrument,
    clientId: name,
    orderId: name,
    side,
    state: z.enum(ORDER_STATES),
    cause: text,
    price: amount,
    quantity: amount,
    filledQuantity: amount,
    cycle: whole,
    leg: whole,
    corr: name,
    triangle: name,
    limitsVersion: whole,
  }),
  cycle,
  opportunity: z.strictObject({
    opportunity: whole,
    triangle: name,
    predictedBps: amount,
    startAmount: amount,
    decision: name,
    reason: text,
  }),
  denial: z.strictObject({
    instrument: instrumentOrNone,
    cycle: whole,
    leg: whole,
    control: name,
    reason: text,
    limitsVersion: whole,
  }),
  resync: z.strictObject({
    resyncId: count,
    instrument,
    shard: whole,
    cause: z.enum(RESYNC_CAUSES),
    epoch: count,
    degradedUs: micros,
    liveUs: micros,
    totalUs: whole,
    stagesUs: stages,
    snapshotCount: count,
    tick: count,
    ordersTouched: z.array(name).max(ORDERS_TOUCHED_MAX),
  }),
  alert: z.strictObject({
    severity: z.union([z.literal(1), z.literal(2), z.literal(3)]),
    kind: name,
    instrument: instrumentOrNone,
    text,
  }),
  mode: z.strictObject({ from: z.enum(MODES), to: z.enum(MODES), reason: text }),
  kill: z.strictObject({
    scope: z.enum(KILL_SCOPES),
    target: name,
    isKilled: z.boolean(),
    by: name,
    reason: text,
  }),
  limits: z.strictObject({ version: count, by: name, reason: text }),
  position: z.strictObject({
    mode: z.enum(TRADING_MODES),
    balances: z.record(name, z.tuple([amount, amount])),
    traded: amounts,
    profit: amounts,
    dayResult: amount,
    openOrders: count,
    unknownOrders: count,
  }),
  latency: z.strictObject({
    count,
    p50Us: whole,
    p99Us: whole,
    p999Us: whole,
    maxUs: whole,
    tickP99Us: whole,
    tickMaxUs: whole,
  }),
  run: z.strictObject({
    change: z.enum(["started", "ended"]),
    fence: whole,
    version: name,
    modes: z.record(name, text),
    reason: text,
  }),
};

function factOfKind(kind: FactKind): z.ZodType {
  return z
    .strictObject({
      event_id: z.string().max(NAME_CHARS_MAX),
      event_type: z.literal(`${FACT_CLASSES[kind]}.${kind}`),
      kind: z.literal(kind),
      // It becomes a part of a key, where `#` is the separator.
      fact_id: z.string().regex(/^[^#\p{Cc}]{1,200}$/u, "expected a part of a key"),
      engine: z.string().regex(ENGINE_ID_PATTERN),
      run_id: z.string().regex(RUN_ID_PATTERN),
      venue: z.enum(VENUE_IDS).nullable(),
      observed_at: micros,
      ingested_at: micros,
      schema_version: z.literal(FACT_SCHEMA_VERSION),
      payload: PAYLOADS[kind],
    })
    .refine((fact) => isEventOf(fact.run_id, fact.event_id), {
      path: ["event_id"],
      error: "expected <run id>:<sequence>",
    });
}

const FACTS: ReadonlyMap<string, z.ZodType> = new Map(
  FACT_KINDS.map((kind) => [kind, factOfKind(kind)]),
);

function isEventOf(runId: string, eventId: string): boolean {
  if (!eventId.startsWith(`${runId}:`)) return false;
  return /^\d{1,16}(?:\.\d{1,6})?$/.test(eventId.slice(runId.length + 1));
}

export type FactParse<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly field: string; readonly reason: string };

/** Reads one fact; names the first field that is not what it should be. */
export function parseFact(value: unknown): FactParse<Fact> {
  const kind = fieldOf(value, "kind");
  const newer = newerVersion(fieldOf(value, "schema_version"));
  if (newer !== undefined) return { ok: false, field: "schema_version", reason: newer };
  const schema = typeof kind === "string" ? FACTS.get(kind) : undefined;
  if (schema === undefined) return { ok: false, field: "kind", reason: "expected a kind of fact" };
  const result = schema.safeParse(value);
  // The schema of each kind was built from the types of `Fact`, so what it accepts is one.
  if (result.success) return { ok: true, value: value as Fact };
  const issue = result.error.issues[0];
  return {
    ok: false,
    field: (issue?.path ?? []).map(String).join("."),
    reason: issue?.message ?? "expected something else",
  };
}

/** Reads the body of one message of the queue of records. All of it is believed or none. */
export function parseFactBatch(value: unknown): FactParse<readonly Fact[]> {
  const version = fieldOf(value, "schemaVersion");
  const newer = newerVersion(version);
  if (newer !== undefined) return { ok: false, field: "schemaVersion", reason: newer };
  if (version !== FACT_SCHEMA_VERSION) {
    return { ok: false, field: "schemaVersion", reason: `expected ${FACT_SCHEMA_VERSION}` };
  }
  const facts = fieldOf(value, "facts");
  if (!Array.isArray(facts) || facts.length > FACTS_PER_MESSAGE_MAX) {
    return { ok: false, field: "facts", reason: `expected at most ${FACTS_PER_MESSAGE_MAX} facts` };
  }
  const believed: Fact[] = [];
  for (const [index, item] of facts.entries()) {
    const parse = parseFact(item);
    if (!parse.ok) return { ...parse, field: `facts.${index}.${parse.field}` };
    believed.push(parse.value);
  }
  return { ok: true, value: believed };
}

function newerVersion(version: unknown): string | undefined {
  const isNewer = typeof version === "number" && version > FACT_SCHEMA_VERSION;
  return isNewer ? `version ${version} is newer than ${FACT_SCHEMA_VERSION}` : undefined;
}

function fieldOf(value: unknown, field: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[field];
}

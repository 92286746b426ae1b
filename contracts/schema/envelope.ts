/**
 * The envelope as a schema, for whoever reads one that another program wrote.
 *
 * `docs/schema/envelope.json` is generated from this file and a test holds the two together. The
 * types of contracts/envelope.ts are the authority; that the schemas agree with them is checked by
 * the compiler through the annotations.
 */
import { z } from "zod";
import {
  type Envelope,
  type EnvelopePayload,
  EXPORT_FORMAT,
  type ExportHeader,
  type RawReference,
} from "../envelope.ts";
import { VENUE_IDS } from "../ids.ts";
import { JOURNAL_CLASSES, RECORD_TYPES, RUN_ID_PATTERN } from "../journal.ts";

const EVENT_TYPES = JOURNAL_CLASSES.flatMap((name) =>
  RECORD_TYPES[name].map((row) => `${name}.${row.name}`),
);
const EVENT_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,46}:[1-9]\d{0,15}$/;

const seq = z.int().min(1);
const micros = z.int().min(0);
const base64 = z.base64();

const rawSchema: z.ZodType<RawReference> = z.union([
  z.strictObject({ seq }),
  z.strictObject({ text: z.string() }),
  z.strictObject({ base64 }),
]);

const payloadSchema: z.ZodType<EnvelopePayload> = z.union([
  z.strictObject({
    shard: z.int32(),
    epoch: z.number(),
    away_us: z.number(),
    kind: z.int().min(0).max(255),
  }),
  z.strictObject({
    tick: z.number(),
    numbers: z.array(z.number()),
    decoded: z.unknown().optional(),
  }),
  z.strictObject({ tick: z.number(), body: z.unknown() }),
  z.strictObject({ tick: z.number(), text: z.string() }),
  z.strictObject({ bytes_base64: base64 }),
]);

/** One exported record. */
export const envelopeSchema: z.ZodType<Envelope> = z.strictObject({
  event_id: z.string().regex(EVENT_ID_PATTERN),
  event_type: z.enum(EVENT_TYPES),
  venue: z.enum(VENUE_IDS).nullable(),
  observed_at: micros,
  ingested_at: micros,
  schema_version: z.int().min(1).max(65_535),
  payload: payloadSchema,
  raw: rawSchema.optional(),
});

/** The first line of an export. */
export const exportHeaderSchema: z.ZodType<ExportHeader> = z.strictObject({
  format: z.literal(EXPORT_FORMAT),
  format_version: z.int().min(1),
  run_id: z.string().regex(RUN_ID_PATTERN),
  first_seq: seq,
  last_seq: z.int().min(0),
  retired: z.array(z.strictObject({ first_seq: seq, last_seq: seq })),
});

/** The envelope as JSON Schema (draft 2020-12), as published in docs/schema. */
export function envelopeJsonSchema(): unknown {
  const schema = z.toJSONSchema(envelopeSchema, { target: "draft-2020-12" });
  return { title: "Reckoner event envelope", ...schema };
}

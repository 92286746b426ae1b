/**
 * Station: record <-> envelope, exact inverses.
 *
 * The readable form is chosen only if it leads back to the same bytes; that is not argued but tried,
 * for every record. What does not (a NaN, a minus zero, JSON in another spelling) travels as base64.
 */
import {
  type Envelope,
  type EnvelopePayload,
  eventIdOf,
  type RawReference,
} from "../../../contracts/envelope.ts";
import { VENUE_IDS, type VenueId } from "../../../contracts/ids.ts";
import {
  BODY_AT,
  CLASS_CMD,
  CLASS_CTL,
  CLASS_EXEC,
  CLASS_NORM,
  CLASS_RAW,
  CLASS_SIGNAL,
  NORM_NUMBERS_AT,
  NORM_RAW_SEQ_AT,
  RAW_AWAY_US_AT,
  RAW_BODY_AT,
  RAW_EPOCH_AT,
  RAW_KIND_AT,
  RAW_SHARD_AT,
  RAW_VENUE_AT,
  RECORD_HEADER_BYTES,
  TICK_AT,
} from "../../../contracts/journal.ts";

/** What an envelope needs of a record; a cursor has all of it. */
export type RecordFields = {
  readonly seq: number;
  readonly classCode: number;
  readonly schemaVersion: number;
  readonly atUs: number;
  readonly eventType: string;
  /** All bytes after the record header. */
  readonly payload: Uint8Array;
};

/** The parts of an envelope that hold the record's payload. */
export type PayloadParts = {
  readonly venue: VenueId | null;
  readonly payload: EnvelopePayload;
  readonly raw?: RawReference | undefined;
};

/** Names for the numbers of a norm or signal event; shown beside them, never read back. */
export type NumbersDecoder = (numbers: readonly number[]) => unknown;

const VENUE = RAW_VENUE_AT - RECORD_HEADER_BYTES;
const KIND = RAW_KIND_AT - RECORD_HEADER_BYTES;
const SHARD = RAW_SHARD_AT - RECORD_HEADER_BYTES;
const EPOCH = RAW_EPOCH_AT - RECORD_HEADER_BYTES;
const AWAY_US = RAW_AWAY_US_AT - RECORD_HEADER_BYTES;
const RAW_BODY = RAW_BODY_AT - RECORD_HEADER_BYTES;
const TICK = TICK_AT - RECORD_HEADER_BYTES;
const BODY = BODY_AT - RECORD_HEADER_BYTES;
const RAW_SEQ = NORM_RAW_SEQ_AT - RECORD_HEADER_BYTES;
const NUMBERS = NORM_NUMBERS_AT - RECORD_HEADER_BYTES;

// The BOM is kept: three bytes of a frame must not vanish because they look like one.
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The envelope of a record. `venueOfRaw` names the venue of a raw record already seen. */
export function encodeEnvelope(
  runId: string,
  record: RecordFields,
  venueOfRaw: (rawSeq: number) => VenueId | null,
): Envelope {
  const parts = exactParts(record);
  const rawSeq = parts.raw !== undefined && "seq" in parts.raw ? parts.raw.seq : 0;
  return {
    event_id: eventIdOf(runId, record.seq),
    event_type: record.eventType,
    venue: rawSeq > 0 ? venueOfRaw(rawSeq) : parts.venue,
    observed_at: observedUs(record),
    ingested_at: record.atUs,
    schema_version: record.schemaVersion,
    payload: parts.payload,
    ...(parts.raw === undefined ? {} : { raw: parts.raw }),
  };
}

/** The payload bytes an envelope stands for, or the field that cannot be one of `classCode`. */
export function decodePayload(
  classCode: number,
  parts: PayloadParts,
):
  | { readonly ok: true; readonly payload: Uint8Array }
  | { readonly ok: false; readonly field: string } {
  const { payload } = parts;
  if ("bytes_base64" in payload) {
    return { ok: true, payload: new Uint8Array(Buffer.from(payload.bytes_base64, "base64")) };
  }
  if (classCode === CLASS_RAW) return decodeRaw(parts);
  if ("shard" in payload) return { ok: false, field: "payload.shard" };
  if ("numbers" in payload) return decodeNumbers(classCode, payload, parts.raw);
  if (!isJsonClass(classCode)) return { ok: false, field: "payload" };
  if (parts.raw !== undefined) return { ok: false, field: "raw" };
  const text = "text" in payload ? payload.text : JSON.stringify(payload.body);
  // An absent body is what JSON calls undefined; there is no text for it.
  if (text === undefined) return { ok: false, field: "payload.body" };
  return { ok: true, payload: tickAnd(payload.tick, new TextEncoder().encode(text)) };
}

/** The earliest moment the fact can have arrived: a raw frame may have waited for the thread. */
export function observedUs(record: RecordFields): number {
  if (record.classCode !== CLASS_RAW || record.payload.length < RAW_BODY) return record.atUs;
  const awayUs = Math.round(viewOf(record.payload).getFloat64(AWAY_US, true));
  return awayUs >= 0 && awayUs <= record.atUs ? record.atUs - awayUs : record.atUs;
}

/** Adds names to the numbers of an envelope, where there is a decoder for its type. */
export function withDecoded(
  envelope: Envelope,
  decoders: ReadonlyMap<string, NumbersDecoder>,
): Envelope {
  const { payload } = envelope;
  const decoder = decoders.get(envelope.event_type);
  if (decoder === undefined || !("numbers" in payload)) return envelope;
  return { ...envelope, payload: { ...payload, decoded: decoder(payload.numbers) } };
}

/** The readable parts if they are exact, otherwise base64. */
function exactParts(record: RecordFields): PayloadParts {
  const parts = readableParts(record);
  if (parts !== null) {
    // What counts is what a reader of the JSON text would get, so the text is what is tried.
    const again = decodePayload(record.classCode, JSON.parse(JSON.stringify(parts)));
    if (again.ok && Buffer.compare(again.payload, record.payload) === 0) return parts;
  }
  const base64 = Buffer.from(record.payload).toString("base64");
  return { venue: parts?.venue ?? null, payload: { bytes_base64: base64 } };
}

function readableParts(record: RecordFields): PayloadParts | null {
  const { classCode, payload } = record;
  if (classCode === CLASS_RAW) return payload.length < RAW_BODY ? null : rawParts(payload);
  if (payload.length < BODY) return null;
  const tick = viewOf(payload).getFloat64(TICK, true);
  if (classCode === CLASS_NORM) return payload.length < NUMBERS ? null : normParts(payload, tick);
  if (classCode === CLASS_SIGNAL) {
    return { venue: null, payload: { tick, numbers: numbersFrom(payload, BODY) } };
  }
  return jsonParts(payload, tick);
}

function rawParts(payload: Uint8Array): PayloadParts {
  const view = viewOf(payload);
  const body = payload.subarray(RAW_BODY);
  const text = textOf(body);
  return {
    venue: VENUE_IDS[view.getUint8(VENUE)] ?? null,
    payload: {
      shard: view.getInt32(SHARD, true),
      epoch: view.getFloat64(EPOCH, true),
      away_us: view.getFloat64(AWAY_US, true),
      kind: view.getUint8(KIND),
    },
    raw: text === null ? { base64: Buffer.from(body).toString("base64") } : { text },
  };
}

function normParts(payload: Uint8Array, tick: number): PayloadParts | null {
  const rawSeq = viewOf(payload).getFloat64(RAW_SEQ, true);
  if (!Number.isSafeInteger(rawSeq) || rawSeq < 1) return null;
  const numbers = numbersFrom(payload, NUMBERS);
  return { venue: null, payload: { tick, numbers }, raw: { seq: rawSeq } };
}

function jsonParts(payload: Uint8Array, tick: number): PayloadParts | null {
  const text = textOf(payload.subarray(BODY));
  if (text === null) return null;
  const venue = null;
  try {
    const body: unknown = JSON.parse(text);
    if (JSON.stringify(body) === text) return { venue, payload: { tick, body } };
  } catch {
    // Not JSON: the text itself is the exact form.
  }
  return { venue, payload: { tick, text } };
}

type Decoded = ReturnType<typeof decodePayload>;

function decodeRaw(parts: PayloadParts): Decoded {
  const { payload, raw, venue } = parts;
  if (!("shard" in payload)) return { ok: false, field: "payload.shard" };
  if (raw === undefined || "seq" in raw) return { ok: false, field: "raw" };
  if (venue === null) return { ok: false, field: "venue" };
  const body =
    "text" in raw ? new TextEncoder().encode(raw.text) : Buffer.from(raw.base64, "base64");
  const bytes = new Uint8Array(RAW_BODY + body.length);
  const view = viewOf(bytes);
  view.setUint8(VENUE, VENUE_IDS.indexOf(venue));
  view.setUint8(KIND, payload.kind);
  view.setInt32(SHARD, payload.shard, true);
  view.setFloat64(EPOCH, payload.epoch, true);
  view.setFloat64(AWAY_US, payload.away_us, true);
  bytes.set(body, RAW_BODY);
  return { ok: true, payload: bytes };
}

function decodeNumbers(
  classCode: number,
  payload: { readonly tick: number; readonly numbers: readonly number[] },
  raw: RawReference | undefined,
): Decoded {
  const isNorm = classCode === CLASS_NORM;
  if (!isNorm && classCode !== CLASS_SIGNAL) return { ok: false, field: "payload.numbers" };
  const lead = new Uint8Array(isNorm ? NUMBERS - BODY : 0);
  if (isNorm) {
    if (raw === undefined || !("seq" in raw)) return { ok: false, field: "raw.seq" };
    viewOf(lead).setFloat64(RAW_SEQ - BODY, raw.seq, true);
  } else if (raw !== undefined) {
    return { ok: false, field: "raw" };
  }
  const bytes = new Uint8Array(lead.length + payload.numbers.length * 8);
  bytes.set(lead);
  const view = viewOf(bytes);
  for (const [index, number] of payload.numbers.entries()) {
    view.setFloat64(lead.length + index * 8, number, true);
  }
  return { ok: true, payload: tickAnd(payload.tick, bytes) };
}

function tickAnd(tick: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(BODY + body.length);
  viewOf(bytes).setFloat64(TICK, tick, true);
  bytes.set(body, BODY);
  return bytes;
}

function numbersFrom(payload: Uint8Array, offset: number): number[] {
  const view = viewOf(payload);
  const numbers: number[] = [];
  for (let at = offset; at + 8 <= payload.length; at += 8) numbers.push(view.getFloat64(at, true));
  return numbers;
}

function isJsonClass(classCode: number): boolean {
  return classCode === CLASS_CMD || classCode === CLASS_EXEC || classCode === CLASS_CTL;
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return UTF8.decode(bytes);
  } catch {
    return null;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

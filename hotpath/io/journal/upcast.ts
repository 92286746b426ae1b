/**
 * Older records under newer programs: a payload is taken from its schema version to the next, and
 * the next, until it is current.
 *
 * A changed payload comes with one function here, and that function is never changed again. A
 * version above the current one is not guessed at: the reader refuses it by name.
 */
import { RECORD_HEADER_BYTES } from "../../../contracts/journal.ts";
import { messageOf } from "./failure.ts";

/** From the payload (all bytes after the record header) of one version to that of the next. */
export type Upcaster = (payload: Uint8Array) => Uint8Array;

/** Upcasters by `upcasterKey` of the version they start from. */
export type Upcasters = ReadonlyMap<string, Upcaster>;

/** No record has changed its payload yet. */
export const UPCASTERS: Upcasters = new Map();

/** The key of the upcaster that leads from `schemaVersion` to the next, as `norm.quote/1`. */
export function upcasterKey(eventType: string, schemaVersion: number): string {
  return `${eventType}/${schemaVersion}`;
}

export type UpcastResult =
  | { readonly ok: true; readonly payload: Uint8Array }
  | { readonly ok: false; readonly reason: string };

/** Takes `payload` from one schema version to another, one step at a time. */
export function upcast(
  upcasters: Upcasters,
  record: { readonly eventType: string; readonly from: number; readonly to: number },
  payload: Uint8Array,
): UpcastResult {
  const { eventType, from, to } = record;
  let current = payload;
  for (let version = from; version < to; version += 1) {
    const step = upcasters.get(upcasterKey(eventType, version));
    if (step === undefined) {
      return { ok: false, reason: `no upcaster leads ${eventType} from schema ${version}` };
    }
    try {
      current = step(current);
    } catch (thrown) {
      return { ok: false, reason: `${eventType} schema ${version}: ${messageOf(thrown)}` };
    }
  }
  return { ok: true, payload: current };
}

/** The record with another payload and schema version; its checksum is no longer meaningful. */
export function withPayload(header: Uint8Array, payload: Uint8Array): Uint8Array {
  const record = new Uint8Array(RECORD_HEADER_BYTES + payload.length);
  record.set(header.subarray(0, RECORD_HEADER_BYTES));
  record.set(payload, RECORD_HEADER_BYTES);
  return record;
}

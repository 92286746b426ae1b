/**
 * Station: the records of one class, venue and hour -> the columns of the table of records.
 *
 * Together the columns hold everything but the checksum, which follows from the rest: a record can be put
 * together from its row byte by byte. Payloads are views into the segment, not copies.
 */
import {
  CLASS_RAW,
  eventTypeOf,
  RECORD_BYTES_AT,
  RECORD_HEADER_BYTES,
  RECORD_SCHEMA_AT,
  RECORD_SEQ_AT,
  RECORD_TYPE_AT,
  RECORD_US_AT,
  TICK_AT,
} from "../../contracts/journal.ts";
import type { Columns, ColumnValues } from "./parquet.ts";

/** Where the records come from. */
export type RecordSource = {
  readonly engine: string;
  readonly runId: string;
  readonly segment: number;
  readonly bytes: Uint8Array;
};

/** The columns of the records at `offsets`, all of class `classCode`. */
export function recordColumns(
  { engine, runId, segment, bytes }: RecordSource,
  classCode: number,
  offsets: readonly number[],
): Columns {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const rows = offsets.length;
  const seq = new Wholes(rows);
  const atUs = new Wholes(rows);
  const types = new Int32Array(rows);
  const schemaVersions = new Int32Array(rows);
  const ticks: (bigint | null)[] = new Array(rows);
  const eventTypes: string[] = new Array(rows);
  const payloads: Uint8Array[] = new Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const at = offsets[row] as number;
    const end = at + view.getUint32(at + RECORD_BYTES_AT, true);
    const type = view.getUint8(at + RECORD_TYPE_AT);
    seq.set(row, view.getFloat64(at + RECORD_SEQ_AT, true));
    atUs.set(row, view.getFloat64(at + RECORD_US_AT, true));
    types[row] = type;
    schemaVersions[row] = view.getUint16(at + RECORD_SCHEMA_AT, true);
    ticks[row] = classCode === CLASS_RAW ? null : tickAt(view, at, end);
    eventTypes[row] = eventTypeOf(classCode, type) ?? "";
    payloads[row] = bytes.subarray(at + RECORD_HEADER_BYTES, end);
  }
  return new Map<string, ColumnValues>([
    ["engine", new Array<string>(rows).fill(engine)],
    ["run_id", new Array<string>(rows).fill(runId)],
    ["segment", new Int32Array(rows).fill(segment)],
    ["seq", seq.values],
    ["event_type", eventTypes],
    ["class_code", new Int32Array(rows).fill(classCode)],
    ["type_code", types],
    ["schema_version", schemaVersions],
    ["at_us", atUs.values],
    ["tick", ticks],
    ["payload", payloads],
  ]);
}

/**
 * Counts as 64 bits, written by halves: a bigint for each of a million numbers costs a tenth of the whole work
 * (Node 24.21, 2026-11). The halves lie as on every machine that Node runs on.
 */
class Wholes {
  readonly values: BigInt64Array;
  readonly #halves: Uint32Array;

  constructor(length: number) {
    this.values = new BigInt64Array(length);
    this.#halves = new Uint32Array(this.values.buffer);
  }

  set(index: number, whole: number): void {
    this.#halves[2 * index] = whole >>> 0;
    this.#halves[2 * index + 1] = whole / HALF;
  }
}

const HALF = 2 ** 32;

function tickAt(view: DataView, at: number, end: number): bigint | null {
  if (end < at + TICK_AT + 8) return null;
  const tick = view.getFloat64(at + TICK_AT, true);
  return Number.isSafeInteger(tick) ? BigInt(tick) : null;
}

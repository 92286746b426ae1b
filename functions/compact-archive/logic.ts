/**
 * What compaction decides without touching anything: which segment a notice is about, whether its manifest may
 * be believed, in which folder a row belongs, and a decimal as a whole number with its scale.
 */
import {
  ARCHIVE_SCHEMA_VERSION,
  type ArchivedObject,
  type ArchiveManifest,
  type SegmentUpload,
  VENUE_NONE,
} from "../../contracts/archive.ts";
import { dayOf, hourOf } from "../../contracts/calendar.ts";
import { VENUE_IDS } from "../../contracts/ids.ts";
import {
  JOURNAL_CLASSES,
  JOURNAL_FORMAT_VERSION,
  RUN_ID_PATTERN,
  type SegmentManifest,
} from "../../contracts/journal.ts";
import {
  type ArchivePartition,
  ENGINE_ID_PATTERN,
  segmentManifestKey,
} from "../../contracts/keys.ts";
import type { Micros } from "../../contracts/time.ts";

/** Which segment of which run of which engine. */
export type SegmentName = {
  readonly engine: string;
  readonly runId: string;
  readonly segment: number;
};

const MANIFEST_KEY = /^segments\/engine=([^/]+)\/run=([^/]+)\/(\d{8,12})\.manifest\.json$/;
const HASH = /^[0-9a-f]{64}$/;
/** A segment below 8 MB does not hold more than this; a longer claim is refused before it is unpacked. */
const SEGMENT_BYTES_MAX = 512 * 1024 * 1024;
/** Digits that surely fit into 64 bits. */
const DIGITS_MAX = 18;

/** Object keys of a notice from S3; a notice without records (the test event) has none. */
export function keysOfNotice(body: string): readonly string[] | undefined {
  const notice = parsed(body);
  if (!isObject(notice)) return undefined;
  const records = notice.Records ?? [];
  if (!Array.isArray(records)) return undefined;
  const keys: string[] = [];
  for (const record of records) {
    const key = keyOfRecord(record);
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return keys;
}

/** The segment whose manifest stands under `key`, or undefined for the key of anything else. */
export function segmentOfKey(key: string): SegmentName | undefined {
  const [, engine = "", runId = "", digits = ""] = MANIFEST_KEY.exec(key) ?? [];
  const segment = Number(digits);
  if (!(ENGINE_ID_PATTERN.test(engine) && RUN_ID_PATTERN.test(runId) && segment >= 1)) return;
  // One segment has one key: a spelling of our own must come back.
  if (segmentManifestKey(engine, runId, segment) !== key) return;
  return { engine, runId, segment };
}

export type UploadRead =
  | { readonly ok: true; readonly upload: SegmentUpload }
  | { readonly ok: false; readonly reason: string };

/** Reads what the uploader says of the segment `name`. */
export function readUpload(text: string, name: SegmentName): UploadRead {
  const value = parsed(text);
  if (!isObject(value)) return refused("it is not JSON");
  if (!isCount(value.schemaVersion)) return refused("schemaVersion");
  if (value.schemaVersion > ARCHIVE_SCHEMA_VERSION) {
    return refused(`version ${value.schemaVersion} is newer than ${ARCHIVE_SCHEMA_VERSION}`);
  }
  const { manifest, facts } = value;
  if (value.engine !== name.engine) return refused("engine");
  if (!isObject(facts)) return refused("facts");
  const hasFacts = isCount(facts.count) && isCount(facts.bytes) && isHash(facts.sha256);
  if (!hasFacts) return refused("facts");
  if (!isObject(manifest)) return refused("manifest");
  const wrong = wrongField(manifest, name);
  if (wrong !== undefined) return refused(`manifest.${wrong}`);
  // Every field that compaction relies on has been looked at.
  return { ok: true, upload: value as unknown as SegmentUpload };
}

/** Where the records of one class and venue of the hour around `atUs` belong. */
export function recordPartition(classCode: number, venue: number, atUs: Micros): ArchivePartition {
  return {
    type: JOURNAL_CLASSES[classCode] ?? "",
    venue: VENUE_IDS[venue] ?? VENUE_NONE,
    day: dayOf(atUs),
    hour: hourOf(atUs),
  };
}

/** Where a fact of `kind` belongs. */
export function factPartition(kind: string, venue: string | null, atUs: Micros): ArchivePartition {
  return { type: kind, venue: venue ?? VENUE_NONE, day: dayOf(atUs), hour: hourOf(atUs) };
}

/** `text` as `e` / 10^`scale`; null where it is no decimal or has more digits than 64 bits hold. */
export function scaledOf(text: string): { readonly e: bigint; readonly scale: number } | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return null;
  const [, sign = "", whole = "", part = ""] = match;
  const digits = `${whole}${part}`.replace(/^0+(?=\d)/, "");
  if (digits.length > DIGITS_MAX) return null;
  return { e: BigInt(`${sign}${digits}`), scale: part.length };
}

/** The manifest of what was made of `upload`. */
export function archiveManifestOf(
  { engine, runId, segment }: SegmentName,
  upload: SegmentUpload,
  objects: readonly ArchivedObject[],
): ArchiveManifest {
  const classes: readonly string[] = JOURNAL_CLASSES;
  const isOfRecords = ({ type }: ArchivedObject): boolean => classes.includes(type);
  const rowsOf = (some: readonly ArchivedObject[]): number =>
    some.reduce((sum, { rows }) => sum + rows, 0);
  return {
    schemaVersion: ARCHIVE_SCHEMA_VERSION,
    engine,
    runId,
    segment,
    firstSeq: upload.manifest.firstSeq,
    lastSeq: upload.manifest.lastSeq,
    records: rowsOf(objects.filter(isOfRecords)),
    facts: rowsOf(objects.filter((object) => !isOfRecords(object))),
    sourceSha256: upload.manifest.sha256,
    dropped: upload.manifest.dropped,
    objects,
  };
}

function keyOfRecord(record: unknown): string | undefined {
  if (!isObject(record) || !isObject(record.s3) || !isObject(record.s3.object)) return undefined;
  const { key } = record.s3.object;
  if (typeof key !== "string") return undefined;
  try {
    // "The key is URL encoded" (S3 user guide, event message structure, 2026-11-21).
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

function wrongField(
  manifest: Readonly<Record<string, unknown>>,
  name: SegmentName,
): string | undefined {
  if (!isCount(manifest.formatVersion) || manifest.formatVersion > JOURNAL_FORMAT_VERSION) {
    return "formatVersion";
  }
  if (manifest.runId !== name.runId) return "runId";
  if (manifest.segment !== name.segment) return "segment";
  const counts = ["firstSeq", "lastSeq", "records", "bytes", "compressedBytes"] as const;
  const count = counts.find((field) => !isCount(manifest[field]));
  if (count !== undefined) return count;
  if (Number(manifest.bytes) > SEGMENT_BYTES_MAX) return "bytes";
  if (!isHash(manifest.sha256)) return "sha256";
  if (!isHash(manifest.compressedSha256)) return "compressedSha256";
  const { dropped } = manifest satisfies Partial<Record<keyof SegmentManifest, unknown>>;
  return Array.isArray(dropped) ? undefined : "dropped";
}

function refused(reason: string): UploadRead {
  return { ok: false, reason: `the upload's manifest is wrong: ${reason}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isHash(value: unknown): boolean {
  return typeof value === "string" && HASH.test(value);
}

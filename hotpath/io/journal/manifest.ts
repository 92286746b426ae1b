/**
 * The manifest of a sealed segment: what was in it when it was ended, as a small JSON file.
 *
 * A manifest is believed only as far as the bytes it describes agree with it, so reading one is a
 * check of its shape; the hashes are compared where the segment is read.
 */
import { assert } from "../../../contracts/assert.ts";
import {
  JOURNAL_CLASSES,
  JOURNAL_FORMAT_VERSION,
  type JournalClass,
  type SegmentManifest,
} from "../../../contracts/journal.ts";
import type { SegmentSummary } from "./scan.ts";
import { newerFormatReason } from "./segment.ts";

export type ManifestRead =
  | { readonly kind: "manifest"; readonly manifest: SegmentManifest }
  | { readonly kind: "newer"; readonly reason: string }
  | { readonly kind: "damaged"; readonly reason: string };

const INTEGER_FIELDS = [
  "segment",
  "createdUs",
  "firstSeq",
  "lastSeq",
  "lastUs",
  "records",
  "bytes",
  "compressedBytes",
] as const;
const HASH_FIELDS = ["sha256", "chainStart", "chainEnd", "compressedSha256"] as const;
const HASH = /^[0-9a-f]{64}$/;

/** What sealing knows beyond the summary. */
export type SealedBytes = Pick<SegmentManifest, "sha256" | "compressedBytes" | "compressedSha256">;

/** The manifest of a whole segment. */
export function manifestOf(
  runId: string,
  summary: SegmentSummary,
  sealed: SealedBytes,
): SegmentManifest {
  return {
    formatVersion: JOURNAL_FORMAT_VERSION,
    runId,
    segment: summary.segment,
    createdUs: summary.createdUs,
    firstSeq: summary.firstSeq,
    lastSeq: summary.lastSeq,
    lastUs: summary.lastUs,
    records: summary.records,
    recordsByClass: countsByClass(summary.recordsByClass),
    bytes: summary.bytes,
    sha256: sealed.sha256,
    chainStart: toHex(summary.chainStart),
    chainEnd: toHex(summary.chainEnd),
    compressedBytes: sealed.compressedBytes,
    compressedSha256: sealed.compressedSha256,
    dropped: [],
    droppedFrom: null,
  };
}

/** The file's bytes. */
export function encodeManifest(manifest: SegmentManifest): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
}

/** Reads a manifest; names the first field that is not what it should be. */
export function decodeManifest(bytes: Uint8Array): ManifestRead {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return { kind: "damaged", reason: "manifest is not JSON" };
  }
  if (typeof value !== "object" || value === null) return damaged("everything");
  const fields = value as Record<string, unknown>;
  const version = fields.formatVersion;
  if (!isCount(version)) return damaged("formatVersion");
  if (version > JOURNAL_FORMAT_VERSION)
    return { kind: "newer", reason: newerFormatReason(version) };
  const wrong = wrongField(fields);
  if (wrong !== undefined) return damaged(wrong);
  return { kind: "manifest", manifest: value as SegmentManifest };
}

/** What a scan of the segment's bytes found otherwise than its manifest says, or undefined. */
export function disagreement(
  manifest: SegmentManifest,
  summary: SegmentSummary,
): string | undefined {
  const counts = countsByClass(summary.recordsByClass);
  const pairs: readonly [string, unknown, unknown][] = [
    ["segment", manifest.segment, summary.segment],
    ["firstSeq", manifest.firstSeq, summary.firstSeq],
    ["lastSeq", manifest.lastSeq, summary.lastSeq],
    ["createdUs", manifest.createdUs, summary.createdUs],
    ["records", manifest.records, summary.records],
    ["bytes", manifest.bytes, summary.bytes],
    ["chainStart", manifest.chainStart, toHex(summary.chainStart)],
    ...JOURNAL_CLASSES.map((name): [string, unknown, unknown] => [
      `recordsByClass.${name}`,
      manifest.recordsByClass[name],
      counts[name],
    ]),
  ];
  const found = pairs.find(([, said, seen]) => said !== seen);
  if (found !== undefined) return `${found[0]} is ${found[2]}, its manifest says ${found[1]}`;
  // A kept segment has a chain of its own; the original's end stands in the manifest alone.
  if (manifest.droppedFrom === null && manifest.chainEnd !== toHex(summary.chainEnd)) {
    return "the chained hash at its end is not the manifest's";
  }
  return undefined;
}

/** Bytes as lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** The bytes of a hash that `decodeManifest` has accepted. */
export function fromHex(hex: string): Uint8Array {
  assert(hex.length % 2 === 0, "hex has two digits a byte");
  return new Uint8Array(Buffer.from(hex, "hex"));
}

/** Counts by class code, with names. */
export function countsByClass(byCode: readonly number[]): Record<JournalClass, number> {
  const counts = { raw: 0, norm: 0, signal: 0, cmd: 0, exec: 0, ctl: 0 };
  for (const [code, name] of JOURNAL_CLASSES.entries()) counts[name] = byCode[code] ?? 0;
  return counts;
}

function wrongField(fields: Record<string, unknown>): string | undefined {
  if (typeof fields.runId !== "string") return "runId";
  const number = INTEGER_FIELDS.find((name) => !isCount(fields[name]));
  if (number !== undefined) return number;
  const hash = HASH_FIELDS.find((name) => !isHash(fields[name]));
  if (hash !== undefined) return hash;
  const counts = fields.recordsByClass as Record<string, unknown> | null | undefined;
  if (!JOURNAL_CLASSES.every((name) => isCount(counts?.[name]))) return "recordsByClass";
  return wrongDropped(fields);
}

function wrongDropped(fields: Record<string, unknown>): string | undefined {
  const dropped = fields.dropped;
  if (!Array.isArray(dropped)) return "dropped";
  if (!dropped.every((name) => JOURNAL_CLASSES.includes(name))) return "dropped";
  const from = fields.droppedFrom as Record<string, unknown> | null | undefined;
  if (from === null) return dropped.length === 0 ? undefined : "droppedFrom";
  const isWhole = isHash(from?.sha256) && isCount(from?.bytes) && isCount(from?.records);
  return isWhole && dropped.length > 0 ? undefined : "droppedFrom";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isHash(value: unknown): boolean {
  return typeof value === "string" && HASH.test(value);
}

function damaged(field: string): ManifestRead {
  return { kind: "damaged", reason: `manifest is wrong at ${field}` };
}

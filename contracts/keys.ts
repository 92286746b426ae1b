/**
 * Every key of a table, every prefix of a bucket and every id of a queue message, built in one place.
 *
 * The engine writes under these and the functions read under them; two spellings of one key would be two
 * facts. Parts are joined by `#`, which none of them may hold. Numbers in sort keys are padded, so that
 * their order as text is their order. Nothing here touches a store.
 */
import { assert } from "./assert.ts";
import { dayOf } from "./calendar.ts";
import type { Micros } from "./time.ts";

/** Names one engine: one account, one site. It is `instance` of the configuration. */
export const ENGINE_ID_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** An item's place in a table whose keys are `pk` and `sk`. */
export type ItemKey = { readonly pk: string; readonly sk: string };

const SEPARATOR = "#";
const DIGITS_OF_COUNT = 12;
/** Microseconds since 1970 have 16 digits until the year 2286. */
const DIGITS_OF_TIME = 16;

/** `parts` as one key. */
export function joinKey(...parts: readonly string[]): string {
  for (const part of parts) {
    assert(part !== "" && !part.includes(SEPARATOR), `"${part}" is no part of a key`);
  }
  return parts.join(SEPARATOR);
}

/** A count as it stands in a sort key. */
export function paddedCount(count: number): string {
  assert(Number.isSafeInteger(count) && count >= 0, "a count in a key is a whole number");
  return String(count).padStart(DIGITS_OF_COUNT, "0");
}

/** A time as it stands in a sort key. */
export function paddedTime(us: Micros): string {
  assert(Number.isSafeInteger(us) && us >= 0, "a time in a key is whole microseconds");
  return String(us).padStart(DIGITS_OF_TIME, "0");
}

// The table of control: two chains of immutable items for each engine, and what waits for a second person.

/** Version `version` of an engine's limits; the item is its own audit record. */
export function limitsKey(engine: string, version: number): ItemKey {
  return { pk: joinKey("limits", engine), sk: paddedCount(version) };
}

/** Entry `seq` of an engine's chain of actions: kills, releases, commands, refusals. */
export function actionKey(engine: string, seq: number): ItemKey {
  return { pk: joinKey("action", engine), sk: paddedCount(seq) };
}

/** A change that waits for a second person. */
export function proposalKey(engine: string, proposalId: string): ItemKey {
  return { pk: joinKey("proposal", engine), sk: proposalId };
}

// The table of commands: what was asked of an engine, and what became of it; never deleted.

/** What an operator asked. */
export function commandKey(engine: string, commandId: string): ItemKey {
  return { pk: joinKey("command", engine), sk: commandId };
}

/** What one order of the engine has come to, by its client order id. */
export function orderKey(engine: string, clientId: string): ItemKey {
  return { pk: joinKey("order", engine), sk: clientId };
}

/** The engine's last word on itself: status, version of limits, kills. */
export function heartbeatKey(engine: string): ItemKey {
  return { pk: joinKey("heartbeat", engine), sk: "last" };
}

/** The highest fence under which the engine was ever allowed to trade. */
export function fenceKey(engine: string): ItemKey {
  return { pk: joinKey("heartbeat", engine), sk: "fence" };
}

// The table of leases.

/** Who may trade on `account`. */
export function leaseKey(account: string): ItemKey {
  return { pk: joinKey("lease", account), sk: "holder" };
}

// The table of history: one partition a kind, engine and day; sorted by time, then by the id of the fact.

/** What history is asked for by name. */
export const HISTORY_KINDS = [
  "fill",
  "order",
  "cycle",
  "opportunity",
  "denial",
  "resync",
  "alert",
  "mode",
  "kill",
  "limits",
  "position",
  "latency",
  "run",
  "report",
] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

/** Where one fact of history stands. `factId` is derived from the fact, so a second write is the same. */
export function historyKey(
  kind: HistoryKind,
  engine: string,
  atUs: Micros,
  factId: string,
): ItemKey {
  return {
    pk: historyPartition(kind, engine, dayOf(atUs)),
    sk: joinKey(paddedTime(atUs), factId),
  };
}

/** All facts of one kind, engine and UTC day. */
export function historyPartition(kind: HistoryKind, engine: string, day: string): string {
  return joinKey(kind, engine, day);
}

/** The same of one value of one field: the partition of an index. */
export function historyIndexPartition(
  kind: HistoryKind,
  engine: string,
  day: string,
  value: string,
): string {
  return joinKey(kind, engine, day, value.replaceAll(SEPARATOR, "_"));
}

// Idempotency records.

/** That `consumer` has dealt with `messageKey`. */
export function idempotencyId(consumer: string, messageKey: string): string {
  return joinKey(consumer, messageKey.replaceAll(SEPARATOR, "_"));
}

// The buckets. Objects are written once; a second write under a key is the same bytes.

/** Where the sealed segments of an engine's runs lie as they were on its disk. */
export function segmentPrefix(engine: string, runId: string): string {
  return `segments/engine=${engine}/run=${runId}/`;
}

/** One sealed segment, zstd. Its manifest has the same name with `.manifest.json`. */
export function segmentObjectKey(engine: string, runId: string, segment: number): string {
  return `${segmentPrefix(engine, runId)}${String(segment).padStart(8, "0")}.seg.zst`;
}

/**
 * The facts that the publisher derived from a segment, JSON lines, zstd: names and decimal text where the
 * segment itself has indexes and ticks.
 */
export function segmentFactsKey(engine: string, runId: string, segment: number): string {
  return `${segmentPrefix(engine, runId)}${String(segment).padStart(8, "0")}.facts.jsonl.zst`;
}

/** The manifest, put last: segment and facts without one are not whole, and nobody is told of them. */
export function segmentManifestKey(engine: string, runId: string, segment: number): string {
  return `${segmentPrefix(engine, runId)}${String(segment).padStart(8, "0")}.manifest.json`;
}

/** A partition of the archive: what Athena, Spark and DuckDB prune by. */
export type ArchivePartition = {
  readonly type: string;
  readonly venue: string;
  readonly day: string;
  readonly hour: string;
};

/** `archive/type=../venue=../day=../hour=../`. */
export function archivePrefix({ type, venue, day, hour }: ArchivePartition): string {
  return `archive/type=${type}/venue=${venue}/day=${day}/hour=${hour}/`;
}

/**
 * One Parquet file: the rows of one segment in one partition. Where one file would be too large, `part` counts
 * the further ones from 1.
 */
export function archiveObjectKey(
  partition: ArchivePartition,
  engine: string,
  runId: string,
  segment: number,
  part = 0,
): string {
  const name = `${engine}.${runId}.${String(segment).padStart(8, "0")}`;
  return `${archivePrefix(partition)}${name}${part === 0 ? "" : `.${part}`}.parquet`;
}

/** What was made of one segment, with counts and hashes; written last. */
export function archiveManifestKey(engine: string, runId: string, segment: number): string {
  return `manifests/engine=${engine}/run=${runId}/${String(segment).padStart(8, "0")}.json`;
}

/** The report of one UTC day. */
export function reportObjectKey(engine: string, day: string): string {
  return `reports/engine=${engine}/${day}.json`;
}

/** The root of a day's audit chains, in the bucket that cannot be overwritten. */
export function auditRootKey(engine: string, day: string): string {
  return `audit-roots/engine=${engine}/${day}.json`;
}

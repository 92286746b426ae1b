/**
 * Checkers of what left the engine: the read models and the archive against the journal itself, read by the
 * verifying reader and not by the publisher (invariants 31 and 32).
 */
import path from "node:path";
import { factTimeUs, factVersion } from "../../../contracts/fact-place.ts";
import type { Fact } from "../../../contracts/history.ts";
import { BODY_AT } from "../../../contracts/journal.ts";
import { historyKey } from "../../../contracts/keys.ts";
import { FactDeriver } from "../../../hotpath/facts/deriver.ts";
import { holdsFacts } from "../../../hotpath/facts/fact-record.ts";
import { decodeManifest } from "../../../hotpath/io/journal/manifest.ts";
import { openJournal } from "../../../hotpath/io/journal/reader.ts";
import { listRuns } from "../../../hotpath/io/journal/runs.ts";
import type { Item } from "../aws/attribute.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";

const text = new TextDecoder();

/** The facts of every run; `runningId` is the one that is not over. */
export function allFacts(
  disk: VirtualDisk,
  root: string,
  engine: string,
  runningId: string,
): readonly Fact[] {
  return listRuns(disk, root).flatMap((runId) =>
    journalFacts(disk, path.join(root, runId), engine, runId !== runningId),
  );
}

/** Every fact of the run in `directory`, in the journal's order. Throws where it is damaged. */
function journalFacts(
  disk: VirtualDisk,
  directory: string,
  engine: string,
  isOver: boolean,
): Fact[] {
  const opened = openJournal(directory, { disk });
  if (!opened.ok) throw new Error(opened.error.reason);
  const { journal } = opened;
  const deriver = new FactDeriver({ source: { engine, runId: journal.runId } });
  const facts: Fact[] = [];
  const cursor = journal.cursor();
  while (cursor.next()) {
    const { classCode, type, seq, atUs, bytes, offset, end } = cursor;
    if (!holdsFacts(classCode, type)) continue;
    const body = text.decode(bytes.subarray(offset + BODY_AT, end));
    facts.push(...deriver.take({ classCode, type, seq, atUs, body }).facts);
  }
  if (cursor.error !== null) throw new Error(cursor.error.reason);
  if (isOver) facts.push(...deriver.finish().facts);
  return facts;
}

/** The report of each fact that counts, by its place in history. */
export function lastReports(facts: readonly Fact[]): ReadonlyMap<string, Fact> {
  const last = new Map<string, Fact>();
  for (const fact of facts) {
    const { pk, sk } = historyKey(fact.kind, fact.engine, factTimeUs(fact), fact.fact_id);
    const place = `${pk} ${sk}`;
    const before = last.get(place);
    if (before === undefined || factVersion(before) < factVersion(fact)) last.set(place, fact);
  }
  return last;
}

/** How the table of history differs from the journal; nothing where it does not. */
export function historyFaults(facts: readonly Fact[], items: readonly Item[]): string[] {
  const wanted = lastReports(facts);
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const item of items) {
    const place = `${String(item.pk)} ${String(item.sk)}`;
    // Reports are written by a function, from the same table.
    if (place.startsWith("report#")) continue;
    seen.add(place);
    const fact = wanted.get(place);
    if (fact === undefined) faults.push(`31: history has ${place}, which no journal holds`);
    else if (JSON.stringify(fact) !== item.fact) {
      faults.push(`31: history has another report of ${place} than the one that counts`);
    }
  }
  for (const place of wanted.keys()) {
    if (!seen.has(place)) faults.push(`31: history lacks ${place}`);
  }
  return faults;
}

/** Records of every sealed segment, by `<run>/<number>`. */
export function sealedSegments(disk: VirtualDisk, root: string): ReadonlyMap<string, number> {
  const segments = new Map<string, number>();
  for (const runId of listRuns(disk, root)) {
    const directory = path.join(root, runId);
    for (const name of disk.list(directory).filter((each) => each.endsWith(".manifest.json"))) {
      const read = decodeManifest(disk.readWhole(path.join(directory, name)));
      if (read.kind !== "manifest") throw new Error(read.reason);
      segments.set(`${runId}/${read.manifest.segment}`, read.manifest.records);
    }
  }
  return segments;
}

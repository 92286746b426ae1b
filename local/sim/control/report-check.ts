/**
 * The report of the scene's day, and its checker: made twice at once, it stands there once, counts the facts that
 * the journal holds, and carries a root of the audit chains that is true (C33; invariants 20 and 32).
 */

import { dayOf } from "../../../contracts/calendar.ts";
import { factTimeUs } from "../../../contracts/fact-place.ts";
import type { Fact } from "../../../contracts/history.ts";
import { auditRootKey, reportObjectKey } from "../../../contracts/keys.ts";
import { bucketName } from "../../../contracts/resources.ts";
import type { Item } from "../aws/attribute.ts";
import type { BucketDesk } from "../aws/bucket-desk.ts";
import { ENGINE, PLACE, PREFIX } from "./deployment.ts";
import { lastReports } from "./facts-check.ts";

type Root = {
  readonly chains: Readonly<Record<string, { readonly seq: number; readonly hash: string }>>;
};

/** What is wrong with the report and the root of `day`. */
export function reportFaults(
  objects: BucketDesk,
  day: string,
  facts: readonly Fact[],
  chains: Readonly<Record<string, readonly Item[]>>,
): string[] {
  const read = (bucket: "archive" | "audit", key: string): unknown => {
    const found = objects.objects(bucketName(PREFIX, bucket, PLACE)).get(key);
    return found === undefined ? undefined : JSON.parse(new TextDecoder().decode(found.bytes));
  };
  const report = read("archive", reportObjectKey(ENGINE, day)) as
    | { readonly facts: Readonly<Record<string, number>> }
    | undefined;
  const root = read("audit", auditRootKey(ENGINE, day)) as Root | undefined;
  if (report === undefined || root === undefined) return [`32: ${day} has no report or no root`];
  return [...countFaults(report.facts, day, facts), ...rootFaults(root, chains)];
}

function countFaults(
  counts: Readonly<Record<string, number>>,
  day: string,
  facts: readonly Fact[],
): string[] {
  const ofDay = [...lastReports(facts).values()].filter((fact) => dayOf(factTimeUs(fact)) === day);
  const wanted = Map.groupBy(ofDay, ({ kind }) => kind);
  const kinds = new Set([...wanted.keys(), ...Object.keys(counts)]);
  return [...kinds].flatMap((kind) => {
    const count = wanted.get(kind as Fact["kind"])?.length ?? 0;
    const told = counts[kind] ?? 0;
    return told === count ? [] : [`32: the report has ${told} of ${count} facts of kind ${kind}`];
  });
}

/** A root names the last item of each chain; it must be one, by its hash. */
function rootFaults({ chains: marks }: Root, chains: Readonly<Record<string, readonly Item[]>>) {
  return Object.entries(marks).flatMap(([chain, { seq, hash }]) => {
    const item = chains[chain]?.find((each) => each.seq === seq);
    const isTrue = seq === 0 || item?.hash === hash;
    return isTrue ? [] : [`20: the root names ${chain} item ${seq} by another hash`];
  });
}

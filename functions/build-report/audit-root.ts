/**
 * Station: the two audit chains of an engine -> the root of one day, or the fault that forbids one.
 *
 * A chain is walked from the root of the day before, or from its first item where there is none, to its last
 * item before midnight. A root that was written for a chain that does not hold would make the fault look true.
 */
import {
  AUDIT_CHAINS,
  AUDIT_GENESIS,
  AUDIT_SCHEMA_VERSION,
  type AuditChain,
  type AuditItem,
  type AuditRoot,
} from "../../contracts/audit.ts";
import { dayOf } from "../../contracts/calendar.ts";
import type { Micros } from "../../contracts/time.ts";
import { hashOfAudit } from "../platform/hash.ts";
import type { AuditRootStore } from "../stores/audit-root-store.ts";
import type { ControlStore } from "../stores/control-store.ts";
import { US_PER_DAY } from "./logic.ts";

export type RootPorts = {
  readonly control: Pick<ControlStore, "readItem" | "readHead">;
  readonly roots: Pick<AuditRootStore, "read">;
};

export type RootRead =
  | { readonly kind: "root"; readonly root: AuditRoot }
  | { readonly kind: "broken"; readonly fault: string };

type Mark = { readonly seq: number; readonly hash: string };

/** A chain has a few items a day; a longer walk than this is a fault of its own. */
const ITEMS_MAX = 100_000;

/** The root of the day that begins at `startUs`. */
export async function rootOfDay(
  ports: RootPorts,
  engine: string,
  startUs: Micros,
): Promise<RootRead> {
  const before = await ports.roots.read(engine, dayOf(startUs - US_PER_DAY));
  const marks: Partial<Record<AuditChain, Mark>> = {};
  for (const chain of AUDIT_CHAINS) {
    const from = before?.chains[chain] ?? { seq: 0, hash: AUDIT_GENESIS };
    const walked = await walk(ports, engine, chain, from, startUs + US_PER_DAY);
    if ("fault" in walked) return { kind: "broken", fault: walked.fault };
    marks[chain] = walked;
  }
  const { limits = START, action = START } = marks;
  const root = { schemaVersion: AUDIT_SCHEMA_VERSION, engine, day: dayOf(startUs) };
  return { kind: "root", root: { ...root, chains: { limits, action } } };
}

const START: Mark = { seq: 0, hash: AUDIT_GENESIS };

async function walk(
  { control }: RootPorts,
  engine: string,
  chain: AuditChain,
  from: Mark,
  endUs: Micros,
): Promise<Mark | { readonly fault: string }> {
  // Read first: what is missing before it is a hole, however wide, and what comes after it is of another day.
  const head = await control.readHead(engine, chain);
  if (from.seq > 0) {
    const item = await control.readItem(engine, chain, from.seq);
    if (item === undefined || hashOfAudit(item) !== from.hash) {
      return { fault: `${chain} item ${from.seq} is not the one of the root before` };
    }
  }
  let mark = from;
  for (let n = 0; n < ITEMS_MAX; n++) {
    const seq = mark.seq + 1;
    if (seq > (head?.seq ?? 0)) return mark;
    const item = await control.readItem(engine, chain, seq);
    if (item === undefined) return { fault: `${chain} has no item ${seq}` };
    const fault = linkFault(item, mark);
    if (fault !== "") return { fault: `${chain} item ${seq} ${fault}` };
    if (item.atUs >= endUs) return mark;
    mark = { seq, hash: item.hash };
  }
  return { fault: `${chain} is longer than ${ITEMS_MAX} items since the root before` };
}

/** Why `item` is not the one after `mark`, or "". */
function linkFault({ hash, ...rest }: AuditItem, mark: Mark): string {
  if (hashOfAudit(rest) !== hash) return "was changed";
  const isNext = rest.previousHash === mark.hash && rest.seq === mark.seq + 1;
  return isNext ? "" : "does not follow the one before";
}

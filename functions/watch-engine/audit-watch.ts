/**
 * Station: the audit chains of an engine -> whether they still hold, from the last item that was found whole.
 *
 * A look walks a bounded number of items on from there and compares the item at its mark with what it was.
 * The root of the day before, which lies where nobody can overwrite it, is compared as well.
 */
import {
  AUDIT_CHAINS,
  AUDIT_GENESIS,
  type AuditChain,
  type AuditItem,
  type AuditRoot,
} from "../../contracts/audit.ts";
import { hashOfAudit } from "../platform/hash.ts";
import type { ControlStore } from "../stores/control-store.ts";
import type { ChainMark } from "./logic.ts";

export type AuditPorts = {
  readonly control: Pick<ControlStore, "readItem" | "readHead">;
  readonly root: AuditRoot | undefined;
};

export type AuditSight = {
  readonly marks: Readonly<Record<string, ChainMark>>;
  readonly limitsVersion: number;
  readonly faultCount: number;
  /** The first fault in words, or "". */
  readonly fault: string;
};

/** Items of one chain that one look walks; a longer one is caught up over several looks. */
const ITEMS_PER_LOOK = 50;
const START: ChainMark = { seq: 0, hash: AUDIT_GENESIS };

/** Looks at both chains of `engine` from `before` on. */
export async function lookAtChains(
  ports: AuditPorts,
  engine: string,
  before: Readonly<Record<string, ChainMark>>,
): Promise<AuditSight> {
  const marks: Record<string, ChainMark> = {};
  const faults: string[] = [];
  let limitsVersion = 0;
  for (const chain of AUDIT_CHAINS) {
    const head = await ports.control.readHead(engine, chain);
    if (chain === "limits") limitsVersion = head?.seq ?? 0;
    const mark = before[chain] ?? START;
    const fault =
      (await rootFault(ports, engine, chain)) ||
      (await markFault(ports, engine, chain, mark)) ||
      ((head?.seq ?? 0) < mark.seq ? `${chain} ends before item ${mark.seq}` : "");
    if (fault !== "") faults.push(fault);
    const walked = await walk(ports, engine, chain, mark, head?.seq ?? 0);
    if (walked.fault !== "") faults.push(walked.fault);
    marks[chain] = walked.mark;
  }
  return { marks, limitsVersion, faultCount: faults.length, fault: faults[0] ?? "" };
}

async function walk(
  { control }: AuditPorts,
  engine: string,
  chain: AuditChain,
  from: ChainMark,
  headSeq: number,
): Promise<{ readonly mark: ChainMark; readonly fault: string }> {
  let mark = from;
  const end = Math.min(headSeq, from.seq + ITEMS_PER_LOOK);
  while (mark.seq < end) {
    const seq = mark.seq + 1;
    const item = await control.readItem(engine, chain, seq);
    const fault = itemFault(chain, item, seq, mark.hash);
    if (fault !== "") return { mark, fault };
    mark = { seq, hash: item?.hash ?? "" };
  }
  return { mark, fault: "" };
}

function itemFault(
  chain: AuditChain,
  item: AuditItem | undefined,
  seq: number,
  previousHash: string,
): string {
  if (item === undefined) return `${chain} has no item ${seq}`;
  const { hash, ...rest } = item;
  if (item.seq !== seq || item.chain !== chain) return `${chain} has another item at ${seq}`;
  if (hashOfAudit(rest) !== hash) return `${chain} item ${seq} was changed`;
  return item.previousHash === previousHash ? "" : `${chain} item ${seq} follows another one`;
}

async function markFault(
  { control }: AuditPorts,
  engine: string,
  chain: AuditChain,
  { seq, hash }: ChainMark,
): Promise<string> {
  if (seq === 0) return "";
  const item = await control.readItem(engine, chain, seq);
  if (item === undefined) return `${chain} has no item ${seq} any more`;
  const { hash: _own, ...rest } = item;
  return hashOfAudit(rest) === hash ? "" : `${chain} item ${seq} is not what it was`;
}

async function rootFault(ports: AuditPorts, engine: string, chain: AuditChain): Promise<string> {
  const mark = ports.root?.chains[chain];
  if (mark === undefined) return "";
  const fault = await markFault(ports, engine, chain, mark);
  return fault === "" ? "" : `${fault}, by the root of ${ports.root?.day ?? ""}`;
}

/**
 * What people do in tests of changes: put, post, approve, and look at what the chains say of it.
 */
import type { AuditItem } from "../../../contracts/audit.ts";
import { ENGINE } from "./memory-ports.ts";
import {
  freshKey,
  limitsWith,
  type Person,
  type Rig,
  type RigMaker,
  seedLimits,
  type Told,
} from "./rig.ts";

export const PATH = `/v1/engines/${ENGINE}`;

export function chain({ memory }: Rig, name: "limits" | "action"): readonly AuditItem[] {
  return memory.chains.get(`${ENGINE} ${name}`) ?? [];
}

export function kindsOf(rig: Rig): string[] {
  return chain(rig, "action").map(({ kind }) => kind);
}

export type Shown = Readonly<Record<string, never>> & Readonly<Record<string, string>>;

/** The proposal in an answer. */
export function proposalIn({ body }: Told): Shown {
  return body.proposal as unknown as Shown;
}

export async function post(rig: Rig, as: Person, path: string, body: unknown): Promise<Told> {
  const headers = { "idempotency-key": freshKey() };
  return await rig.ask("POST", `${PATH}/${path}`, { as, body, headers });
}

export async function put(rig: Rig, as: Person, version: number, limits: unknown): Promise<Told> {
  const headers = { "if-match": `"${version}"` };
  return await rig.ask("PUT", `${PATH}/limits`, { as, body: { limits, reason: "test" }, headers });
}

export async function approve(
  rig: Rig,
  as: Person,
  { proposalId, payloadHash }: Shown,
): Promise<Told> {
  return await post(rig, as, `proposals/${proposalId}/approve`, { payloadHash, reason: "seen" });
}

export const WIDE = limitsWith({ orderNotionalMax: "100", openNotionalMax: "200" });
export const NARROW = limitsWith({ orderNotionalMax: "50", openNotionalMax: "200" });
export const NARROWER = limitsWith({ orderNotionalMax: "20", openNotionalMax: "200" });

/** Empty stores but for `limits` as version 1. */
export async function rigAt(maker: RigMaker, limits: ReturnType<typeof limitsWith>): Promise<Rig> {
  const rig = maker.create();
  await seedLimits(rig, limits);
  return rig;
}

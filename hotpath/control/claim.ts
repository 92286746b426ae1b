/**
 * Station: a start -> the lease, however long another engine holds it. Before this nothing of the account is
 * touched: what is on the disk is taken up only by whoever may trade on it.
 *
 * The wait is the standby: the process lives, says so on its admin port, and ends when it is asked to.
 */
import path from "node:path";
import type { LeaseIdentity } from "../core/lease/lease-machine.ts";
import { tablesClient } from "../io/aws/clients.ts";
import { createCommandRecords } from "../io/aws/command-records.ts";
import { readFenceMax, recordFence } from "../io/aws/fence-floor.ts";
import { createLeaseStore } from "../io/aws/lease-store.ts";
import { createLimitsStore, type LimitsVersion } from "../io/aws/limits-store.ts";
import { monotonicUs, nowUs } from "../io/clock.ts";
import { type Disk, realDisk } from "../io/journal/disk.ts";
import { listRuns } from "../io/journal/runs.ts";
import type { Log } from "../io/log.ts";
import { PLAN_VERSION } from "../plan.ts";
import { knownFence } from "../recover.ts";
import { KillList } from "../trading/kill-list.ts";
import type { ControlPlan } from "./control-plan.ts";
import { killsOf } from "./inherited-kills.ts";
import { type HeldLease, LeaseKeeper } from "./lease-keeper.ts";

export type ClaimOptions = {
  readonly control: ControlPlan;
  readonly runId: string;
  /** The journal's folder, whose lock is ours. */
  readonly root: string;
  readonly log: Log;
  /** Resolves when the process is asked to end while it waits. */
  readonly asked: Promise<void>;
  /** The real one where absent. */
  readonly disk?: Disk;
};

/** What a run trades under: the lease, and the limits that were in force when it was won. */
export type Claimed = {
  readonly keeper: LeaseKeeper;
  readonly held: HeldLease;
  /** Another engine has traded since this folder last did. */
  readonly isSuccessor: boolean;
  /** The newest version in the table; undefined where there is none yet. */
  readonly limits: LimitsVersion | undefined;
};

export type Claim =
  | { readonly kind: "claimed"; readonly claimed: Claimed }
  | { readonly kind: "asked" }
  | { readonly kind: "refused"; readonly reason: string };

const TRIES_MAX = 20;
const TRY_AGAIN_MS = 500;
const US_PER_MS = 1000;

/** Waits for the lease, then reads what must be known before an account is opened. */
export async function claimAccount(options: ClaimOptions, client = tablesClient()): Promise<Claim> {
  const { control, root, runId, log, asked, disk = realDisk } = options;
  let isAsked = false;
  void asked.then(() => {
    isAsked = true;
  });
  const local = knownFence(root, disk);
  if (!local.ok) return { kind: "refused", reason: local.reason };
  const remote = await retried(() => readFenceMax(client, control.prefix, control.engine));
  if (!remote.ok) return { kind: "refused", reason: remote.reason };
  const keeper = new LeaseKeeper({
    store: createLeaseStore({
      client,
      prefix: control.prefix,
      account: control.account,
      timeoutMs: Math.ceil(control.times.renewEveryUs / US_PER_MS),
    }),
    identity: identityOf(control, runId),
    times: control.times,
    // A table that was restored from a backup knows less than the orders that were recorded beside it.
    fenceFloor: Math.max(local.fence, remote.fence),
    monotonicUs,
    log,
  });
  const held = await Promise.race([keeper.acquire(), asked]);
  if (held === undefined) {
    keeper.stop();
    return { kind: "asked" };
  }
  // A table of leases that was emptied or restored has forgotten who was before us; the orders tell.
  const isSuccessor = Math.max(held.fenceBefore, remote.fence) > local.fence;
  const limits = await newestLimits(client, control);
  const fault = limits.ok ? await takeOver(client, options, held.fence) : limits.reason;
  if (limits.ok && fault === "" && !isAsked) {
    return { kind: "claimed", claimed: { keeper, held, isSuccessor, limits: limits.version } };
  }
  await keeper.giveBack();
  keeper.stop();
  return isAsked ? { kind: "asked" } : { kind: "refused", reason: fault };
}

function identityOf({ account, engine }: ControlPlan, runId: string): LeaseIdentity {
  const imageDigest = process.env.RECKONER_IMAGE_DIGEST ?? "";
  return { account, engine, holder: runId, imageDigest, schemaHash: `plan-${PLAN_VERSION}` };
}

type Limits =
  | { readonly ok: true; readonly version: LimitsVersion | undefined }
  | { readonly ok: false; readonly reason: string };

/** Nothing trades on older limits because the table was slow: without an answer there is no start. */
async function newestLimits(
  client: ReturnType<typeof tablesClient>,
  { prefix, engine }: ControlPlan,
): Promise<Limits> {
  const store = createLimitsStore(client, prefix, engine);
  return await retried(async (): Promise<Limits> => {
    const reading = await store.readNewest();
    switch (reading.kind) {
      case "version":
        return { ok: true, version: reading.version };
      case "none":
        return { ok: true, version: undefined };
      case "refused":
      case "failed":
        return { ok: false, reason: `the newest limits: ${reading.reason}` };
    }
  });
}

/**
 * What must stand before an order may leave: our fence, above every other that was ever used, and the kills
 * of whoever was before. "", or why it does not.
 */
async function takeOver(
  client: ReturnType<typeof tablesClient>,
  options: ClaimOptions,
  fence: number,
): Promise<string> {
  const own = { fence, holder: options.runId };
  const recorded = await retried(() => recordFence(client, options.control, own));
  if (!recorded.ok) return recorded.reason;
  if (!recorded.isOurs) return `the fence ${fence} of the lease was used before`;
  return await inheritKills(client, options);
}

/**
 * What was killed under the engine before us stays killed here, unless it was this folder's own run. "", or
 * why it is not known: nothing trades past a kill because the table was slow.
 */
async function inheritKills(
  client: ReturnType<typeof tablesClient>,
  { control, root, log, disk = realDisk }: ClaimOptions,
): Promise<string> {
  const records = createCommandRecords(client, control.prefix);
  const reading = await retried(() => records.readHeartbeat(control.engine));
  if (!reading.ok) return `what is killed elsewhere: ${reading.reason}`;
  const { heartbeat } = reading;
  if (heartbeat === undefined || listRuns(disk, root).includes(heartbeat.runId)) return "";
  const list = new KillList(path.resolve(root), nowUs(), disk);
  for (const kill of killsOf(heartbeat)) {
    list.add(kill);
    log.warn("killed under the engine before this one", { ...kill, cause: kill.reason });
  }
  return "";
}

/** Asks until there is an answer, for about ten seconds; the last failure where there is none. */
export async function retried<Answer extends { readonly ok: boolean }>(
  ask: () => Promise<Answer>,
): Promise<Answer> {
  let answer = await ask();
  for (let attempt = 1; attempt < TRIES_MAX && !answer.ok; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    answer = await ask();
  }
  return answer;
}

// Goal: a host that is killed at any moment leaves every audit chain whole, and in it each change that somebody
// was told of: once, or where its asker had to ask again, once for each time it was begun and all alike.
// RECKONER_AUDIT_KILLS sets how often.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AUDIT_CHAINS, type AuditItem } from "../../../contracts/audit.ts";
import { createControlStore } from "../../../functions/stores/control-store.ts";
import { createCommandRecords } from "../../../hotpath/io/aws/command-records.ts";
import { openIdentity } from "../../../local/identity/identity.ts";
import { killChildren, startChild } from "../../fixtures/aws/child.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { standardLimits } from "../../fixtures/limits/limits-fixture.ts";
import { wellHeartbeat } from "../../functions/control-api/rig.ts";
import { type Change, type Course, type Desk, Life, newCourse } from "./audit-drill.ts";

const KILLS = Number(process.env.RECKONER_AUDIT_KILLS ?? "2");
const ENGINES = ["one", "two"];
const PEOPLE = ["rita", "rolf", "rosa", "ruth"];
/** At once at each engine. */
const ASKERS = 3;
/** The API takes a request that died for under way so long. */
const UNDER_WAY_MS = 30_000;
const HOST = "local/lambda-host/main.ts";

let rig: AwsRig;
let folder: string;

beforeAll(async () => {
  rig = await startAwsRig(undefined, ENGINES);
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-audit-kill-"));
});
afterEach(killChildren);
afterAll(async () => {
  await rig.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Moments of the kills: spread over two seconds of work, the same in every run. */
function killAfterMs(kill: number): number {
  return 300 + ((kill * 7_919) % 2_200);
}

test(`${KILLS} kills of the host: every chain is whole, each change that was told of is in it`, {
  timeout: 180_000 + KILLS * 30_000,
}, async () => {
  const { desk, environment } = await openDesk();
  const stopBeating = keepBeating();
  const startHost = () => startChild(HOST, [], environment);
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startHost();
    const { http = "" } = await child.ready;
    let isOver = false;
    const life = new Life(desk, http, () => isOver);
    const working = ENGINES.flatMap((engine) =>
      Array.from({ length: ASKERS }, (_, asker) => life.work(engine, kill * 7 + asker * 2)),
    );
    await new Promise((resolve) => setTimeout(resolve, killAfterMs(kill)));
    isOver = true;
    child.process.kill("SIGKILL");
    expect(await child.ended).toBe("SIGKILL");
    await Promise.all(working);
  }
  await settle(desk, (await startHost().ready).http ?? "");
  stopBeating();

  const chains = await readChains();
  const verdict = await verifyStandalone(chains);
  expect(verdict).toEqual(ENGINES.map(() => []));
  judge(desk.course, chains);
});

async function openDesk(): Promise<{
  readonly desk: Desk;
  readonly environment: Record<string, string>;
}> {
  const identity = await openIdentity(path.join(folder, "identity"));
  const tokens = new Map<string, string>();
  for (const subject of PEOPLE) {
    tokens.set(subject, await identity.mint({ subject, roles: ["risk"], lifeS: 86_400 }));
  }
  const limits = { ...standardLimits(), cyclesPerDayMax: 5_000_000 };
  return {
    desk: {
      engines: ENGINES,
      people: PEOPLE,
      tokenOf: (person) => tokens.get(person) ?? "",
      course: newCourse(),
    },
    environment: {
      ...rig.environment,
      ...identity.environment,
      RECKONER_ENGINES: ENGINES.join(","),
      RECKONER_BASE_LIMITS: JSON.stringify(Object.fromEntries(ENGINES.map((id) => [id, limits]))),
      POWERTOOLS_LOG_LEVEL: "SILENT",
    },
  };
}

/** Heartbeats of engines that are well: nothing is released under one that is silent. */
function keepBeating(): () => void {
  const records = createCommandRecords(rig.clients.tables, rig.prefix);
  const beat = (): void => {
    for (const engine of ENGINES) {
      void records.beat(wellHeartbeat({ engine, atUs: Date.now() * 1_000 }));
    }
  };
  beat();
  const timer = setInterval(beat, 1_000);
  return () => clearInterval(timer);
}

/** Asks in the last life until every change has an answer. */
async function settle(desk: Desk, api: string): Promise<void> {
  const life = new Life(desk, api, () => true);
  const open = async (): Promise<number> => {
    for (const engine of ENGINES) await life.askAgain(engine);
    return desk.course.unanswered.length;
  };
  await expect.poll(open, { timeout: UNDER_WAY_MS * 3, interval: 1_000 }).toBe(0);
}

type Chains = ReadonlyMap<string, readonly AuditItem[]>;

/** The items of every engine as the table has them, oldest first. */
async function readChains(): Promise<Chains> {
  const store = createControlStore(rig.clients.documents, rig.prefix);
  const chains = new Map<string, AuditItem[]>();
  for (const engine of ENGINES) {
    const items: AuditItem[] = [];
    for (const chain of AUDIT_CHAINS) {
      const newest = (await store.readHead(engine, chain))?.seq ?? 0;
      for (let seq = 1; seq <= newest; seq++) {
        const item = await store.readItem(engine, chain, seq);
        if (item !== undefined) items.push(item);
      }
    }
    chains.set(engine, items);
  }
  return chains;
}

/** What `reckoner audit verify`, a process of its own over a copy, has to say against each engine. */
async function verifyStandalone(chains: Chains): Promise<unknown[]> {
  const verdicts: unknown[] = [];
  for (const [engine, items] of chains) {
    const file = path.join(folder, `${engine}.jsonl`);
    fs.writeFileSync(file, items.map((item) => `${JSON.stringify(item)}\n`).join(""));
    const verifier = startChild("bin/reckoner.ts", ["audit", "verify", "--file", file, "--json"]);
    const { faults, chains: counts } = (await verifier.ready) as Record<string, unknown>;
    expect(await verifier.ended).toBe(0);
    const counted = Object.values(counts as Record<string, { readonly count: number }>);
    expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(items.length);
    verdicts.push(faults);
  }
  return verdicts;
}

/** The items that tell of a change, by what its answer named it by. */
function itemsOf(items: readonly AuditItem[], { id, kind }: Change): readonly AuditItem[] {
  return items.filter((item) => {
    if (item.chain === "limits") return `version ${item.seq}` === id;
    if (item.kind === "refused") return false;
    const { commandId, proposalId } = JSON.parse(item.after) as Readonly<Record<string, unknown>>;
    if (kind === "reject") return proposalId === id && item.kind.endsWith(".reject");
    return commandId === id || (proposalId === id && item.kind.endsWith(".propose"));
  });
}

/** What two items of one change must not differ in. */
function wordsOf({ kind, by, approvedBy, reason, after }: AuditItem): string {
  return JSON.stringify([kind, by, approvedBy, reason, after]);
}

function judge({ acknowledged, refused }: Course, chains: Chains): void {
  const kinds: Record<string, number> = {};
  const wrong: string[] = [];
  let [again, more] = [0, 0];
  for (const change of acknowledged) {
    kinds[change.kind] = (kinds[change.kind] ?? 0) + 1;
    if (change.attempts > 1) again++;
    const found = itemsOf(chains.get(change.engine) ?? [], change);
    if (found.length === 1) continue;
    more++;
    // An attempt that died between its item and its record is begun anew, and tells of itself again.
    const mayBeMore = change.attempts > 1 && change.kind !== "kill" && change.kind !== "limits";
    if (mayBeMore && new Set(found.map(wordsOf)).size === 1) continue;
    wrong.push(
      `${change.kind} ${change.id} (${change.reason}) at attempt ${change.attempts}: ` +
        `items ${found.map(({ seq }) => seq).join(" ")}`,
    );
  }
  process.stdout.write(
    `audit drill: ${KILLS} kills, ${acknowledged.length} changes told of ` +
      `(${JSON.stringify(kinds)}), ${again} of them asked again, ${more} of these told of twice, ` +
      `refused ${JSON.stringify(Object.fromEntries(refused))}\n`,
  );
  expect(wrong).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(KILLS);
}

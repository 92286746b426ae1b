/**
 * The calm and the verdict: faults are over, people do what must work now, queues run dry, and then everything
 * that was written is laid beside what happened.
 */

import { dayOf } from "../../../contracts/calendar.ts";
import {
  bucketName,
  commandQueueName,
  QUEUES,
  type QueueName,
  queueName,
  tableName,
} from "../../../contracts/resources.ts";
import { type Micros, US_PER_S } from "../../../contracts/time.ts";
import { createDeadLetterStore, queueRefs } from "../../../functions/stores/dead-letter-store.ts";
import type { VirtualQueue } from "../aws/queue.ts";
import { alertFaults, incidentsOf } from "./alert-check.ts";
import { archiveFaults } from "./archive-check.ts";
import {
  actionFaults,
  chainFaults,
  chainOf,
  killFaults,
  limitsFaults,
  releaseFaults,
  wideningFaults,
} from "./audit-check.ts";
import type { ControlSimReport } from "./control-report.ts";
import { ENGINE, PLACE, PREFIX, pauseOf } from "./deployment.ts";
import { JOURNAL_ROOT, sceneLimits } from "./engine-journal.ts";
import { allFacts, historyFaults, sealedSegments } from "./facts-check.ts";
import { reportFaults } from "./report-check.ts";
import type { ControlScene } from "./scene.ts";
import { CANARIES } from "./secrets.ts";

type RunUntil = (untilUs: Micros) => Promise<void>;

const STEP_US = 10 * US_PER_S;
const QUIET_US = 30 * US_PER_S;
const FLUSH_US_MAX = 600 * US_PER_S;
/** Messages of the archive come back after 720 s, five times at most. */
const DRY_US_MAX = 3 * 3_600 * US_PER_S;
const DRY_STEP_US = 60 * US_PER_S;
const REDRIVEN_MAX = 200;
const ROUNDS_MAX = 2;
/** The scene begins a quarter of an hour before midnight. */
const REPORT_AFTER_US = 1_000 * US_PER_S;
/** From the file's writing to the loop, with room for the look and the turn. */
const KILL_FILE_MS = 500;

/** Lets the scene come to rest, and judges it. */
export async function judgeScene(scene: ControlScene): Promise<ControlSimReport> {
  const runUntil: RunUntil = (untilUs) => scene.runUntil(untilUs);
  const beginUs = scene.kernel.nowUs;
  const violations = [...(await converge(scene, runUntil)), ...(await verdict(scene))];
  const { kernel, cloudFaults, faults, log } = scene;
  scene.trace.add(`calm of ${kernel.nowUs - beginUs}`);
  return {
    traceHash: scene.trace.end(),
    steps: kernel.steps,
    simulatedUs: kernel.nowUs - scene.beginUs,
    classesFired: { ...cloudFaults.counts(), ...faults.counts() },
    probes: Object.fromEntries([...log.counts].sort()),
    violations,
  };
}

async function converge(scene: ControlScene, runUntil: RunUntil): Promise<string[]> {
  const faults: string[] = [];
  const { kernel } = scene;
  const until = async (maxUs: Micros, stepUs: Micros, isOver: () => boolean): Promise<boolean> => {
    const endUs = kernel.nowUs + maxUs;
    while (!isOver() && kernel.nowUs < endUs) await runUntil(kernel.nowUs + stepUs);
    return isOver();
  };
  // What people had begun meanwhile comes to its end first.
  await runUntil(kernel.nowUs + QUIET_US);
  let isDone = false;
  const acts = lastActs(scene).then((found) => {
    isDone = true;
    faults.push(...found);
  });
  if (await until(FLUSH_US_MAX, STEP_US, () => isDone)) await acts;
  else faults.push("21: people wait for ever");
  await scene.endRun();
  const isFlushed = (): boolean => scene.life.publishedSeq >= scene.life.journal.ackedSeq;
  if (!(await until(FLUSH_US_MAX, STEP_US, isFlushed))) {
    faults.push(`21: the publisher stands at ${scene.life.publishedSeq}`);
  }
  const segments = sealedSegments(scene.disk, JOURNAL_ROOT).size;
  const isUploaded = (): boolean => scene.uploadedCount >= segments;
  if (!(await until(FLUSH_US_MAX, STEP_US, isUploaded))) {
    faults.push(`32: ${scene.uploadedCount} of ${segments} segments were uploaded`);
  }
  faults.push(...enginesFaults(scene));
  kernel.kill(scene.life.process);
  const isDry = (): boolean => liveQueues(scene).every(({ messages }) => messages.length === 0);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if (!(await until(DRY_US_MAX, DRY_STEP_US, isDry))) faults.push("21: a queue does not run dry");
    if (!(await redrive(scene, runUntil))) break;
  }
  faults.push(...(await makeReport(scene, runUntil)));
  return faults;
}

/** The report of the day that the scene began in, twice at once, when the day is over. */
async function makeReport(scene: ControlScene, runUntil: RunUntil): Promise<string[]> {
  const { kernel, beginUs } = scene;
  const day = dayOf(beginUs);
  await runUntil(Math.max(kernel.nowUs, beginUs + REPORT_AFTER_US));
  const process = kernel.makeProcess("report");
  const outcomes: string[] = [];
  kernel.at(kernel.nowUs, process, () => {
    for (let n = 0; n < 2; n += 1) {
      void scene.lambda.invoke(scene.report, { day }).then((end) => {
        const outcome = end.kind === "returned" ? (end.value as { outcome: string }).outcome : "";
        outcomes.push(outcome === "" ? end.kind : outcome);
      });
    }
  });
  while (outcomes.length < 2) await runUntil(kernel.nowUs + STEP_US);
  const isOnce = outcomes.includes("put") || outcomes.includes("exists");
  return isOnce ? [] : [`32: the report of ${day} came to ${outcomes.join(" and ")}`];
}

/** What must work when nothing fails. */
async function lastActs(scene: ControlScene): Promise<string[]> {
  const { people, kernel } = scene;
  const faults: string[] = [];
  const acting = async (): Promise<void> => {
    for (const kill of people.ledger.kills) if (!kill.isAudited) await people.askKill(kill);
    const limits = await people.changeLimits(true);
    if (limits === undefined || limits.status >= 300) {
      faults.push(`21: limits cannot be changed in the calm: ${limits?.status} ${limits?.body}`);
    }
    const kill = await people.kill();
    // A command that SQS still holds back from before holds up those behind it: then the file is the way.
    await pauseOf(KILL_FILE_MS);
    const isTaken = scene.taken.some(({ event }) => isOfReason(event, kill.reason));
    if (!isTaken) faults.push(`16: "${kill.reason}" in the calm was not taken in time`);
    const release = await people.release(kill);
    if (release === undefined || release.status >= 300) {
      faults.push(`21: nothing is released in the calm: ${release?.status} ${release?.body}`);
    }
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  kernel.at(kernel.nowUs, people.process, () => void acting().then(resolve));
  await promise;
  return faults;
}

function isOfReason(event: object, reason: string): boolean {
  return "reason" in event && event.reason === reason;
}

/** The engine as it stands at the end, against what the tables say. */
function enginesFaults(scene: ControlScene): string[] {
  const limits = chainOf(itemsOf(scene, "control"), "limits");
  const { loop, journal } = scene.life;
  const faults = journal.failure === "" ? [] : [`33: the recorder gave up: ${journal.failure}`];
  const head = Number(limits.at(-1)?.seq ?? 0);
  if (loop.limitsVersion !== head) {
    faults.push(`26: version ${head} was put and ${loop.limitsVersion} is in force`);
  }
  return faults;
}

function itemsOf({ cloud }: ControlScene, table: Parameters<typeof tableName>[1]) {
  return cloud.tables.table(tableName(PREFIX, table)).all();
}

function liveQueues({ cloud }: ControlScene): readonly VirtualQueue[] {
  const names = (Object.keys(QUEUES) as QueueName[]).filter((name) => name !== "commands");
  return names.map((name) => cloud.queues.queue(queueName(PREFIX, name)));
}

function deadQueues({ cloud }: ControlScene): readonly VirtualQueue[] {
  const names = (Object.keys(QUEUES) as QueueName[]).filter((name) => name !== "commands");
  return [
    ...names.map((name) => cloud.queues.queue(queueName(PREFIX, name, true))),
    cloud.queues.queue(commandQueueName(PREFIX, ENGINE, true)),
  ];
}

/** An operator takes poison away and sends the rest of the dead letters back; whether there was any. */
async function redrive(scene: ControlScene, runUntil: RunUntil): Promise<boolean> {
  const { kernel, clients, log } = scene;
  let count = 0;
  for (const queue of deadQueues(scene)) {
    for (const { body } of queue.messages)
      if (body.startsWith('{"poison"')) log.count("poison.dead");
    queue.remove(({ body }) => body.startsWith('{"poison"'));
    count += queue.messages.length;
  }
  if (count === 0) return false;
  log.count("dead.redriven", count);
  const store = createDeadLetterStore(clients.queues, PREFIX);
  const process = kernel.makeProcess("redrive");
  let isDone = false;
  kernel.at(kernel.nowUs, process, async () => {
    for (const ref of queueRefs([ENGINE])) await store.redrive(ref, REDRIVEN_MAX);
    isDone = true;
  });
  while (!isDone) await runUntil(kernel.nowUs + STEP_US);
  return true;
}

async function verdict(scene: ControlScene): Promise<string[]> {
  const { disk, people, taken, receivers, log, cloud } = scene;
  const facts = allFacts(disk, JOURNAL_ROOT, ENGINE, scene.life.journal.runId);
  const control = itemsOf(scene, "control");
  const commands = itemsOf(scene, "commands");
  const limits = chainOf(control, "limits");
  const actions = chainOf(control, "action");
  const unaudited = new Set(
    people.ledger.kills.filter(({ isAudited }) => !isAudited).map(({ reason }) => reason),
  );
  const objects = cloud.objects.objects(bucketName(PREFIX, "archive", PLACE));
  return [
    ...people.ledger.faults,
    ...historyFaults(facts, itemsOf(scene, "history")),
    ...(await archiveFaults(objects, sealedSegments(disk, JOURNAL_ROOT), facts)),
    ...chainFaults("limits", limits),
    ...chainFaults("action", actions),
    ...actionFaults(actions, commands, unaudited),
    ...wideningFaults(limits, sceneLimits().orderNotionalMax),
    ...limitsFaults(taken, limits),
    ...killFaults(people.ledger, taken),
    ...releaseFaults(people.ledger, taken, control),
    ...alertFaults(incidentsOf(facts), receivers.attempts, log.lines),
    ...reportFaults(cloud.objects, dayOf(scene.beginUs), facts, { limits, action: actions }),
    ...secretFaults(scene),
  ];
}

/** Secrets that stand where something was written (invariant 25). */
function secretFaults(scene: ControlScene): string[] {
  const { log, receivers, cloud } = scene;
  const decoder = new TextDecoder();
  const objects = cloud.objects.objects(bucketName(PREFIX, "archive", PLACE));
  const texts = [
    ...[...objects]
      .filter(([key]) => key.endsWith(".json"))
      .map(([, { bytes }]) => decoder.decode(bytes)),
    ...(["control", "commands", "history", "idempotency"] as const).map((table) =>
      JSON.stringify(itemsOf(scene, table)),
    ),
    ...receivers.attempts.map(({ text }) => text),
    ...log.lines,
  ];
  return CANARIES.filter((canary) => texts.some((text) => text.includes(canary))).map(
    (canary) => `25: ${canary} was written down`,
  );
}

// Goal: a host that is killed at any moment of compaction leaves an archive that equals the journal.
// RECKONER_HOST_KILLS sets how often.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createArchiveStore } from "../../../functions/stores/archive-store.ts";
import { createDeadLetterStore } from "../../../functions/stores/dead-letter-store.ts";
import { archiveEqualsJournal } from "../../../local/archive/archive-check.ts";
import {
  ENGINE,
  JOURNAL_DIRECTORY,
  sealedRun,
  uploadSegment,
} from "../../fixtures/archive/uploaded.ts";
import { killChildren, startChild } from "../../fixtures/aws/child.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { sampleFact } from "../../fixtures/facts.ts";

const KILLS = Number(process.env.RECKONER_HOST_KILLS ?? "2");
const SEGMENTS_PER_LIFE = 3;
const RECORDS_PER_SEGMENT = 50;

let rig: AwsRig;

beforeAll(async () => {
  rig = await startAwsRig();
});
afterEach(killChildren);
afterAll(async () => await rig.stop());

/** Moments of the kills: spread over the first seconds of work, the same in every run. */
function killAfterMs(kill: number): number {
  return (kill * 7_919) % 1_500;
}

test(`${KILLS} kills of the host: archive equals journal, each record once`, {
  timeout: 120_000 + KILLS * 20_000,
}, async () => {
  const lives = KILLS + 1;
  const groups = Array.from({ length: lives * SEGMENTS_PER_LIFE }, () => [RECORDS_PER_SEGMENT]);
  const run = await sealedRun(groups);
  const store = createArchiveStore(rig.clients.objects, rig.prefix, rig.bucketPlace);
  const upload = async (life: number): Promise<void> => {
    for (let index = 0; index < SEGMENTS_PER_LIFE; index++) {
      const manifest = run.manifests[life * SEGMENTS_PER_LIFE + index];
      if (manifest === undefined) throw new Error("there is a segment for each life");
      const { segment } = manifest;
      await uploadSegment(store, run, manifest, [sampleFact("fill", segment)]);
    }
  };
  const host = () => startChild("test/fixtures/aws/archive-host.ts", [], rig.environment);
  for (let kill = 0; kill < KILLS; kill++) {
    await upload(kill);
    const child = host();
    await child.ready;
    await new Promise((resolve) => setTimeout(resolve, killAfterMs(kill)));
    child.process.kill("SIGKILL");
    expect(await child.ended).toBe("SIGKILL");
  }
  await upload(KILLS);
  await host().ready;
  const dead = createDeadLetterStore(rig.clients.queues, rig.prefix);
  const check = async () => {
    // Killed often enough while it held a notice, the host has let it die; an operator sends it back.
    await dead.redrive({ queue: "archive" }, 100);
    const { disk } = run;
    const directory = JOURNAL_DIRECTORY;
    return archiveEqualsJournal({ store, engine: ENGINE, directory, disk, mustBeWhole: true });
  };
  const segments = lives * SEGMENTS_PER_LIFE;
  await expect
    .poll(async () => (await check()).segments, { timeout: 60_000 + KILLS * 5_000, interval: 500 })
    .toBe(segments);
  expect(await check()).toMatchObject({
    equal: segments * RECORDS_PER_SEGMENT,
    segments,
    differences: [],
  });
});

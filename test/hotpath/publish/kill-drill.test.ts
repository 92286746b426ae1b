// Goal: a host that is killed at any moment, again and again, leaves history, archive and order records that
// equal its journals. RECKONER_KILLS makes it longer; RECKONER_SEED repeats one.
import { afterEach, beforeEach, expect, test } from "vitest";
import { runKillDrill } from "../../fixtures/publish/kill-drill.ts";
import { Outside } from "../../fixtures/publish/outside.ts";
import { temporaryRoot } from "../io/journal/fixture.ts";

const KILLS = Number(process.env.RECKONER_KILLS ?? "2");
const SEED = Number(process.env.RECKONER_SEED ?? "20261121");

let folder: ReturnType<typeof temporaryRoot>;
let outside: Outside;
beforeEach(async () => {
  folder = temporaryRoot();
  outside = await Outside.start();
});
afterEach(async () => {
  await outside.leave();
  folder[Symbol.dispose]();
});

test(
  "what has arrived outside is what the journals hold",
  async () => {
    const drill = await runKillDrill({
      root: folder.root,
      outside,
      kills: KILLS,
      seed: SEED,
      lifeMs: [20, 600],
    });
    expect(drill.queue).toMatchObject({ missing: [], invented: [], different: [] });
    expect(drill.archive).toMatchObject({ invented: [], different: [] });
    // The end of a run that crashed is worked out when it is over: no segment of it holds that.
    expect(drill.archive.missing.filter((place) => !place.endsWith(".ended"))).toEqual([]);
    expect(drill.ordersBehind).toEqual([]);
    expect(drill.queue.journalCount).toBeGreaterThan(KILLS);
    expect(drill.segmentsUploaded).toBeGreaterThanOrEqual(drill.segmentsOnDisk - 1);
    if (process.env.RECKONER_KILLS !== undefined) {
      const { kills, queue, segmentsUploaded } = drill;
      const { journalCount, repeatedCount } = queue;
      console.info(JSON.stringify({ kills, journalCount, repeatedCount, segmentsUploaded }));
    }
  },
  120_000 + KILLS * 20_000,
);

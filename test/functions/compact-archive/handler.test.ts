// Goal: the handler that is deployed archives what its notices name, over a real client of S3, once.
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { segmentManifestKey } from "../../../contracts/keys.ts";
import { type ArchiveStore, createArchiveStore } from "../../../functions/stores/archive-store.ts";
import { createColdHistory } from "../../../functions/stores/cold-history.ts";
import { archiveEqualsJournal } from "../../../local/archive/archive-check.ts";
import { noticeOf } from "../../fixtures/archive/notice.ts";
import {
  ENGINE,
  JOURNAL_DIRECTORY,
  RUN_ID,
  sealedRun,
  uploadSegment,
} from "../../fixtures/archive/uploaded.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { FACTS_START_US, sampleFact } from "../../fixtures/facts.ts";

let rig: AwsRig;
let store: ArchiveStore;

beforeAll(async () => {
  rig = await startAwsRig();
  Object.assign(process.env, rig.environment, { POWERTOOLS_LOG_LEVEL: "SILENT" });
  store = createArchiveStore(rig.clients.objects, rig.prefix, rig.bucketPlace);
});

afterAll(async () => {
  await rig.stop();
});

test("notices become the archive, which equals the journal and answers questions", async () => {
  const { handler } = await import("../../../functions/compact-archive/handler.ts");
  const run = await sealedRun([[30, 30], [20], [10]]);
  const facts = [sampleFact("fill", 1), sampleFact("fill", 2)];
  for (const manifest of run.manifests) await uploadSegment(store, run, manifest, facts);
  const keys = [1, 2, 3].map((segment) => segmentManifestKey(ENGINE, RUN_ID, segment));
  // Each notice twice, and one that nobody can read.
  const bodies = [...keys, ...keys].map((key) => noticeOf(key));
  const Records = [...bodies, "{"].map(
    (body, index) => ({ messageId: `m${index}`, body }) as SQSRecord,
  );
  const response = await handler({ Records } satisfies SQSEvent, {} as Context);
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: "m6" }]);
  const check = await archiveEqualsJournal({
    store,
    engine: ENGINE,
    directory: JOURNAL_DIRECTORY,
    disk: run.disk,
    mustBeWhole: true,
  });
  expect(check).toMatchObject({ equal: 90, segments: 3, differences: [] });
  const page = await createColdHistory(store).query({
    engine: ENGINE,
    kind: "fill",
    fromUs: FACTS_START_US,
    toUs: FACTS_START_US + 60_000_000,
    order: "oldest",
    filters: {},
    limit: 10,
  });
  expect(page).toMatchObject({ kind: "page", records: facts });
});

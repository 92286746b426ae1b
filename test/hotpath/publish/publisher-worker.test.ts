// Goal: a publisher that dies is begun again and told of; the engine is never held up by its end.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { ALERT_SCHEMA_VERSION } from "../../../contracts/alert.ts";
import type { PublisherMessage } from "../../../hotpath/publish/messages.ts";
import { PublisherWorker } from "../../../hotpath/publish/publisher-worker.ts";
import { factsOfJournal } from "../../fixtures/publish/journal-facts.ts";
import { LiveJournal } from "../../fixtures/publish/live-journal.ts";
import { Outside } from "../../fixtures/publish/outside.ts";
import { temporaryRoot } from "../io/journal/fixture.ts";

const NAMES = [
  "RECKONER_LOCAL",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_DYNAMODB",
  "AWS_ENDPOINT_URL_SQS",
  "AWS_ENDPOINT_URL_S3",
] as const;

let outside: Outside;
let folder: ReturnType<typeof temporaryRoot>;
const before = new Map<string, string | undefined>(NAMES.map((name) => [name, process.env[name]]));

beforeAll(async () => {
  outside = await Outside.start();
});
afterAll(async () => {
  for (const [name, value] of before) setVariable(name, value);
  await outside.leave();
});
beforeEach(() => {
  folder = temporaryRoot();
  for (const name of NAMES) setVariable(name, outside.environment[name]);
});
afterEach(() => folder[Symbol.dispose]());

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

function workerOf(journal: LiveJournal) {
  const messages: PublisherMessage[] = [];
  const deaths: string[] = [];
  const worker = new PublisherWorker({
    data: {
      root: folder.root,
      runId: "run-1",
      engine: outside.engine,
      prefix: outside.prefix,
      bucketPlace: outside.bucketPlace,
      recorderStatus: journal.statusMemory,
    },
    onMessage: (message) => void messages.push(message),
    onDeath: (reason) => void deaths.push(reason),
  });
  return { worker, messages, deaths };
}

test("the worker publishes what is acknowledged, what it is told, and says when all is out", async () => {
  const journal = new LiveJournal({ root: folder.root, runId: "run-1" }).commit();
  const { worker, messages } = workerOf(journal);
  worker.start();
  const progress = (message: PublisherMessage): boolean =>
    message.type === "progress" && message.publishedSeq === journal.ackedSeq;
  await vi.waitFor(() => expect(messages.some(progress)).toBe(true), { timeout: 60_000 });
  const [fact] = factsOfJournal(journal.directory, outside.engine, false);
  if (fact === undefined) throw new Error("a run begins");
  worker.tellFacts([{ ...fact, fact_id: "told" }]);
  worker.tellAlert({
    schemaVersion: ALERT_SCHEMA_VERSION,
    incidentId: "lease",
    engine: outside.engine,
    severity: 1,
    kind: "leaseLost",
    text: "another engine trades",
    atUs: 1,
  });
  await worker.stop();
  expect(messages.at(-1)).toMatchObject({ type: "stopped", isFlushed: true });
  expect((await outside.facts()).map(({ fact_id }) => fact_id).sort()).toEqual([
    fact.fact_id,
    "told",
  ]);
  expect((await outside.alerts()).map(({ kind }) => kind)).toEqual(["leaseLost"]);
  await journal.stop();
}, 90_000);

test("a worker that dies is begun again, and goes on when it can", async () => {
  const journal = new LiveJournal({ root: folder.root, runId: "run-1" }).commit();
  const { worker, messages, deaths } = workerOf(journal);
  setVariable("AWS_REGION", undefined);
  worker.start();
  await vi.waitFor(() => expect(deaths[0]).toContain("AWS_REGION"), { timeout: 60_000 });
  setVariable("AWS_REGION", outside.environment.AWS_REGION);
  await vi.waitFor(() => expect(messages.length).toBeGreaterThan(0), { timeout: 60_000 });
  await worker.stop();
  expect(messages.at(-1)).toMatchObject({ type: "stopped" });
  await journal.stop();
}, 150_000);

test("stopping what was never started, or is dead, is no wait", async () => {
  const journal = new LiveJournal({ root: folder.root, runId: "run-1" }).commit();
  const { worker, deaths } = workerOf(journal);
  await worker.stop();
  const dead = workerOf(journal);
  setVariable("AWS_REGION", undefined);
  dead.worker.start();
  await vi.waitFor(() => expect(dead.deaths).toHaveLength(1), { timeout: 60_000 });
  await dead.worker.stop();
  expect(deaths).toEqual([]);
  await journal.stop();
}, 90_000);

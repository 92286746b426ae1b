// Goal: a day's report is written once whoever builds it how often, its audit root only when the chains hold, and
// what is not whole is told. Method: the real stores over the embedded stand-ins.
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Alert } from "../../../contracts/alert.ts";
import { AUDIT_GENESIS, type AuditItem } from "../../../contracts/audit.ts";
import type { Fact } from "../../../contracts/history.ts";
import { historyItemOf } from "../../../contracts/history-item.ts";
import { actionKey, heartbeatKey, reportObjectKey } from "../../../contracts/keys.ts";
import { tableName } from "../../../contracts/resources.ts";
import {
  buildReport,
  type ReportPorts,
  SETTLED_LAG_MAX,
} from "../../../functions/build-report/build.ts";
import { type DailyReport, startOfDay } from "../../../functions/build-report/logic.ts";
import { sealedAudit } from "../../../functions/platform/hash.ts";
import { createArchiveStore } from "../../../functions/stores/archive-store.ts";
import { createAuditRootStore } from "../../../functions/stores/audit-root-store.ts";
import { createCommandStore } from "../../../functions/stores/command-store.ts";
import { createControlStore } from "../../../functions/stores/control-store.ts";
import { createHistoryStore } from "../../../functions/stores/history-store.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { FACTS_START_US, sampleFact } from "../../fixtures/facts.ts";

const DAY = "2026-09-21";
const START_US = startOfDay(DAY) ?? 0;
const US_PER_DAY = 86_400_000_000;

let rig: AwsRig;
let ports: ReportPorts;
let engineCount = 0;
let engine: string;
const told: Alert[] = [];

beforeAll(async () => {
  rig = await startAwsRig();
  const { documents, objects } = rig.clients;
  ports = {
    history: createHistoryStore(documents, rig.prefix),
    commands: createCommandStore(documents, rig.prefix),
    control: createControlStore(documents, rig.prefix),
    archive: createArchiveStore(objects, rig.prefix, rig.bucketPlace),
    roots: createAuditRootStore(objects, rig.prefix, rig.bucketPlace),
    alerts: {
      send: async (alert) => {
        told.push(alert);
        return "";
      },
    },
    log: { info: () => undefined, error: () => undefined },
  };
});
afterAll(async () => {
  await rig.stop();
});
beforeEach(() => {
  engineCount++;
  engine = `engine-${engineCount}`;
  told.length = 0;
});

const facts = (count: number): Fact[] =>
  Array.from({ length: count }, (_, n) => sampleFact("fill", n, { engine }));

async function keep(items: readonly Fact[]): Promise<void> {
  await ports.history.put(items.map(historyItemOf));
}

async function put(table: "commands" | "control", item: object): Promise<void> {
  const TableName = tableName(rig.prefix, table);
  await rig.clients.documents.send(new PutCommand({ TableName, Item: { ...item } }));
}

async function written(): Promise<DailyReport | undefined> {
  const archive = createArchiveStore(rig.clients.objects, rig.prefix, rig.bucketPlace);
  const bytes = await archive.read(reportObjectKey(engine, DAY));
  return bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes));
}

async function listed() {
  const page = await ports.history.query({
    engine,
    kind: "report",
    fromUs: START_US,
    toUs: START_US + US_PER_DAY,
    order: "newest",
    filters: {},
    limit: 10,
  });
  return page.kind === "page" ? page.records : [];
}

function link(seq: number, atUs: number, previousHash: string): AuditItem {
  return sealedAudit({
    schemaVersion: 1,
    engine,
    chain: "action",
    seq,
    kind: "kill",
    atUs,
    by: "ada",
    approvedBy: "",
    reason: "",
    requestId: `q${seq}`,
    before: "null",
    after: "null",
    previousHash,
  });
}

/** A chain with items at these times. */
async function chain(...timesUs: readonly number[]): Promise<AuditItem[]> {
  const items: AuditItem[] = [];
  for (const [n, atUs] of timesUs.entries()) {
    items.push(link(n + 1, atUs, items.at(-1)?.hash ?? AUDIT_GENESIS));
  }
  for (const item of items) await put("control", { ...actionKey(engine, item.seq), ...item });
  return items;
}

test("the facts of the tests lie in the day of the tests", () => {
  expect(FACTS_START_US).toBeGreaterThan(START_US);
  expect(FACTS_START_US).toBeLessThan(START_US + US_PER_DAY - 7_200_000_000);
});

describe("a report", () => {
  test("holds the day's facts over many pages, and is listed under its day", async () => {
    await keep(facts(520));
    const yesterday = sampleFact("denial", 1, { engine, observed_at: START_US - 1 });
    await keep([yesterday]);
    const result = await buildReport(ports, engine, DAY);
    expect(result).toEqual({ engine, day: DAY, outcome: "put", isWhole: true, findings: 0 });
    const report = await written();
    expect(report).toMatchObject({ engine, day: DAY, isWhole: true, facts: { fill: 520 } });
    expect(report?.modes[0]?.fills).toBe(520);
    expect(report?.denials).toEqual({});
    expect(await listed()).toMatchObject([
      { payload: { day: DAY, isSettled: true, objectKey: reportObjectKey(engine, DAY) } },
    ]);
    expect(told).toEqual([]);
  }, 60_000);

  test("is the same bytes however often and by however many it is built", async () => {
    await keep(facts(20));
    const first = await buildReport(ports, engine, DAY);
    const again = await Promise.all([1, 2, 3].map(() => buildReport(ports, engine, DAY)));
    expect(first.outcome).toBe("put");
    expect(again.map(({ outcome }) => outcome)).toEqual(["exists", "exists", "exists"]);
    expect(await listed()).toHaveLength(1);
    expect(told).toEqual([]);
  });

  test("of a day without facts is a report of nothing", async () => {
    expect(await buildReport(ports, engine, DAY)).toMatchObject({ outcome: "put", isWhole: true });
    expect((await written())?.facts).toEqual({});
  });

  test("with something missing says so, and so do people hear", async () => {
    const cycles = [1, 4].map((n) => sampleFact("cycle", n, { engine, payload: { cycle: n } }));
    await keep(cycles);
    expect(await buildReport(ports, engine, DAY)).toMatchObject({ isWhole: false, findings: 1 });
    expect(told).toMatchObject([
      { kind: "report-incomplete", severity: 2, incidentId: `${engine}.report-incomplete.${DAY}` },
    ]);
    expect(told[0]?.text).toContain("2 between 1 and 4");
  });

  test("holds fills to the positions before and after them, in whatever order facts are kept", async () => {
    const fill = sampleFact("fill", 5, { engine, payload: { mode: "paper" } });
    const traded = [{}, { ETH: "0.00105", USDT: "-60.06012" }];
    const positions = traded.map((each, n) =>
      sampleFact("position", 1 + 8 * n, { engine, payload: { traded: each } }),
    );
    await keep([fill, ...positions]);
    expect(await buildReport(ports, engine, DAY)).toMatchObject({ isWhole: true });
  });

  test("is left as it was when facts come later, and that is told", async () => {
    await keep(facts(2));
    await buildReport(ports, engine, DAY);
    await keep(facts(3));
    expect(await buildReport(ports, engine, DAY)).toMatchObject({ outcome: "differs" });
    expect((await written())?.facts).toEqual({ fill: 2 });
    expect(told.map(({ kind }) => kind)).toEqual(["report-differs"]);
  });

  test("of a day that is not settled is preliminary until it is", async () => {
    const beat = { engine, ackedSeq: SETTLED_LAG_MAX + 2, publishedSeq: 1 };
    await put("commands", { ...heartbeatKey(engine), ...beat });
    await keep(facts(2));
    expect(await buildReport(ports, engine, DAY)).toMatchObject({ outcome: "unsettled" });
    expect(await written()).toBeUndefined();
    expect(await listed()).toMatchObject([{ payload: { isSettled: false, facts: { fill: 2 } } }]);
    await keep(facts(3));
    await put("commands", { ...heartbeatKey(engine), ...beat, publishedSeq: beat.ackedSeq });
    expect(await buildReport(ports, engine, DAY)).toMatchObject({ outcome: "put" });
    expect(await listed()).toMatchObject([{ payload: { isSettled: true, facts: { fill: 3 } } }]);
  });

  test("that died half-way is finished by the next", async () => {
    await keep(facts(2));
    const putOnce = () => Promise.reject(new Error("killed"));
    const dying = buildReport({ ...ports, archive: { putOnce } }, engine, DAY);
    await expect(dying).rejects.toThrow("killed");
    expect(await buildReport(ports, engine, DAY)).toMatchObject({ outcome: "put" });
  });

  test("does not end early when a store loses its place", async () => {
    const query = async () => ({ kind: "badCursor" }) as never;
    const lost = buildReport({ ...ports, history: { ...ports.history, query } }, engine, DAY);
    await expect(lost).rejects.toThrow("do not follow one another");
  });
});

describe("the audit root", () => {
  test("names the last items before midnight, from the root of the day before on", async () => {
    const items = await chain(START_US - 5, START_US + 1, START_US + 2, START_US + US_PER_DAY);
    await buildReport(ports, engine, "2026-09-20");
    await buildReport(ports, engine, DAY);
    const rootOf = async (day: string) => (await ports.roots.read(engine, day))?.chains;
    const none = { seq: 0, hash: AUDIT_GENESIS };
    expect(await rootOf("2026-09-20")).toEqual({
      limits: none,
      action: { seq: 1, hash: items[0]?.hash },
    });
    expect(await rootOf(DAY)).toEqual({ limits: none, action: { seq: 3, hash: items[2]?.hash } });
  });

  test.each([
    ["an edit", "action item 2 was changed"],
    ["an edit with its own hash", "action item 3 does not follow the one before"],
    ["a hole", "action has no item 2"],
    ["a hole of two", "action has no item 2"],
  ])("is not written over %s, which is told as grave", async (kind, words) => {
    const times = [1, 2, 3, 4].map((n) => START_US + n);
    const [, second] = await chain(...times);
    if (second === undefined) throw new Error("there are three");
    const key = actionKey(engine, 2);
    const { hash: _hash, ...rest } = second;
    if (kind === "an edit") await put("control", { ...key, ...second, by: "eve" });
    if (kind === "an edit with its own hash") {
      await put("control", { ...key, ...sealedAudit({ ...rest, by: "eve" }) });
    }
    const missing = { "a hole": [2], "a hole of two": [2, 3] }[kind] ?? [];
    const readItem: ReportPorts["control"]["readItem"] = async (name, which, seq) =>
      missing.includes(seq) ? undefined : await ports.control.readItem(name, which, seq);
    const control = { ...ports.control, readItem };
    const result = await buildReport({ ...ports, control }, engine, DAY);
    expect(result).toMatchObject({ outcome: "put", isWhole: false });
    expect(told).toMatchObject([{ kind: "audit-gap", severity: 1 }]);
    expect(told[0]?.text).toContain(words);
    expect(await ports.roots.read(engine, DAY)).toBeUndefined();
  });

  test("is not written where the item of the root before was changed under its own hash", async () => {
    const [first] = await chain(START_US - 5, START_US + 1);
    await buildReport(ports, engine, "2026-09-20");
    await put("control", { ...actionKey(engine, 1), ...first, by: "eve" });
    expect(await buildReport(ports, engine, DAY)).toMatchObject({ isWhole: false });
    expect(told.at(-1)?.text).toContain("action item 1 is not the one of the root before");
    expect(await ports.roots.read(engine, DAY)).toBeUndefined();
  });

  test("that stands already and is another is told", async () => {
    await chain(START_US + 1);
    const wrong = { seq: 7, hash: "f".repeat(64) };
    const chains = { limits: wrong, action: wrong };
    await ports.roots.put({ schemaVersion: 1, engine, day: DAY, chains });
    expect(await buildReport(ports, engine, DAY)).toMatchObject({ isWhole: false });
    expect(told[0]?.text).toContain("another audit root");
    const next = await buildReport(ports, engine, "2026-09-22");
    expect(next.isWhole).toBe(false);
    expect(told.at(-1)?.text).toContain("is not the one of the root before");
  });
});

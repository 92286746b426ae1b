// Goal: however messages of facts arrive, each fact has one effect. Method: the real store over the embedded
// stand-ins, and the handler itself with events as the queue makes them.
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FACT_KINDS, FACT_SCHEMA_VERSION, type Fact } from "../../../contracts/history.ts";
import type { HistoryKind } from "../../../contracts/keys.ts";
import { eachMessage } from "../../../functions/platform/batch.ts";
import { itemsOf } from "../../../functions/project-records/logic.ts";
import {
  PoisonError,
  type ProjectPorts,
  projectMessage,
} from "../../../functions/project-records/project.ts";
import { createHistoryStore, type HistoryStore } from "../../../functions/stores/history-store.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { FACTS_START_US, sampleFact } from "../../fixtures/facts.ts";

const DAY = 86_400_000_000;
/** Only what the batch processor looks at. */
const CONTEXT = {} as Context;

let rig: AwsRig;
let history: HistoryStore;
let engineCount = 0;
let engine: string;
const counts = new Map<string, number>();
const lines: string[] = [];

beforeAll(async () => {
  rig = await startAwsRig();
  history = createHistoryStore(rig.clients.documents, rig.prefix);
});

afterAll(async () => {
  await rig.stop();
});

beforeEach(() => {
  engineCount += 1;
  engine = `engine-${engineCount}`;
  counts.clear();
  lines.length = 0;
});

function portsWith(store: Pick<HistoryStore, "put"> = history): ProjectPorts {
  const line = (message: string): void => void lines.push(message);
  return {
    history: store,
    log: { info: line, warn: line, error: line },
    meter: { count: (name, count = 1) => void counts.set(name, (counts.get(name) ?? 0) + count) },
  };
}

function bodyOf(facts: readonly unknown[], schemaVersion = FACT_SCHEMA_VERSION): string {
  return JSON.stringify({ schemaVersion, facts });
}

function eventOf(bodies: readonly string[]): SQSEvent {
  const Records = bodies.map((body, index) => ({ messageId: `m${index}`, body }) as SQSRecord);
  return { Records };
}

async function stored(kind: HistoryKind): Promise<readonly Fact[]> {
  const page = await history.query({
    engine,
    kind,
    fromUs: FACTS_START_US - DAY,
    toUs: FACTS_START_US + DAY,
    order: "oldest",
    filters: {},
    limit: 500,
  });
  if (page.kind !== "page") throw new Error("there is no cursor");
  return page.records as readonly Fact[];
}

/** Numbers below `count` in an order that looks like none; the same at every run. */
function shuffled(count: number): number[] {
  const step = 7919;
  return Array.from({ length: count }, (_, index) => (index * step) % count);
}

describe("a message of facts", () => {
  test("puts one item for each fact, of every kind, as it was reported", async () => {
    const facts = FACT_KINDS.map((kind) => sampleFact(kind, 1, { engine }));
    await projectMessage(portsWith(), bodyOf(facts));
    for (const fact of facts) expect(await stored(fact.kind)).toEqual([fact]);
    expect(counts.get("FactsWritten")).toBe(facts.length);
  });

  test("has one effect in a thousand duplicate and shuffled deliveries", async () => {
    const facts = Array.from({ length: 20 }, (_, n) => sampleFact("fill", n, { engine }));
    const bodies = facts.map((fact) => bodyOf([fact]));
    const ports = portsWith();
    for (let turn = 0; turn < 1000; turn += 100) {
      const batch = shuffled(1000).slice(turn, turn + 100);
      await Promise.all(
        batch.map((index) => projectMessage(ports, bodies[index % bodies.length] ?? "")),
      );
    }
    expect(await stored("fill")).toEqual(facts);
    expect(counts.get("FactsReceived")).toBe(1000);
    expect(counts.get("FactsWritten")).toBe(20);
  });

  test("leaves an order in its last state, in whatever order its states arrive", async () => {
    const states = ["sent", "open", "filled"] as const;
    const reports = states.map((state, index) =>
      sampleFact("order", 1, {
        engine,
        event_id: `run-a:${10 + index}`,
        ingested_at: FACTS_START_US + index,
        payload: { state },
      }),
    );
    const orders: readonly (readonly number[])[] = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [2, 0, 1],
    ];
    for (const order of orders) {
      for (const index of order) await projectMessage(portsWith(), bodyOf([reports[index]]));
      expect(await stored("order")).toEqual([reports[2]]);
    }
    await projectMessage(portsWith(), bodyOf([...reports].reverse()));
    expect(await stored("order")).toEqual([reports[2]]);
  });

  test("that dies half way is made whole by its redelivery", async () => {
    const facts = Array.from({ length: 12 }, (_, n) => sampleFact("fill", n, { engine }));
    for (let lives = 0; lives < facts.length; lives += 3) {
      const dying = {
        put: async (items: Parameters<HistoryStore["put"]>[0]) => {
          await history.put(items.slice(0, lives));
          throw new Error("the time is over");
        },
      };
      await expect(projectMessage(portsWith(dying), bodyOf(facts))).rejects.toThrow("time is over");
      expect((await stored("fill")).length).toBeGreaterThanOrEqual(lives);
    }
    await projectMessage(portsWith(), bodyOf(facts));
    expect(await stored("fill")).toEqual(facts);
  });

  test("has one effect when eight invocations have it at the same time", async () => {
    const facts = Array.from({ length: 10 }, (_, n) => sampleFact("denial", n, { engine }));
    const ports = portsWith();
    await Promise.all(Array.from({ length: 8 }, () => projectMessage(ports, bodyOf(facts))));
    expect(await stored("denial")).toEqual(facts);
    expect(counts.get("FactsWritten")).toBe(10);
  });
});

describe("a message that cannot be believed", () => {
  const good = sampleFact("fill", 1);
  const poisons: readonly (readonly [string, string])[] = [
    ["is not JSON", "{"],
    ["is no object", "7"],
    ["is of a later version", bodyOf([good], 2)],
    ["has no version", JSON.stringify({ facts: [good] })],
    ["holds a fact of a later version", bodyOf([{ ...good, schema_version: 2 }])],
    ["holds no list", JSON.stringify({ schemaVersion: 1, facts: {} })],
    ["holds more facts than a message may", bodyOf(Array.from({ length: 101 }, () => good))],
    ["holds a fact of no kind", bodyOf([{ ...good, kind: "wish" }])],
    ["holds a number as money", bodyOf([{ ...good, payload: { ...good.payload, price: 1.5 } }])],
    ["holds an unknown field", bodyOf([{ ...good, extra: 1 }])],
    ["holds an id that would break a key", bodyOf([{ ...good, fact_id: "a#b" }])],
    ["holds an event of another run", bodyOf([{ ...good, event_id: "run-b:1" }])],
    ["holds a class that is not the kind's", bodyOf([{ ...good, event_type: "ctl.fill" }])],
  ];

  test.each(poisons)("%s", async (_name, body) => {
    await expect(projectMessage(portsWith(), body)).rejects.toThrow(PoisonError);
    expect(counts.get("MessagesRefused")).toBe(1);
    expect(lines).toEqual(["message refused"]);
  });

  test("comes back alone, and what came with it is done", async () => {
    const bodies = [
      bodyOf([sampleFact("fill", 1, { engine })]),
      bodyOf([sampleFact("fill", 2, { engine }), { kind: "fill" }]),
      bodyOf([sampleFact("fill", 3, { engine })]),
    ];
    const ports = portsWith();
    const response = await eachMessage(eventOf(bodies), CONTEXT, ({ body }) =>
      projectMessage(ports, body),
    );
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: "m1" }]);
    expect((await stored("fill")).map(({ fact_id }) => fact_id)).toEqual(["fill-1", "fill-3"]);
  });
});

test("a store that does not answer brings the message back", async () => {
  const away = { put: async () => Promise.reject(new Error("throttled")) };
  const body = bodyOf([sampleFact("fill", 1, { engine })]);
  await expect(projectMessage(portsWith(away), body)).rejects.toThrow("throttled");
});

test("of several reports of one fact within a message the later one becomes the item", () => {
  const early = sampleFact("order", 1, { event_id: "run-a:2" });
  const late = sampleFact("order", 1, { event_id: "run-a:3" });
  expect(itemsOf([late, early]).map(({ fact }) => fact)).toEqual([late]);
  expect(itemsOf([early, late]).map(({ fact }) => fact)).toEqual([late]);
});

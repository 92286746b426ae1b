// Goal: a fact told any number of times in any order is one item, and pages hold every match once, in order, whatever the filter.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dayOf } from "../../../contracts/calendar.ts";
import type { HistoryFilters, HistoryRecord } from "../../../contracts/history-filter.ts";
import { type HistoryKind, historyKey } from "../../../contracts/keys.ts";
import {
  HISTORY_LIMIT_MAX,
  type HistoryPage,
  type HistoryQuery,
} from "../../../functions/stores/history-query.ts";
import {
  createHistoryStore,
  type HistoryPut,
  type HistoryStore,
} from "../../../functions/stores/history-store.ts";
import { type FaultPlan, plantFaults, plantRequests } from "../../fixtures/aws/faults.ts";
import { type AwsRig, awsTargets, startAwsRig } from "../../fixtures/aws/rig.ts";

/** Two hours before midnight, so that facts an hour apart lie on two days. */
const START_US = 1_790_294_400_000_000 - 7_200_000_000;
const HOUR_US = 3_600_000_000;

function putOf(record: HistoryRecord, version: string): HistoryPut {
  const { kind, engine, observed_at: atUs, fact_id: factId } = record;
  return {
    ...historyKey(kind, engine, atUs, factId),
    kind,
    engine,
    atUs,
    factId,
    version,
    fact: record,
  };
}

function fill(
  engine: string,
  n: number,
  payload: Record<string, unknown> = {},
  kind: HistoryKind = "fill",
): HistoryRecord {
  return {
    event_id: `run:${n}`,
    event_type: `exec.${kind}`,
    kind,
    fact_id: `fact-${String(n).padStart(5, "0")}`,
    engine,
    run_id: "run",
    venue: n % 2 === 0 ? "kraken" : "binance-spot",
    observed_at: START_US + n * 60_000_000,
    ingested_at: START_US + n * 60_000_000,
    schema_version: 1,
    payload: {
      instrument: n % 2 === 0 ? "kraken:BTC/USD" : "binance-spot:BTCUSDT",
      clientId: `rk-${n % 10}`,
      triangle: n % 5 === 0 ? "" : `T#${n % 5}`,
      corr: `c${n % 20}`,
      leg: n % 3,
      side: "buy",
      price: "1.10",
      empty: "",
      ...payload,
    },
  };
}

describe.each(awsTargets("dynamodb"))("history at $name $skipped", (target) => {
  describe.skipIf(target.skipped !== "")("", () => {
    let rig: AwsRig;
    let store: HistoryStore;
    let faults: FaultPlan;
    const count = 240;

    beforeAll(async () => {
      rig = await startAwsRig(target);
      faults = plantFaults(rig.clients.tables);
      store = createHistoryStore(rig.clients.documents, rig.prefix);
      const records = Array.from({ length: count }, (_, n) => fill("paper", n));
      await store.put(records.map((record) => putOf(record, "1")));
    }, 60_000);
    afterAll(async () => await rig.stop());

    const query = (change: Partial<HistoryQuery> = {}): HistoryQuery => ({
      engine: "paper",
      kind: "fill",
      fromUs: START_US,
      toUs: START_US + 4 * HOUR_US,
      order: "newest",
      filters: {},
      limit: 50,
      ...change,
    });

    const page = async (asked: HistoryQuery): Promise<HistoryPage> => {
      const answer = await store.query(asked);
      if (answer.kind !== "page") throw new Error("the cursor is ours");
      return answer;
    };

    const all = async (asked: HistoryQuery): Promise<readonly HistoryRecord[]> => {
      const records: HistoryRecord[] = [];
      let cursor: string | undefined;
      do {
        const answer = await page({ ...asked, cursor });
        expect(answer.records.length).toBeLessThanOrEqual(asked.limit);
        records.push(...answer.records);
        cursor = answer.cursor;
      } while (cursor !== undefined);
      return records;
    };

    test("the facts lie on more than one day, so that pages cross midnight", () => {
      expect(dayOf(START_US)).not.toBe(dayOf(START_US + (count - 1) * 60_000_000));
    });

    test("a page gives the newest first, exactly as they were put", async () => {
      const { records } = await page(query({ limit: 2 }));
      expect(records).toEqual([fill("paper", count - 1), fill("paper", count - 2)]);
    });

    test.each([1, 7, 50, 500])("pages of %d hold every fact once, both ways", async (limit) => {
      const forth = limit === 1 ? query({ limit, toUs: START_US + HOUR_US }) : query({ limit });
      const newest = await all(forth);
      const oldest = await all({ ...forth, order: "oldest" });
      const expected = limit === 1 ? 60 : count;
      expect(oldest.map(({ event_id }) => event_id)).toEqual(
        Array.from({ length: expected }, (_, n) => `run:${n}`),
      );
      expect(newest).toEqual(oldest.toReversed());
    });

    test("a range begins with its first microsecond and ends before its last", async () => {
      const range = { fromUs: START_US + 60_000_000, toUs: START_US + 180_000_000 };
      const found = await all(query(range));
      expect(found.map(({ event_id }) => event_id)).toEqual(["run:2", "run:1"]);
      expect(await all(query({ fromUs: START_US, toUs: START_US }))).toEqual([]);
    });

    const filters: readonly HistoryFilters[] = [
      { venue: "kraken" },
      { instrument: "binance-spot:BTCUSDT" },
      { triangle: "T#3" },
      { corr: "c7" },
      { clientId: "rk-4" },
      { leg: "2" },
      { side: "buy" },
      { side: "sell" },
      { venue: "kraken", leg: "1" },
      { triangle: "T#2", leg: "0", venue: "binance-spot" },
      { clientId: "rk-4", corr: "c14" },
      { clientId: "unknown" },
    ];

    test.each(filters)("the filter %j finds what a walk through all finds", async (asked) => {
      const everything = await all(query({ limit: 500 }));
      const expected = everything.filter((record) =>
        Object.entries(asked).every(
          ([name, value]) =>
            String(name === "venue" ? record.venue : record.payload[name]) === value,
        ),
      );
      expect(await all(query({ filters: asked, limit: 7 }))).toEqual(expected);
    });

    test("other engines and kinds are not seen", async () => {
      await store.put([putOf(fill("other", 1), "1"), putOf(fill("paper", 1, {}, "order"), "1")]);
      expect(await all(query({ engine: "other" }))).toEqual([fill("other", 1)]);
      expect(await all(query({ kind: "order" }))).toEqual([fill("paper", 1, {}, "order")]);
      expect(await all(query({ kind: "cycle" }))).toEqual([]);
    });

    test("200 deliveries of one fact, shuffled and at once, are one item: the latest", async () => {
      const versions = Array.from({ length: 200 }, (_, n) => (n * 7_919) % 200);
      const puts = versions.map((n) =>
        putOf(fill("many", 1, { state: String(n) }), String(n).padStart(4, "0")),
      );
      await store.put(puts);
      const found = await all(query({ engine: "many" }));
      expect(found.map(({ payload }) => payload.state)).toEqual(["199"]);
    });

    test("the second delivery of a version changes nothing and says so", async () => {
      const item = putOf(fill("twice", 1), "0001");
      expect(await store.put([item])).toBe(1);
      expect(await store.put([item])).toBe(0);
      expect(await store.put([putOf(fill("twice", 1, { state: "older" }), "0000")])).toBe(0);
      expect(await all(query({ engine: "twice" }))).toEqual([fill("twice", 1)]);
    });

    test("a put whose answer is lost is put, and one that is denied is said", async () => {
      faults.add("PutItemCommand", "lostAnswer");
      await store.put([putOf(fill("lost", 1), "1")]);
      expect(await all(query({ engine: "lost" }))).toHaveLength(1);
      faults.add("PutItemCommand", "denied");
      const denied = store.put([putOf(fill("lost", 2), "1")]);
      await expect(denied).rejects.toMatchObject({ fault: "denied" });
    });

    test("a rare filter ends its page after a bounded look and goes on where it stopped", async () => {
      const short = createHistoryStore(rig.clients.documents, rig.prefix, 40);
      const puts = Array.from({ length: 50 }, (_, n) =>
        putOf(fill("rare", n, { side: n === 0 ? "sell" : "buy" }), "1"),
      );
      await short.put(puts);
      const rare = query({ engine: "rare", filters: { side: "sell" } });
      const first = await short.query(rare);
      expect(first).toMatchObject({ kind: "page", records: [], examinedCount: 40 });
      const second = await short.query(
        first.kind === "page" ? { ...rare, cursor: first.cursor } : rare,
      );
      if (second.kind !== "page") throw new Error("the cursor is ours");
      expect(second.records.map(({ event_id }) => event_id)).toEqual(["run:0"]);
      expect(second.cursor).toBeUndefined();
    });

    test("a limit beyond the largest is the largest", async () => {
      const sent = plantRequests(rig.clients.tables);
      await page(query({ limit: 100_000 }));
      expect(sent.map(({ Limit }) => Limit)).toContain(HISTORY_LIMIT_MAX);
      expect(Math.max(...sent.map(({ Limit }) => Number(Limit ?? 0)))).toBe(HISTORY_LIMIT_MAX);
    });

    test("a cursor of another question, or a forged one, is refused by name", async () => {
      const { cursor } = await page(query({ limit: 5 }));
      if (cursor === undefined) throw new Error("there is more");
      const [print] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as string[];
      const forged = (...parts: unknown[]): string =>
        Buffer.from(JSON.stringify([print, ...parts])).toString("base64url");
      const day = dayOf(START_US);
      const outside = `${START_US - 1}#fact`;
      const attempts: readonly Partial<HistoryQuery>[] = [
        { cursor, engine: "other" },
        { cursor, kind: "order" },
        { cursor, order: "oldest" },
        { cursor, filters: { venue: "kraken" } },
        { cursor, fromUs: START_US + 1 },
        { cursor: forged(day, outside) },
        { cursor: forged(day, "limits#paper") },
        { cursor: forged("2020-01-01", `${START_US}#fact`) },
        { cursor: forged(day, `${START_US}#`) },
        { cursor: forged(day, 7) },
        { cursor: forged(day) },
        { cursor: "" },
        { cursor: "not a cursor" },
        { cursor: "bm8ganNvbg" },
      ];
      for (const change of attempts) {
        expect(await store.query(query({ limit: 5, ...change }))).toEqual({
          kind: "badCursor",
          field: "cursor",
        });
      }
    });
  });
});

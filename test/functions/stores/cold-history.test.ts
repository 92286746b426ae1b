// Goal: the archive answers as the table would: same filters, order, pages and cursors. Method: random facts
// compacted into an archive, every page compared with a plain sort and filter of the same facts.
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { factTimeUs } from "../../../contracts/fact-place.ts";
import type { Fact } from "../../../contracts/history.ts";
import {
  type HistoryFilters,
  type HistoryRecord,
  isHistoryMatch,
} from "../../../contracts/history-filter.ts";
import { joinKey, paddedTime } from "../../../contracts/keys.ts";
import { compactSegment } from "../../../functions/compact-archive/compaction.ts";
import {
  type ColdHistory,
  createColdHistory,
  DAYS_PER_PAGE_MAX,
  OBJECTS_PER_PAGE_MAX,
} from "../../../functions/stores/cold-history.ts";
import type { HistoryPage, HistoryQuery } from "../../../functions/stores/history-query.ts";
import { ArchiveObjectError } from "../../../functions/stores/parquet-file.ts";
import { type MemoryArchive, memoryArchive } from "../../fixtures/archive/memory-archive.ts";
import { ENGINE, sealedRun, uploadSegment } from "../../fixtures/archive/uploaded.ts";
import { FACTS_START_US, sampleFact } from "../../fixtures/facts.ts";

const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;
const SEGMENTS = 4;

let archive: MemoryArchive;
let cold: ColdHistory;
let facts: Fact[];

beforeAll(async () => {
  const run = await sealedRun(Array.from({ length: SEGMENTS }, () => [3]));
  facts = Array.from({ length: 160 }, (_, n) => {
    // Three days, with some facts at the same microsecond and one venue that is not the instrument's.
    const exchangeUs = FACTS_START_US + Math.floor((n * 3 * DAY) / 160 / 7) * 7;
    const atUs = n % 10 === 0 ? exchangeUs - (exchangeUs % HOUR) : exchangeUs;
    return sampleFact("fill", n, { payload: { exchangeUs: atUs } });
  });
  archive = memoryArchive();
  cold = createColdHistory(archive);
  for (const [index, manifest] of run.manifests.entries()) {
    const part = facts.filter((_, n) => n % SEGMENTS === index);
    // Every segment but the first tells the first fact again, as a successor does.
    const again = index === 0 ? [] : [{ ...facts[0], ingested_at: index } as Fact];
    const order = index === 0 ? [sampleFact("order", 5)] : [];
    const name = await uploadSegment(archive, run, manifest, [...again, ...part, ...order]);
    await compactSegment(archive, name, { deletesSegments: false });
  }
});

const WHOLE = { fromUs: FACTS_START_US - DAY, toUs: FACTS_START_US + 4 * DAY };

function question(change: Partial<HistoryQuery> = {}): HistoryQuery {
  return {
    engine: ENGINE,
    kind: "fill",
    ...WHOLE,
    order: "newest",
    filters: {},
    limit: 50,
    ...change,
  };
}

async function pageOf(query: HistoryQuery, from = cold): Promise<HistoryPage> {
  const page = await from.query(query);
  if (page.kind !== "page") throw new Error("the cursor is ours");
  return page;
}

/** All pages of a question. */
async function walk(query: HistoryQuery, from = cold): Promise<HistoryRecord[]> {
  const records: HistoryRecord[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 500; pages += 1) {
    const page = await pageOf({ ...query, cursor }, from);
    expect(page.records.length).toBeLessThanOrEqual(query.limit);
    records.push(...page.records);
    cursor = page.cursor;
    if (cursor === undefined) return records;
  }
  throw new Error("the pages do not end");
}

function expected({ fromUs, toUs, order, filters }: HistoryQuery): string[] {
  const sk = (fact: Fact): string => joinKey(paddedTime(factTimeUs(fact)), fact.fact_id);
  const sorted = facts
    .filter((fact) => factTimeUs(fact) >= fromUs && factTimeUs(fact) < toUs)
    .filter((fact) => isHistoryMatch(fact, filters))
    .sort((a, b) => (sk(a) < sk(b) ? -1 : 1))
    .map(({ fact_id }) => fact_id);
  return order === "newest" ? sorted.reverse() : sorted;
}

const idsOf = (records: readonly HistoryRecord[]): string[] =>
  records.map(({ fact_id }) => fact_id);

describe("pages of the archive", () => {
  test("hold every fact once, exactly as it was reported", async () => {
    const records = await walk(question());
    expect(idsOf(records)).toEqual(expected(question()));
    const byId = new Map(facts.map((fact) => [fact.fact_id, fact]));
    for (const record of records) expect(record).toEqual(byId.get(record.fact_id));
  });

  test("agree with a plain sort and filter for any range, order, filter and length", async () => {
    const filters: fc.Arbitrary<HistoryFilters> = fc.record(
      {
        venue: fc.constantFrom("binance-spot", "kraken"),
        instrument: fc.constantFrom("binance-spot:BTCUSDT", "binance-spot:ETHUSDT"),
        side: fc.constantFrom("buy", "sell"),
        leg: fc.constantFrom("0", "1", "7"),
        corr: fc.constantFrom("c-1-3", "c-1-44"),
        mode: fc.constantFrom("simulated", "live"),
      },
      { requiredKeys: [] },
    );
    const hours = fc.integer({ min: -5, max: 80 });
    const arbitrary = fc.record({
      fromHour: hours,
      toHour: hours,
      order: fc.constantFrom<"newest" | "oldest">("newest", "oldest"),
      limit: fc.integer({ min: 1, max: 60 }),
      filters,
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ fromHour, toHour, ...rest }) => {
        const query = question({
          ...rest,
          fromUs: FACTS_START_US + fromHour * HOUR,
          toUs: FACTS_START_US + toHour * HOUR,
        });
        expect(idsOf(await walk(query))).toEqual(expected(query));
      }),
      { numRuns: 40 },
    );
  });

  test("are empty for another engine, a kind that is not archived and a field that the kind has not", async () => {
    for (const change of [
      { engine: "other" },
      { kind: "report" },
      { filters: { severity: "1" } },
      { filters: { venue: "../audit" } },
    ] as const) {
      const page = await pageOf(question(change));
      expect(page).toMatchObject({ records: [], cursor: undefined });
    }
  });

  test("end after a month of nothing and say where to go on", async () => {
    const fromUs = FACTS_START_US - 100 * DAY;
    const query = question({ fromUs, toUs: FACTS_START_US + DAY, order: "oldest" });
    const first = await pageOf(query);
    expect(first.records).toEqual([]);
    expect(first.cursor).toBeDefined();
    expect(DAYS_PER_PAGE_MAX).toBeLessThan(100);
    expect(idsOf(await walk(query))).toEqual(expected(query));
  });

  test.each(["newest", "oldest"] as const)(
    "go on behind an hour that holds more objects than a page looks at, %s first",
    async (order) => {
      const crowded = memoryArchive();
      for (const [key, bytes] of archive.objects) crowded.objects.set(key, bytes);
      const isFill = (key: string): boolean => key.startsWith("archive/type=fill/");
      const [key = ""] = [...archive.objects.keys()].filter(isFill).sort().slice(5);
      const bytes = archive.objects.get(key) ?? new Uint8Array();
      for (let part = 1; part <= OBJECTS_PER_PAGE_MAX; part += 1) {
        crowded.objects.set(key.replace(/\.parquet$/, `.${part}.parquet`), bytes);
      }
      const query = question({ order });
      expect(idsOf(await walk(query, createColdHistory(crowded)))).toEqual(expected(query));
    },
  );

  test("hold a filter against the last report of an order, whichever segment has it", async () => {
    const run = await sealedRun([[3], [3]]);
    const retold = memoryArchive();
    for (const [index, manifest] of run.manifests.entries()) {
      const told = sampleFact("order", 5, {
        payload: { state: index === 0 ? "canceled" : "filled" },
      });
      const order = { ...told, ingested_at: told.ingested_at + index };
      const name = await uploadSegment(retold, run, manifest, [order]);
      await compactSegment(retold, name, { deletesSegments: false });
    }
    const statesOf = async (state: string) => {
      const query = question({ kind: "order", filters: { state, instrument: "kraken:BTC/USD" } });
      const records = await walk(query, createColdHistory(retold));
      return records.map(({ payload }) => payload.state);
    };
    expect(await statesOf("canceled")).toEqual([]);
    expect(await statesOf("filled")).toEqual(["filled"]);
  });

  test("refuse a cursor of another question, a forged place and noise", async () => {
    const { cursor = "" } = await pageOf(question({ limit: 5 }));
    expect(cursor).not.toBe("");
    const bad = { kind: "badCursor", field: "cursor" };
    expect(await cold.query(question({ limit: 5, order: "oldest", cursor }))).toEqual(bad);
    expect(await cold.query(question({ engine: "other", cursor }))).toEqual(bad);
    expect(await cold.query(question({ cursor: "x" }))).toEqual(bad);
  });
});

test("an object that is gone between listing and reading is an error, not an empty answer", async () => {
  const gone = { ...archive, read: async () => undefined };
  await expect(createColdHistory(gone).query(question())).rejects.toThrow(ArchiveObjectError);
});

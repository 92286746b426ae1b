// Goal: every question gets all of its answer and nothing else: filters, pages over a moving clock, the
// border between table and archive, CSV.
import { beforeAll, describe, expect, test } from "vitest";
import { factAt, fillAt } from "./facts.ts";
import { ENGINE, START_US } from "./memory-ports.ts";
import { createRigMaker, type Rig, type RigMaker, type Told } from "./rig.ts";

const PATH = `/v1/engines/${ENGINE}`;
const US_PER_DAY = 86_400_000_000;
const DAY_START = START_US - US_PER_DAY / 2;
let maker: RigMaker;
beforeAll(async () => {
  maker = await createRigMaker();
});

type Item = Readonly<Record<string, unknown>>;
const itemsOf = ({ body }: Told): readonly Item[] => body.items as unknown as readonly Item[];

async function get(rig: Rig, path: string, headers: Record<string, string> = {}): Promise<Told> {
  return await rig.ask("GET", path.startsWith("/") ? path : `${PATH}/${path}`, {
    as: "vera",
    headers,
  });
}

/** All pages of a question, by its cursors; `between` happens before each further page. */
async function walk(rig: Rig, path: string, between = (): void => {}): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: unknown;
  for (let page = 0; page < 100; page += 1) {
    const mark = path.includes("?") ? "&" : "?";
    const told = await get(rig, cursor === undefined ? path : `${path}${mark}cursor=${cursor}`);
    expect(told.status, told.text).toBe(200);
    items.push(...itemsOf(told));
    cursor = told.body.nextCursor;
    if (cursor === undefined) return items;
    between();
  }
  throw new Error("the pages have an end");
}

describe("fills", () => {
  test("are found by every field that they can be filtered by", async () => {
    const rig = maker.create();
    rig.memory.hot.push(
      fillAt(START_US - 50, { side: "sell", leg: 2, corr: "c9", cycle: 9 }),
      fillAt(
        START_US - 40,
        { instrument: "kucoin:ETH-BTC", triangle: "BTC>ETH", clientId: "rkX" },
        "kucoin",
      ),
      fillAt(START_US - 30, { mode: "live", orderId: "oX" }),
    );
    for (const [filter, value, count] of [
      ["side", "sell", 1],
      ["leg", "2", 1],
      ["corr", "c9", 1],
      ["cycle", "9", 1],
      ["venue", "kucoin", 1],
      ["instrument", "kucoin:ETH-BTC", 1],
      ["triangle", "BTC>ETH", 1],
      ["clientId", "rkX", 1],
      ["orderId", "oX", 1],
      ["mode", "live", 1],
      ["venue", "binance-spot", 0],
    ] as const) {
      const query = new URLSearchParams({ [filter]: value });
      const found = itemsOf(await get(rig, `trades?${query}`));
      expect(found.length, filter).toBe(count);
    }
    const both = itemsOf(await get(rig, "trades?venue=kraken&side=buy"));
    expect(both).toHaveLength(1);
    expect(both[0]).toMatchObject({ price: "60000.1", at: "2026-11-21T11:59:59.999970Z" });
  });

  test("come newest first, or oldest first, page by page, each once", async () => {
    const rig = maker.create();
    const times = Array.from({ length: 57 }, (_, index) => START_US - 1000 - index * 7);
    rig.memory.hot.push(...times.map((at) => fillAt(at)));
    const newest = await walk(rig, "trades?limit=10");
    expect(newest.map(({ atUs }) => atUs)).toEqual(times);
    const oldest = await walk(rig, "trades?limit=10&order=oldest");
    expect(oldest.map(({ atUs }) => atUs)).toEqual(times.toReversed());
  });

  test("stay in their pages while the clock and the days go on and new ones arrive", async () => {
    const rig = maker.create();
    const times = Array.from({ length: 30 }, (_, index) => START_US - 1000 - index);
    rig.memory.hot.push(...times.map((at) => fillAt(at)));
    const walked = await walk(rig, "trades?limit=7", () => {
      rig.memory.nowUs += 3_000_000;
      rig.memory.hot.push(fillAt(rig.memory.nowUs));
    });
    expect(walked.map(({ atUs }) => atUs)).toEqual(times);
  });

  test("of a range include its beginning and not its end", async () => {
    const rig = maker.create();
    rig.memory.hot.push(...[0, 1, 2].map((n) => fillAt(DAY_START + n)));
    const range = `from=${DAY_START + 1}&to=${DAY_START + 2}`;
    expect(itemsOf(await get(rig, `trades?${range}`))).toHaveLength(1);
    expect(itemsOf(await get(rig, "trades?from=2026-11-21&to=2026-11-21"))).toHaveLength(3);
    const instants = "from=2026-11-21T00:00:00.000002Z&to=2026-11-21T00:01Z";
    expect(itemsOf(await get(rig, `trades?${instants}`))).toHaveLength(1);
  });

  test("of another question's cursor are refused", async () => {
    const rig = maker.create();
    rig.memory.hot.push(...[1, 2, 3].map((n) => fillAt(START_US - n)));
    const told = await get(rig, "trades?limit=1");
    const cursor = String(told.body.nextCursor);
    expect((await get(rig, `trades?limit=1&venue=kraken&cursor=${cursor}`)).status).toBe(400);
    expect((await get(rig, `orders?limit=1&cursor=${cursor}`)).status).toBe(400);
    expect((await get(rig, `trades?from=2026-11-20&cursor=${cursor}`)).status).toBe(400);
    expect((await get(rig, `trades?to=2026-11-20&cursor=${cursor}`)).status).toBe(400);
    expect((await get(rig, `trades?limit=1&cursor=${cursor}`)).status).toBe(200);
    // Another engine's question is another question.
    const other = `/v1/engines/other/trades?limit=1&cursor=${cursor}`;
    expect((await get(rig, other)).status).toBe(400);
  });

  test.each([
    ["warm", START_US - 10, START_US, 0, ""],
    ["hot", "x", START_US, 0, ""],
    ["hot", 5, 4, 0, ""],
    ["hot", 0, START_US, 0, ""],
    ["hot", START_US - 10, START_US, 17, ""],
    ["cold", START_US - 10, START_US, 0, ""],
    ["hot", START_US - 10, START_US, 0, 7],
    ["hot", START_US - 10, START_US, 0, "Zm9yZ2Vk"],
  ])("with a forged place %j are refused", async (...parts) => {
    const cursor = Buffer.from(JSON.stringify(parts)).toString("base64url");
    const told = await get(maker.create(), `trades?cursor=${cursor}`);
    expect(told.status).toBe(400);
    expect(told.body.field).toBe("cursor");
  });
});

describe("older than the table keeps", () => {
  const HOT_DAYS = 30;
  const border = DAY_START - HOT_DAYS * US_PER_DAY;
  const days = (from: number, to: number): string =>
    `from=${border - from * US_PER_DAY}&to=${border + to * US_PER_DAY}`;

  function rigWithBoth(): { readonly rig: Rig; readonly times: readonly number[] } {
    const rig = maker.create({ hotDays: HOT_DAYS });
    const hot = [1, 2, 3].map((n) => border + n * 1_000);
    const cold = [1, 2, 3].map((n) => border - n * 1_000);
    rig.memory.hot.push(...hot.map((at) => fillAt(at)));
    rig.memory.cold.push(...cold.map((at) => fillAt(at)));
    // What both hold is told by the one that is responsible.
    rig.memory.hot.push(...cold.map((at) => fillAt(at)));
    return { rig, times: [...cold.toReversed(), ...hot] };
  }

  test("the archive answers, across the border and in order", async () => {
    const { rig, times } = rigWithBoth();
    const newest = await walk(rig, `trades?limit=2&${days(2, 2)}`);
    expect(newest.map(({ atUs }) => atUs)).toEqual(times.toReversed());
    const oldest = await walk(rig, `trades?limit=2&order=oldest&${days(2, 2)}`);
    expect(oldest.map(({ atUs }) => atUs)).toEqual(times);
  });

  test("a page is filled from both, and says so", async () => {
    const { rig } = rigWithBoth();
    const told = await get(rig, `trades?limit=5&${days(2, 2)}`);
    expect(itemsOf(told)).toHaveLength(5);
    expect(told.body.sources).toEqual(["hot", "cold"]);
    const old = await get(rig, `trades?${days(2, -1)}`);
    expect(old.body.sources).toEqual(["cold"]);
  });

  test("only the one that is needed is asked", async () => {
    const { rig } = rigWithBoth();
    rig.ports.archive.query = () => Promise.reject(new Error("not needed"));
    expect((await get(rig, `trades?${days(0, 2)}`)).status).toBe(200);
    rig.ports.history.query = () => Promise.reject(new Error("down"));
    const told = await get(rig, `trades?${days(0, 2)}`);
    expect(told.status).toBe(500);
    expect(told.text).not.toContain("down");
  });

  test("an archive that is empty for long does not make a page endless", async () => {
    const { rig } = rigWithBoth();
    let asked = 0;
    rig.ports.archive.query = async () => {
      asked += 1;
      return { kind: "page", records: [], cursor: `more-${asked}`, examinedCount: 0 };
    };
    const told = await get(rig, `trades?${days(2, -1)}`);
    expect(told.status).toBe(200);
    expect(asked).toBeLessThanOrEqual(4);
    expect(told.body.nextCursor).toBeDefined();
  });
});

describe("CSV", () => {
  test("by format or Accept, with the way to the next page in the headers", async () => {
    const rig = maker.create();
    rig.memory.hot.push(fillAt(START_US - 3), fillAt(START_US - 2), fillAt(START_US - 1));
    const told = await get(rig, "trades?format=csv&limit=2");
    expect(told.headers.get("content-type")).toContain("text/csv");
    const lines = told.text.split("\r\n");
    expect(lines[0]?.startsWith("at,atUs,venue,instrument,kind,")).toBe(true);
    expect(lines).toHaveLength(4);
    const cursor = told.headers.get("x-next-cursor") ?? "";
    expect(told.headers.get("link")).toContain(`cursor=${cursor}`);
    const next = await get(rig, `trades?limit=2&cursor=${cursor}`, { accept: "text/csv" });
    expect(next.text.split("\r\n")).toHaveLength(3);
    const json = await get(rig, "trades?format=json", { accept: "text/csv" });
    expect(json.headers.get("content-type")).toBe("application/json");
  });

  test("holds no formula, whatever an instrument is called", async () => {
    const rig = maker.create();
    const fact = factAt("denial", START_US - 1, {
      instrument: "kraken:X",
      cycle: 1,
      leg: 0,
      control: "PT01",
      reason: '=HYPERLINK("http://evil.test")',
      limitsVersion: 3,
    });
    rig.memory.hot.push(fact);
    const told = await get(rig, "denials?format=csv");
    expect(told.text).toContain(`"'=HYPERLINK(""http://evil.test"")"`);
  });
});

test("an alarm keeps its own kind beside the kind of fact", async () => {
  const rig = maker.create();
  rig.memory.hot.push(
    factAt("alert", START_US - 1, { severity: 1, kind: "killed", instrument: "", text: "t" }, null),
  );
  const [item] = itemsOf(await get(rig, "alerts?kind=killed&severity=1"));
  expect(item).toMatchObject({ kind: "alert", alertKind: "killed", venue: null });
});

test("a resync is told with epoch, cause, its six stages and the orders it touched", async () => {
  const rig = maker.create();
  const stagesUs = { detect: 1, dial: 2, subscribe: 3, snapshot: 4, rebuild: 5, validate: 6 };
  const resync = {
    resyncId: 4,
    instrument: "kraken:BTC/USD",
    shard: 0,
    cause: "sequenceGap",
    epoch: 9,
    degradedUs: START_US - 22,
    liveUs: START_US - 1,
    totalUs: 21,
    stagesUs,
    snapshotCount: 1,
    tick: 77,
    ordersTouched: ["rk1", "rk2"],
  } as const;
  rig.memory.hot.push(factAt("resync", START_US - 1, resync));
  const [item] = itemsOf(await get(rig, "resyncs?cause=sequenceGap&instrument=kraken:BTC/USD"));
  expect(item).toMatchObject(resync);
});

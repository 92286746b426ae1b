// Goal: every question gets all of its answer and nothing else: filters, pages over a moving clock, the
// border between table and archive, CSV, sums, the audit's walk; and every answer has its documented form.
import { beforeAll, describe, expect, test } from "vitest";
import type { AuditItem } from "../../../contracts/audit.ts";
import type { Fact } from "../../../contracts/history.ts";
import { EXAMPLES, freshHeaders } from "./examples.ts";
import { cycleAt, factAt, fillAt } from "./facts.ts";
import { ENGINE, START_US } from "./memory-ports.ts";
import { createRigMaker, type Rig, type RigMaker, seedLimits, type Told } from "./rig.ts";

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

describe("sums", () => {
  function rigWithCycles(): Rig {
    const rig = maker.create();
    rig.memory.hot.push(
      cycleAt(DAY_START + 10, { profit: "0.1" }, [{}, { fees: { BTC: "0.00000001" } }]),
      cycleAt(DAY_START + 20, { profit: "0.2" }),
      cycleAt(DAY_START + 30, { profit: "-0.3000000000000000001", ending: "FAILED" }, [
        { state: "canceled", ackUs: 0, fillUs: 0, fees: {} },
      ]),
      cycleAt(DAY_START - 10, { profit: "1", mode: "live" }),
      cycleAt(DAY_START + 40, { profit: "5", profitAsset: "BTC", triangle: "BTC>ETH" }),
    );
    return rig;
  }

  test("of profit are exact, by day, mode and asset", async () => {
    const told = await get(rigWithCycles(), "pnl");
    expect(told.body.days).toEqual([
      {
        day: "2026-11-20",
        mode: "live",
        asset: "USD",
        profit: "1",
        cycles: { FILLED: 1 },
        fees: { USD: "0.06" },
      },
      {
        day: "2026-11-21",
        mode: "paper",
        asset: "BTC",
        profit: "5",
        cycles: { FILLED: 1 },
        fees: { USD: "0.06" },
      },
      {
        day: "2026-11-21",
        mode: "paper",
        asset: "USD",
        profit: "-0.0000000000000000001",
        cycles: { FAILED: 1, FILLED: 2 },
        fees: { BTC: "0.00000001", USD: "0.12" },
      },
    ]);
    expect(told.body.totals).toContainEqual({ mode: "live", asset: "USD", profit: "1" });
  });

  test("of execution say how much was filled and what was lost on the way", async () => {
    const told = await get(rigWithCycles(), "execution?from=2026-11-21");
    expect(told.body.triangles).toContainEqual({
      triangle: "USD>BTC>ETH",
      mode: "paper",
      cycles: 3,
      filled: 2,
      fillRate: "0.666666",
      predictedBps: "5",
      effectiveBps: "3.5",
      slippageBps: "1.5",
    });
    expect(told.body.legs).toContainEqual({
      triangle: "USD>BTC>ETH",
      mode: "paper",
      leg: 0,
      orders: 3,
      filled: 2,
      fillRate: "0.666666",
      ackUsMean: 300,
      fillUsMean: 600,
    });
  });

  test("where nothing was filled have no mean", async () => {
    const rig = maker.create();
    rig.memory.hot.push(
      cycleAt(DAY_START + 1, { ending: "ABORTED", effectiveBps: "-2" }, [
        { state: "notSent", firedUs: 0 },
      ]),
    );
    const told = await get(rig, "execution");
    expect(told.body.triangles).toMatchObject([{ filled: 0, predictedBps: "", slippageBps: "" }]);
    expect(told.body.legs).toMatchObject([{ ackUsMean: null, fillUsMean: null }]);
  });

  test("over more cycles than can be summed are refused, not cut", async () => {
    const rig = maker.create();
    const cycle = cycleAt(DAY_START + 1);
    const records = Array.from({ length: 500 }, () => ({
      ...cycle,
      payload: { ...cycle.payload },
    }));
    rig.ports.history.query = async () => {
      return { kind: "page", records, cursor: "more", examinedCount: 500 };
    };
    const told = await get(rig, "pnl");
    expect(told.status).toBe(422);
    expect(told.body.field).toBe("from");
  });
});

test("positions are the last of each venue", async () => {
  const rig = maker.create();
  const position = (total: string) => {
    return {
      mode: "paper",
      balances: { USD: [total, "0"] },
      traded: {},
      profit: {},
      dayResult: "0",
      openOrders: 0,
      unknownOrders: 0,
    } as const;
  };
  rig.memory.hot.push(
    factAt("position", START_US - 120_000_000, position("1")),
    factAt("position", START_US - 60_000_000, position("2")),
    factAt("position", START_US - 90_000_000, position("3"), "kucoin"),
  );
  const items = itemsOf(await get(rig, "positions"));
  expect(items.map(({ venue, balances }) => [venue, balances])).toEqual([
    ["kraken", { USD: ["2", "0"] }],
    ["kucoin", { USD: ["3", "0"] }],
  ]);
  expect(itemsOf(await get(rig, "positions/history"))).toHaveLength(3);
});

describe("status", () => {
  test("is the last heartbeat with its age", async () => {
    const rig = maker.create();
    const told = await get(rig, "status");
    expect(told.body).toMatchObject({ engine: ENGINE, isFresh: true, ageUs: 1_000_000 });
    expect(told.body.status).toHaveProperty("trading");
    rig.memory.nowUs += 60_000_000;
    expect((await get(rig, "status")).body.isFresh).toBe(false);
  });

  test("of an engine that was never heard says so, and what is no JSON is null", async () => {
    const rig = maker.create();
    const known = rig.memory.heartbeats.get(ENGINE);
    if (known === undefined) throw new Error("the engine was heard");
    rig.memory.heartbeats.set(ENGINE, { ...known, statusJson: "{" });
    expect((await get(rig, "status")).body.status).toBeNull();
    rig.memory.heartbeats.clear();
    expect((await get(rig, "status")).body).toMatchObject({ isFresh: false, heartbeat: null });
  });
});

describe("the audit", () => {
  async function rigWithActions(count: number): Promise<{ rig: Rig; items: AuditItem[] }> {
    const rig = maker.create();
    for (let n = 0; n < count; n += 1) {
      rig.memory.nowUs += 2_000_000;
      await rig.ask("POST", `${PATH}/kill`, {
        as: "otto",
        body: { scope: "all", reason: `n ${n}` },
      });
    }
    return { rig, items: rig.memory.chains.get(`${ENGINE} action`) ?? [] };
  }

  test("is read newest first, page by page", async () => {
    const { rig } = await rigWithActions(7);
    const items = await walk(rig, "audit?limit=3");
    expect(items.map(({ seq }) => seq)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect((await get(rig, "audit?chain=limits")).body).toEqual({ items: [], fault: null });
  });

  test("that is whole is said to be whole, from anywhere", async () => {
    const { rig } = await rigWithActions(120);
    expect((await get(rig, "audit/verify")).body).toEqual({
      chain: "action",
      fromSeq: 1,
      checkedTo: 120,
      headSeq: 120,
      isComplete: true,
      fault: null,
    });
    expect((await get(rig, "audit/verify?from=60")).body.isComplete).toBe(true);
    expect((await get(rig, "audit/verify?chain=limits")).body.isComplete).toBe(true);
    expect((await get(rig, "audit/verify?from=500")).body.fault).toMatchObject({ seq: 499 });
  });

  test.each([
    [
      "an edit",
      4,
      (items: AuditItem[]) => items.splice(3, 1, { ...edited(items, 3), reason: "x" }),
    ],
    ["a drop", 4, (items: AuditItem[]) => items.splice(3, 1)],
    [
      "a swap",
      4,
      (items: AuditItem[]) => {
        const [third, fourth] = [edited(items, 3), edited(items, 4)];
        items.splice(3, 2, { ...fourth, seq: 4 }, { ...third, seq: 5 });
      },
    ],
    [
      "an item of another chain",
      4,
      (items: AuditItem[]) =>
        items.splice(3, 1, { ...edited(items, 3), previousHash: "f".repeat(64) }),
    ],
  ] as const)("in which %s was planted is said to break there", async (_name, seq, plant) => {
    const { rig, items } = await rigWithActions(9);
    plant(items);
    const told = await get(rig, "audit/verify");
    expect(told.body).toMatchObject({ isComplete: false, checkedTo: seq - 1 });
    expect(told.body.fault).toMatchObject({ seq });
  });

  function edited(items: readonly AuditItem[], index: number): AuditItem {
    const item = items[index];
    if (item === undefined) throw new RangeError(`item ${index} is there`);
    return item;
  }
});

test("a report is what was written, and its list is history", async () => {
  const rig = maker.create();
  rig.memory.reports.set(`${ENGINE} 2026-11-20`, { day: "2026-11-20", trades: 3 });
  expect((await get(rig, "reports/2026-11-20")).body).toEqual({ day: "2026-11-20", trades: 3 });
  expect((await get(rig, "reports/2026-11-19")).status).toBe(404);
  const report = { ...fillAt(START_US - 20 * US_PER_DAY), kind: "report" } as unknown as Fact;
  rig.memory.hot.push(report);
  expect(itemsOf(await get(rig, "reports"))).toHaveLength(1);
});

describe("who asks", () => {
  test("learns who they are and which engines are theirs", async () => {
    const rig = maker.create();
    expect((await get(rig, "/v1/me")).body).toEqual({
      subject: "vera",
      role: "viewer",
      engines: [ENGINE, "other"],
    });
    const told = await rig.ask("GET", "/v1/engines", { as: "elsewhere" });
    expect(told.body).toEqual({ engines: ["other"] });
  });

  test("needs nothing to learn that the API answers, and learns no more", async () => {
    const told = await maker.create().ask("GET", "/v1/health");
    expect(told.status).toBe(200);
    expect(told.text).toBe('{"status":"ok"}');
  });
});

describe.each(EXAMPLES)("$id", (example) => {
  test("answers as the document says", async () => {
    const rig = maker.create();
    await seedLimits(rig);
    rig.memory.hot.push(fillAt(START_US - 5), cycleAt(START_US - 4));
    rig.memory.reports.set(`${ENGINE} 2026-11-20`, { day: "2026-11-20" });
    const told = await rig.ask(example.method, example.path, {
      as: "anna",
      body: example.body,
      headers: freshHeaders(example),
    });
    const schema = example.endpoint.responses[told.status]?.schema;
    if (told.status === 404) expect(told.headers.get("content-type")).toContain("problem");
    else expect(schema?.safeParse(told.body).error?.message).toBeUndefined();
    expect(schema === undefined).toBe(told.status === 404);
    for (const name of ["cache-control", "content-security-policy", "x-content-type-options"]) {
      expect(told.headers.get(name), name).not.toBeNull();
    }
    expect(told.headers.get("strict-transport-security")).toContain("max-age");
  });
});

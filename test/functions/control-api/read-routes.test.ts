// Goal: sums are exact, what stands is shown as it stands, and every answer has its documented form.
import { beforeAll, describe, expect, test } from "vitest";
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

test("a source that finds a cursor where none was sent is told as such, not as an answer", async () => {
  const rig = maker.create();
  rig.ports.history.query = async () => ({ kind: "badCursor", field: "cursor" });
  for (const path of ["positions", "pnl", "execution"]) {
    expect((await get(rig, path)).status).toBe(400);
  }
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

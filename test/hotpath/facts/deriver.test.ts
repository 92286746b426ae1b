// Goal: every kind of record becomes the fact it should, by names and decimal text, and the same journal gives
// the same facts, wherever it is taken up.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fact } from "../../../contracts/history.ts";
import {
  CLASS_CMD,
  CLASS_CTL,
  CLASS_NORM,
  CLASS_RAW,
  CMD_COMMAND,
  CTL_CHECKPOINT,
  CTL_EVENT,
  CTL_RUN_HEADER,
} from "../../../contracts/journal.ts";
import type { ResyncRecord } from "../../../contracts/resync.ts";
import type { CoreCommand } from "../../../hotpath/core/commands.ts";
import type { ControlEvent } from "../../../hotpath/core/events.ts";
import { foldTrading } from "../../../hotpath/core/trade/restored.ts";
import { orderOptionsOf } from "../../../hotpath/core/trade/trading.ts";
import { FactDeriver } from "../../../hotpath/facts/deriver.ts";
import { type Derived, type FactRecord, holdsFacts } from "../../../hotpath/facts/fact-record.ts";
import type { FactPlan } from "../../../hotpath/facts/names.ts";
import type { OrderStep } from "../../../hotpath/facts/order-step.ts";
import {
  fillRecord,
  LIVE_START_US,
  OF_ACCOUNT,
  placeOrder,
  standardLimits,
  tradingPlan,
} from "../../fixtures/publish/live-journal.ts";
import {
  alarmRecord,
  cycleRecord,
  denialRecord,
  opportunityRecord,
  orderRecord,
} from "../../fixtures/trading/record-fixture.ts";

const SOURCE = { engine: "paper", runId: "run-1" } as const;
const CLIENT_ID = "rk00003-00000001";

function command(seq: number, body: CoreCommand): FactRecord {
  const atUs = LIVE_START_US + seq;
  return { classCode: CLASS_CMD, type: CMD_COMMAND, seq, atUs, body: JSON.stringify(body) };
}

function event(seq: number, body: ControlEvent): FactRecord {
  const atUs = LIVE_START_US + seq;
  return { classCode: CLASS_CTL, type: CTL_EVENT, seq, atUs, body: JSON.stringify(body) };
}

function header(plan: FactPlan = tradingPlan()): FactRecord {
  const body = JSON.stringify(plan);
  return { classCode: CLASS_CTL, type: CTL_RUN_HEADER, seq: 1, atUs: LIVE_START_US + 1, body };
}

function resync(over: Partial<ResyncRecord> = {}): ResyncRecord {
  return {
    resyncId: 4,
    venue: "binance-spot",
    instrument: "binance-spot:BTCUSDT",
    shard: 0,
    cause: "sequenceGap",
    epoch: 2,
    degradedUs: LIVE_START_US + 100,
    liveUs: LIVE_START_US + 200,
    totalUs: 100,
    stagesUs: { detect: 10, dial: 0, subscribe: 0, snapshot: 60, rebuild: 20, validate: 10 },
    snapshotCount: 1,
    tick: 9,
    ...over,
  };
}

function derive(records: readonly FactRecord[]): { facts: Fact[]; orders: OrderStep[] } {
  const deriver = new FactDeriver({ source: SOURCE });
  const derived: Derived[] = [header(), ...records].map((record) => deriver.take(record));
  return {
    facts: derived.flatMap(({ facts }) => facts).slice(1),
    orders: derived.flatMap(({ orders }) => orders),
  };
}

/** One record of each kind of fact that a journal holds. */
const EVERYTHING: readonly FactRecord[] = [
  command(2, placeOrder(1)),
  command(3, { type: "recordOpportunity", opportunity: opportunityRecord() }),
  command(4, { type: "recordDenial", denial: denialRecord() }),
  event(5, { ...OF_ACCOUNT, type: "orderAccepted", clientId: CLIENT_ID, orderId: "555" }),
  command(6, { type: "recordFill", fill: fillRecord() }),
  command(7, { type: "recordOrder", order: orderRecord({ clientId: CLIENT_ID }) }),
  command(8, { type: "recordCycle", cycle: cycleRecord() }),
  command(9, { type: "recordAlarm", alarm: alarmRecord() }),
  command(10, {
    type: "recordKill",
    scope: "venue",
    target: "binance-spot",
    isKilled: true,
    by: "ann",
    reason: "drill",
  }),
  command(11, { type: "recordMode", venue: 0, from: "active", to: "exitsOnly", reason: "silence" }),
  command(12, { type: "recordResync", record: resync() }),
  event(13, {
    type: "limitsChanged",
    version: 2,
    limits: standardLimits(),
    by: "bob",
    reason: "tighter",
  }),
  event(14, { type: "shutdownRequested" }),
];

describe("facts of a journal", () => {
  test("a run begins with its modes and its fence", () => {
    const [started] = new FactDeriver({ source: SOURCE }).take(header()).facts;
    expect(started).toEqual({
      event_id: "run-1:1",
      event_type: "ctl.run",
      kind: "run",
      fact_id: "run-1.1",
      engine: "paper",
      run_id: "run-1",
      venue: null,
      observed_at: LIVE_START_US + 1,
      ingested_at: LIVE_START_US + 1,
      schema_version: 1,
      payload: {
        change: "started",
        fence: 3,
        version: "1",
        modes: { "binance-spot": "simulated" },
        reason: "",
      },
    });
  });

  test("each kind of record gives its fact, and everything has an id of its own", () => {
    const { facts } = derive(EVERYTHING);
    expect(facts.map(({ kind }) => kind)).toEqual([
      "opportunity",
      "denial",
      "fill",
      "order",
      "cycle",
      "alert",
      "kill",
      "mode",
      "resync",
      "limits",
      "run",
    ]);
    expect(new Set(facts.map(({ event_id }) => event_id)).size).toBe(facts.length);
  });

  test("a fill says in exact text what was traded, and whose it was", () => {
    const fill = derive(EVERYTHING).facts.find(({ kind }) => kind === "fill");
    expect(fill).toMatchObject({
      event_id: "run-1:6",
      event_type: "exec.fill",
      fact_id: "binance-spot:BTCUSDT:77:buy",
      venue: "binance-spot",
      observed_at: LIVE_START_US + 700,
      ingested_at: LIVE_START_US + 6,
      payload: {
        instrument: "binance-spot:BTCUSDT",
        tradeId: "77",
        clientId: CLIENT_ID,
        orderId: "9007199254740993",
        side: "buy",
        price: "50000.12",
        quantity: "0.01000",
        quote: "500.0012",
        fee: "0.00001",
        feeAsset: "BTC",
        isMaker: false,
        mode: "simulated",
        cycle: 17,
        leg: 0,
        corr: "3-1",
        triangle: "USDT>FLUX>USDC",
        exchangeUs: LIVE_START_US + 400,
      },
    });
  });

  test("an order bears the time at which it was placed and its client id", () => {
    const order = derive(EVERYTHING).facts.find(({ kind }) => kind === "order");
    expect(order).toMatchObject({
      fact_id: CLIENT_ID,
      observed_at: LIVE_START_US + 2,
      ingested_at: LIVE_START_US + 7,
      payload: {
        state: "filled",
        price: "77.40",
        quantity: "6.45300",
        filledQuantity: "6.45300",
        corr: "3-1",
        triangle: "USDT>FLUX>USDC",
        limitsVersion: 1,
      },
    });
  });

  test("a cycle is named by its derived id and has its legs by name", () => {
    const cycle = derive(EVERYTHING).facts.find(({ kind }) => kind === "cycle");
    expect(cycle).toMatchObject({
      fact_id: "3-17",
      observed_at: cycleRecord().signalUs,
      payload: {
        corr: "3-17",
        triangle: "USDT>FLUX>USDC",
        profit: "-0.0749",
        legs: [
          { instrument: "binance-spot:BTCUSDT", quantity: "6.45300", ackUs: 81_200 },
          { instrument: "binance-spot:ETHUSDT", filledQuantity: "6.45000" },
          { instrument: "", quantity: "" },
        ],
      },
    });
  });

  test("an opportunity that only repeats itself is no fact", () => {
    const opportunity = opportunityRecord({ decision: "suppressed" });
    expect(derive([command(2, { type: "recordOpportunity", opportunity })]).facts).toEqual([]);
  });

  test("a resync names the orders that were open while the book was wrong, and no others", () => {
    const at = (order: number, instrument = 0) => placeOrder(order, { instrument });
    const end = (order: number) => ({
      type: "recordOrder" as const,
      order: orderRecord({ clientId: placeOrder(order).clientId }),
    });
    const records = [
      command(10, at(1)),
      command(20, at(2)),
      command(30, at(3, 1)),
      command(90, end(1)),
      command(150, end(2)),
      command(160, at(4)),
      command(210, { type: "recordResync", record: resync() }),
    ];
    const fact = derive(records).facts.at(-1);
    expect(fact).toMatchObject({ kind: "resync", venue: "binance-spot" });
    expect(fact?.payload).toMatchObject({
      ordersTouched: [placeOrder(2).clientId, placeOrder(4).clientId],
      stagesUs: resync().stagesUs,
      cause: "sequenceGap",
    });
    expect(fact?.payload).not.toHaveProperty("venue");
  });

  test("limits that the core refused were never in force", () => {
    const change = (seq: number, version: number, over: object = {}) =>
      event(seq, {
        type: "limitsChanged",
        version,
        limits: { ...standardLimits(), ...over },
        by: "bob",
        reason: "",
      });
    const { facts } = derive([
      change(2, 2),
      change(3, 2),
      change(4, 3, { jumpPpm: -1 }),
      change(5, 4),
    ]);
    expect(facts.map(({ payload }) => payload)).toEqual([
      { version: 2, by: "bob", reason: "" },
      { version: 4, by: "bob", reason: "" },
    ]);
  });

  test("a halt is an alarm and the end of the run, once", () => {
    const { facts } = derive([
      command(2, { type: "halt", reason: "the book is crossed" }),
      event(3, { type: "shutdownRequested" }),
    ]);
    expect(facts.map(({ event_id, fact_id }) => [event_id, fact_id])).toEqual([
      ["run-1:2", "run-1.2"],
      ["run-1:2.1", "run-1.ended"],
    ]);
    expect(facts[0]?.payload).toMatchObject({ severity: 1, kind: "halted" });
    expect(facts[1]?.payload).toMatchObject({ reason: "halted: the book is crossed" });
  });

  test("a journal that just stops is a run that crashed; one that was ended is not", () => {
    const crashed = new FactDeriver({ source: SOURCE });
    crashed.take(header());
    const { facts } = crashed.finish();
    expect(facts).toMatchObject([{ fact_id: "run-1.ended", payload: { change: "ended" } }]);
    expect(crashed.finish().facts).toEqual([]);
    const ended = new FactDeriver({ source: SOURCE });
    for (const record of [header(), event(2, { type: "shutdownRequested" })]) ended.take(record);
    expect(ended.finish().facts).toEqual([]);
    expect(new FactDeriver({ source: SOURCE }).finish().facts).toEqual([]);
  });

  test("what only moves transports tells nothing, and is not even asked for", () => {
    expect(derive([command(2, { type: "measureClock", venue: 0 })]).facts).toEqual([]);
    expect(derive([event(2, { type: "timerFired" })]).facts).toEqual([]);
    expect(holdsFacts(CLASS_CMD, CMD_COMMAND)).toBe(true);
    expect(holdsFacts(CLASS_CTL, CTL_CHECKPOINT)).toBe(false);
    expect(holdsFacts(CLASS_RAW, 1)).toBe(false);
    expect(holdsFacts(CLASS_NORM, 1)).toBe(false);
  });
});

describe("the life of an order", () => {
  test("goes from sent over acked to its end, with what is needed to find it again", () => {
    const { orders } = derive(EVERYTHING);
    expect(orders.map(({ state, orderId }) => [state, orderId])).toEqual([
      ["sent", ""],
      ["acked", "555"],
      ["terminal", "9007199254740993"],
    ]);
    expect(orders[0]?.placed).toMatchObject({
      venue: "binance-spot",
      instrument: "binance-spot:BTCUSDT",
      fence: 3,
      command: 1,
      price: "50000.12",
      quantity: "0.01000",
      priceTicks: 5_000_012,
      tickSize: "0.01",
      isTest: false,
    });
    expect(orders[2]?.ended).toEqual({ state: "filled", filledQuantity: "6.45300", cause: "" });
  });

  test("is unknown after an answer that proves nothing, and stays ended after late words", () => {
    const refusal = { class: "unknown", code: "timeout", text: "", isListed: true } as const;
    const told = { ...OF_ACCOUNT, clientId: CLIENT_ID } as const;
    const { orders } = derive([
      command(2, placeOrder(1)),
      event(3, { ...told, type: "orderRefused", refusal }),
      event(4, { ...told, type: "orderRefused", refusal: { ...refusal, class: "rejected" } }),
      command(5, { type: "recordOrder", order: orderRecord({ clientId: CLIENT_ID }) }),
      event(6, { ...told, type: "orderAccepted", orderId: "1" }),
      event(7, { ...told, type: "orderAccepted", clientId: "somebody", orderId: "2" }),
    ]);
    expect(orders.map(({ state }) => state)).toEqual(["sent", "unknown", "terminal"]);
  });
});

test("a run taken up anywhere, with the memory of that place, tells what it would have told", () => {
  const records = [
    header(),
    ...EVERYTHING,
    command(15, { type: "recordResync", record: resync() }),
  ];
  const whole = new FactDeriver({ source: SOURCE });
  const all = records.map((record) => whole.take(record));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: records.length - 1 }), (cut) => {
      const before = new FactDeriver({ source: SOURCE });
      for (const record of records.slice(0, cut)) before.take(record);
      const memory = JSON.parse(JSON.stringify(before.memory)) as typeof before.memory;
      const after = new FactDeriver({ source: SOURCE, plan: tradingPlan(), memory });
      const later = records.slice(cut).map((record) => after.take(record));
      expect(later).toEqual(all.slice(cut));
      expect(after.memory).toEqual(whole.memory);
    }),
    { numRuns: 40 },
  );
});

describe("what a run took up from earlier ones", () => {
  /** The state that a run is left with in which two orders of one cycle are out and one more has ended. */
  function restored(): string {
    const plan = tradingPlan();
    if (plan.trading === undefined) throw new Error("an account trades");
    const at = (number: number, over: object = {}) => placeOrder(number, { fence: 2, ...over });
    const told = { ...OF_ACCOUNT, clientId: at(2).clientId } as const;
    const folded = foldTrading("", orderOptionsOf(plan.trading, plan), [
      { kind: "place", command: at(1), nowUs: LIVE_START_US - 30 },
      { kind: "place", command: at(2, { leg: 1, instrument: 1 }), nowUs: LIVE_START_US - 20 },
      { kind: "place", command: at(3, { cycle: 0 }), nowUs: LIVE_START_US - 10 },
      {
        kind: "event",
        event: { ...told, type: "orderAccepted", orderId: "900" },
        nowUs: LIVE_START_US - 5,
      },
      {
        kind: "event",
        event: { ...told, type: "orderNotSent", clientId: at(3).clientId, reason: "closed" },
        nowUs: LIVE_START_US - 4,
      },
      { kind: "intent", command: at(4, { cycle: 0 }), nowUs: LIVE_START_US - 3 },
    ]);
    if (!folded.ok) throw new Error(folded.reason);
    return JSON.stringify(folded.state);
  }

  const clientId = (number: number): string => placeOrder(number, { fence: 2 }).clientId;

  test("is open, has the names of its cycles, and steps of its own", () => {
    const plan = tradingPlan({ restored: restored() });
    const deriver = new FactDeriver({ source: SOURCE });
    const { orders } = deriver.take(header(plan));
    expect(orders.map(({ clientId: id, state, orderId }) => [id, state, orderId])).toEqual([
      [clientId(1), "sent", ""],
      [clientId(2), "acked", "900"],
      [clientId(4), "unknown", ""],
    ]);
    expect(orders[1]?.placed).toMatchObject({ instrument: "binance-spot:ETHUSDT", fence: 2 });
    const fill = fillRecord({ clientId: clientId(2), instrument: 1, leg: 1 });
    const [told] = deriver.take(command(2, { type: "recordFill", fill })).facts;
    expect(told?.payload).toMatchObject({ corr: "2-1", triangle: "USDT>BTC>ETH" });
    const order = orderRecord({ clientId: clientId(1) });
    const [ended] = deriver.take(command(3, { type: "recordOrder", order })).facts;
    expect(ended).toMatchObject({ observed_at: LIVE_START_US - 30, payload: { limitsVersion: 0 } });
  });

  test.each(["", "{", '{"version":1}', JSON.stringify({ ...JSON.parse(restored()), orders: "{" })])(
    "is nothing where the state says %j",
    (text) => {
      const deriver = new FactDeriver({ source: SOURCE });
      const { facts, orders } = deriver.take(header(tradingPlan({ restored: text })));
      expect(facts.map(({ kind }) => kind)).toEqual(["run"]);
      expect(orders).toEqual([]);
    },
  );
});

// Goal: control before market, neither starved, everything recorded before it is applied, one turn bounded.
import { describe, expect, test } from "vitest";
import type { ControlEvent } from "../../hotpath/core/events.ts";
import { MARKET, MarketRing } from "../../hotpath/core/market-ring.ts";
import { makeWorld, type World } from "../../hotpath/core/world.ts";
import { Loop, type LoopPorts } from "../../hotpath/loop.ts";
import { benchOrder } from "../bench/order-samples.ts";
import { Driver, RULES, START_US, standardLimits } from "./core/driver.ts";

const FLOOD = 100_000;

/** A loop over an idle world, and the order in which it took what it was given. */
function looped(ports: Partial<LoopPorts> = {}, eventsPerTurnMax = 1_000_000, slots = 131_072) {
  const [instrument] = new Driver().world.instruments;
  if (instrument === undefined) throw new Error("there is an instrument");
  const world: World = makeWorld({
    limits: standardLimits(),
    instruments: [instrument],
    venues: [{ id: "binance-spot", rules: RULES, continuity: () => 0 }],
    sessions: [{ venue: 0, shard: 0, books: [0] }],
  });
  const ring = new MarketRing(slots, 65_536);
  const order: string[] = [];
  const yields: (() => void)[] = [];
  const loop = new Loop(
    world,
    ring,
    {
      nowUs: () => START_US,
      recordMarket: (_, tick) => {
        order.push(`m${tick}`);
        return true;
      },
      recordControl: (event, tick) => void order.push(`c${tick} ${event.type}`),
      recordCommand: () => undefined,
      recordTickEnd: () => undefined,
      execute: () => undefined,
      yieldThen: (run) => void yields.push(run),
      armTimer: () => undefined,
      ...ports,
    },
    { controlCapacity: 1024, commandCapacity: 1024, eventsPerTurnMax },
  );
  return { loop, world, ring, order, yields };
}

function flood(ring: MarketRing, count: number): void {
  for (let i = 0; i < count; i++) {
    const row = ring.reserve();
    ring.kind[row] = MARKET.quote;
    ring.instrument[row] = 0;
    ring.session[row] = 0;
    ring.epoch[row] = 7;
    ring.recvUs[row] = START_US;
    ring.commit(row);
  }
}

const TIMER: ControlEvent = { type: "timerFired" };

describe("priority", () => {
  test("behind 100,000 queued market events a control event is the next one handled", () => {
    const { loop, ring, order, world } = looped({}, 50_000);
    flood(ring, FLOOD);
    loop.run();
    expect(ring.depth).toBe(FLOOD - 50_000);
    order.length = 0;
    loop.control.push(TIMER);
    loop.run();
    expect(order[0]).toBe("c50001 timerFired");
    expect(order[1]).toBe("m50002");
    loop.run();
    expect(ring.depth).toBe(0);
    expect(world.tick).toBe(FLOOD + 1);
  });

  test("a flood of control events lets a market event through in every 65", () => {
    const { loop, ring, order } = looped();
    flood(ring, 10);
    for (let i = 0; i < 1000; i++) loop.control.push(TIMER);
    loop.run();
    const places = order.flatMap((text, i) => (text.startsWith("m") ? [i] : []));
    expect(places.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, i) => 64 + i * 65));
    expect(order).toHaveLength(1010);
  });
});

describe("a turn", () => {
  test("ends at its budget, asks once to be run again, and then goes on", () => {
    const { loop, ring, yields, world } = looped({}, 100);
    flood(ring, 250);
    loop.run();
    loop.run();
    expect(world.tick).toBe(200);
    expect(yields).toHaveLength(1);
    yields.shift()?.();
    expect(world.tick).toBe(250);
    expect(yields).toHaveLength(0);
  });

  test("that is entered again from inside does nothing twice", () => {
    const seen: number[] = [];
    const made = looped({
      recordControl: (_, tick) => {
        seen.push(tick);
        made.loop.run();
        if (tick < 5) made.loop.emit(TIMER);
      },
    });
    made.loop.emit(TIMER);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect(made.world.tick).toBe(5);
  });

  test("arms the timer after control events, and not for a quiet market event", () => {
    const armed: number[] = [];
    const { loop, ring } = looped({ armTimer: (dueUs) => void armed.push(dueUs) });
    flood(ring, 5);
    loop.run();
    expect(armed).toEqual([]);
    loop.emit(TIMER);
    expect(armed).toHaveLength(1);
  });

  test("records each command, with its tick, before it is carried out", () => {
    const seen: string[] = [];
    const { loop } = looped({
      recordCommand: (text, tick) => void seen.push(`record ${tick} ${JSON.parse(text).type}`),
      execute: ({ type }) => void seen.push(`execute ${type}`),
    });
    loop.emit({ type: "started" });
    expect(seen.slice(0, 2)).toEqual(["record 1 openSession", "execute openSession"]);
    expect(loop.commandHash.count).toBe(seen.length / 2);
  });
});

describe("an order", () => {
  test("is carried out before it is recorded, and recorded before what comes after it", () => {
    const seen: string[] = [];
    const { loop, world } = looped({
      recordCommand: (text) => void seen.push(`record ${JSON.parse(text).type}`),
      execute: ({ type }) => void seen.push(`execute ${type}`),
    });
    world.trader = {
      onTouch: () => undefined,
      conclude: () => undefined,
      onVoid: () => undefined,
      onEvent: () => undefined,
      onTimer: () => {
        world.outbox.push(benchOrder(1), { type: "halt", reason: "for the test" });
      },
      dueUs: () => Number.POSITIVE_INFINITY,
      onShutdown: () => undefined,
      fingerprint: () => "",
    };
    loop.emit(TIMER);
    expect(seen.filter((text) => !text.endsWith("measureClock"))).toEqual([
      "execute placeOrder",
      "record placeOrder",
      "record halt",
      "execute halt",
    ]);
  });
});

describe("a recorder without room", () => {
  test("what cannot be recorded is not applied: a declared gap takes its place", () => {
    let hasRoom = false;
    const { loop, ring, world, order } = looped({ recordMarket: () => hasRoom });
    flood(ring, 2);
    loop.run();
    expect(ring.depth).toBe(0);
    expect(world.counters).toMatchObject({ marketEvents: 0, gapsDeclared: 2 });
    expect(order).toEqual(["c1 gapDeclared", "c2 gapDeclared"]);
    hasRoom = true;
    flood(ring, 1);
    loop.run();
    expect(world.counters.marketEvents).toBe(1);
  });

  test("the book of a live engine is void at once and true again when there is room", () => {
    const driver = new Driver({ isWatched: true }).start();
    driver.isRecorderFull = true;
    driver.tell(0);
    expect(driver.liveCount).toBe(0);
    expect(driver.commandsOf("recordVoid")[0]?.command.cause).toBe("ringOverflow");
    driver.isRecorderFull = false;
    driver.speak(1_000_000);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });
});

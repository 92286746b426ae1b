// Goal: what a process says, asks and hears is numbered; a process that has ended says, asks and hears nothing.
import { describe, expect, test } from "vitest";
import type { TransportHandlers } from "../../../../hotpath/io/web-socket.ts";
import { Effects, ProcessEnded } from "../../../../local/sim/crash-points/effects.ts";
import { WatchedNetwork } from "../../../../local/sim/crash-points/watched-network.ts";
import { Kernel } from "../../../../local/sim/kernel/kernel.ts";
import { Weather } from "../../../../local/sim/network/weather.ts";
import { MemoryVenues } from "../../../../local/sim/venues/memory-venues.ts";
import { Random } from "../../../../local/venues/market/random.ts";

function rig() {
  const kernel = new Kernel();
  const texts: string[] = [];
  const heard: string[] = [];
  const venues = new MemoryVenues({
    clock: () => kernel.nowUs,
    venues: ["kraken"],
    options: { seed: 3, krakenInstruments: 3, levelsPerSide: 50 },
  });
  const weather = new Weather(new Random(3, "weather"), () => undefined);
  const engine = kernel.makeProcess("engine");
  const effects = new Effects(
    () => kernel.nowUs,
    () => kernel.kill(engine),
  );
  const network = new WatchedNetwork({ kernel, weather, venues }, effects, (text) =>
    texts.push(text),
  );
  const handlers: TransportHandlers = {
    onOpen: () => heard.push("open"),
    onFrame: () => heard.push("frame"),
    onEnd: () => heard.push("end"),
    onWriteFailure: () => heard.push("write failure"),
  };
  const { rest, ws } = venues.model("kraken").endpoints;
  const endpoints = { rest, ws: `${ws}/v2` };
  const run = (us: number): void => {
    const untilUs = kernel.nowUs + us;
    while (kernel.nextUs <= untilUs) kernel.step();
  };
  return { kernel, texts, heard, engine, effects, network, handlers, endpoints, run };
}

describe("a process that lives", () => {
  test("has its dials, messages and deliveries numbered, and its texts seen", () => {
    const { network, engine, handlers, endpoints, effects, texts, heard, run } = rig();
    const wire = network.dialOf(engine)(endpoints.ws, 1000, handlers);
    run(50_000);
    expect(wire.isOpen).toBe(true);
    wire.send('{"method":"ping","req_id":1}');
    run(50_000);
    expect(heard.filter((each) => each === "frame").length).toBeGreaterThan(1);
    expect(effects.counts).toMatchObject({ dial: 1, message: 1, request: 0 });
    expect(effects.counts.delivery).toBe(heard.length);
    expect(texts).toEqual([endpoints.ws, '{"method":"ping","req_id":1}']);
  });

  test("has its requests and their answers numbered", async () => {
    const { network, engine, endpoints, effects, heard, run } = rig();
    const side = network.openHttpOf(engine)(endpoints.rest, { connections: 1, bodyBytesMax: 1e6 });
    const asked = { method: "GET", path: "/0/public/Time", headers: {}, body: "" } as const;
    side.request(asked, 1000, {
      onAnswer: ({ status }) => heard.push(String(status)),
      onFailed: () => heard.push("failed"),
    });
    run(100_000);
    expect(heard).toEqual(["200"]);
    expect(effects.counts).toMatchObject({ request: 1, delivery: 1 });
    await side.close();
  });

  test("hears that its request has failed, and of the end of its wire", () => {
    const { network, engine, handlers, endpoints, heard, run } = rig();
    const wire = network.dialOf(engine)(endpoints.ws, 1000, handlers);
    const side = network.openHttpOf(engine)(endpoints.rest, { connections: 1, bodyBytesMax: 1e6 });
    const asked = { method: "GET", path: "/0/public/Time", headers: {}, body: "" } as const;
    side.request(asked, 0, {
      onAnswer: () => heard.push("answer"),
      onFailed: ({ code }) => heard.push(code),
    });
    wire.send("too early");
    wire.close("enough");
    run(50_000);
    expect(heard).toContain("timeout");
    expect(heard).toContain("write failure");
    expect(heard).toContain("end");
    expect(heard).not.toContain("open");
  });
});

describe("a process that ends", () => {
  test("has not said what it was about to say", () => {
    const { network, engine, handlers, endpoints, effects, texts, run } = rig();
    const wire = network.dialOf(engine)(endpoints.ws, 1000, handlers);
    run(50_000);
    effects.endBefore = effects.count + 1;
    expect(() => wire.send("a")).toThrow(ProcessEnded);
    expect(engine.isAlive).toBe(false);
    expect(texts).toEqual([endpoints.ws]);
  });

  test("says, asks and dials nothing more, whatever code of it still runs", () => {
    const { kernel, network, engine, handlers, endpoints, texts, heard, run } = rig();
    const dial = network.dialOf(engine);
    const wire = dial(endpoints.ws, 1000, handlers);
    const side = network.openHttpOf(engine)(endpoints.rest, { connections: 1, bodyBytesMax: 1e6 });
    run(50_000);
    const before = heard.length;
    kernel.kill(engine);
    wire.send("a");
    wire.close("b");
    const late = dial(endpoints.ws, 1000, handlers);
    late.send("c");
    late.close("d");
    const asked = { method: "GET", path: "/0/public/Time", headers: {}, body: "" } as const;
    side.request(asked, 0, { onAnswer: () => heard.push("x"), onFailed: () => heard.push("y") });
    run(100_000);
    expect([wire.isOpen, late.isOpen]).toEqual([false, false]);
    expect(heard).toHaveLength(before);
    expect(texts).toEqual([endpoints.ws]);
  });

  test("does not hear what was on its way to it", () => {
    const { network, engine, handlers, endpoints, effects, heard, run } = rig();
    network.dialOf(engine)(endpoints.ws, 1000, handlers);
    effects.endBefore = 2;
    run(50_000);
    expect(heard).toEqual([]);
    expect(engine.isAlive).toBe(false);
  });
});

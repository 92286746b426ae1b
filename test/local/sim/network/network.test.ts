// Goal: what is sent arrives once, in order and after its time, unless a fault says otherwise; what was refused
// or lost ends as at a real socket. Method: the network before simulated venues in memory, on a kernel.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Kernel, type Process } from "../../../../local/sim/kernel/kernel.ts";
import { VirtualGlobals } from "../../../../local/sim/kernel/virtual-globals.ts";
import { Lane } from "../../../../local/sim/network/lane.ts";
import { Network } from "../../../../local/sim/network/network.ts";
import { type NetworkFault, Weather } from "../../../../local/sim/network/weather.ts";
import { MemoryVenues } from "../../../../local/sim/venues/memory-venues.ts";
import { Random } from "../../../../local/venues/market/random.ts";

let kernel: Kernel;
let globals: VirtualGlobals;
let weather: Weather;
let hits: NetworkFault[];
let network: Network;
let venues: MemoryVenues;
let engine: Process;

beforeEach(() => {
  kernel = new Kernel();
  globals = new VirtualGlobals(kernel, new Random(1, "chance"));
  hits = [];
  weather = new Weather(new Random(1, "weather"), (fault) => hits.push(fault));
  globals.install();
  const options = { seed: 1, spotInstruments: 3, levelsPerSide: 30 };
  venues = new MemoryVenues({ clock: () => kernel.nowUs, options, venues: ["binance-spot"] });
  network = new Network({ kernel, weather, venues });
  engine = kernel.makeProcess("engine");
});
afterEach(() => globals.restore());

/** Lets everything happen that was planned, for so many simulated seconds. */
function pass(seconds: number): void {
  const untilUs = kernel.nowUs + seconds * 1_000_000;
  while (kernel.nextUs <= untilUs) kernel.step();
}

function endpoints() {
  return venues.model("binance-spot").endpoints;
}

type Heard = { opened: number; frames: string[]; ends: string[]; writeFailures: number };

function dial(target = "/stream"): {
  heard: Heard;
  wire: ReturnType<ReturnType<Network["dialOf"]>>;
} {
  const heard: Heard = { opened: 0, frames: [], ends: [], writeFailures: 0 };
  const wire = network.dialOf(engine)(`${endpoints().ws}${target}`, 3000, {
    onOpen: () => heard.opened++,
    onFrame: (frame) => heard.frames.push(Buffer.from(frame).toString("latin1")),
    onEnd: (reason) => heard.ends.push(reason),
    onWriteFailure: () => heard.writeFailures++,
  });
  return { heard, wire };
}

function ask(path: string): { answers: number[]; failures: string[] } {
  const told = { answers: [] as number[], failures: [] as string[] };
  const side = network.openHttpOf(engine)(endpoints().rest, { connections: 1, bodyBytesMax: 1e6 });
  side.request({ method: "GET", path, headers: {}, body: "" }, 2000, {
    onAnswer: ({ status }) => told.answers.push(status),
    onFailed: ({ code, wasSent }) => told.failures.push(`${code} ${wasSent}`),
  });
  return told;
}

describe("a lane", () => {
  test("delivers in the order of sending", () => {
    const lane = new Lane(kernel, weather, engine);
    const said: number[] = [];
    for (let i = 0; i < 200; i++) lane.sendFrame(() => said.push(i));
    pass(1);
    expect(said).toEqual([...said].sort((a, b) => a - b));
    expect(said).toHaveLength(200);
  });

  test("loses, doubles and swaps where faults have it, and counts them", () => {
    weather.rates = { T01: 0.1, T03: 0.1, T04: 0.1 };
    const lane = new Lane(kernel, weather, engine);
    const said: number[] = [];
    for (let i = 0; i < 500; i++) {
      kernel.at(kernel.nowUs + i * 100, kernel.world, () => lane.sendFrame(() => said.push(i)));
    }
    pass(1);
    const count = (fault: NetworkFault): number => hits.filter((hit) => hit === fault).length;
    expect(said).toHaveLength(500 - count("T01") + count("T03"));
    expect(count("T01")).toBeGreaterThan(0);
    expect(count("T04")).toBeGreaterThan(0);
  });
});

describe("a dial", () => {
  test("opens, and what the venue says of a subscription comes back", () => {
    const { heard, wire } = dial();
    pass(1);
    expect(heard.opened).toBe(1);
    wire.send('{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":7}');
    pass(1);
    expect(heard.frames.join("\n")).toContain('"id":7');
  });

  test("to a venue that is down, and one to nobody's path, end before they open", () => {
    const nowhere = dial("/nowhere");
    pass(1);
    expect(nowhere.heard).toMatchObject({ opened: 0, ends: ["Unexpected server response: 404"] });
    venues.goDown("binance-spot");
    const down = dial();
    pass(1);
    expect(down.heard).toMatchObject({ opened: 0, ends: ["connect ECONNREFUSED"] });
    expect(down.wire.isOpen).toBe(false);
    down.wire.send("late");
    expect(down.heard.writeFailures).toBe(1);
  });

  test.each([
    ["T15", "connect ECONNREFUSED"],
    ["T14", "getaddrinfo EAI_AGAIN"],
    ["T12", "certificate has expired"],
  ] as const)("that %s hits ends with %s", (fault, reason) => {
    weather.rates = { [fault]: 1 };
    const { heard } = dial();
    pass(3);
    expect(heard.ends).toEqual([reason]);
    expect(hits).toContain(fault);
  });

  test("over a dead line ends by its own deadline", () => {
    const { heard, wire } = dial();
    for (const each of network.wires) each.clog("both");
    pass(5);
    expect(heard.ends).toEqual(["Opening handshake has timed out"]);
    expect(wire.isOpen).toBe(false);
  });

  test("that was open hears of a cut, once, and a dropped process hears of nothing", () => {
    const first = dial();
    const second = dial();
    pass(1);
    network.wires[0]?.cut("closed 1006");
    pass(1);
    expect(first.heard.ends).toEqual(["closed 1006"]);
    network.drop(engine, true);
    pass(1);
    expect(second.heard.ends).toEqual([]);
    expect(network.wires).toEqual([]);
    expect(venues.model("binance-spot").streams.sessions.size).toBe(0);
  });
});

describe("a request", () => {
  test("is answered once", () => {
    const told = ask("/api/v3/time");
    pass(3);
    expect(told).toEqual({ answers: [200], failures: [] });
  });

  test("to a venue that is down has not left", () => {
    venues.goDown("binance-spot");
    const told = ask("/api/v3/time");
    pass(3);
    expect(told).toEqual({ answers: [], failures: ["ECONNREFUSED false"] });
  });

  test("that is reset after its bytes have left says that they have", () => {
    weather.rates = { T13: 1 };
    const told = ask("/api/v3/time");
    pass(3);
    expect(told.failures.concat(told.answers.map(String))).toHaveLength(1);
    expect(told.failures.every((each) => each === "ECONNRESET true")).toBe(true);
  });

  test("may be answered by a page of something that stands before the venue", () => {
    weather.rates = { T26: 1 };
    const told = ask("/api/v3/time");
    pass(3);
    expect(told).toEqual({ answers: [502], failures: [] });
  });
});

// Goal: a session in memory lives and ends as one over sockets does: dials, pings, closes, faults, restarts.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryRig } from "./memory-rig.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const VENUE = "binance-spot";

function rigOf(options: ConstructorParameters<typeof MemoryRig>[0] = {}): MemoryRig {
  return new MemoryRig({ seed: 2, spotInstruments: 3, ...options }, [VENUE]);
}

const LIST = { method: "LIST_SUBSCRIPTIONS", id: 7 };

describe("a dial", () => {
  it("is answered at once, and heard when its client speaks in the very call that opens it", () => {
    const rig = rigOf();
    const session = rig.session();
    session.atOpen = () => {
      session.say(LIST);
      session.link?.receivePing("early");
    };
    rig.dial(VENUE, "/ws", session);
    expect(session.notes).toEqual(["open", 'text {"result":[],"id":7}', "pong early"]);
  });

  it("that is given up in that very call leaves nothing behind", () => {
    const rig = rigOf();
    const session = rig.session();
    session.atOpen = () => session.link?.drop();
    rig.dial(VENUE, "/ws", session);
    expect(session.notes).toEqual(["open"]);
    expect(rig.venues.model(VENUE).streams.sessions.size).toBe(0);
  });

  it("waits for the injected delay, and opens nothing when it was given up meanwhile", () => {
    const delays = { dialMs: [50, 50], subscribeMs: null, snapshotMs: [40, 40] } as const;
    const rig = rigOf({ delays });
    const [patient, hasty] = [rig.dial(VENUE, "/ws"), rig.dial(VENUE, "/ws")];
    hasty.link?.drop();
    rig.run(49);
    expect(patient.notes).toEqual([]);
    rig.run(1);
    expect([patient.notes, hasty.notes]).toEqual([["open"], []]);
    const asked = rig.ask(VENUE, "GET /api/v3/depth?symbol=BTCUSDT");
    rig.run(39);
    expect(asked.answers).toEqual([]);
    rig.run(1);
    expect(asked.answers).toMatchObject([{ status: 200 }]);
  });

  it("is refused above the limit, where nothing lives, and reset while a fault lasts", () => {
    const rig = rigOf({ dialsMax: 2 });
    expect(rig.dial(VENUE, "/elsewhere").notes).toEqual(["refused 404"]);
    expect(rig.dial(VENUE, "/ws").notes).toEqual(["open"]);
    expect(rig.dial(VENUE, "/ws").notes).toEqual(["refused 429 Retry-After: 300"]);
    rig.venues.built.desk.inject({ kind: "refuse", venue: VENUE, durationMs: 100 });
    expect(rig.dial(VENUE, "/ws").notes).toEqual(["reset"]);
    rig.run(400_000 / 100);
    expect(rig.venues.built.desk.records.at(-1)?.endedUs).toBe(rig.nowUs - 3_900_000);
  });
});

describe("the end of a session", () => {
  it("by the venue is a close frame, answered or cut after a second", () => {
    const rig = rigOf({ pingMs: 100, pongTimeoutMs: 50, sessionLifeMs: 350, shutdownLeadMs: 50 });
    const polite = rig.dial(VENUE, "/ws");
    const mute = rig.session();
    mute.answersClose = false;
    rig.dial(VENUE, "/ws", mute);
    rig.run(349);
    expect(polite.events.filter((note) => note.startsWith("ping"))).toHaveLength(3);
    rig.run(1);
    expect(polite.events.slice(-2)).toEqual(["close 1001 Session expired", "end"]);
    expect(mute.events.at(-1)).toBe("close 1001 Session expired");
    // It is closing: neither data nor pings are handed over any more.
    rig.run(999);
    expect(mute.events.at(-1)).toBe("close 1001 Session expired");
    rig.run(1);
    expect(mute.events.at(-1)).toBe("end");
    expect(rig.venues.model(VENUE).streams.sessions.size).toBe(0);
  });

  it("by the client is answered, or not even noticed where it just vanishes", () => {
    const rig = rigOf();
    const [polite, gone] = [rig.dial(VENUE, "/ws"), rig.dial(VENUE, "/ws")];
    polite.link?.receiveClose();
    gone.link?.drop();
    expect([polite.events, gone.events]).toEqual([["open", "end"], ["open"]]);
    expect(rig.venues.model(VENUE).streams.sessions.size).toBe(0);
    // What an ended link still says is heard by nobody.
    polite.say(LIST);
    polite.link?.receivePing("late");
    polite.link?.receivePong("late");
    polite.link?.destroy();
    polite.link?.close(1_000, "");
    polite.link?.drop();
    expect(polite.events).toEqual(["open", "end"]);
  });

  it("comes to who says too much at once, and to who reads too slowly", () => {
    const rig = rigOf();
    const loud = rig.dial(VENUE, "/ws");
    loud.say("x".repeat(256 * 1_024 + 1));
    expect(loud.events).toEqual(["open", "close 1009", "end"]);
    const slow = rig.dial(VENUE, "/ws/btcusdt@depth@100ms");
    slow.backlog = 65 * 1_024 * 1_024;
    rig.run(100);
    expect(slow.notes).toEqual(["open", "end"]);
    expect(rig.venues.model(VENUE).streams.traffic.backlogCuts).toBe(1);
  });
});

describe("faults of a session", () => {
  it("half open: it hears and says nothing more, and its client's end is seen nevertheless", () => {
    const rig = rigOf();
    const session = rig.dial(VENUE, "/ws/btcusdt@depth@100ms");
    rig.run(100);
    const { desk } = rig.venues.built;
    expect(desk.inject({ kind: "halfOpen", venue: VENUE })).toMatchObject({ kind: "injected" });
    const { length } = session.notes;
    expect(length).toBeGreaterThan(2);
    session.say(LIST);
    session.link?.receivePing("there?");
    session.link?.receivePong("here");
    session.link?.receiveClose();
    rig.run(100);
    expect(session.notes).toHaveLength(length);
    session.link?.drop();
    expect(rig.venues.model(VENUE).streams.sessions.size).toBe(0);
  });

  it("delayed: everything comes later, in order, pongs among the messages", () => {
    const rig = rigOf();
    const session = rig.dial(VENUE, "/ws");
    rig.venues.built.desk.inject({ kind: "delay", venue: VENUE, durationMs: 100, delayMs: 30 });
    session.say(LIST);
    session.link?.receivePing("p");
    rig.run(29);
    expect(session.notes).toEqual(["open"]);
    rig.run(1);
    expect(session.notes).toEqual(["open", 'text {"result":[],"id":7}', "pong p"]);
  });

  it("cut: without a word, and a damaged frame is damaged here too", () => {
    const rig = rigOf();
    const session = rig.dial(VENUE, "/ws/btcusdt@depth@100ms");
    const { desk } = rig.venues.built;
    desk.inject({ kind: "malformedFrame", venue: VENUE, symbol: "BTCUSDT" });
    rig.run(100);
    const isJson = (text: string): boolean => {
      try {
        return !JSON.stringify(JSON.parse(text)).includes("1e999");
      } catch {
        return false;
      }
    };
    expect(session.texts.filter((text) => !isJson(text) || text.includes("1e999"))).toHaveLength(1);
    desk.inject({ kind: "cut", venue: VENUE });
    expect(session.events).toEqual(["open", "end"]);
  });

  it("of snapshots: an old one, a slow one and a 503 come as they are asked for", () => {
    const rig = rigOf();
    rig.dial(VENUE, "/ws/btcusdt@depth@100ms");
    rig.run(200);
    const { desk } = rig.venues.built;
    const depth = "GET /api/v3/depth?symbol=BTCUSDT";
    desk.inject({ kind: "snapshot503", venue: VENUE, symbol: "BTCUSDT" });
    expect(rig.ask(VENUE, depth).answers).toMatchObject([{ status: 503 }]);
    desk.inject({ kind: "slowSnapshot", venue: VENUE, symbol: "BTCUSDT", durationMs: 60 });
    const slow = rig.ask(VENUE, depth);
    expect(slow.answers).toEqual([]);
    rig.run(60);
    expect(slow.answers).toMatchObject([{ status: 200 }]);
    desk.inject({ kind: "oldSnapshot", venue: VENUE, symbol: "BTCUSDT" });
    const old = Number(rig.body(VENUE, depth).lastUpdateId);
    expect(old).toBeLessThan(Number(rig.body(VENUE, depth).lastUpdateId));
    expect(desk.records.every(({ endedUs }) => endedUs !== null)).toBe(true);
  });
});

describe("a venue that goes down", () => {
  it("cuts sessions, dials and requests under way, and nobody listens until it is back", () => {
    const delays = { dialMs: [30, 30], subscribeMs: null, snapshotMs: [30, 30] } as const;
    const rig = rigOf({ delays });
    const session = rig.dial(VENUE, "/ws");
    rig.run(30);
    const dialing = rig.dial(VENUE, "/ws");
    const asked = rig.ask(VENUE, "GET /api/v3/depth?symbol=BTCUSDT");
    rig.venues.goDown(VENUE);
    expect([session.events, dialing.events]).toEqual([["open", "end"], ["end"]]);
    expect(asked.answers).toEqual([null]);
    expect(rig.dial(VENUE, "/ws").link).toBeUndefined();
    expect(rig.ask(VENUE, "GET /api/v3/time").isTaken).toBe(false);
    rig.run(100);
    expect(asked.answers).toEqual([null]);
    // Reasons to be down overlap: it is back when none is left.
    rig.venues.goDown(VENUE);
    rig.venues.comeBack(VENUE);
    expect(rig.venues.isUp(VENUE)).toBe(false);
    rig.venues.comeBack(VENUE);
    expect(rig.venues.isUp(VENUE)).toBe(true);
    const again = rig.dial(VENUE, "/ws");
    rig.run(30);
    expect(again.events).toEqual(["open"]);
  });

  it("by a fault is back after its time, with ids that have leapt", () => {
    const rig = rigOf();
    rig.run(10);
    const depth = "GET /api/v3/depth?symbol=BTCUSDT";
    const before = Number(rig.body(VENUE, depth).lastUpdateId);
    rig.venues.built.desk.inject({ kind: "venueRestart", venue: VENUE, durationMs: 70 });
    rig.run(69);
    expect(rig.venues.isUp(VENUE)).toBe(false);
    rig.run(1);
    expect(rig.venues.isUp(VENUE)).toBe(true);
    expect(Number(rig.body(VENUE, depth).lastUpdateId)).toBeGreaterThan(before + 999_999);
    expect(rig.venues.built.desk.records[0]?.endedUs).toBe(rig.nowUs);
  });

  it("for good stays down, whatever restart is under way", () => {
    const rig = rigOf();
    rig.venues.built.desk.inject({ kind: "venueRestart", venue: VENUE, durationMs: 10 });
    rig.venues.built.stop();
    rig.run(50);
    expect(rig.venues.isUp(VENUE)).toBe(false);
  });
});

describe("a request", () => {
  it("that its client gave up is not answered any more", () => {
    const delays = { dialMs: null, subscribeMs: null, snapshotMs: [30, 30] } as const;
    const rig = rigOf({ delays });
    const told: unknown[] = [];
    const pending = rig.venues.request(
      VENUE,
      {
        method: "GET",
        target: "/api/v3/depth?symbol=BTCUSDT",
        headers: {},
        body: "",
        address: "10.0.0.8",
      },
      (answer) => told.push(answer),
    );
    pending?.abandon();
    rig.run(100);
    rig.venues.goDown(VENUE);
    expect(told).toEqual([]);
  });
});

describe("addresses", () => {
  it("name their venue, and keys are the seed's", () => {
    const [one, same, other] = [rigOf(), rigOf(), rigOf({ seed: 3 })];
    const { rest, trading } = one.venues.model(VENUE).endpoints;
    expect(one.venues.venueAt(`${rest}/api/v3/time`)).toBe(VENUE);
    expect(one.venues.venueAt(trading?.orders ?? "")).toBe(VENUE);
    expect(one.venues.venueAt("http://127.0.0.1:1/")).toBeUndefined();
    expect(same.venues.model(VENUE).endpoints).toEqual(one.venues.model(VENUE).endpoints);
    expect(other.venues.model(VENUE).endpoints.trading?.keys).not.toEqual(trading?.keys);
  });
});

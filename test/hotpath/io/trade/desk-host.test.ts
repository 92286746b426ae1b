// Goal: the host carries what a desk says, in this turn and once, and tells what became of it.
// Method: a desk that does as it is told, over a real WebSocket server and a real HTTP server.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { AccountCommand } from "../../../../hotpath/core/trade/commands.ts";
import type { TradeEvent } from "../../../../hotpath/core/trade/events.ts";
import { Absence, nowUs } from "../../../../hotpath/io/clock.ts";
import { DeskHost, isProtected } from "../../../../hotpath/io/trade/desk-host.ts";
import { INTENT_OPTIONS, IntentLog } from "../../../../hotpath/io/trade/intent-log.ts";
import { readIntents } from "../../../../hotpath/io/trade/intent-reader.ts";
import { dialOf } from "../../../../hotpath/io/web-socket.ts";
import type {
  Desk,
  DeskAnswer,
  DeskCall,
  DeskPorts,
} from "../../../../hotpath/venues/execution.ts";
import { order } from "../../venues/binance-spot/execute/desk-rig.ts";

/** Writes what it is given to place, and keeps what it is told. */
class EchoDesk implements Desk {
  readonly ports: DeskPorts;
  readonly told: string[] = [];
  readonly answers: { call: DeskCall; answer: DeskAnswer }[] = [];
  readonly intentsSeen: number[] = [];
  url = "";
  onPlace: () => void = () => undefined;

  constructor(ports: DeskPorts) {
    this.ports = ports;
  }

  execute(command: AccountCommand): void {
    if (command.type === "openAccount") {
      this.ports.emit({
        type: "accountGap",
        venue: 0,
        epoch: command.epoch - 1,
        recvUs: 0,
        reason: "last words",
      });
      this.ports.dial(0, this.url);
    }
    if (command.type === "closeAccount") this.ports.hangUp(0);
    if (command.type === "placeOrder") {
      this.onPlace();
      this.told.push(this.ports.send(0, command.clientId) ? "sent" : "not sent");
    }
  }

  onOpen(connection: number): void {
    this.told.push(`open ${connection}`);
  }

  onText(connection: number, frame: Uint8Array): void {
    this.told.push(`text ${connection} ${Buffer.from(frame).toString()}`);
  }

  onClosed(connection: number, reason: string): void {
    this.told.push(`closed ${connection} ${reason}`);
  }

  onAnswer(call: DeskCall, answer: DeskAnswer): void {
    this.answers.push({ call, answer });
  }

  onDue(): void {
    this.told.push("due");
  }
}

let folder = "";
let wsServer: WebSocketServer;
let httpServer: Server;
let desk: EchoDesk;
let host: DeskHost;
let intents: IntentLog;
let events: TradeEvent[];
let broken: string[];
let requests: { method: string; url: string; socket: Socket }[];
let respond: (url: string, socket: Socket) => { status: number; body: string } | undefined;
const heard: string[] = [];
const peers: WebSocket[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "host-"));
  wsServer = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  wsServer.on("connection", (peer) => {
    peers.push(peer);
    peer.on("message", (data) => heard.push(String(data)));
  });
  requests = [];
  respond = () => ({ status: 200, body: "fine" });
  httpServer = createServer((request, response) => {
    requests.push({ method: request.method ?? "", url: request.url ?? "", socket: request.socket });
    const answer = respond(request.url ?? "", request.socket);
    if (answer === undefined) return;
    response
      .writeHead(answer.status, { "X-Limit": "7", "keep-alive": "timeout=60" })
      .end(answer.body);
  });
  httpServer.listen(0, "127.0.0.1");
  await Promise.all([once(wsServer, "listening"), once(httpServer, "listening")]);
  intents = new IntentLog({ ...INTENT_OPTIONS, folder, fence: 1 });
  events = [];
  broken = [];
  host = makeHost();
});

afterEach(async () => {
  await host.close();
  intents.close();
  for (const peer of peers.splice(0)) peer.terminate();
  heard.length = 0;
  wsServer.close();
  httpServer.closeAllConnections();
  httpServer.close();
  rmSync(folder, { recursive: true });
});

function portOf(server: { address: () => AddressInfo | string | null }): number {
  return (server.address() as AddressInfo).port;
}

function makeHost(
  rest = `http://127.0.0.1:${portOf(httpServer)}`,
  warmPath = "",
  log = true,
): DeskHost {
  return new DeskHost({
    venue: 0,
    instruments: [],
    addresses: { rest, stream: "", orders: "" },
    keys: { apiKey: "", secret: "", passphrase: "" },
    makeDesk: ({ ports }) => {
      desk = new EchoDesk(ports);
      desk.url = `ws://127.0.0.1:${portOf(wsServer)}`;
      return desk;
    },
    emit: (event) => events.push(event),
    intents: log ? intents : undefined,
    dial: dialOf(new Absence()),
    dialTimeoutMs: 2000,
    warmPath,
    warmMs: 50,
    restConnections: 2,
    onBroken: (reason) => broken.push(reason),
    guard: (act) => act(),
  });
}

function openAccount(epoch = 1): void {
  host.execute({ type: "openAccount", venue: 0, epoch, timeoutUs: 1_000_000 });
}

const call = (part: Partial<DeskCall> = {}): DeskCall => ({
  method: "GET",
  path: "/read",
  headers: { "X-KEY": "k" },
  body: "",
  timeoutMs: 1000,
  kind: "read",
  tag: { what: "test" },
  ...part,
});

async function opened(): Promise<void> {
  openAccount();
  await expect.poll(() => desk.told).toContain("open 0");
}

async function answered(count = 1): Promise<readonly { call: DeskCall; answer: DeskAnswer }[]> {
  await expect.poll(() => desk.answers.length).toBe(count);
  return desk.answers;
}

describe("connections", () => {
  test("a frame goes out in the turn that wrote it, and what comes is handed over", async () => {
    await opened();
    host.execute(order());
    expect(desk.told.at(-1)).toBe("sent");
    await expect.poll(() => heard).toEqual([order().clientId]);
    peers[0]?.send("hello");
    await expect.poll(() => desk.told).toContain("text 0 hello");
    peers[0]?.close(1000, "bye");
    await expect.poll(() => desk.told).toContain("closed 0 closed 1000 bye");
    host.execute(order({ command: 2 }));
    expect(desk.told.at(-1)).toBe("not sent");
  });

  test("before it is open nothing is written", () => {
    openAccount();
    host.execute(order());
    expect(desk.told).toEqual(["not sent"]);
  });

  test("a write that fails is counted, and the end of the connection follows", async () => {
    const accepted = once(wsServer, "connection");
    await opened();
    const [, { socket }] = (await accepted) as [WebSocket, { socket: Socket }];
    socket.resetAndDestroy();
    // The reset is in the kernel, and no turn has passed in which we could have heard of it.
    expect(desk.ports.send(0, "too late")).toBe(true);
    await expect.poll(() => desk.told.at(-1)).toMatch(/^closed 0/);
    expect(host.counts.writeFailures).toBe(1);
  });

  test("a connection that was hung up or dialed anew says nothing more", async () => {
    await opened();
    host.execute({ type: "closeAccount", venue: 0, epoch: 1, reason: "over" });
    peers[0]?.send("late");
    openAccount(2);
    openAccount(3);
    await expect.poll(() => desk.told.filter((each) => each === "open 0")).toHaveLength(2);
    expect(desk.told.filter((each) => each.startsWith("closed"))).toEqual([]);
  });

  test("a dial that fails is a connection that closed", async () => {
    desk.url = "ws://127.0.0.1:1";
    openAccount();
    await expect.poll(() => desk.told.at(-1)).toMatch(/^closed 0 .*ECONNREFUSED/);
  });

  test("keys do not go over an open line to another machine", async () => {
    desk.url = "ws://venue.test/orders";
    openAccount();
    expect(desk.told).toEqual([]);
    await expect.poll(() => desk.told).toEqual(["closed 0 the address is without encryption"]);
  });

  test.each([
    ["wss://venue.test", true],
    ["https://venue.test", true],
    ["ws://127.0.0.1:5", true],
    ["http://localhost:5", true],
    ["http://[::1]:5", true],
    ["http://venue.test", false],
    ["ws://127.0.0.1.venue.test", false],
  ])("%s protects keys: %s", (url, expected) => expect(isProtected(url)).toBe(expected));

  test("the timer wakes the desk at the latest time that was asked for", async () => {
    desk.ports.wakeAt(nowUs() + 5_000_000);
    desk.ports.wakeAt(nowUs() + 1000);
    await expect.poll(() => desk.told).toEqual(["due"]);
    desk.ports.wakeAt(nowUs() + 1000);
    desk.ports.wakeAt(Number.POSITIVE_INFINITY);
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 5);
    await promise;
    expect(desk.told).toEqual(["due"]);
  });
});

describe("events", () => {
  const heardAt = (recvUs: number, epoch = 1): TradeEvent => ({
    type: "accountHeard",
    venue: 0,
    epoch,
    recvUs,
  });

  test("of an earlier epoch are dropped and counted, but for its last words", () => {
    openAccount(1);
    openAccount(2);
    expect(events.map((event) => "epoch" in event && event.epoch)).toEqual([0, 1]);
    desk.ports.emit({ type: "accountReady", venue: 0, epoch: 1, recvUs: 0 });
    desk.ports.emit({ type: "accountReady", venue: 0, epoch: 2, recvUs: 0 });
    expect(events).toHaveLength(3);
    expect(host.counts.staleEvents).toBe(1);
  });

  test("a sign of life passes once a second", () => {
    openAccount(1);
    events.length = 0;
    for (let tenth = 10; tenth < 40; tenth++) desk.ports.emit(heardAt(tenth * 100_000));
    expect(events).toHaveLength(3);
  });

  test("nothing is told after the end", async () => {
    await host.close();
    desk.ports.emit(heardAt(1e15, 0));
    desk.ports.wakeAt(nowUs());
    desk.ports.dial(0, desk.url);
    expect(events).toEqual([]);
    expect(peers).toEqual([]);
  });
});

describe("intents", () => {
  test("are on the disk when the desk writes its order", async () => {
    await opened();
    const seen: unknown[] = [];
    desk.onPlace = () => seen.push(readIntents(folder, 0));
    host.execute(order());
    expect(seen).toMatchObject([{ kind: "read", orders: [order()] }]);
    expect(host.counts.intents).toBe(1);
  });

  test("a test order leaves none, because nothing of it has to be found again", async () => {
    await opened();
    host.execute(order({ isTest: true }));
    expect(desk.told.at(-1)).toBe("sent");
    expect(readIntents(folder, 0)).toMatchObject({ orders: [] });
  });

  test("an order without an intent is not written, and the owner is told to stop", async () => {
    await opened();
    intents.close();
    host.execute(order());
    expect(desk.told.at(-1)).toBe("open 0");
    expect(events.at(-1)).toMatchObject({
      type: "orderNotSent",
      clientId: order().clientId,
      reason: "intent log: the log is closed",
    });
    expect(broken).toEqual(["the log is closed"]);
  });

  test("a host without a log places nothing that counts", async () => {
    await host.close();
    host = makeHost("", "", false);
    await opened();
    host.execute(order());
    expect(events.at(-1)).toMatchObject({ type: "orderNotSent" });
    host.execute(order({ isTest: true }));
    expect(desk.told.at(-1)).toBe("sent");
  });
});

describe("calls", () => {
  test("carry method, headers and body, and bring status, headers and body back", async () => {
    desk.ports.call(call({ method: "POST", path: "/order?a=1", body: "b=2", kind: "order" }));
    const [first] = await answered();
    expect(requests[0]).toMatchObject({ method: "POST", url: "/order?a=1" });
    if (first?.answer.kind !== "body") throw new Error("the server answered");
    expect(first.answer.status).toBe(200);
    expect(first.answer.header("x-limit")).toBe("7");
    expect(first.answer.header("x-other")).toBeUndefined();
    expect(Buffer.from(first.answer.body).toString()).toBe("fine");
    expect(first.call.tag).toEqual({ what: "test" });
  });

  test("an order whose connection dies after the write was sent, and is not written again", async () => {
    respond = (_url, socket) => {
      socket.destroy();
      return undefined;
    };
    desk.ports.call(call({ method: "POST", kind: "order" }));
    const [first] = await answered();
    expect(first?.answer).toMatchObject({ kind: "failed", wasSent: true });
    expect(requests).toHaveLength(1);
  });

  test("an order without an answer in time was sent, and is not written again", async () => {
    respond = () => undefined;
    desk.ports.call(call({ method: "POST", kind: "order", timeoutMs: 50 }));
    const [first] = await answered();
    expect(first?.answer).toEqual({ kind: "failed", code: "timeout", wasSent: true });
    expect(requests).toHaveLength(1);
  });

  test("an order that waits behind others until its time is over never leaves", async () => {
    respond = (url) => (url.startsWith("/order") ? { status: 200, body: "" } : undefined);
    // Both connections are busy with reads that nobody answers before the order's time is over.
    desk.ports.call(call({ path: "/slow-1", timeoutMs: 300 }));
    desk.ports.call(call({ path: "/slow-2", timeoutMs: 300 }));
    desk.ports.call(call({ path: "/order", method: "POST", kind: "order", timeoutMs: 50 }));
    const answers = await answered(3);
    expect(answers[0]?.answer).toEqual({ kind: "failed", code: "timeout", wasSent: false });
    expect(requests.map(({ url }) => url).sort()).toEqual(["/slow-1", "/slow-2"]);
  });

  test("without a server an order has certainly not left, and a read is tried three times", async () => {
    await host.close();
    host = makeHost("http://127.0.0.1:1");
    desk.ports.call(call({ method: "POST", kind: "order" }));
    const [first] = await answered();
    expect(first?.answer).toMatchObject({ kind: "failed", code: "ECONNREFUSED", wasSent: false });
    const startedMs = performance.now();
    desk.ports.call(call());
    await answered(2);
    // Two pauses of at least half their length lie between three attempts.
    expect(performance.now() - startedMs).toBeGreaterThan(100);
    expect(desk.answers[1]?.answer).toMatchObject({ kind: "failed", wasSent: false });
  });

  test("after five failing reads no sixth is made, while orders and cancels still are", async () => {
    respond = (url) => ({ status: url === "/read" ? 503 : 200, body: "" });
    for (let i = 1; i <= 5; i++) {
      desk.ports.call(call());
      await answered(i);
    }
    desk.ports.call(call());
    await answered(6);
    expect(desk.answers[5]?.answer).toEqual({
      kind: "failed",
      code: "breakerOpen",
      wasSent: false,
    });
    expect(requests).toHaveLength(5);
    desk.ports.call(call({ path: "/order", method: "POST", kind: "order" }));
    desk.ports.call(call({ path: "/cancel", method: "DELETE", kind: "cancel" }));
    const answers = await answered(8);
    expect(answers.slice(6).map(({ answer }) => answer.kind)).toEqual(["body", "body"]);
  });

  test("an answer that does not end is cut off", async () => {
    respond = () => ({ status: 200, body: "x".repeat(17 * 1024 * 1024) });
    desk.ports.call(call({ timeoutMs: 5000 }));
    const [first] = await answered();
    expect(first?.answer).toMatchObject({ kind: "failed", wasSent: true });
  });

  test("a request that cannot be made has not left", async () => {
    desk.ports.call(call({ path: "no path", kind: "order" }));
    const [first] = await answered();
    expect(first?.answer).toMatchObject({ kind: "failed", wasSent: false });
  });

  test("an order goes over a connection that was warm before it", async () => {
    await host.close();
    host = makeHost(undefined, "/time");
    await expect.poll(() => requests.length).toBeGreaterThanOrEqual(4);
    const warm = new Set(requests.map(({ socket }) => socket));
    expect(warm.size).toBe(2);
    desk.ports.call(call({ path: "/order", method: "POST", kind: "order" }));
    await answered();
    const used = requests.find(({ url }) => url === "/order")?.socket;
    expect(used !== undefined && warm.has(used)).toBe(true);
  });

  test.each(["", "http://venue.test"])(
    "a venue whose REST side is %j is not called",
    async (rest) => {
      await host.close();
      host = makeHost(rest);
      desk.ports.call(call());
      expect(desk.answers).toEqual([]);
      const [first] = await answered();
      expect(first?.answer).toEqual({ kind: "failed", code: "noRestSide", wasSent: false });
    },
  );
});

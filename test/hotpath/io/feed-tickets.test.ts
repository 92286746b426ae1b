// Goal: a venue that hands out tickets, wants its greeting waited for and expects pings is dialed, greeted
// and pinged as it wants, and whatever is missing ends in one event.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { ControlEvent } from "../../../hotpath/core/events.ts";
import { Absence } from "../../../hotpath/io/clock.ts";
import { Feed } from "../../../hotpath/io/feed.ts";
import type { FeedProtocol } from "../../../hotpath/io/feed-protocol.ts";
import type { RestAnswer } from "../../../hotpath/io/rest-client.ts";
import { dialOf } from "../../../hotpath/io/web-socket.ts";

let server: Server;
let sockets: WebSocketServer;
let events: ControlEvent[];
let asked: string[];
let sent: string[];
let answer: RestAnswer | Promise<RestAnswer>;
let feed: Feed | undefined;

const PINGS = { intervalMs: 5, timeoutMs: 30, text: (id: number) => `ping ${id}` };

function bodyOf(text: string, status = 200): RestAnswer {
  const body = new TextEncoder().encode(text);
  const times = { recvUs: 1, roundTripUs: 1, weightUsed: -1, retryAfterUs: 0 };
  return { kind: "body", status, body, ...times };
}

function url(): string {
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function makeFeed(protocol: Partial<FeedProtocol> = {}): Feed {
  const whole: FeedProtocol = {
    url: url(),
    messageGapMs: 1,
    subscribeMessages: (id) => [{ id, text: "subscribe" }],
    awaitsGreeting: true,
    ticket: {
      path: "/ticket",
      targetOf: (body, name) => {
        const text = new TextDecoder().decode(body);
        return text === "" ? undefined : { url: `${text}/?name=${name}`, pings: PINGS };
      },
    },
    ...protocol,
  };
  feed = new Feed(3, whole, dialOf(new Absence()), {
    emit: (event) => void events.push(event),
    onFrame: () => undefined,
    onSent: (_session, _epoch, text) => void sent.push(text),
    post: (path, _timeoutMs, onAnswer) => {
      asked.push(path);
      void Promise.resolve(answer).then(onAnswer);
    },
  });
  return feed;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

beforeEach(async () => {
  events = [];
  asked = [];
  sent = [];
  server = createServer();
  sockets = new WebSocketServer({ server });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  answer = bodyOf(url());
});

afterEach(async () => {
  feed?.closeAll();
  for (const client of sockets.clients) client.terminate();
  sockets.close();
  server.close();
  await once(server, "close");
});

/** Hands the greeting on until the transport is open, as the reader does when the frame comes. */
async function greet(made: Feed): Promise<void> {
  await until(() => {
    made.onNotice(7, { type: "greeted" });
    return events.length > 0;
  });
}

/** Dials and returns the server's end, before any greeting. */
async function dialed(made: Feed): Promise<WebSocket> {
  const [[peer, request]] = await Promise.all([
    once(sockets, "connection") as Promise<[WebSocket, { url: string }]>,
    made.open(7, 2, 1_000_000),
  ]);
  expect(request.url).toBe("/?name=3-7-2");
  return peer;
}

describe("a ticket", () => {
  test("is fetched anew for every dial, and names the connection", async () => {
    const made = makeFeed();
    await dialed(made);
    made.abandon(2);
    await dialed(made);
    expect(asked).toEqual(["/ticket", "/ticket"]);
  });

  test.each([
    [
      "a failed request",
      { kind: "failed", code: "ECONNREFUSED", reason: "" } as const,
      "no ticket: ECONNREFUSED",
    ],
    ["a refusal", bodyOf("ws://x", 429), "no ticket: HTTP 429"],
    ["an answer without one", bodyOf(""), "no ticket: HTTP 200"],
  ])("%s is a failed dial", async (_, given, reason) => {
    answer = given;
    makeFeed().open(1, 1, 1_000_000);
    await until(() => events.length > 0);
    expect(events).toEqual([{ type: "dialFailed", session: 3, attempt: 1, reason }]);
    expect(feed?.liveCount).toBe(0);
  });

  test("that leads from an encrypted address to a plain one is not followed", async () => {
    makeFeed({ url: "wss://venue.test" }).open(1, 1, 1_000_000);
    await until(() => events.length > 0);
    expect(events[0]).toMatchObject({ type: "dialFailed" });
    expect(sockets.clients.size).toBe(0);
  });

  test("that comes after the dial was given up is not used", async () => {
    const { promise, resolve } = Promise.withResolvers<RestAnswer>();
    answer = promise;
    const made = makeFeed();
    made.open(1, 1, 1_000_000);
    made.abandon(1);
    resolve(bodyOf(url()));
    await promise;
    await new Promise((settled) => setTimeout(settled, 20));
    expect(events).toEqual([]);
    expect(sockets.clients.size).toBe(0);
  });
});

describe("a greeting", () => {
  test("makes the session open, once, and nothing is said before it", async () => {
    const made = makeFeed();
    await dialed(made);
    expect(events).toEqual([]);
    await greet(made);
    made.onNotice(7, { type: "greeted" });
    expect(events).toEqual([{ type: "sessionOpened", session: 3, epoch: 7, attempt: 2 }]);
    expect(sent.filter((text) => text.startsWith("ping"))).toEqual([]);
  });

  test("that never comes leaves a failed dial", async () => {
    const made = makeFeed();
    const peer = await dialed(made);
    peer.terminate();
    await until(() => events.length > 0);
    expect(events[0]).toMatchObject({ type: "dialFailed", attempt: 2 });
  });
});

describe("pings", () => {
  async function greeted(): Promise<{ made: Feed; peer: WebSocket; heard: string[] }> {
    const made = makeFeed();
    const heard: string[] = [];
    const peer = await dialed(made);
    peer.on("message", (data) => heard.push(String(data)));
    await greet(made);
    return { made, peer, heard };
  }

  test("go on while they are answered, numbered one by one", async () => {
    const { made, heard } = await greeted();
    for (let id = 1; id <= 3; id++) {
      await until(() => heard.includes(`ping ${id}`));
      made.onNotice(7, { type: "ponged", pingId: id - 1 });
      made.onNotice(7, { type: "ponged", pingId: id });
    }
    expect(events).toHaveLength(1);
    expect(sent.slice(0, 3)).toEqual(["ping 1", "ping 2", "ping 3"]);
  });

  test("without an answer are a failure to write, and no second one is sent meanwhile", async () => {
    const { heard } = await greeted();
    await until(() => events.length > 1);
    const reason = "no pong within 30 ms";
    expect(events[1]).toEqual({ type: "writeFailed", session: 3, epoch: 7, reason });
    expect(heard[0]).toBe("ping 1");
  });
});

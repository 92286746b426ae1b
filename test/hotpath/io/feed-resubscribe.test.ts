// Goal: one book of a transport is asked for anew without a word about the others, a request for several
// symbols is confirmed by its last acknowledgement, and a ping tells the venue's clock.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { Notice } from "../../../hotpath/core/decode/decoder.ts";
import type { ControlEvent } from "../../../hotpath/core/events.ts";
import { Absence, nowUs } from "../../../hotpath/io/clock.ts";
import { Feed } from "../../../hotpath/io/feed.ts";
import { dialOf } from "../../../hotpath/io/web-socket.ts";

let server: Server;
let sockets: WebSocketServer;
let feed: Feed;
let heard: string[];
let recorded: string[];
let events: ControlEvent[];
let clocks: (readonly [offsetUs: number, errorUs: number])[];

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

beforeEach(async () => {
  heard = [];
  recorded = [];
  events = [];
  clocks = [];
  server = createServer();
  sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket: WebSocket) => {
    socket.on("message", (data) => heard.push(String(data)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  feed = new Feed(
    2,
    {
      url: `ws://127.0.0.1:${port}`,
      messageGapMs: 1,
      pings: { intervalMs: 60_000, timeoutMs: 60_000, isAtOnce: true, text: (id) => `ping ${id}` },
      subscribeMessages: (id) => [{ id, text: `all ${id}`, acknowledgements: 3 }],
      resubscribeMessages: (symbol, id) => [`end ${symbol} ${id}`, `begin ${symbol} ${id}`],
    },
    dialOf(new Absence()),
    {
      emit: (event) => void events.push(event),
      onFrame: () => undefined,
      onSent: (_session, _epoch, text) => void recorded.push(text),
      onClock: (offsetUs, errorUs) => void clocks.push([offsetUs, errorUs]),
    },
  );
  feed.open(1, 1, 1_000_000);
  await until(() => events.length > 0);
  events.length = 0;
});

afterEach(async () => {
  feed.closeAll();
  for (const client of sockets.clients) client.terminate();
  sockets.close();
  server.close();
  await once(server, "close");
});

const told = (notice: Notice) => feed.onNotice(1, notice);

test("a message for three symbols is confirmed by its third acknowledgement", () => {
  feed.subscribe(1);
  told({ type: "subscribed", requestId: 1 });
  told({ type: "subscribed", requestId: 1 });
  expect(events).toEqual([]);
  told({ type: "subscribed", requestId: 1 });
  expect(events).toEqual([{ type: "subscriptionConfirmed", session: 2, epoch: 1 }]);
  told({ type: "subscribed", requestId: 1 });
  expect(events).toHaveLength(1);
});

test("a book is ended and begun under one id, written and recorded", async () => {
  feed.subscribe(1);
  expect(feed.resubscribe(1, "A/B", () => undefined)).toBe(true);
  await until(() => heard.length >= 4);
  expect(heard).toEqual(["ping 1", "all 1", "end A/B 2", "begin A/B 2"]);
  expect(recorded).toEqual(heard);
});

test("a refused book is told to whoever asked, once, and the transport goes on", () => {
  const reasons: string[] = [];
  feed.resubscribe(1, "A/B", (reason) => void reasons.push(reason));
  told({ type: "refused", requestId: 1, reason: "no" });
  expect(reasons).toEqual(["no"]);
  expect(events).toEqual([]);
  told({ type: "refused", requestId: 1, reason: "no" });
  expect(reasons).toHaveLength(1);
  expect(events).toMatchObject([{ type: "subscriptionRefused", reason: "no" }]);
});

test("an acknowledged book is refused no more, and confirms nothing of the whole", () => {
  const reasons: string[] = [];
  feed.resubscribe(1, "A/B", (reason) => void reasons.push(reason));
  told({ type: "subscribed", requestId: 1 });
  expect([...events, ...reasons]).toEqual([]);
});

test("a transport that is gone is asked for nothing", () => {
  feed.close(1, "test");
  expect(feed.resubscribe(1, "A/B", () => undefined)).toBe(false);
  expect(feed.ping()).toBe(false);
});

test("the first ping follows the opening at once, and half its round trip is its error", async () => {
  await until(() => heard.length > 0);
  expect(heard).toEqual(["ping 1"]);
  told({ type: "ponged", pingId: 1, venueUs: nowUs() + 3_000_000 });
  const [[offsetUs, errorUs] = [0, 0]] = clocks;
  expect(errorUs).toBeGreaterThan(0);
  expect(Math.abs(offsetUs - 3_000_000)).toBeLessThanOrEqual(2 * errorUs);
});

test("a pong without a time, or of another ping, measures nothing", () => {
  told({ type: "ponged", pingId: 1 });
  told({ type: "ponged", pingId: 7, venueUs: nowUs() });
  expect(clocks).toEqual([]);
});

test("a ping is asked for by hand, and not while one is unanswered", async () => {
  expect(feed.ping()).toBe(true);
  told({ type: "ponged", pingId: 1 });
  expect(feed.ping()).toBe(true);
  await until(() => heard.length >= 2);
  expect(heard).toEqual(["ping 1", "ping 2"]);
});

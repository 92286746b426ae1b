// Goal: a transport dials, speaks, ends, and tells the truth about it, over real sockets on loopback.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import {
  type AddressInfo,
  createServer as createTcp,
  type Socket,
  type Server as TcpServer,
} from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { ControlEvent } from "../../../hotpath/core/events.ts";
import { Absence, nowUs } from "../../../hotpath/io/clock.ts";
import { Feed } from "../../../hotpath/io/feed.ts";
import { dialOf, FRAME_BYTES_MAX } from "../../../hotpath/io/web-socket.ts";

type Frame = { epoch: number; text: string; recvUs: number; awayUs: number };

let server: Server;
let sockets: WebSocketServer;
let events: ControlEvent[];
let frames: Frame[];
let sent: { epoch: number; text: string; atUs: number }[];
let feed: Feed;
const opened: { close: () => void }[] = [];

function portOf(listener: Server | TcpServer): number {
  return (listener.address() as AddressInfo).port;
}

function feedTo(port: number, messages: readonly string[] = ['{"id":1}'], messageGapMs = 5): Feed {
  const protocol = {
    url: `ws://127.0.0.1:${port}`,
    messageGapMs,
    subscribeMessages: (firstId: number) =>
      messages.map((text, i) => ({
        id: firstId + i,
        text: text.replace('"id":1', `"id":${firstId + i}`),
      })),
  };
  return new Feed(0, protocol, dialOf(new Absence()), {
    emit: (event) => void events.push(event),
    onFrame: (_, epoch, frame, { recvUs, awayUs }) =>
      void frames.push({ epoch, text: Buffer.from(frame).toString(), recvUs, awayUs }),
    onSent: (_, epoch, text) => void sent.push({ epoch, text, atUs: nowUs() }),
  });
}

/** Waits until `isSo`; the test's own time limit is the bound. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

beforeEach(async () => {
  events = [];
  frames = [];
  sent = [];
  server = createServer();
  sockets = new WebSocketServer({ server });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  feed = feedTo(portOf(server));
});

afterEach(async () => {
  feed.closeAll();
  for (const client of sockets.clients) client.terminate();
  for (const one of opened.splice(0)) one.close();
  sockets.close();
  server.close();
  await once(server, "close");
});

/** Opens a transport and returns the server's end of it. */
async function open(epoch = 1, attempt = epoch): Promise<WebSocket> {
  const [[peer]] = await Promise.all([
    once(sockets, "connection") as Promise<[WebSocket]>,
    feed.open(epoch, attempt, 1_000_000),
  ]);
  await until(() =>
    events.some((event) => event.type === "sessionOpened" && event.epoch === epoch),
  );
  return peer;
}

describe("a dial", () => {
  test("that succeeds opens a session under its epoch", async () => {
    await open(4, 9);
    expect(events).toEqual([{ type: "sessionOpened", session: 0, epoch: 4, attempt: 9 }]);
    expect(feed.liveCount).toBe(1);
  });

  test("to nobody fails, and says why", async () => {
    const dead = createTcp();
    dead.listen(0, "127.0.0.1");
    await once(dead, "listening");
    const port = portOf(dead);
    dead.close();
    await once(dead, "close");
    feed = feedTo(port);
    feed.open(1, 3, 1_000_000);
    await until(() => events.length > 0);
    expect(events).toMatchObject([{ type: "dialFailed", session: 0, attempt: 3 }]);
    expect(events[0]).toMatchObject({ reason: expect.stringContaining("ECONNREFUSED") });
    expect(feed.liveCount).toBe(0);
  });

  test.each([429, 403, 503])("that is answered %i fails with the status", async (status) => {
    sockets.close();
    server.on("upgrade", (_, socket) => {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    });
    feed.open(1, 1, 1_000_000);
    await until(() => events.length > 0);
    expect(events).toMatchObject([
      { type: "dialFailed", reason: expect.stringContaining(String(status)) },
    ]);
  });

  test("that is never answered fails at its limit", async () => {
    const mute = createTcp((socket) => void opened.push({ close: () => socket.destroy() }));
    mute.listen(0, "127.0.0.1");
    await once(mute, "listening");
    opened.push(mute);
    feed = feedTo(portOf(mute));
    feed.open(1, 1, 60_000);
    await until(() => events.length > 0);
    expect(events).toMatchObject([{ type: "dialFailed", attempt: 1 }]);
  });

  test("that is given up reports nothing, ever", async () => {
    feed.open(1, 1, 1_000_000);
    feed.abandon(1);
    feed.abandon(77);
    expect(feed.liveCount).toBe(0);
    await open(2);
    expect(events).toEqual([{ type: "sessionOpened", session: 0, epoch: 2, attempt: 2 }]);
  });
});

describe("subscriptions", () => {
  test("are sent one by one in the venue's pace, and confirmed when all are acknowledged", async () => {
    feed = feedTo(portOf(server), ['{"id":1,"a":1}', '{"id":1,"b":1}', '{"id":1,"c":1}'], 30);
    const peer = await open();
    const heard: string[] = [];
    peer.on("message", (data) => void heard.push(String(data)));
    feed.subscribe(1);
    await until(() => heard.length === 3);
    expect(sent.map(({ text }) => text)).toEqual(heard);
    const gaps = sent.slice(1).map(({ atUs }, i) => atUs - (sent[i]?.atUs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(28_000);
    for (const requestId of [1, 2]) feed.onNotice(1, { type: "subscribed", requestId });
    feed.onNotice(1, { type: "subscribed", requestId: 1 });
    feed.onNotice(1, { type: "subscribed", requestId: 55 });
    expect(events.at(-1)?.type).toBe("sessionOpened");
    feed.onNotice(1, { type: "subscribed", requestId: 3 });
    expect(events.at(-1)).toEqual({ type: "subscriptionConfirmed", session: 0, epoch: 1 });
    feed.onNotice(1, { type: "subscribed", requestId: 3 });
    expect(events.filter(({ type }) => type === "subscriptionConfirmed")).toHaveLength(1);
  });

  test("of another life have other numbers", async () => {
    await open(1);
    feed.subscribe(1);
    await open(2);
    feed.subscribe(2);
    expect(sent.map(({ text }) => text)).toEqual(['{"id":1}', '{"id":2}']);
    feed.onNotice(2, { type: "subscribed", requestId: 1 });
    expect(events.some(({ type }) => type === "subscriptionConfirmed")).toBe(false);
  });

  test("that are refused, a shutdown that is announced, and what nobody understands", async () => {
    await open();
    const { length } = events;
    feed.onNotice(1, { type: "refused", requestId: 1, reason: "2 no" });
    feed.onNotice(1, { type: "shutdownAnnounced" });
    feed.onNotice(1, { type: "unknown", text: "?" });
    feed.onNotice(99, { type: "shutdownAnnounced" });
    expect(events.slice(length)).toEqual([
      { type: "subscriptionRefused", session: 0, epoch: 1, reason: "2 no" },
      { type: "shutdownAnnounced", session: 0, epoch: 1 },
    ]);
  });

  test("stop with the life they belong to", async () => {
    feed = feedTo(portOf(server), ['{"id":1}', '{"id":1}'], 20);
    await open();
    feed.subscribe(1);
    feed.close(1, "gap");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sent).toHaveLength(1);
    expect(events).toHaveLength(1);
  });
});

describe("a command of a life that is gone", () => {
  test("is not carried out, and said to be dropped", () => {
    feed.subscribe(8);
    feed.close(8, "gap");
    expect(events).toEqual([
      { type: "commandDropped", session: 0, epoch: 8, command: "subscribe" },
      { type: "commandDropped", session: 0, epoch: 8, command: "closeSession" },
    ]);
    expect(sent).toEqual([]);
  });
});

describe("frames", () => {
  test("carry their epoch and the time of the read", async () => {
    const first = await open(1);
    const second = await open(2);
    const beforeUs = nowUs();
    first.send("old");
    second.send("new");
    second.send(Buffer.from("bytes"), { binary: true });
    await until(() => frames.length === 3);
    expect(frames.find(({ text }) => text === "old")?.epoch).toBe(1);
    expect(frames.filter(({ epoch }) => epoch === 2).map(({ text }) => text)).toEqual([
      "new",
      "bytes",
    ]);
    for (const { recvUs, awayUs } of frames) {
      expect(recvUs).toBeGreaterThanOrEqual(beforeUs);
      expect(recvUs).toBeLessThanOrEqual(nowUs());
      expect(awayUs).toBeGreaterThanOrEqual(0);
    }
  });

  test("that come in the same read as the handshake are stamped too", async () => {
    sockets.once("connection", (peer) => peer.send("at once"));
    await open();
    await until(() => frames.length === 1);
    expect(frames[0]?.recvUs).toBeGreaterThan(1_600_000_000_000_000);
  });

  test("of one read have one time, taken before the first of them is parsed", async () => {
    const peer = await open();
    const slow: number[] = [];
    feed.closeAll();
    feed = new Feed(
      0,
      { url: `ws://127.0.0.1:${portOf(server)}`, messageGapMs: 1, subscribeMessages: () => [] },
      dialOf(new Absence()),
      {
        emit: (event) => void events.push(event),
        onFrame: (_, __, ___, { recvUs }) => {
          slow.push(recvUs);
          // What is done with one frame is no part of the next one's time.
          const end = nowUs() + 3000;
          while (nowUs() < end);
        },
        onSent: () => undefined,
      },
    );
    expect(peer.readyState).toBeGreaterThanOrEqual(1);
    const next = await open(2);
    (next as unknown as { _socket: Socket })._socket.cork();
    for (let i = 0; i < 5; i++) next.send("x");
    (next as unknown as { _socket: Socket })._socket.uncork();
    await until(() => slow.length === 5);
    expect(new Set(slow).size).toBe(1);
  });

  test("in pieces are one frame", async () => {
    const peer = await open();
    peer.send("one ", { fin: false });
    peer.send("frame", { fin: true });
    await until(() => frames.length === 1);
    expect(frames[0]?.text).toBe("one frame");
  });

  test("as large as may be are read; one byte more ends the session", async () => {
    const peer = await open();
    peer.send("x".repeat(FRAME_BYTES_MAX));
    await until(() => frames.length === 1);
    expect(frames[0]?.text.length).toBe(FRAME_BYTES_MAX);
    peer.send("x".repeat(FRAME_BYTES_MAX + 1));
    await until(() => events.length === 2);
    expect(events[1]).toMatchObject({ type: "sessionClosed", epoch: 1 });
    expect(frames).toHaveLength(1);
  });

  test("that are garbage end the session", async () => {
    const peer = await open();
    (peer as unknown as { _socket: Socket })._socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    await until(() => events.length === 2);
    expect(events[1]).toMatchObject({ type: "sessionClosed", epoch: 1 });
  });

  test("that come after the end are nobody's", async () => {
    const peer = await open();
    for (let i = 0; i < 50; i++) peer.send(`late ${i}`);
    feed.close(1, "gap");
    await once(peer, "close");
    expect(frames).toEqual([]);
    expect(events).toHaveLength(1);
  });
});

describe("an end", () => {
  test.each([1000, 1001, 1008, 1011, 1012, 1013])(
    "with close code %i is one event",
    async (code) => {
      const peer = await open();
      peer.close(code, "bye");
      await until(() => events.length === 2);
      expect(events[1]).toEqual({
        type: "sessionClosed",
        session: 0,
        epoch: 1,
        reason: `closed ${code} bye`,
      });
      expect(feed.liveCount).toBe(0);
    },
  );

  test("without a goodbye is told as 1006", async () => {
    const peer = await open();
    peer.terminate();
    await until(() => events.length === 2);
    expect(events[1]).toMatchObject({
      type: "sessionClosed",
      reason: expect.stringMatching(/1006|ECONNRESET/),
    });
  });

  test("of our own is at once, though the peer never answers, and is not reported", async () => {
    const peer = await open();
    (peer as unknown as { _socket: Socket })._socket.pause();
    feed.close(1, "noMarketFlow");
    expect(feed.liveCount).toBe(0);
    await open(2);
    expect(events.map(({ type }) => type)).toEqual(["sessionOpened", "sessionOpened"]);
  });

  test("of everything ends everything", async () => {
    const peers = [await open(1), await open(2)];
    feed.open(3, 3, 1_000_000);
    feed.closeAll();
    await Promise.all(
      peers.map((peer) => (peer.readyState === 3 ? undefined : once(peer, "close"))),
    );
    expect(feed.liveCount).toBe(0);
    expect(events).toHaveLength(2);
  });

  test("that is not yet known shows as a failed write", async () => {
    const peer = await open();
    peer.close(1000);
    await once(peer, "close");
    const before = events.length;
    feed.subscribe(1);
    await until(
      () => events.length > before || events.some(({ type }) => type === "sessionClosed"),
    );
    expect(
      events.some(({ type }) => ["writeFailed", "sessionClosed", "commandDropped"].includes(type)),
    ).toBe(true);
  });
});

describe("the clock", () => {
  test("gives whole microseconds that never run backwards", () => {
    let last = nowUs();
    for (let i = 0; i < 100_000; i++) {
      const now = nowUs();
      expect(Number.isSafeInteger(now) && now >= last).toBe(true);
      last = now;
    }
    expect(Math.abs(last / 1000 - Date.now())).toBeLessThan(60_000);
  });

  test("an absence of 50 ms shows in the read that follows it, and idle time does not", async () => {
    const peer = await open();
    peer.send("settle");
    await until(() => frames.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    peer.send("after idle time");
    await until(() => frames.length === 2);
    peer.send("waits");
    const end = nowUs() + 50_000;
    while (nowUs() < end);
    await until(() => frames.length === 3);
    const [, idle, waited] = frames.map(({ awayUs }) => awayUs) as [number, number, number];
    expect(waited).toBeGreaterThanOrEqual(49_000);
    expect(waited).toBeGreaterThan(idle);
  });
});

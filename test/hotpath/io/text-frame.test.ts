// Goal: a frame of ours is read by a websocket library as the text that was written, whatever its length.
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { Absence } from "../../../hotpath/io/clock.ts";
import { TEXT_UNITS_MAX, textFrame } from "../../../hotpath/io/text-frame.ts";
import { Transport } from "../../../hotpath/io/web-socket.ts";

let server: WebSocketServer;

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
});

afterAll(() => server.close());

const TEXTS = [
  "",
  "a",
  "x".repeat(125),
  "x".repeat(126),
  "x".repeat(127),
  "ü".repeat(62),
  "ü".repeat(63),
  "１２３４５６ €",
  "🂡".repeat(100),
  "long ".repeat(4000),
  "€".repeat(TEXT_UNITS_MAX),
];

test("what was written arrives whole and in order, in turn with the library's own frames", async () => {
  const { port } = server.address() as { port: number };
  const heard: string[] = [];
  server.on("connection", (peer) => {
    peer.on("message", (data) => {
      heard.push(String(data));
      // Each is answered by a ping, so that the library writes its pongs between our frames.
      peer.ping();
    });
    peer.on("error", (error) => heard.push(`broken: ${error.message}`));
  });
  const failures: string[] = [];
  const transport = new Transport(`ws://127.0.0.1:${port}`, 2000, new Absence(), {
    onOpen: () => {
      for (let round = 0; round < 3; round++) for (const text of TEXTS) transport.send(text);
    },
    onFrame: () => undefined,
    onEnd: () => undefined,
    onWriteFailure: (reason) => failures.push(reason),
  });
  await expect.poll(() => heard.length).toBe(3 * TEXTS.length);
  expect(heard).toEqual([...TEXTS, ...TEXTS, ...TEXTS]);
  expect(failures).toEqual([]);
  transport.close("done");
  transport.send("after the end");
  expect(failures).toEqual(["the socket is not open"]);
});

test("no two frames of the same text look alike", () => {
  const frames = new Set(Array.from({ length: 5000 }, () => textFrame("order").toString("hex")));
  expect(frames.size).toBeGreaterThan(4990);
});

test("a text that fits no frame is a mistake of ours", () => {
  expect(() => textFrame("x".repeat(TEXT_UNITS_MAX + 1))).toThrow(/fits a frame/);
});

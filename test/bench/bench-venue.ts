/**
 * The venue of the black box, a process of its own: sends a diff over TLS, and stops the clock when the order
 * that answers it has been read. Also reads orders that carry the time of their decision.
 *
 * Words: folder, rounds, messages in a round, profile. It begins at the first words on its stdin.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import { type ChainedFrame, chained, chainSet, forward } from "./frame-chain.ts";
import { stampIn } from "./order-stamp.ts";

export type EngineResult = {
  readonly engine: string;
  /** Microseconds from the diff to its order, of each round. */
  readonly rounds: readonly (readonly number[])[];
};

const [folder = "", roundWords = "0", messageWords = "0", profile = "quiet"] =
  process.argv.slice(2);
const WARM_UP_MESSAGES = 6000;
const BLOCK_MESSAGES = 50;
/** The first of a block find the engine asleep and its caches cold. */
const BLOCK_WARM_UP = 10;
/** Between two diffs, so that every engine has gone back to waiting as a venue's pace lets it. */
const PAUSE_MS = 1;
/** An engine that has died must not keep the others waiting. */
const ORDER_TIMEOUT_MS = 5000;
const BOOKS = 20;

type Engine = {
  readonly name: string;
  readonly feed: WebSocket;
  readonly frames: readonly ChainedFrame[];
  next: number;
};

const engines: Engine[] = [];
let onOrder: () => void = () => undefined;

const server = createServer(
  {
    key: readFileSync(join(folder, "key.pem")),
    cert: readFileSync(join(folder, "certificate.pem")),
    keepAliveTimeout: 60_000,
  },
  (request, response) => {
    let body = "";
    request.setEncoding("latin1");
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      const lateNs = stampIn(`${request.url ?? ""}${body}`);
      onOrder();
      response.end(`{"lateNs":${lateNs}}`);
    });
  },
);

const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket, request) => {
  const url = new URL(request.url ?? "/", "wss://venue");
  if (url.pathname === "/feed") {
    const set = chainSet(profile === "wide" ? "wide" : "quiet", BOOKS);
    const frames = set.frames.map((frame, i) => chained(frame, set, i));
    engines.push({ name: url.searchParams.get("engine") ?? "", feed: socket, frames, next: 0 });
    return;
  }
  socket.on("message", (data: Buffer) => onSocketOrder(socket, data));
});

/** Orders are timed; the questions by which a session is opened are answered as the venue would. */
function onSocketOrder(socket: WebSocket, data: Buffer): void {
  if (data.includes('"newClientOrderId"')) {
    const text = data.toString("latin1");
    const lateNs = stampIn(text);
    onOrder();
    const id = text.slice(7, text.indexOf('"', 7));
    socket.send(`{"id":"${id}","status":400,"error":{"code":-2010,"msg":"${lateNs}"}}`);
    return;
  }
  const { id } = JSON.parse(data.toString("utf8")) as { id: string };
  const result = { serverTime: Date.now(), subscriptionId: 0 };
  socket.send(JSON.stringify({ id, status: 200, result }));
}

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});

process.stdin.once("data", () => void measure());
// Whoever started it is gone.
process.stdin.once("end", () => process.exit(0));

async function measure(): Promise<void> {
  for (const engine of engines) await runBlock(engine, WARM_UP_MESSAGES);
  const results = new Map(engines.map(({ name }) => [name, [] as number[][]]));
  const blocks = Math.ceil(Number(messageWords) / BLOCK_MESSAGES);
  for (let round = 0; round < Number(roundWords); round++) {
    for (const each of results.values()) each.push([]);
    for (let block = 0; block < blocks * engines.length; block++) {
      // Short blocks in turn: whatever else the machine does meets every engine alike. The order rotates,
      // so that none always comes after the same other.
      const engine = engines[(block + Math.floor(block / engines.length)) % engines.length];
      if (engine === undefined) continue;
      const us = await runBlock(engine, BLOCK_MESSAGES);
      results
        .get(engine.name)
        ?.at(-1)
        ?.push(...us.slice(BLOCK_WARM_UP));
    }
  }
  const answer: EngineResult[] = [...results].map(([engine, rounds]) => ({ engine, rounds }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function runBlock(engine: Engine, messages: number): Promise<number[]> {
  const us: number[] = [];
  for (let i = 0; i < messages; i++) {
    const chain = engine.frames[engine.next % engine.frames.length] as ChainedFrame;
    engine.next++;
    forward(chain);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    let sentMs = 0;
    const timer = setTimeout(() => reject(new Error(`${engine.name} is silent`)), ORDER_TIMEOUT_MS);
    onOrder = () => resolve(performance.now() - sentMs);
    sentMs = performance.now();
    engine.feed.send(chain.frame);
    us.push((await promise) * 1000);
    clearTimeout(timer);
    await pause();
  }
  return us;
}

function pause(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, PAUSE_MS);
  return promise;
}

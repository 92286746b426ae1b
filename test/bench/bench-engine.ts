/**
 * One engine of the black box, a process of its own: reads diffs over TLS and answers each with an order.
 *
 * Words: folder, port, which: `echo` decodes nothing and sends fixed bytes; `ours` is the production reader,
 * loop, core, journal feed, intent log, desk and transport; `usual` is ws, JSON.parse, sorted arrays and a
 * signed POST through undici.
 */
import { createHmac, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import WebSocket from "ws";
import type { PlaceOrder } from "../../hotpath/core/trade/commands.ts";
import { Absence, nowUs } from "../../hotpath/io/clock.ts";
import { DeskHost } from "../../hotpath/io/trade/desk-host.ts";
import { INTENT_OPTIONS, IntentLog } from "../../hotpath/io/trade/intent-log.ts";
import { dialOf } from "../../hotpath/io/web-socket.ts";
import { binanceSpotExecution } from "../../hotpath/venues/binance-spot/execute.ts";
import { makePathRig } from "./path-rig.ts";
import { applySorted, type SortedBook } from "./sorted-book.ts";

const [folder = "", port = "", which = "", profile = "quiet"] = process.argv.slice(2);
const BOOKS = 20;
const FRAMES_BEFORE_LIVE = 1000;
const SECRET = "bench-secret";
const FEED = `wss://127.0.0.1:${port}/feed?engine=${which}`;
const ORDERS = `wss://127.0.0.1:${port}/orders`;

function dial(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
  socket.once("open", () => resolve(socket));
  socket.once("error", reject);
  return promise;
}

/** Reads of both sockets are stamped and handed over at once, as in production. */
async function listen(onFrame: (frame: Buffer) => void): Promise<void> {
  const feed = await dial(FEED);
  feed.on("message", (data: Buffer) => onFrame(data));
}

async function runEcho(): Promise<void> {
  const orders = await dial(ORDERS);
  orders.on("message", () => undefined);
  const text =
    '{"id":"rk00001-00000001","method":"order.place","params":{"newClientOrderId":"rk00001-00000001","newOrderRespType":"FULL","price":"52000.00","quantity":"0.01000","recvWindow":1000,"side":"BUY","symbol":"BTCUSDT","timeInForce":"IOC","timestamp":1700000000000,"type":"LIMIT"}}';
  await listen(() => orders.send(text));
}

async function runOurs(): Promise<void> {
  const chosen = profile === "wide" ? "wide" : "quiet";
  const rig = await makePathRig({ profile: chosen, books: BOOKS, isPatient: true });
  const { privateKey } = generateKeyPairSync("ed25519");
  const secret = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  let isReady = false;
  const host = new DeskHost({
    venue: 0,
    instruments: rig.plan.instruments,
    addresses: { rest: "", stream: ORDERS, orders: ORDERS },
    keys: { apiKey: "bench", secret, passphrase: "" },
    makeDesk: binanceSpotExecution.makeDesk,
    emit: (event) => {
      if (event.type === "accountReady") isReady = true;
      if (event.type === "accountClosed") throw new Error(event.reason);
    },
    intents: new IntentLog({ ...INTENT_OPTIONS, folder: join(folder, "intents"), fence: 1 }),
    dial: dialOf(new Absence()),
    dialTimeoutMs: 5000,
    warmPath: "",
    warmMs: 0,
    restConnections: 1,
    onBroken: (reason) => {
      throw new Error(reason);
    },
    guard: (act) => act(),
  });
  host.execute({ type: "openAccount", venue: 0, epoch: 1, timeoutUs: 10_000_000 });
  for (let waits = 0; !isReady && waits < 500; waits++) await pause(10);
  if (!isReady) throw new Error("the account is not open");
  const order = orderMaker();
  const stamp = { recvUs: 0, awayUs: 0 };
  let frames = 0;
  await listen((frame) => {
    frames++;
    stamp.recvUs = nowUs();
    rig.reader.onFrame(0, 1, frame, stamp);
    host.execute(order());
  });
  // A path whose books are void would look fast. They go live with the first diff of each.
  setInterval(() => {
    if (frames > FRAMES_BEFORE_LIVE && rig.liveBooks() !== BOOKS)
      throw new Error(`${rig.liveBooks()} of ${BOOKS} books are live`);
  }, 1000);
}

/** A new order each time, with everything that one carries. */
function orderMaker(): () => PlaceOrder {
  let command = 0;
  return () => {
    command++;
    const clientId = `rk00001-${command.toString(36).padStart(8, "0")}`;
    return {
      type: "placeOrder",
      venue: 0,
      instrument: command % BOOKS,
      command,
      fence: 1,
      clientId,
      side: command % 2 === 0 ? "buy" : "sell",
      timeInForce: "ioc",
      priceTicks: 5_200_000 + (command % 100),
      lots: 1000 + (command % 100),
      purpose: "open",
      cycle: command,
      leg: 0,
      stampUs: nowUs(),
      windowUs: 1_000_000,
      limitsVersion: 1,
      books: [
        { instrument: 0, epoch: 1, seq: 10_000_000_000 + command, ageUs: 12 },
        { instrument: 1, epoch: 1, seq: 10_000_000_000 + command, ageUs: 15 },
        { instrument: 2, epoch: 1, seq: 10_000_000_000 + command, ageUs: 18 },
      ],
      isTest: false,
    };
  };
}

async function runUsual(): Promise<void> {
  const pool = new Pool(`https://127.0.0.1:${port}`, { connections: 1, pipelining: 1 });
  const books = new Map<string, SortedBook>();
  await listen((frame) => {
    const { data } = JSON.parse(frame.toString()) as { data: Parameters<typeof applySorted>[1] };
    const book = books.get(data.s) ?? { bids: [], asks: [] };
    books.set(data.s, book);
    applySorted(book, data);
    const params = new URLSearchParams({
      symbol: data.s,
      side: "BUY",
      type: "LIMIT",
      timeInForce: "IOC",
      quantity: "0.01000",
      price: String(book.bids[0]?.[0] ?? 1),
      newClientOrderId: "rk00001-00000001",
      newOrderRespType: "FULL",
      recvWindow: "1000",
      timestamp: String(Date.now()),
    });
    params.sort();
    const query = params.toString();
    const signature = createHmac("sha256", SECRET).update(query).digest("hex");
    void pool
      .request({
        path: `/api/v3/order?${query}&signature=${signature}`,
        method: "POST",
        headers: { "X-MBX-APIKEY": "bench" },
      })
      .then(({ body }) => body.text());
  });
}

const RUNS: Readonly<Record<string, () => Promise<void>>> = {
  echo: runEcho,
  ours: runOurs,
  usual: runUsual,
};

await (RUNS[which] ?? (() => Promise.reject(new Error(`no engine is named ${which}`))))();
process.stdout.write(`${JSON.stringify({ ready: which })}\n`);
process.stdin.resume();
await once(process.stdin, "end");
process.exit(0);

/**
 * The sender of budget 14, a process of its own: orders by three ways in turn over TLS to the bench's venue,
 * which says how long each was on its way from its decision.
 *
 * Words: folder (that of the certificate), port, rounds, orders in a round.
 */
import { generateKeyPairSync } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "undici";
import type { PlaceOrder } from "../../hotpath/core/trade/commands.ts";
import type { TradeEvent } from "../../hotpath/core/trade/events.ts";
import { Absence, nowUs } from "../../hotpath/io/clock.ts";
import { DeskHost } from "../../hotpath/io/trade/desk-host.ts";
import { dialOf } from "../../hotpath/io/web-socket.ts";
import { signedQuery, signerOf } from "../../hotpath/venues/binance-spot/execute/signing.ts";
import { binanceSpotExecution } from "../../hotpath/venues/binance-spot/execute.ts";
import { endWith } from "./last-line.ts";
import { benchOrder, orderInstrument, restQuery } from "./order-samples.ts";
import { stampedId } from "./order-stamp.ts";

export type WayResult = { readonly way: string; readonly rounds: readonly (readonly number[])[] };

const [port = "", roundWords = "0", orderWords = "0"] = process.argv.slice(3);
const WARM_UP_ORDERS = 2000;
const PAUSE_MS = 1;
const NS_PER_US = 1000;
const ORIGIN = `https://127.0.0.1:${port}`;
const ORDERS = `wss://127.0.0.1:${port}/orders`;
const HEADERS = { "X-MBX-APIKEY": "bench" };
const KEYS = { apiKey: "bench", secret: "bench-secret", passphrase: "" };

/** Sends one order whose id holds the time; gives nanoseconds until the venue had read it. */
type Way = () => Promise<number>;

async function deskWay(): Promise<Way> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const secret = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  let onEvent: (event: TradeEvent) => void = () => undefined;
  const host = new DeskHost({
    venue: 0,
    instruments: [orderInstrument()],
    addresses: { rest: "", stream: ORDERS, orders: ORDERS },
    keys: { apiKey: "bench", secret, passphrase: "" },
    makeDesk: binanceSpotExecution.makeDesk,
    emit: (event) => onEvent(event),
    intents: undefined,
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
  const ready = Promise.withResolvers<void>();
  onEvent = (event) => {
    if (event.type === "accountReady") ready.resolve();
  };
  host.execute({ type: "openAccount", venue: 0, epoch: 1, timeoutUs: 10_000_000 });
  await ready.promise;
  return () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    onEvent = (event) => {
      if (event.type === "orderRefused") resolve(Number(event.refusal.text));
    };
    host.execute(stampedOrder());
    return promise;
  };
}

function stampedOrder(): PlaceOrder {
  const clientId = stampedId();
  // A test order, so that its bytes are all there is: the intent is part of budget 13.
  return { ...benchOrder(1), clientId, stampUs: nowUs(), isTest: true };
}

function restWays(): Readonly<Record<"undici" | "fetch", Way>> {
  const client = new Client(ORIGIN, { pipelining: 1 });
  const signer = signerOf(KEYS);
  const pathOf = (): string => {
    const id = stampedId();
    return `/api/v3/order?${signedQuery(signer, restQuery({ ...benchOrder(1), clientId: id }))}`;
  };
  return {
    undici: async () => {
      const { body } = await client.request({ path: pathOf(), method: "POST", headers: HEADERS });
      return ((await body.json()) as { lateNs: number }).lateNs;
    },
    fetch: async () => {
      const answer = await fetch(ORIGIN + pathOf(), { method: "POST", headers: HEADERS });
      return ((await answer.json()) as { lateNs: number }).lateNs;
    },
  };
}

async function runRound(way: Way, orders: number): Promise<number[]> {
  const us: number[] = [];
  for (let i = 0; i < orders; i++) {
    us.push((await way()) / NS_PER_US);
    await pause(PAUSE_MS);
  }
  return us;
}

const ways = Object.entries({ desk: await deskWay(), ...restWays() });
for (const [, way] of ways) await runRound(way, WARM_UP_ORDERS);
const results = ways.map(([way]) => ({ way, rounds: [] as number[][] }));
for (let round = 0; round < Number(roundWords); round++) {
  for (const { rounds } of results) rounds.push([]);
  for (let order = 0; order < Number(orderWords) * ways.length; order++) {
    // One order each in turn: whatever else the machine does meets every way alike.
    const at = (order + Math.floor(order / ways.length)) % ways.length;
    const [, way] = ways[at] ?? [];
    if (way !== undefined) results[at]?.rounds.at(-1)?.push(...(await runRound(way, 1)));
  }
}
endWith(results satisfies WayResult[]);

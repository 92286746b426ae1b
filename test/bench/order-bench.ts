/**
 * Budget 14: what an order costs to say and to send. The bytes of a frame on a session that is logged on and
 * of a signed REST request; the intent log's write; and over TLS loopback, from the decision until the venue
 * has read the order, against undici and fetch.
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlaceOrder } from "../../hotpath/core/trade/commands.ts";
import { INTENT_OPTIONS, IntentLog } from "../../hotpath/io/trade/intent-log.ts";
import { OrderFrames } from "../../hotpath/venues/binance-spot/execute/frames.ts";
import { signedQuery, signerOf } from "../../hotpath/venues/binance-spot/execute/signing.ts";
import {
  atMost,
  type BenchOptions,
  median,
  notMeasured,
  type Row,
  shown,
  timeNs,
} from "./measure.ts";
import type { WayResult } from "./order-client.ts";
import { benchOrder, orderInstrument, restQuery } from "./order-samples.ts";
import { openPeers } from "./tls-peers.ts";

const ORDERS = 2000;
const NS_PER_US = 1000;

export async function orderBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const rounds = isQuick ? 30 : 100;
  return [...bytesRows(rounds), intentRow(rounds), ...(await wireRows(isQuick))];
}

/** Median over rounds of the mean of one call, in microseconds; a third of the rounds warms up. */
function costUs(
  rounds: number,
  orders: readonly PlaceOrder[],
  act: (order: PlaceOrder) => void,
): number {
  const us: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const ns = timeNs(() => {
      for (const order of orders) act(order);
    });
    if (round >= rounds / 3) us.push(ns / orders.length / NS_PER_US);
  }
  return median(us);
}

/** Texts are written to a buffer, because until then a text may be a promise of one. */
function bytesRows(rounds: number): Row[] {
  const orders = Array.from({ length: ORDERS }, (_, i) => benchOrder(i + 1));
  const instrument = orderInstrument();
  const { privateKey } = generateKeyPairSync("ed25519");
  const secret = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  const keys = { apiKey: "k".repeat(64), secret, passphrase: "" };
  const frames = new OrderFrames({ apiKey: keys.apiKey, signer: signerOf(keys) });
  const hmac = signerOf({ ...keys, secret: "s".repeat(64) });
  const out = Buffer.alloc(4096);
  let bytes = 0;
  const frameUs = costUs(rounds, orders, (order) => {
    bytes += out.write(frames.place(order, instrument, true), 0, "latin1");
  });
  const restUs = costUs(rounds, orders, (order) => {
    const path = `/api/v3/order?${signedQuery(hmac, restQuery(order))}`;
    const head = `POST ${path} HTTP/1.1\r\nhost: api.binance.com\r\nX-MBX-APIKEY: ${keys.apiKey}\r\ncontent-length: 0\r\n\r\n`;
    bytes += out.write(head, 0, "latin1");
  });
  const signUs = costUs(rounds, orders, (order) => {
    bytes += hmac.sign(restQuery(order)).length;
  });
  if (bytes === 0) throw new Error("nothing was written");
  return [
    atMost(14, "order bytes, frame of a logged-on session", 0.5, frameUs, "us"),
    atMost(
      14,
      "order bytes, signed REST request",
      2.2,
      restUs,
      "us",
      `signature ${shown(signUs)} us`,
    ),
  ];
}

function intentRow(rounds: number): Row {
  const folder = mkdtempSync(join(tmpdir(), "reckoner-intents-"));
  const log = new IntentLog({ ...INTENT_OPTIONS, folder, fence: 1, fileBytesMax: 2 ** 40 });
  const orders = Array.from({ length: ORDERS / 10 }, (_, i) => benchOrder(i + 1));
  const us = costUs(rounds, orders, (order) => {
    if (log.append(order).kind === "broken") throw new Error(log.broken);
  });
  log.close();
  rmSync(folder, { recursive: true });
  return notMeasured(
    14,
    "intent of an order, one write(2)",
    "none: part of budget 13",
    `${shown(us)} us`,
  );
}

async function wireRows(isQuick: boolean): Promise<Row[]> {
  const room = openPeers();
  try {
    const venue = room.start("./bench-venue.ts", []);
    const { port } = (await venue.answer()) as { port: number };
    const words = isQuick ? ["5", "500"] : ["9", "1500"];
    const client = room.start("./order-client.ts", [String(port), ...words]);
    const results = (await client.answer()) as readonly WayResult[];
    const of = (way: string): number[] =>
      (results.find((each) => each.way === way)?.rounds ?? []).map((us) => median(us));
    const ratio = (other: string): number => {
      const theirs = of(other);
      return median(of("desk").map((us, round) => us / (theirs[round] ?? Number.NaN)));
    };
    const note = (other: string): string =>
      `${shown(median(of("desk")))} and ${shown(median(of(other)))} us`;
    return [
      atMost(
        14,
        "decision to read by the venue, TLS",
        0.6,
        ratio("undici"),
        "x undici",
        note("undici"),
      ),
      atMost(14, "the same against fetch", 0.3, ratio("fetch"), "x fetch", note("fetch")),
    ];
  } finally {
    await room.close();
  }
}

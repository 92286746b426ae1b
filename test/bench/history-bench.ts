/**
 * Budget 22: pages of trade history over a day of a million fills.
 *
 * The day is loaded once into the embedded DynamoDB on disk and used again by later runs; a load that was
 * interrupted goes on where it was. The tables live in a process of their own, as on one machine they do, and
 * pages are asked through the store that the API uses, with every kind of filter, from random places of the day.
 */
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { dayOf } from "../../contracts/calendar.ts";
import type { HistoryFilters } from "../../contracts/history-filter.ts";
import { historyItemOf } from "../../contracts/history-item.ts";
import { tableName } from "../../contracts/resources.ts";
import type { HistoryQuery } from "../../functions/stores/history-query.ts";
import {
  createHistoryStore,
  type HistoryStore,
  storedOf,
} from "../../functions/stores/history-store.ts";
import type { EmbeddedEndpoints } from "../../local/aws/embedded.ts";
import { clientsOf } from "../fixtures/aws/rig.ts";
import { sampleFact } from "../fixtures/facts.ts";
import { atMost, type BenchOptions, quantile, type Row, shown } from "./measure.ts";

const FILLS = 1_000_000;
const FILLS_QUICK = 20_000;
const PAGES = 400;
const LIMIT = 100;
const MILLISECONDS_MAX = 300;
const BATCH = 25;
const LANES = 8;
/** Fills between two notes of how far the load has come. */
const NOTE_EVERY = 10_000;
const DAY_US = 86_400_000_000;
const DAY_START_US = Date.UTC(2026, 10, 20) * 1000;
const ENGINE = "paper";
const PREFIX = "bench";
const CHILD = fileURLToPath(new URL("./history-child.ts", import.meta.url));
const FOLDER = fileURLToPath(new URL("../../.reckoner/bench/history-", import.meta.url));
const COINS = ["BTC", "ETH", "SOL", "XRP", "ADA", "DOT", "LTC", "NEAR"] as const;

/** Runs the bench; `--quick` loads a small day beside the large one. */
export async function historyBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const fills = isQuick ? FILLS_QUICK : FILLS;
  const folder = `${FOLDER}${fills}`;
  fs.mkdirSync(folder, { recursive: true });
  const { child, endpoints } = await startTables(folder);
  const clients = clientsOf(endpoints);
  try {
    const loadSeconds = await load(clients.documents, folder, fills);
    const store = createHistoryStore(clients.documents, PREFIX);
    const { firstMs, nextMs, empty } = await askPages(store, fills);
    const all = [...firstMs, ...nextMs];
    const note =
      `p50 ${shown(quantile(all, 0.5))} ms, next pages p95 ${shown(quantile(nextMs, 0.95))} ms, ` +
      `${all.length} pages of ${LIMIT}, ${empty} empty, ${fills} fills` +
      `${loadSeconds > 0 ? `, loaded in ${loadSeconds.toFixed(0)} s` : ""}`;
    const what = "page of trade history, any filter, p95";
    return [atMost(22, what, MILLISECONDS_MAX, quantile(all, 0.95), "ms", note)];
  } finally {
    for (const client of Object.values(clients)) client.destroy();
    child.kill("SIGTERM");
  }
}

async function startTables(
  folder: string,
): Promise<{ readonly child: ChildProcess; readonly endpoints: EmbeddedEndpoints }> {
  const child = spawn(process.execPath, [CHILD, folder, PREFIX], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, endpoints: JSON.parse(line) as EmbeddedEndpoints };
  }
  throw new Error("the tables did not start");
}

/** The `n`th of `fills` fills: spread over the day, its names drawn by their number. */
function fillOf(n: number, fills: number) {
  const coin = COINS[n % COINS.length] ?? "BTC";
  const other = COINS[(n * 7 + 3) % COINS.length] ?? "ETH";
  const atUs = DAY_START_US + Math.floor((n * DAY_US) / fills);
  return sampleFact("fill", n, {
    engine: ENGINE,
    fact_id: `binance-spot:${coin}USDT:${n}:buy`,
    observed_at: atUs,
    ingested_at: atUs,
    payload: {
      instrument: `binance-spot:${coin}USDT`,
      exchangeUs: atUs,
      cycle: Math.floor(n / 3),
      corr: `c-1-${Math.floor(n / 3)}`,
      triangle: `USDT>${coin}>${other}`,
      leg: n % 3,
    },
  });
}

/** Puts what is not there yet; how long that took, in seconds. */
async function load(
  documents: ReturnType<typeof clientsOf>["documents"],
  folder: string,
  fills: number,
): Promise<number> {
  const note = path.join(folder, "loaded");
  const startMs = performance.now();
  let done = fs.existsSync(note) ? Number(fs.readFileSync(note, "utf8")) : 0;
  if (done >= fills) return 0;
  while (done < fills) {
    const end = Math.min(fills, done + NOTE_EVERY);
    let next = done;
    const lane = async (): Promise<void> => {
      while (next < end) {
        const from = next;
        next = Math.min(end, from + BATCH);
        await putBatch(documents, from, next, fills);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    done = end;
    fs.writeFileSync(note, String(done));
    process.stderr.write(`${done} of ${fills} fills are loaded\n`);
  }
  return (performance.now() - startMs) / 1000;
}

async function putBatch(
  documents: ReturnType<typeof clientsOf>["documents"],
  from: number,
  end: number,
  fills: number,
): Promise<void> {
  const requests = Array.from({ length: end - from }, (_, index) => ({
    PutRequest: { Item: storedOf(historyItemOf(fillOf(from + index, fills))) },
  }));
  const RequestItems = { [tableName(PREFIX, "history")]: requests };
  const { UnprocessedItems = {} } = await documents.send(new BatchWriteCommand({ RequestItems }));
  if (Object.keys(UnprocessedItems).length > 0) throw new Error("not all fills were taken");
}

let state = 99_991;

/** A number that looks drawn and is the same at every run. */
function draw(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
  return state % below;
}

/** Each kind of filter in turn: none, each index, none of the indexes, and an index with another. */
function filtersOf(turn: number, fills: number): HistoryFilters {
  const fact = fillOf(draw(fills), fills);
  if (fact.kind !== "fill") throw new Error("it is a fill");
  const { instrument, triangle, corr, clientId, side, leg } = fact.payload;
  const kinds: readonly HistoryFilters[] = [
    {},
    { venue: "binance-spot" },
    { instrument },
    { triangle },
    { corr },
    { clientId },
    { side },
    { leg: String(leg) },
    { instrument, side },
    { triangle, leg: String(leg) },
    { side, leg: String(leg), mode: "simulated" },
    { instrument, mode: "live" },
  ];
  return kinds[turn % kinds.length] ?? {};
}

async function askPages(
  store: HistoryStore,
  fills: number,
): Promise<{ readonly firstMs: number[]; readonly nextMs: number[]; readonly empty: number }> {
  const firstMs: number[] = [];
  const nextMs: number[] = [];
  let empty = 0;
  for (let turn = 0; firstMs.length + nextMs.length < PAGES; turn += 1) {
    const hour = draw(24);
    const query: HistoryQuery = {
      engine: ENGINE,
      kind: "fill",
      // The whole day, or from some hour to its end.
      fromUs: DAY_START_US + (turn % 2 === 0 ? 0 : (hour * DAY_US) / 24),
      toUs: DAY_START_US + DAY_US,
      order: draw(2) === 0 ? "newest" : "oldest",
      filters: filtersOf(turn, fills),
      limit: LIMIT,
    };
    const first = await timed(store, query, firstMs);
    if (first.records.length === 0) empty += 1;
    if (first.cursor !== undefined) await timed(store, { ...query, cursor: first.cursor }, nextMs);
  }
  if (dayOf(DAY_START_US) !== "2026-11-20") throw new Error("the day is one UTC day");
  return { firstMs, nextMs, empty };
}

async function timed(store: HistoryStore, query: HistoryQuery, into: number[]) {
  const startMs = performance.now();
  const page = await store.query(query);
  into.push(performance.now() - startMs);
  if (page.kind !== "page") throw new Error("the cursor is the store's own");
  return page;
}

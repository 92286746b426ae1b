/**
 * Budget 22: pages of trade history over a day of a million fills.
 *
 * The day is loaded once into the embedded DynamoDB on disk and used again by later runs; a load that was
 * interrupted goes on where it was. The tables live in a process of their own, as on one machine they do, and
 * pages are asked through the store that the API uses, with every kind of filter, from random places of the day.
 */
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { dayOf } from "../../contracts/calendar.ts";
import type { HistoryFilters } from "../../contracts/history-filter.ts";
import type { HistoryQuery } from "../../functions/stores/history-query.ts";
import { createHistoryStore, type HistoryStore } from "../../functions/stores/history-store.ts";
import type { EmbeddedEndpoints } from "../../local/aws/embedded.ts";
import { clientsOf } from "../fixtures/aws/rig.ts";
import { DAY_START_US, DAY_US, ENGINE, fillOf } from "./history-load.ts";
import { atMost, type BenchOptions, quantile, type Row, shown } from "./measure.ts";

const FILLS = 1_000_000;
const FILLS_QUICK = 20_000;
const PAGES = 400;
const LIMIT = 100;
const MILLISECONDS_MAX = 300;
const PREFIX = "bench";
const CHILD = fileURLToPath(new URL("./history-child.ts", import.meta.url));
const FOLDER = fileURLToPath(new URL("../../.reckoner/bench/history-", import.meta.url));

/** Runs the bench; `--quick` loads a small day beside the large one. */
export async function historyBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const fills = isQuick ? FILLS_QUICK : FILLS;
  const folder = `${FOLDER}${fills}`;
  fs.mkdirSync(folder, { recursive: true });
  const { child, endpoints, loadSeconds } = await startTables(folder, fills);
  const clients = clientsOf(endpoints);
  try {
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

type Tables = { readonly endpoints: EmbeddedEndpoints; readonly loadSeconds: number };

async function startTables(
  folder: string,
  fills: number,
): Promise<Tables & { readonly child: ChildProcess }> {
  const child = spawn(process.execPath, [CHILD, folder, PREFIX, String(fills)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, ...(JSON.parse(line) as Tables) };
  }
  throw new Error("the tables did not start");
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

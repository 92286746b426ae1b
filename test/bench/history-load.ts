/**
 * A day of fills put straight into dynalite's storage: by requests it takes an hour, and what is measured is
 * reading. The keys are dynalite's own functions of the items that the store makes, so that the store finds them.
 */
import fs from "node:fs";
import path from "node:path";
import * as dynalite from "dynalite/db/index.js";
import type { Fact } from "../../contracts/history.ts";
import { historyItemOf } from "../../contracts/history-item.ts";
import { tableName } from "../../contracts/resources.ts";
import { storedOf } from "../../functions/stores/history-store.ts";
import { sampleFact } from "../fixtures/facts.ts";

export const DAY_US = 86_400_000_000;
export const DAY_START_US = Date.UTC(2026, 10, 20) * 1000;
export const ENGINE = "paper";
const COINS = ["BTC", "ETH", "SOL", "XRP", "ADA", "DOT", "LTC", "NEAR"] as const;
const BATCH = 500;
/** Fills between two notes of how far the load has come. */
const NOTE_EVERY = 50_000;

/** The `n`th of `fills` fills: spread over the day, its names drawn by their number. */
export function fillOf(n: number, fills: number): Fact {
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

/** Loads what is not there yet into `folder`, whose tables are made and not open; seconds it took. */
export async function loadFills(folder: string, prefix: string, fills: number): Promise<number> {
  const note = path.join(folder, "loaded");
  let done = fs.existsSync(note) ? Number(fs.readFileSync(note, "utf8")) : 0;
  if (done >= fills) return 0;
  const startMs = performance.now();
  const store = dynalite.create({ path: path.join(folder, "dynamodb") });
  const name = tableName(prefix, "history");
  const table = await called<dynalite.Table>((back) => store.getTable(name, false, back));
  while (done < fills) {
    const end = Math.min(fills, done + BATCH);
    const items = Array.from({ length: end - done }, (_, index) =>
      attributesOf(done + index, fills),
    );
    await putAll(store, name, table, items);
    done = end;
    if (done % NOTE_EVERY !== 0 && done < fills) continue;
    fs.writeFileSync(note, String(done));
    process.stderr.write(`${done} of ${fills} fills are loaded\n`);
  }
  await called((back) => store.db.close(back as (error: Error | null) => void));
  return (performance.now() - startMs) / 1000;
}

function attributesOf(n: number, fills: number): dynalite.StoredItem {
  const stored = Object.entries(storedOf(historyItemOf(fillOf(n, fills))));
  return Object.fromEntries(stored.map(([name, value]) => [name, { S: String(value) }]));
}

async function putAll(
  store: dynalite.Store,
  name: string,
  table: dynalite.Table,
  items: readonly dynalite.StoredItem[],
): Promise<void> {
  const puts = items.map((value) => {
    return { type: "put", key: dynalite.createKey(value, table), value } as const;
  });
  await called((back) => store.getItemDb(name).batch(puts, back as (error: Error | null) => void));
  for (const { IndexName, KeySchema } of table.GlobalSecondaryIndexes ?? []) {
    const indexed = items.filter((item) =>
      KeySchema.every(({ AttributeName }) => item[AttributeName] !== undefined),
    );
    const indexPuts = indexed.map((value) => {
      return { type: "put", key: dynalite.createIndexKey(value, table, KeySchema), value } as const;
    });
    const index = store.getIndexDb("global", name, IndexName);
    await called((back) => index.batch(indexPuts, back as (error: Error | null) => void));
  }
}

function called<Answer>(call: (back: (error: Error | null, answer: Answer) => void) => void) {
  return new Promise<Answer>((resolve, reject) => {
    call((error, answer) =>
      error === null || error === undefined ? resolve(answer) : reject(error),
    );
  });
}

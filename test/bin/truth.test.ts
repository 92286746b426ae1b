// Goal: a right book is equal to the venue's truth, a tampered one is wrong, and silence is neither.
// Method: real simulated venues, and an admin port whose books are the venues' own snapshots.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { compareBook, compareLiveBooks, injectedFaults, noComparison } from "../../bin/truth.ts";
import type { BookView, LevelView } from "../../contracts/book-view.ts";
import type { InstrumentId } from "../../contracts/ids.ts";
import { type AdminServer, startAdminServer } from "../../hotpath/io/admin-http.ts";
import { DEFAULT_OPTIONS } from "../../local/venues/options.ts";
import { startVenues, type VenuesHandle } from "../../local/venues/start.ts";
import { bookStatus, engineStatus } from "../fixtures/status/status-fixture.ts";

let venues: VenuesHandle;
let admin: AdminServer;
let books: Map<string, BookView>;

beforeAll(async () => {
  venues = await startVenues({
    ...DEFAULT_OPTIONS,
    spotInstruments: 2,
    usdmInstruments: 0,
    levelsPerSide: 60,
  });
  const start = await startAdminServer(0, {
    status: () => engineStatus(),
    metricsText: async () => "",
    book: (instrument) => books.get(instrument) ?? null,
    resyncs: () => [],
    records: () => [],
  });
  if (!start.ok) throw new Error(start.reason);
  admin = start.admin;
});

afterAll(async () => {
  await admin.close();
  await venues.stop();
});

type Snapshot = { lastUpdateId: number; bids: [string, string][]; asks: [string, string][] };
type Filters = { symbols: { symbol: string; filters: Record<string, string>[] }[] };

/** The truth itself, fetched as any client would. */
async function bookFromVenue(): Promise<BookView> {
  const { rest } = venues.endpoints["binance-spot"];
  const rules = (await (await fetch(`${rest}/api/v3/exchangeInfo`)).json()) as Filters;
  const listed = rules.symbols[0];
  if (listed === undefined) throw new Error("the venue lists instruments");
  const filter = (type: string) => listed.filters.find((each) => each.filterType === type);
  const tick = Number(filter("PRICE_FILTER")?.tickSize);
  const lot = Number(filter("LOT_SIZE")?.stepSize);
  const url = `${rest}/api/v3/depth?symbol=${listed.symbol}&limit=5000`;
  const snapshot = (await (await fetch(url)).json()) as Snapshot;
  const levels = (side: readonly [string, string][]): LevelView[] =>
    side.map(([price, lots]) => [Math.round(Number(price) / tick), Math.round(Number(lots) / lot)]);
  return {
    instrument: `binance-spot:${listed.symbol}`,
    seq: snapshot.lastUpdateId,
    state: "live",
    bids: levels(snapshot.bids),
    asks: levels(snapshot.asks),
    bidHorizonTicks: null,
    askHorizonTicks: null,
  };
}

let book: BookView;
beforeEach(async () => {
  book = await bookFromVenue();
  books = new Map([[book.instrument, book]]);
});

async function compare(instrument: string = book.instrument, control = venues.endpoints.control) {
  const total = noComparison();
  await compareBook({ admin: admin.url, control }, instrument, total);
  return total;
}

describe("one book", () => {
  test("that is the truth at its sequence is equal", async () => {
    expect(await compare()).toEqual({ compared: 1, unknownSequence: 0, unanswered: 0, wrong: [] });
  });

  test("with one lot too many is wrong, and the level is named", async () => {
    const [ticks = 0, lots = 0] = book.bids[3] ?? [];
    const bids = book.bids.map((level, at) => (at === 3 ? ([ticks, lots + 1] as const) : level));
    books.set(book.instrument, { ...book, bids });
    const total = await compare();
    expect(total.compared).toBe(1);
    expect(total.wrong).toHaveLength(1);
    expect(total.wrong[0]).toMatchObject({ instrument: book.instrument, seq: book.seq });
    expect(JSON.stringify(total.wrong[0]?.differences)).toContain(String(ticks));
  });

  test("that lacks a level inside its horizon is wrong", async () => {
    books.set(book.instrument, { ...book, asks: book.asks.slice(1) });
    expect((await compare()).wrong).toHaveLength(1);
  });

  test("that lacks levels beyond its horizon only is equal", async () => {
    const asks = book.asks.slice(0, 20);
    books.set(book.instrument, { ...book, asks, askHorizonTicks: asks.at(-1)?.[0] ?? 0 });
    expect(await compare()).toMatchObject({ compared: 1, wrong: [] });
  });

  test("at a sequence that the venue does not know is neither", async () => {
    books.set(book.instrument, { ...book, seq: book.seq + 1_000_000_000 });
    expect(await compare()).toMatchObject({ compared: 0, unknownSequence: 1, wrong: [] });
  });

  test("that is void claims nothing", async () => {
    books.set(book.instrument, { ...book, state: "void", bids: [], asks: [] });
    expect(await compare()).toEqual(noComparison());
  });

  test("that nobody answers for is counted as unanswered", async () => {
    expect(await compare("binance-spot:NOBOOK")).toMatchObject({ compared: 0, unanswered: 1 });
    expect(await compare(book.instrument, "http://127.0.0.1:1")).toMatchObject({ unanswered: 1 });
  });

  test("of a venue that the other side does not know is counted as unanswered", async () => {
    const instrument = "kraken:XBTUSD" as InstrumentId;
    books.set(instrument, { ...book, instrument });
    expect(await compare(instrument)).toMatchObject({ compared: 0, unanswered: 1 });
  });
});

test("of all books those that are live are compared", async () => {
  const status = engineStatus({
    books: [bookStatus(book.instrument), bookStatus("binance-spot:OTHER", { state: "buffering" })],
  });
  const total = noComparison();
  const addresses = { admin: admin.url, control: venues.endpoints.control };
  await compareLiveBooks(addresses, status, total);
  expect(total).toMatchObject({ compared: 1, unanswered: 0 });
});

test("injected faults are told, and a silent venue tells none", async () => {
  venues.inject({ kind: "cut", venue: "binance-spot" });
  const faults = await injectedFaults(venues.endpoints.control);
  expect(faults.at(-1)).toMatchObject({ kind: "cut", venue: "binance-spot" });
  expect(await injectedFaults("http://127.0.0.1:1")).toEqual([]);
});

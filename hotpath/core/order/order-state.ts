/**
 * Station: the state of all orders <-> JSON text, for snapshots of the state on the disk.
 *
 * A snapshot and the tail of commands and events since then rebuild exactly what was: even the order within
 * sets is kept, because it decides who is asked first. Venues and instruments go by their names, since a
 * restart may number them otherwise; what a configuration no longer knows is dropped, unless something of
 * it is still in flight, which is refused with a sentence for the operator.
 */

import type { VenueId } from "../../../contracts/ids.ts";
import { wordOf } from "../../../contracts/word-of.ts";
import type { Instrument } from "../instrument.ts";
import type { FeeView } from "../trade/events.ts";
import type { Holding, HoldingField } from "./ledger.ts";
import { exposedLots, type Order } from "./order.ts";
import { orderFromJson, orderToJson } from "./order-json.ts";
import type { OrderOptions } from "./order-options.ts";
import type { OrderTable } from "./order-table.ts";
import { Orders } from "./orders.ts";
import { StateReader } from "./state-reader.ts";
import { foreignToJson, importForeign, importOrphan, orphansToJson } from "./strangers-json.ts";

type Json = Readonly<Record<string, unknown>>;

/** Raised when the meaning of a field changes; other versions are refused. */
const VERSION = 1;

const HOLDING_FIELDS: readonly Exclude<HoldingField, "reserved">[] = [
  "start",
  "traded",
  "fees",
  "external",
];

export type ImportedOrders =
  | { readonly kind: "orders"; readonly orders: Orders }
  | { readonly kind: "damaged"; readonly reason: string };

/** The whole state as text. Equal states give equal texts. */
export function exportOrders(orders: Orders): string {
  const { table } = orders;
  const names = (set: Iterable<Order>): string[] => [...set].map(({ clientId }) => clientId);
  return JSON.stringify({
    version: VERSION,
    fence: table.fence,
    requestCount: table.requestCount,
    commandMax: table.commandMax,
    heldCycles: [...table.heldCycles],
    venues: table.venues.map((id, venue) => exportVenue(table, id, venue)),
    rates: table.rates.flatMap((rate, index) =>
      rate === undefined ? [] : [{ ...rate, instrument: table.instruments[index]?.id }],
    ),
    orders: [...table.all()].map((order) => ({
      place: placeOf(table.instruments[order.instrument]),
      ...orderToJson(order),
    })),
    live: names(table.live),
    unsettled: names(table.unsettled),
    ended: names(table.ended()),
    orphans: orphansToJson(table),
    foreign: foreignToJson(table),
  });
}

function placeOf(instrument: Instrument | undefined): Json {
  const { id, tickSize, lotSize } = instrument ?? {};
  return { instrument: id, tickSize, lotSize };
}

function exportVenue(table: OrderTable, id: VenueId, venue: number): Json {
  const marks = table.marksOf(venue);
  return {
    venue: id,
    isOpen: table.ledger.isOpen(venue),
    holdings: [...table.ledger.holdings(venue)].map(([asset, holding]) => ({
      asset,
      ...Object.fromEntries(HOLDING_FIELDS.map((field) => [field, holding[field].toString()])),
    })),
    horizonUs: marks.horizonUs,
    confirmedUs: marks.confirmedUs,
    forcedCount: marks.forcedCount,
    marks: marks.entries(),
    blocks: [...(table.blocks[venue] ?? [])],
    doubts: [...(table.doubts[venue] ?? [])].map(([asset, { difference, askedUs }]) => ({
      asset,
      askedUs,
      difference: difference.toString(),
    })),
  };
}

/**
 * The state that `text` holds, under the options of this run. The fence of the run is its own; orders of
 * the fence before stay what they are, and are found by their names.
 */
export function importOrders(text: string, options: OrderOptions): ImportedOrders {
  const reader = new StateReader();
  const root = reader.record(parse(text), "a saved state");
  if (reader.fault !== undefined) return { kind: "damaged", reason: reader.fault };
  if (root.version !== VERSION) {
    return { kind: "damaged", reason: `version ${wordOf(root.version)} is not ${VERSION}` };
  }
  const orders = new Orders(options);
  const { table } = orders;
  const fence = reader.integer(root, "fence", 0);
  if (fence > options.fence) reader.fail(`fence ${fence} is above the fence of this run`);
  table.requestCount = reader.integer(root, "requestCount", 0);
  const commandMax = reader.integer(root, "commandMax", 0);
  if (fence === options.fence) table.commandMax = commandMax;
  // Before the orders: what is held is not forgotten while they come in.
  for (const cycle of reader.list(root.heldCycles, "heldCycles")) {
    if (Number.isSafeInteger(cycle)) table.heldCycles.add(Number(cycle));
    else reader.fail("a cycle has a number");
  }
  for (const value of reader.list(root.venues, "venues")) importVenue(reader, table, value);
  for (const value of reader.list(root.rates, "rates")) importRate(reader, table, value);
  const dropped = new Set<string>();
  for (const value of reader.list(root.orders, "orders")) {
    importOrder(reader, table, value, dropped);
  }
  importSets(reader, table, root, dropped);
  for (const value of reader.list(root.orphans, "orphans")) importOrphan(reader, table, value);
  for (const value of reader.list(root.foreign, "foreign")) importForeign(reader, table, value);
  return reader.fault === undefined
    ? { kind: "orders", orders }
    : { kind: "damaged", reason: reader.fault };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the reader says so in its own words.
    return undefined;
  }
}

function importVenue(reader: StateReader, table: OrderTable, value: unknown): void {
  const from = reader.record(value, "venue");
  const venue = table.venues.indexOf(reader.text(from, "venue") as VenueId);
  // No longer traded: its account begins anew when it comes back.
  if (venue < 0) return;
  const isOpen = reader.flag(from, "isOpen");
  if (table.ledger.isOpen(venue)) reader.fail("a venue is written once");
  else if (isOpen) table.ledger.open(venue, new Map());
  for (const row of reader.list(from.holdings, "holdings")) {
    const holding = reader.record(row, "holding");
    const asset = reader.text(holding, "asset");
    const read = (field: keyof Holding): bigint => reader.amount(holding, field);
    table.ledger.touch(venue, asset);
    for (const field of HOLDING_FIELDS) table.ledger.add(venue, asset, field, read(field));
  }
  importMarks(reader, table, venue, from);
  for (const row of reader.list(from.blocks, "blocks")) {
    const [reason, text] = reader.list(row, "block");
    table.blocks[venue]?.set(wordOf(reason), wordOf(text));
  }
  for (const row of reader.list(from.doubts, "doubts")) {
    const doubt = reader.record(row, "doubt");
    table.doubts[venue]?.set(reader.text(doubt, "asset"), {
      difference: reader.amount(doubt, "difference"),
      askedUs: reader.integer(doubt, "askedUs", 0),
    });
  }
}

function importMarks(reader: StateReader, table: OrderTable, venue: number, from: Json): void {
  const horizonUs = reader.integer(from, "horizonUs", 0);
  const entries: [string, number][] = [];
  for (const row of reader.list(from.marks, "marks")) {
    const [key, tradeUs] = reader.list(row, "mark");
    if (typeof key !== "string" || !Number.isSafeInteger(tradeUs)) reader.fail("a mark is a pair");
    else entries.push([key, Number(tradeUs)]);
  }
  const marks = table.marksOf(venue);
  if (marks.count > 0) return;
  marks.restore(entries, horizonUs);
  marks.confirmedUs = reader.integer(from, "confirmedUs", 0);
  marks.forcedCount = reader.integer(from, "forcedCount", 0);
}

function importRate(reader: StateReader, table: OrderTable, value: unknown): void {
  const from = reader.record(value, "rate");
  const id = reader.text(from, "instrument");
  const instrument = table.instruments.findIndex((candidate) => candidate.id === id);
  if (instrument < 0) return;
  const rate: FeeView = {
    instrument,
    makerPpb: reader.integer(from, "makerPpb", Number.MIN_SAFE_INTEGER),
    takerPpb: reader.integer(from, "takerPpb", Number.MIN_SAFE_INTEGER),
    paidIn: reader.oneOf(from, "paidIn", ["quote", "received", "third"]),
    feeAsset: reader.text(from, "feeAsset"),
  };
  table.rates[instrument] = rate;
}

function importOrder(
  reader: StateReader,
  table: OrderTable,
  value: unknown,
  dropped: Set<string>,
): void {
  const from = reader.record(value, "order");
  const place = reader.record(from.place, "place");
  const id = reader.text(place, "instrument");
  const index = table.instruments.findIndex((candidate) => candidate.id === id);
  const instrument = table.market(index);
  const venue = instrument === undefined ? -1 : table.venues.indexOf(instrument.venue);
  const order = orderFromJson(reader, from, { venue, instrument: index });
  if (reader.fault !== undefined) return;
  const isSame = instrument?.tickSize === place.tickSize && instrument?.lotSize === place.lotSize;
  if (instrument === undefined || venue < 0 || !isSame) {
    dropped.add(order.clientId);
    if (exposedLots(order) === 0) return;
    const what = isSame ? "is not configured" : "is not configured with the same steps";
    reader.fail(`${id} ${what}, and order ${order.clientId} of it may still be executed`);
    return;
  }
  if (table.get(order.clientId) === undefined) table.restore(order, instrument);
  else reader.fail(`order ${order.clientId} is written once`);
}

function importSets(
  reader: StateReader,
  table: OrderTable,
  root: Json,
  dropped: ReadonlySet<string>,
): void {
  const sets = (["live", "unsettled", "ended"] as const).map((key) =>
    membersOf(reader, table, reader.list(root[key], key), dropped),
  );
  const [live = [], unsettled = [], ended = []] = sets;
  if (reader.fault !== undefined) return;
  const endedNow = [...table.ended()];
  const isWhole =
    isSameSet(live, table.live) &&
    isSameSet(unsettled, table.unsettled) &&
    isSameSet(ended, new Set(endedNow));
  if (isWhole) table.restoreOrder(live, unsettled, ended);
  else reader.fail("the sets of orders hold what the orders say");
}

function membersOf(
  reader: StateReader,
  table: OrderTable,
  names: readonly unknown[],
  dropped: ReadonlySet<string>,
): Order[] {
  const members: Order[] = [];
  for (const name of names) {
    const clientId = wordOf(name);
    const order = table.get(clientId);
    if (order !== undefined) members.push(order);
    else if (!dropped.has(clientId)) reader.fail(`order ${clientId} is written`);
  }
  return members;
}

/** Each of them, and each once. */
function isSameSet(members: readonly Order[], set: ReadonlySet<Order>): boolean {
  const isOnce = new Set(members).size === members.length && members.length === set.size;
  return isOnce && members.every((member) => set.has(member));
}

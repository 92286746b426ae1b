/**
 * Station: fills without an order and orders that are not ours <-> JSON, for the saved state.
 */
import type { VenueId } from "../../../contracts/ids.ts";
import type { Side } from "../../../contracts/trade.ts";
import type { OrderView } from "../trade/events.ts";
import { fillFromJson, fillToJson } from "./order-json.ts";
import { type OrderTable, orderKey } from "./order-table.ts";
import type { StateReader } from "./state-reader.ts";

type Json = Readonly<Record<string, unknown>>;

export function orphansToJson(table: OrderTable): Json[] {
  return [...table.orphans].map(([key, orphan]) => ({
    key,
    ...orphan,
    venue: table.venues[orphan.venue],
    instrument: table.instruments[orphan.instrument]?.id,
    fill: fillToJson(orphan.fill),
  }));
}

export function foreignToJson(table: OrderTable): Json[] {
  return [...table.foreign].map(([key, view]) => ({
    ...view,
    venue: table.venues[Number(key.slice(0, key.indexOf(":")))],
    instrument: table.instruments[view.instrument]?.id ?? "",
  }));
}

export function importOrphan(reader: StateReader, table: OrderTable, value: unknown): void {
  const from = reader.record(value, "orphan");
  const id = reader.text(from, "instrument");
  const instrument = table.instruments.findIndex((candidate) => candidate.id === id);
  const venue = table.venues.indexOf(reader.text(from, "venue") as VenueId);
  const key = reader.text(from, "key");
  const clientId = reader.text(from, "clientId");
  const orderId = reader.text(from, "orderId");
  const fill = fillFromJson(reader, from.fill);
  // Booked already: only its adoption by an order could still need it.
  if (instrument < 0 || venue < 0) return;
  table.orphans.set(key, { venue, instrument, clientId, orderId, fill });
}

export function importForeign(reader: StateReader, table: OrderTable, value: unknown): void {
  const from = reader.record(value, "foreign order");
  const venue = table.venues.indexOf(reader.text(from, "venue") as VenueId);
  const id = reader.text(from, "instrument");
  const instrument = table.instruments.findIndex((candidate) => candidate.id === id);
  const view: OrderView = {
    clientId: reader.text(from, "clientId"),
    orderId: reader.text(from, "orderId"),
    instrument,
    side: from.side === undefined ? undefined : reader.oneOf<Side>(from, "side", ["buy", "sell"]),
    state: reader.oneOf(from, "state", ["open", "received", "partiallyFilled"]),
    lots: reader.integer(from, "lots", -1),
    filledLots: reader.integer(from, "filledLots", -1),
    priceTicks: reader.integer(from, "priceTicks", -1),
    reason: reader.text(from, "reason"),
    exchangeUs: reader.integer(from, "exchangeUs", 0),
  };
  if (venue >= 0) table.foreign.set(orderKey(venue, instrument, view.orderId), view);
}

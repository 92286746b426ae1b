/**
 * Station: a venue's public book over REST -> its best bid, as the price of a test order.
 *
 * Venues whose books come in their streams have no reader for this body. All of them list bids with the
 * best one first, though, each beginning with its price: that much is read here, and no book is made of it.
 */
import { readDecimal } from "../core/decode/field-parse.ts";
import { parseJson } from "../core/decode/json-text.ts";
import type { Instrument } from "../core/instrument.ts";
import type { RestClient } from "../io/rest-client.ts";
import type { Venue } from "../venues/venue.ts";

const READ_TIMEOUT_MS = 5000;
const LEVELS = 10;
const NESTING_MAX = 4;

/** Best bid in ticks; 0 where none is told. */
export async function touchOf(
  venue: Venue,
  client: RestClient,
  instrument: Instrument,
): Promise<number> {
  const levels = Math.min(...venue.depthSizes, venue.depthLevelsMax, LEVELS);
  const path = venue.depthPath(instrument.symbol, levels);
  const answer = await client.get(path, READ_TIMEOUT_MS);
  if (answer.kind === "failed" || answer.status !== 200) return 0;
  const bids = bidsIn(parseJson(answer.body), NESTING_MAX);
  const best: unknown = Array.isArray(bids?.[0]) ? (bids[0] as readonly unknown[])[0] : undefined;
  const ticks = new Float64Array(1);
  return readDecimal(best, instrument, true, ticks, 0) < 0 ? 0 : (ticks[0] ?? 0);
}

/** The first list of bids in a body, however it is wrapped. */
function bidsIn(value: unknown, nesting: number): readonly unknown[] | undefined {
  if (typeof value !== "object" || value === null || nesting === 0) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  if (Array.isArray(fields.bids)) return fields.bids;
  for (const each of Object.values(fields)) {
    const bids = bidsIn(each, nesting - 1);
    if (bids !== undefined) return bids;
  }
  return undefined;
}

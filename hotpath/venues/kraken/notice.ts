/**
 * Station: frame -> notice, for replies and announcements of Kraken. Pure.
 *
 * An acknowledgement comes for each symbol of a request, under the request's id; the venue's state comes
 * once on each connection and whenever it changes. A pong tells the venue's time to the microsecond.
 */
import { wordOf } from "../../../contracts/word-of.ts";
import type { Notice } from "../../core/decode/decoder.ts";
import { integerOf, parseExactJson } from "../../core/decode/exact-json.ts";
import { scanTimeUs } from "../../core/decode/time-text.ts";

/** As much of an unknown notice as a counter's log line needs. */
const TEXT_MAX = 200;
const encoder = new TextEncoder();
const timeScratch = new Float64Array(1);

/** What a frame that is no market data says; `unknown` when nothing is recognized. */
export function parseNotice(frame: Uint8Array): Notice {
  const message = parseExactJson(frame);
  const unknown = (): Notice => ({
    type: "unknown",
    text: new TextDecoder().decode(frame).slice(0, TEXT_MAX),
  });
  if (message === undefined) return unknown();
  const requestId = integerOf(message.req_id);
  if (message.method === "pong") {
    // Newer answers carry a result and an error like any other; the times stand beside them.
    const venueUs = timeUs(message.time_in);
    if (requestId === undefined) return unknown();
    return { type: "ponged", pingId: requestId, ...(venueUs === undefined ? {} : { venueUs }) };
  }
  if (message.success === false || typeof message.error === "string") {
    return { type: "refused", requestId, reason: wordOf(message.error).slice(0, TEXT_MAX) };
  }
  const isSubscribed = message.method === "subscribe" && message.success === true;
  return isSubscribed && requestId !== undefined ? { type: "subscribed", requestId } : unknown();
}

/** Microseconds of a time in text; undefined where there is none. */
function timeUs(value: unknown): number | undefined {
  if (typeof value !== "string") return undefined;
  const bytes = encoder.encode(`${value}"`);
  return scanTimeUs(bytes, 0, timeScratch, 0) === value.length ? timeScratch[0] : undefined;
}

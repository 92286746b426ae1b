/**
 * Station: frame -> notice, for replies and announcements of Binance. Pure.
 *
 * Notices are rare (a reply to each SUBSCRIBE, a shutdown once a day), so they are parsed at leisure.
 */
import { wordOf } from "../../../contracts/word-of.ts";
import type { Notice } from "../../core/decode/decoder.ts";
import { parseText } from "../../core/decode/json-text.ts";
import type { WireNotice } from "./wire.ts";

/** As much of an unknown notice as a counter's log line needs. */
const TEXT_MAX = 200;

/** What a frame that is no market data says; `unknown` when nothing is recognised. */
export function parseNotice(frame: Uint8Array): Notice {
  const text = new TextDecoder().decode(frame);
  const message = parse(text);
  if (message === undefined) return { type: "unknown", text: text.slice(0, TEXT_MAX) };
  if (message.stream === "!serverShutdown" || message.e === "serverShutdown") {
    return { type: "shutdownAnnounced" };
  }
  const requestId = typeof message.id === "number" ? message.id : undefined;
  const refusal = typeof message.error === "object" ? message.error : message;
  if (refusal?.code !== undefined) {
    return {
      type: "refused",
      requestId,
      reason: `${wordOf(refusal.code)} ${wordOf(refusal.msg)}`.slice(0, TEXT_MAX),
    };
  }
  if (message.result === null && requestId !== undefined) return { type: "subscribed", requestId };
  return { type: "unknown", text: text.slice(0, TEXT_MAX) };
}

function parse(text: string): WireNotice | undefined {
  try {
    const value = parseText(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    // Not JSON: the caller reports the text itself.
    return undefined;
  }
}

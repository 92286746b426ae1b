/**
 * Station: frame -> notice, for KuCoin's welcome, acknowledgements, pongs and errors. Pure.
 *
 * Ids come back as strings even where the request sent a number. Notices are rare, so they are parsed at
 * leisure.
 */
import { wordOf } from "../../../contracts/word-of.ts";
import type { Notice } from "../../core/decode/decoder.ts";
import { parseJson } from "../../core/decode/json-text.ts";
import type { WireReply } from "./wire.ts";

/** As much of an unknown notice as a log line needs. */
const TEXT_MAX = 200;
/** Ids of ours are small whole numbers; another text is nobody's. */
const ID_TEXT = /^\d{1,15}$/;

/** What a frame that is no push says; `unknown` when nothing is recognised. */
export function parseNotice(frame: Uint8Array): Notice {
  const reply: WireReply = parseJson(frame) ?? {};
  const id = idOf(reply.id);
  if (reply.type === "welcome") return { type: "greeted" };
  if (reply.type === "error") {
    // 401 is a token that is not good any more, 509 a limit; both end the session like any refusal.
    return {
      type: "refused",
      requestId: id,
      reason: `${wordOf(reply.code)} ${wordOf(reply.data)}`.slice(0, TEXT_MAX),
    };
  }
  if (reply.type === "pong" && id !== undefined) return { type: "ponged", pingId: id };
  if (reply.type === "ack" && id !== undefined) return { type: "subscribed", requestId: id };
  return { type: "unknown", text: new TextDecoder().decode(frame).slice(0, TEXT_MAX) };
}

function idOf(id: unknown): number | undefined {
  const text = typeof id === "number" ? String(id) : id;
  return typeof text === "string" && ID_TEXT.test(text) ? Number(text) : undefined;
}

/**
 * Station: a client's text -> what it asks for, or the venue's error.
 *
 * The grammar of WebSocket v2 requests (book, ticker, trade, instrument, ping pages, 2026-08-22). Pure: it
 * reads text and returns what to do; the desk does it.
 */
import type { Micros } from "../../../contracts/time.ts";
import { timeText } from "./wire-text.ts";

const CHANNELS = ["book", "ticker", "trade", "instrument", "heartbeat"] as const;
export type ChannelName = (typeof CHANNELS)[number];

const DEPTHS = [10, 25, 100, 500, 1000];
const SYMBOLS_MAX = 2_000;

export type Subscribing = {
  readonly kind: "subscribe" | "unsubscribe";
  readonly channel: ChannelName;
  readonly symbols: readonly string[];
  readonly depth: number;
  readonly snapshot: boolean;
  readonly requestId: number | undefined;
};

export type Request =
  | Subscribing
  | { readonly kind: "ping"; readonly requestId: number | undefined }
  | { readonly kind: "error"; readonly reason: string; readonly requestId: number | undefined };

type Fields = Readonly<Record<string, unknown>>;

/** Reads one message of a client. */
export function parseRequest(text: string): Request {
  const message = fieldsOf(parse(text));
  const requestId = typeof message?.req_id === "number" ? message.req_id : undefined;
  const error = (reason: string): Request => ({ kind: "error", reason, requestId });
  if (message === undefined) return error("Malformed request");
  if (message.method === "ping") return { kind: "ping", requestId };
  if (message.method !== "subscribe" && message.method !== "unsubscribe") {
    return error("Unsupported method");
  }
  const params = fieldsOf(message.params) ?? {};
  const channel = CHANNELS.find((name) => name === params.channel);
  if (channel === undefined) return error("Unsupported channel");
  const symbols = symbolsOf(params.symbol);
  if (symbols === undefined && channel !== "instrument" && channel !== "heartbeat") {
    return error("Missing symbol");
  }
  const depth = params.depth ?? 10;
  if (typeof depth !== "number" || !DEPTHS.includes(depth)) return error("Depth not supported");
  const { method } = message;
  const snapshot = params.snapshot !== false;
  return { kind: method, channel, symbols: symbols ?? [], depth, snapshot, requestId };
}

function symbolsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > SYMBOLS_MAX) return undefined;
  return value.every((one) => typeof one === "string") ? (value as string[]) : undefined;
}

/** What a reply says besides its method, in the venue's order. */
type Reply = {
  readonly method: string;
  readonly requestId: number | undefined;
  readonly inUs: Micros;
  readonly outUs: Micros;
};

/** One acknowledgement; each symbol has its own. */
export function acknowledgement(reply: Reply, result: object): string {
  const { method, requestId, inUs, outUs } = reply;
  const times = { time_in: timeText(inUs), time_out: timeText(outUs) };
  return JSON.stringify({ method, req_id: requestId, result, success: true, ...times });
}

/** One refusal. */
export function refusal(reply: Reply, error: string, symbol?: string): string {
  const { method, requestId, inUs, outUs } = reply;
  const times = { time_in: timeText(inUs), time_out: timeText(outUs) };
  return JSON.stringify({ error, method, req_id: requestId, success: false, symbol, ...times });
}

/** The answer to an application ping. */
export function pongText(requestId: number | undefined, inUs: Micros, outUs: Micros): string {
  const times = { time_in: timeText(inUs), time_out: timeText(outUs) };
  return JSON.stringify({ method: "pong", req_id: requestId, ...times });
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller answers with the venue's error.
    return undefined;
  }
}

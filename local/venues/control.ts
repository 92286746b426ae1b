/**
 * Station: control requests on a port of their own -> faults, comparisons, delays, numbers.
 *
 * The back door of the simulated venues, for tests and for `reckoner`; no real venue has one. Bad input
 * is answered with 422 and the field's name. It never shares a port with a venue.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type ForeignBookRequest,
  type Parsed,
  parseDelays,
  parseFault,
  parseForeignBook,
  parseWith,
} from "./fault-plan.ts";
import type { VenuesHandle } from "./handle.ts";
import { jsonOf } from "./trading-desk.ts";
import { keyChangeSchema, tradingFaultSchema } from "./trading-plan.ts";

/** A book of ten thousand levels a side fits several times. */
const BODY_BYTES_MAX = 8 * 1_024 * 1_024;

type Answer = { readonly status: number; readonly body: unknown };

async function readBody(request: IncomingMessage): Promise<Parsed<unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > BODY_BYTES_MAX) return { kind: "bad", field: "(whole)", reason: "is too large" };
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  try {
    return { kind: "ok", value: text === "" ? {} : JSON.parse(text) };
  } catch {
    return { kind: "bad", field: "(whole)", reason: "is not JSON" };
  }
}

function unprocessable(field: string, reason: string): Answer {
  return { status: 422, body: { error: `${field}: ${reason}`, field } };
}

function onFault(handle: VenuesHandle, input: unknown): Answer {
  const parsed = parseFault(input);
  if (parsed.kind === "bad") return unprocessable(parsed.field, parsed.reason);
  const injection = handle.inject(parsed.value);
  if (injection.kind === "refused") return unprocessable(injection.field, injection.reason);
  return { status: 200, body: injection.record };
}

function onCompare(handle: VenuesHandle, input: unknown): Answer {
  const parsed: Parsed<ForeignBookRequest> = parseForeignBook(input);
  if (parsed.kind === "bad") return unprocessable(parsed.field, parsed.reason);
  const comparison = handle.compare(parsed.value);
  if (comparison === undefined) return unprocessable("symbol", "is not listed at this venue");
  return { status: 200, body: comparison };
}

function onDelays(handle: VenuesHandle, input: unknown): Answer {
  const parsed = parseDelays(input);
  if (parsed.kind === "bad") return unprocessable(parsed.field, parsed.reason);
  const { dialMs, subscribeMs, snapshotMs } = parsed.value;
  const before = handle.delays();
  handle.setDelays({
    dialMs: dialMs === undefined ? before.dialMs : dialMs,
    subscribeMs: subscribeMs === undefined ? before.subscribeMs : subscribeMs,
    snapshotMs: snapshotMs === undefined ? before.snapshotMs : snapshotMs,
  });
  return { status: 200, body: handle.delays() };
}

function onTradingFault(handle: VenuesHandle, input: unknown): Answer {
  const parsed = parseWith(tradingFaultSchema, input);
  if (parsed.kind === "bad") return unprocessable(parsed.field, parsed.reason);
  const wish = handle.trading.inject(parsed.value);
  if (wish.kind === "refused") return unprocessable(wish.field, wish.reason);
  return { status: 200, body: wish };
}

function onKeys(handle: VenuesHandle, input: unknown): Answer {
  const parsed = parseWith(keyChangeSchema, input);
  if (parsed.kind === "bad") return unprocessable(parsed.field, parsed.reason);
  const { venue, ipRestrict, enableWithdrawals, isRevoked } = parsed.value;
  const isChanged = handle.changeKeys(venue, {
    ...(ipRestrict === undefined ? {} : { ipRestrict }),
    ...(enableWithdrawals === undefined ? {} : { enableWithdrawals }),
    ...(isRevoked === undefined ? {} : { isRevoked }),
  });
  return isChanged ? { status: 200, body: {} } : unprocessable("venue", "has no keys");
}

function onTradingOrders(handle: VenuesHandle, url: string): Answer {
  const venue = new URLSearchParams(url.split("?")[1]).get("venue") ?? "";
  const orders = handle.trading.orders(venue);
  return orders === undefined
    ? unprocessable("venue", `${venue} takes no orders`)
    : { status: 200, body: orders };
}

const POST_ROUTES = {
  "POST /faults": onFault,
  "POST /compare": onCompare,
  "POST /delays": onDelays,
  "POST /trading/faults": onTradingFault,
  "POST /trading/keys": onKeys,
};

async function answer(handle: VenuesHandle, request: IncomingMessage): Promise<Answer> {
  const route = `${request.method ?? ""} ${(request.url ?? "/").split("?")[0] ?? ""}`;
  if (route === "GET /health") return { status: 200, body: { ok: true } };
  if (route === "GET /faults") return { status: 200, body: handle.faults() };
  if (route === "GET /stats") return { status: 200, body: handle.stats() };
  if (route === "GET /delays") return { status: 200, body: handle.delays() };
  if (route === "GET /trading/truth") return { status: 200, body: handle.trading.truth() };
  if (route === "GET /trading/orders") return onTradingOrders(handle, request.url ?? "");
  if (route === "POST /stop") return { status: 200, body: { stopping: true } };
  const onRoute = new Map(Object.entries(POST_ROUTES)).get(route);
  if (onRoute === undefined) return { status: 404, body: { error: `no route ${route}` } };
  const body = await readBody(request);
  if (body.kind === "bad") return unprocessable(body.field, body.reason);
  return onRoute(handle, body.value);
}

/** Answers one control request; `POST /stop` is obeyed after its answer has left. */
export async function onControlRequest(
  handle: VenuesHandle,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await answer(handle, request);
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(jsonOf(body), () => {
    if (request.method === "POST" && request.url === "/stop") void handle.stop();
  });
}

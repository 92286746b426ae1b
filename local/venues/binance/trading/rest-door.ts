/**
 * Station: a signed HTTP request -> the same methods as the WebSocket API -> an HTTP answer.
 *
 * The string to sign is the query followed by the body, as sent, without the signature (rest-api.md, read
 * 2026-11-20). A request that the back end loses is never answered; its socket stays open until the
 * client gives up. It decides nothing.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApiAnswer, type ApiHost, type Method, runSigned } from "./api.ts";
import { signedMethod } from "./methods.ts";

const BODY_BYTES_MAX = 64 * 1_024;

/** Endpoints of this side, by method and path. */
const ROUTES: ReadonlyMap<string, string> = new Map([
  ["POST /api/v3/order", "order.place"],
  ["POST /api/v3/order/test", "order.test"],
  ["DELETE /api/v3/order", "order.cancel"],
  ["GET /api/v3/order", "order.status"],
  ["POST /api/v3/orderList/oco", "orderList.place.oco"],
  ["POST /api/v3/orderList/otoco", "orderList.place.otoco"],
  ["DELETE /api/v3/orderList", "orderList.cancel"],
  ["DELETE /api/v3/openOrders", "openOrders.cancelAll"],
  ["GET /api/v3/openOrders", "openOrders.status"],
  ["GET /api/v3/allOrders", "allOrders"],
  ["GET /api/v3/myTrades", "myTrades"],
  ["GET /api/v3/account", "account.status"],
  ["GET /api/v3/account/commission", "account.commission"],
  ["GET /api/v3/rateLimit/order", "account.rateLimits.orders"],
  ["GET /sapi/v1/account/apiRestrictions", "sapi.apiRestrictions"],
]);

function methodOf(request: IncomingMessage): Method | undefined {
  const path = (request.url ?? "/").split("?")[0] ?? "";
  const name = ROUTES.get(`${request.method ?? ""} ${path}`) ?? "";
  return signedMethod(name);
}

/** Whether a request belongs here rather than to the public REST side. */
export function isSignedRoute(request: IncomingMessage): boolean {
  return methodOf(request) !== undefined;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > BODY_BYTES_MAX) return undefined;
  }
  return text;
}

/** The text that was signed: everything sent, less the signature. */
export function signedText(query: string, body: string): string {
  const strip = (text: string) => text.replace(/(^|&)signature=[^&]*/, "");
  return strip(query) + strip(body);
}

function headersOf(host: ApiHost, address: string, accountId: string | null): Map<string, string> {
  const nowUs = host.clock();
  const verdict = host.limiter.charge(address, 0, nowUs);
  const headers = new Map([["Content-Type", "application/json;charset=UTF-8"]]);
  if (verdict.kind !== "banned") {
    headers.set("X-MBX-USED-WEIGHT", String(verdict.usedWeight));
    headers.set("X-MBX-USED-WEIGHT-1M", String(verdict.usedWeight));
  }
  if (accountId === null) return headers;
  for (const state of host.orderCounts.states(accountId, nowUs)) {
    const unit = state.interval === "DAY" ? "D" : "S";
    headers.set(`X-MBX-ORDER-COUNT-${state.intervalNum}${unit}`, String(state.count));
  }
  return headers;
}

function send(response: ServerResponse, headers: Map<string, string>, answer: ApiAnswer): void {
  // A doubled answer exists on a socket of its own only; HTTP has room for one.
  if (response.destroyed || response.headersSent) return;
  if (answer.kind === "result") {
    response.writeHead(200, Object.fromEntries(headers));
    response.end(answer.json);
    return;
  }
  const { status, code, msg, retryAfterMs, html } = answer.error;
  if (retryAfterMs !== undefined) {
    headers.set("Retry-After", String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  }
  if (html === true) headers.set("Content-Type", "text/html");
  response.writeHead(status, Object.fromEntries(headers));
  response.end(
    html === true ? `<html><body><h1>${status}</h1></body></html>` : JSON.stringify({ code, msg }),
  );
}

/** Answers one signed request, if the back end lets it be answered. */
export async function onSignedRequest(
  host: ApiHost,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = methodOf(request);
  const body = await readBody(request);
  if (method === undefined || body === undefined) {
    response.destroy();
    return;
  }
  const query = (request.url ?? "").split("?")[1] ?? "";
  const params = new Map([...new URLSearchParams(query), ...new URLSearchParams(body)]);
  const apiKey = request.headers["x-mbx-apikey"];
  if (typeof apiKey === "string") params.set("apiKey", apiKey);
  const address = request.socket.remoteAddress ?? "";
  const accountId = host.keys.find(params.get("apiKey") ?? "")?.accountId ?? null;
  const payload = signedText(query, body);
  const asked = { method: "", params, payload, address, sessionKey: null };
  runSigned(host, method, asked, (answer) => {
    send(response, headersOf(host, address, method.isFree ? accountId : null), answer);
  });
}

/**
 * Station: a signed HTTP request -> the same methods as the WebSocket API -> an HTTP answer.
 *
 * The string to sign is the query followed by the body, as sent, without the signature (rest-api.md, read
 * 2026-11-20). A request that the back end loses is never answered; its socket stays open until the
 * client gives up. It decides nothing.
 */
import { type AnswerHttp, type HttpRequest, pathOf, queryOf } from "../../transport.ts";
import { type ApiAnswer, type ApiHost, type Method, runSigned } from "./api.ts";
import { signedMethod } from "./methods.ts";

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

function methodOf({ method, target }: HttpRequest): Method | undefined {
  return signedMethod(ROUTES.get(`${method} ${pathOf(target)}`) ?? "");
}

/** The text that was signed: everything sent, less the signature. */
export function signedText(query: string, body: string): string {
  const strip = (text: string) => text.replace(/(^|&)signature=[^&]*/, "");
  return strip(query) + strip(body);
}

type Headers = Record<string, string>;

function headersOf(host: ApiHost, address: string, accountId: string | null): Headers {
  const nowUs = host.clock();
  const verdict = host.limiter.charge(address, 0, nowUs);
  const headers: Headers = { "Content-Type": "application/json;charset=UTF-8" };
  if (verdict.kind !== "banned") {
    headers["X-MBX-USED-WEIGHT"] = String(verdict.usedWeight);
    headers["X-MBX-USED-WEIGHT-1M"] = String(verdict.usedWeight);
  }
  if (accountId === null) return headers;
  for (const state of host.orderCounts.states(accountId, nowUs)) {
    const unit = state.interval === "DAY" ? "D" : "S";
    headers[`X-MBX-ORDER-COUNT-${state.intervalNum}${unit}`] = String(state.count);
  }
  return headers;
}

function carry(answer: ApiAnswer, headers: Headers, tell: AnswerHttp): void {
  if (answer.kind === "result") {
    tell({ status: 200, headers, body: answer.json });
    return;
  }
  const { status, code, msg, retryAfterMs, html } = answer.error;
  if (retryAfterMs !== undefined) {
    headers["Retry-After"] = String(Math.max(1, Math.ceil(retryAfterMs / 1_000)));
  }
  if (html === true) headers["Content-Type"] = "text/html";
  const page = `<html><body><h1>${status}</h1></body></html>`;
  tell({ status, headers, body: html === true ? page : JSON.stringify({ code, msg }) });
}

/**
 * Answers one signed request, if the back end lets it be answered; false for what belongs to the public
 * REST side.
 */
export function takesSigned(host: ApiHost, request: HttpRequest, tell: AnswerHttp): boolean {
  const method = methodOf(request);
  if (method === undefined) return false;
  const { target, body, address } = request;
  const query = queryOf(target);
  const params = new Map([...new URLSearchParams(query), ...new URLSearchParams(body)]);
  const apiKey = request.header("X-MBX-APIKEY");
  if (apiKey !== "") params.set("apiKey", apiKey);
  const accountId = host.keys.find(params.get("apiKey") ?? "")?.accountId ?? null;
  const payload = signedText(query, body);
  const asked = { method: "", params, payload, address, sessionKey: null };
  runSigned(host, method, asked, (answer) => {
    carry(answer, headersOf(host, address, method.isFree ? accountId : null), tell);
  });
  return true;
}

/**
 * Station: a method, its parameters and its sender -> the venue's answer, once, twice or never.
 *
 * What the WebSocket API and the signed REST endpoints share: who may ask, within which time, at what
 * weight, and what comes of it. The doors (`api-desk.ts`, `rest-door.ts`) only carry. It decides no
 * match and no fault: those are the exchange's and the back end's.
 */
import { assert } from "../../../../contracts/assert.ts";
import type { Micros } from "../../../../contracts/time.ts";
import { US_PER_MS } from "../../../../contracts/time.ts";
import type { QueryAnswer } from "../../exchange/answers.ts";
import type { TradingSide } from "../../exchange/trading-side.ts";
import type { InstrumentRules } from "../../market/instrument.ts";
import type { WeightLimiter } from "../limits.ts";
import { type ApiError, ERRORS, missing, troubleError } from "./errors.ts";
import { type ApiKey, isSigned, type KeyRing } from "./keys.ts";
import type { OrderCounts } from "./order-counts.ts";
import type { OrderLists } from "./order-lists.ts";
import { type Params, parseWindow } from "./params.ts";

export type ApiHost = {
  readonly side: TradingSide;
  readonly keys: KeyRing;
  readonly limiter: WeightLimiter;
  readonly orderCounts: OrderCounts;
  readonly orderLists: OrderLists;
  readonly clock: () => Micros;
  /** The text of `exchangeInfo` for these symbols, all when there are none. */
  readonly exchangeInfo: (symbols: readonly string[]) => string | undefined;
};

/** What an answer carries: the result as JSON text, or an error. */
export type ApiAnswer =
  | { readonly kind: "result"; readonly json: string; readonly isOrder: boolean }
  | { readonly kind: "error"; readonly error: ApiError };

/** One request as a door carries it. */
export type ApiRequest = {
  readonly method: string;
  readonly params: Params;
  /** The text that the signature covers. */
  readonly payload: string;
  readonly address: string;
  /** The key of a session that logged on; it signs no more. */
  readonly sessionKey: ApiKey | null;
};

/** Who asks, and until when the request may reach the engine. */
export type Caller = {
  readonly key: ApiKey;
  readonly accountId: string;
  readonly notAfterUs: Micros;
};

/** What a method has at hand. */
export type Call = {
  readonly host: ApiHost;
  readonly params: Params;
  readonly caller: Caller;
  readonly nowUs: Micros;
  readonly rulesOf: (symbol: string) => InstrumentRules;
  readonly reply: (result: unknown) => void;
  readonly fail: (error: ApiError) => void;
};

export type Method = {
  /** "free" is charged only when it fails: successful order requests cost nothing. */
  readonly weight: (params: Params) => number;
  readonly isFree: boolean;
  readonly run: (call: Call) => void;
};

export function ok(json: string, isOrder = false): ApiAnswer {
  return { kind: "result", json, isOrder };
}

export function fail(error: ApiError): ApiAnswer {
  return { kind: "error", error };
}

/** Checks key, signature and time of a signed request. */
export function authorize(host: ApiHost, request: ApiRequest): Caller | ApiError {
  const { params, sessionKey } = request;
  const apiKey = params.get("apiKey") ?? "";
  if (sessionKey === null && apiKey === "") return missing("apiKey");
  const key = apiKey === "" ? sessionKey : host.keys.find(apiKey);
  if (key === null || key === undefined || host.keys.find(key.apiKey) === undefined) {
    return ERRORS.keyRejected;
  }
  if (apiKey !== "" || sessionKey === null) {
    const signature = params.get("signature") ?? "";
    if (signature === "") return missing("signature");
    if (!isSigned(key, request.payload, signature)) return ERRORS.signature;
  }
  const window = parseWindow(params, host.clock());
  if (window.kind === "bad") return window.error;
  return { key, accountId: key.accountId, notAfterUs: window.value.notAfterUs };
}

/** Charges request weight; the error when the address may not ask now. */
export function charge(host: ApiHost, address: string, weight: number): ApiError | null {
  const nowUs = host.clock();
  const verdict = host.limiter.charge(address, weight, nowUs);
  if (verdict.kind === "ok") return null;
  const isBan = verdict.kind === "banned";
  const retryAfterMs = verdict.retryAfterS * 1_000;
  return troubleError({ kind: "rateLimited", retryAfterMs, isBan }, Math.floor(nowUs / US_PER_MS));
}

/** Runs one signed method; `answer` may be called later, twice or never. */
export function runSigned(
  host: ApiHost,
  method: Method,
  request: ApiRequest,
  answer: (answer: ApiAnswer) => void,
): void {
  const weight = method.weight(request.params);
  const refused = charge(host, request.address, method.isFree ? 0 : weight);
  if (refused !== null) {
    answer(fail(refused));
    return;
  }
  const onFail = (error: ApiError) => {
    if (method.isFree) charge(host, request.address, weight);
    answer(fail(error));
  };
  const caller = authorize(host, request);
  if ("code" in caller) {
    onFail(caller);
    return;
  }
  const { market } = host.side.exchange;
  method.run({
    host,
    params: request.params,
    caller,
    nowUs: host.clock(),
    rulesOf: (symbol) => {
      const index = market.indexOf(symbol);
      assert(index !== undefined, `${symbol} is listed, since an order names it`);
      return market.instrumentAt(index).rules;
    },
    reply: (result) => answer(ok(JSON.stringify(result), method.isFree)),
    fail: onFail,
  });
}

/** As of when a query is answered, or undefined when it was answered with trouble already. */
export function asOf(call: Call): Micros | undefined {
  const answer: QueryAnswer = call.host.side.backEnd.query(call.nowUs);
  if (answer.kind === "asOf") return answer.asOfUs;
  call.fail(troubleError(answer, Math.floor(call.nowUs / US_PER_MS)));
  return undefined;
}

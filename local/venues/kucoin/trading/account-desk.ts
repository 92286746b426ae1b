/**
 * Station: a signed request -> the account's side of the venue -> its answer, or none.
 *
 * Orders, cancels, queries, lists, fees and the dead man's timer of KuCoin's HF endpoints. What the back end
 * loses is never answered; the socket stays open until the client gives up.
 */
import { US_PER_S } from "../../../../contracts/time.ts";
import { MAIN_ACCOUNT_ID } from "../../exchange/trading-side.ts";
import type { AccountDesk, AccountRequest, Answer } from "../rest.ts";
import { okAnswer } from "../rest.ts";
import { accountJson, orderIdText } from "./account-texts.ts";
import { cancelRefusal, placeRefusal, refusedBy, refusedByTrouble, refusedFor } from "./codes.ts";
import { type AccountHost, refusedAnswer } from "./host.ts";
import { onFills, onOpenOrders, onOpenSymbols, onOrder } from "./lists.ts";
import { orderKeyOf, parseOrder } from "./order-requests.ts";

type Tell = (answer: Answer) => void;

type Endpoint = {
  readonly weight: number;
  readonly run: (host: AccountHost, request: AccountRequest, tell: Tell) => void;
};

function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    // An unreadable body has no fields; the checks say which one is missing.
    return {};
  }
}

/** An endpoint whose answer is there at once. */
function atOnce(
  weight: number,
  answerOf: (host: AccountHost, request: AccountRequest) => Answer,
): Endpoint {
  return { weight, run: (host, request, tell) => tell(answerOf(host, request)) };
}

function onPlace(host: AccountHost, request: AccountRequest, tell: Tell): void {
  const nowUs = host.clock();
  const parsed = parseOrder(fieldsOf(request.body), nowUs);
  if (parsed.kind === "refused") {
    tell(refusedAnswer(parsed.refused));
    return;
  }
  host.side.backEnd.place(parsed.request, nowUs, (answer) => {
    const refused = placeRefusal(answer);
    if (refused !== undefined) tell(refusedAnswer(refused));
    else if (answer.kind === "accepted") {
      const { orderId, clientOrderId } = answer.order;
      const data = { orderId: orderIdText(orderId), clientOid: clientOrderId };
      tell(okAnswer(JSON.stringify(data)));
    }
  });
}

/** "Validates parameters and signature, nothing reaches the matcher." */
function onTest(host: AccountHost, request: AccountRequest): Answer {
  const nowUs = host.clock();
  const parsed = parseOrder(fieldsOf(request.body), nowUs);
  if (parsed.kind === "refused") return refusedAnswer(parsed.refused);
  const reason = host.side.exchange.check(parsed.request, nowUs);
  if (reason !== null) return refusedAnswer(refusedFor(reason));
  const data = { orderId: orderIdText(0), clientOid: parsed.request.clientOrderId };
  return okAnswer(JSON.stringify(data));
}

function onCancel(host: AccountHost, { path, query }: AccountRequest, tell: Tell): void {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const isClient = path.includes("/client-order/");
  const by = isClient ? { clientOid: name } : { orderId: name };
  const cancel = { accountId: MAIN_ACCOUNT_ID, key: orderKeyOf(query.get("symbol") ?? "", by) };
  host.side.backEnd.cancel(cancel, host.clock(), (answer) => {
    const refused = cancelRefusal(answer);
    tell(refused === undefined ? okAnswer(JSON.stringify(by)) : refusedAnswer(refused));
  });
}

function onCancelAll(host: AccountHost, { path, query }: AccountRequest, tell: Tell): void {
  const symbol = path.endsWith("/cancelAll") ? null : (query.get("symbol") ?? "");
  const cancel = { accountId: MAIN_ACCOUNT_ID, symbol };
  host.side.backEnd.cancelAll(cancel, host.clock(), (answer) => {
    if (answer.kind === "canceledAll") tell(okAnswer('"success"'));
    else tell(refusedAnswer(refusedByTrouble(answer)));
  });
}

function onAccounts({ side }: AccountHost): Answer {
  const balances = side.exchange.ledger.balances(MAIN_ACCOUNT_ID);
  return okAnswer(JSON.stringify(balances.map(accountJson)));
}

const FEE_SYMBOLS_MAX = 10;
const RATE_DIGITS = 8;

function rateText(rate: bigint): string {
  const text = rate.toString().padStart(RATE_DIGITS + 1, "0");
  return `${text.slice(0, -RATE_DIGITS)}.${text.slice(-RATE_DIGITS)}`.replace(/0+$/, "");
}

function onFees({ side }: AccountHost, { query }: AccountRequest): Answer {
  const symbols = (query.get("symbols") ?? "").split(",");
  if (symbols.length > FEE_SYMBOLS_MAX)
    return refusedAnswer(refusedBy("400100", "too many symbols"));
  const { market, settlement } = side.exchange;
  if (symbols.some((symbol) => market.indexOf(symbol) === undefined)) {
    return refusedAnswer(refusedFor("unknownInstrument"));
  }
  const rows = symbols.map((symbol) => {
    const { maker, taker } = settlement.ratesOf(MAIN_ACCOUNT_ID, symbol);
    return { symbol, takerFeeRate: rateText(taker), makerFeeRate: rateText(maker) };
  });
  return okAnswer(JSON.stringify(rows));
}

const DEAD_MAN_S_MIN = 5;
const DEAD_MAN_S_MAX = 86_400;

function onDeadMan(host: AccountHost, request: AccountRequest): Answer {
  const { timeout, symbols } = fieldsOf(request.body);
  const { deadMen } = host.side.exchange;
  const nowUs = host.clock();
  const currentTime = Math.floor(nowUs / US_PER_S);
  if (timeout === -1) {
    deadMen.disarm(MAIN_ACCOUNT_ID);
    return okAnswer(JSON.stringify({ currentTime, triggerTime: 0 }));
  }
  if (typeof timeout !== "number" || timeout < DEAD_MAN_S_MIN || timeout > DEAD_MAN_S_MAX) {
    return refusedAnswer(refusedBy("400100", "timeout is invalid"));
  }
  const named = typeof symbols === "string" && symbols !== "" ? symbols.split(",") : null;
  deadMen.arm({ accountId: MAIN_ACCOUNT_ID, dueUs: nowUs + timeout * US_PER_S, symbols: named });
  return okAnswer(JSON.stringify({ currentTime, triggerTime: currentTime + timeout }));
}

function onDeadManQuery(host: AccountHost): Answer {
  const timer = host.side.exchange.deadMen.timerOf(MAIN_ACCOUNT_ID);
  if (timer === undefined) return okAnswer("null");
  const currentTime = Math.floor(host.clock() / US_PER_S);
  const triggerTime = Math.floor(timer.dueUs / US_PER_S);
  const symbols = timer.symbols?.join(",") ?? "";
  return okAnswer(
    JSON.stringify({ timeout: triggerTime - currentTime, symbols, currentTime, triggerTime }),
  );
}

function onKey({ keys }: AccountHost): Answer {
  const permission = keys.mayWithdraw ? "General,Spot,Withdrawal" : "General,Spot";
  const ipWhitelist = keys.isIpRestricted ? "127.0.0.1" : "";
  const { apiKey } = keys.handed.hmac;
  const key = { remark: "simulated", apiKey, apiVersion: 3, permission, ipWhitelist };
  return okAnswer(JSON.stringify({ ...key, isMaster: true, createdAt: 1_729_577_515_444 }));
}

/** By method and pattern of the path; weights of client libraries of 2026. */
const ENDPOINTS: readonly (readonly [method: string, path: RegExp, endpoint: Endpoint])[] = [
  ["POST", /^\/api\/v1\/hf\/orders$/, { weight: 1, run: onPlace }],
  ["POST", /^\/api\/v1\/hf\/orders\/test$/, atOnce(1, onTest)],
  ["DELETE", /^\/api\/v1\/hf\/orders\/cancelAll$/, { weight: 30, run: onCancelAll }],
  ["DELETE", /^\/api\/v1\/hf\/orders$/, { weight: 2, run: onCancelAll }],
  ["DELETE", /^\/api\/v1\/hf\/orders\/(?:client-order\/)?[\w-]+$/, { weight: 1, run: onCancel }],
  ["GET", /^\/api\/v1\/hf\/orders\/active\/symbols$/, atOnce(2, onOpenSymbols)],
  ["GET", /^\/api\/v1\/hf\/orders\/active$/, atOnce(2, onOpenOrders)],
  ["GET", /^\/api\/v1\/hf\/orders\/dead-cancel-all\/query$/, atOnce(2, onDeadManQuery)],
  ["POST", /^\/api\/v1\/hf\/orders\/dead-cancel-all$/, atOnce(2, onDeadMan)],
  ["GET", /^\/api\/v1\/hf\/orders\/(?:client-order\/)?[\w-]+$/, atOnce(2, onOrder)],
  ["GET", /^\/api\/v1\/hf\/fills$/, atOnce(2, onFills)],
  ["GET", /^\/api\/v1\/accounts$/, atOnce(5, onAccounts)],
  ["GET", /^\/api\/v1\/trade-fees$/, atOnce(3, onFees)],
  ["GET", /^\/api\/v1\/user\/api-key$/, atOnce(20, onKey)],
];

function endpointOf({ method, path }: AccountRequest): Endpoint | undefined {
  return ENDPOINTS.find(([verb, pattern]) => verb === method && pattern.test(path))?.[2];
}

/** The account's side of REST. */
export function accountDeskOf(host: AccountHost): AccountDesk {
  return {
    refusalOf: ({ method, target, body, header }) => {
      const timestamp = header("KC-API-TIMESTAMP");
      const code = host.keys.refusalOf(
        {
          apiKey: header("KC-API-KEY"),
          passphrase: header("KC-API-PASSPHRASE"),
          signature: header("KC-API-SIGN"),
          timestamp,
          payload: `${timestamp}${method}${target}${body}`,
        },
        host.clock(),
      );
      return code === undefined ? undefined : refusedAnswer(refusedBy(code, undefined, 401));
    },
    weightOf: (request) => endpointOf(request)?.weight,
    answer: (request, tell) => {
      const endpoint = endpointOf(request);
      if (endpoint !== undefined) endpoint.run(host, request, tell);
      else tell(refusedAnswer(refusedBy("404000", "Url not exists", 404)));
    },
  };
}

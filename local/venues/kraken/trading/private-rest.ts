/**
 * Station: signed POST -> the exchange's truth as of a moment -> Kraken's answer.
 *
 * Tokens, balances with their holds, open and closed orders, trades, fees. Reads may lag or fail: the back
 * end says as of when. HTTP 200 always, except where the fault is a server's.
 */
import type { Micros } from "../../../../contracts/time.ts";
import { RATE_UNITS, shortAttoText } from "../../exchange/atto.ts";
import type { Order, OwnTrade } from "../../exchange/orders.ts";
import type { TradingSide } from "../../exchange/trading-side.ts";
import type { Market } from "../../market/market.ts";
import { type AnswerHttp, type HttpRequest, pathOf } from "../../transport.ts";
import { assetPair } from "../wire-text.ts";
import { troubleText } from "./errors.ts";
import type { KrakenKeys } from "./keys.ts";
import { cancelByRest } from "./private-cancels.ts";
import { orderRow, tradeIdText, tradeRow } from "./private-text.ts";

const PATH = "/0/private/";
const TRADES_PER_PAGE = 50;
const CLOSED_ORDERS_MAX = 50;
const TOKEN_LIFE_S = 900;
const US_PER_S = 1_000_000;
const PERCENT = 100;
const RATE_DIGITS = 4;

export type PrivateHost = {
  readonly market: Market;
  readonly side: TradingSide;
  readonly keys: KrakenKeys;
  readonly clock: () => Micros;
};

type Asked = {
  readonly accountId: string;
  readonly params: URLSearchParams;
  readonly asOfUs: Micros;
};

type Answer = (host: PrivateHost, asked: Asked) => unknown;

/** Whether a request belongs here rather than to the public side. */
export function isPrivate({ target }: HttpRequest): boolean {
  return target.startsWith(PATH);
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  BalanceEx: ({ side }, { accountId }) =>
    Object.fromEntries(
      side.exchange.ledger.balances(accountId).map(({ asset, freeAtto, heldAtto }) => [
        asset,
        {
          balance: shortAttoText(freeAtto + heldAtto),
          hold_trade: shortAttoText(heldAtto),
        },
      ]),
    ),
  OpenOrders: (host, asked) => {
    const { accountId, params, asOfUs } = asked;
    const open = host.side.exchange.log.openOrders(accountId, null, asOfUs);
    return { open: rowsOf(host, asked, named(open, params)) };
  },
  ClosedOrders: (host, asked) => {
    const { accountId, params, asOfUs } = asked;
    const all = host.side.exchange.log.orders(accountId, null, asOfUs);
    const closed = named(
      all.filter(({ status }) => status !== "open"),
      params,
    ).slice(-CLOSED_ORDERS_MAX);
    return { closed: rowsOf(host, asked, closed), count: closed.length };
  },
  QueryTrades: (host, { accountId, params, asOfUs }) => {
    const wanted = new Set((params.get("txid") ?? "").split(","));
    const trades = host.side.exchange.log.trades(accountId, null, asOfUs);
    return tradeRows(
      host,
      trades.filter((trade) => wanted.has(tradeIdText(indexOf(host, trade.symbol), trade))),
    );
  },
  TradesHistory: (host, { accountId, params, asOfUs }) => {
    const startUs = Number(params.get("start") ?? 0) * US_PER_S;
    const offset = Number(params.get("ofs") ?? 0);
    const all = host.side.exchange.log
      .trades(accountId, null, asOfUs)
      .filter(({ tradeUs }) => tradeUs > startUs)
      .reverse();
    const page = all.slice(offset, offset + TRADES_PER_PAGE);
    return { trades: tradeRows(host, page), count: all.length };
  },
  TradeVolume: (host, { accountId, params }) => {
    const wanted = (params.get("pair") ?? "").split(",");
    const rows = host.market.instruments.flatMap(({ rules }) => {
      const [pair] = assetPair(rules);
      if (!wanted.includes(pair) && !wanted.includes(rules.symbol)) return [];
      return [[pair, host.side.exchange.settlement.ratesOf(accountId, rules.symbol)] as const];
    });
    const fees = rows.map(([pair, { taker }]) => [pair, { fee: percentText(taker) }]);
    const makers = rows.map(([pair, { maker }]) => [pair, { fee: percentText(maker) }]);
    return {
      currency: "ZUSD",
      volume: "0.0000",
      fees: Object.fromEntries(fees),
      fees_maker: Object.fromEntries(makers),
    };
  },
};

/** A rate of the exchange as a percentage with four decimals. */
function percentText(rate: bigint): string {
  const scaled = (rate * BigInt(PERCENT) * 10n ** BigInt(RATE_DIGITS)) / RATE_UNITS;
  const digits = scaled.toString().padStart(RATE_DIGITS + 1, "0");
  return `${digits.slice(0, -RATE_DIGITS)}.${digits.slice(-RATE_DIGITS)}`;
}

function named(orders: readonly Order[], params: URLSearchParams): readonly Order[] {
  const clientId = params.get("cl_ord_id");
  return clientId === null
    ? orders
    : orders.filter(({ clientOrderId }) => clientOrderId === clientId);
}

function indexOf({ market }: PrivateHost, symbol: string): number {
  return market.indexOf(symbol) ?? -1;
}

function rowsOf(
  host: PrivateHost,
  { accountId, params, asOfUs }: Asked,
  orders: readonly Order[],
): Record<string, object> {
  const wantsTrades = params.get("trades") === "true";
  const rows = orders.map((order) => {
    const index = indexOf(host, order.symbol);
    const { rules } = host.market.instrumentAt(index);
    const { log } = host.side.exchange;
    const trades = wantsTrades
      ? log.trades(accountId, order.symbol, asOfUs).filter((one) => one.orderId === order.orderId)
      : undefined;
    return [`O${order.orderId}`, orderRow(rules, index, order, trades)] as const;
  });
  return Object.fromEntries(rows);
}

function tradeRows(host: PrivateHost, trades: readonly OwnTrade[]): Record<string, object> {
  return Object.fromEntries(
    trades.map((trade) => {
      const index = indexOf(host, trade.symbol);
      return [tradeIdText(index, trade), tradeRow(host.market.instrumentAt(index).rules, trade)];
    }),
  );
}

/** Answers one signed request. */
export function onPrivateRequest(
  host: PrivateHost,
  request: HttpRequest,
  answer: AnswerHttp,
): void {
  const { body } = request;
  if (request.method !== "POST") {
    answer({ status: 405, headers: {}, body: "" });
    return;
  }
  const path = pathOf(request.target);
  const apiKey = request.header("API-Key");
  const signature = request.header("API-Sign");
  const caller = host.keys.accountOf({ path, body, apiKey, signature });
  const tell = (said: unknown): void => {
    const headers = { "Content-Type": "application/json" };
    answer({ status: 200, headers, body: JSON.stringify(said) });
  };
  if ("error" in caller) {
    tell({ error: [caller.error] });
    return;
  }
  const { accountId } = caller;
  const method = path.slice(PATH.length);
  const asked = { method, accountId, params: new URLSearchParams(body) };
  if (!cancelByRest(host, asked, tell)) tell(answerOf(host, method, accountId, body));
}

function answerOf(host: PrivateHost, method: string, accountId: string, body: string): unknown {
  const nowUs = host.clock();
  if (method === "GetWebSocketsToken") {
    return { error: [], result: { token: host.keys.makeToken(nowUs), expires: TOKEN_LIFE_S } };
  }
  const answer = Object.hasOwn(ANSWERS, method) ? ANSWERS[method] : undefined;
  if (answer === undefined) return { error: ["EGeneral:Unknown method"] };
  const query = host.side.backEnd.query(nowUs);
  if (query.kind !== "asOf") return { error: [troubleText(query, true)] };
  const asked = { accountId, params: new URLSearchParams(body), asOfUs: query.asOfUs };
  return { error: [], result: answer(host, asked) };
}

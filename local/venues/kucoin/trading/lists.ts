/**
 * Station: a question about orders or fills -> the venue's log as of a moment -> JSON.
 *
 * Queries lag or fail where the back end says so. Lists of fills run from the newest to the oldest, by the
 * id of the last row seen.
 */
import { assert } from "../../../../contracts/assert.ts";
import { US_PER_MS } from "../../../../contracts/time.ts";
import type { Order } from "../../exchange/orders.ts";
import { MAIN_ACCOUNT_ID } from "../../exchange/trading-side.ts";
import type { InstrumentRules } from "../../market/instrument.ts";
import { type AccountRequest, type Answer, okAnswer } from "../rest.ts";
import { fillText, orderIdText, orderJson } from "./account-texts.ts";
import { refusedBy, refusedByTrouble } from "./codes.ts";
import { type AccountHost, refusedAnswer } from "./host.ts";
import { orderKeyOf } from "./order-requests.ts";

const FILLS_MAX = 100;
const FILLS_DEFAULT = 20;

/** Rules of a listed symbol. */
export function rulesOf({ side }: AccountHost, symbol: string): InstrumentRules {
  const { market } = side.exchange;
  const index = market.indexOf(symbol);
  assert(index !== undefined, `${symbol} is listed, since an order names it`);
  return market.instrumentAt(index).rules;
}

/** Asks the back end as of when to answer; trouble is an answer of its own. */
function asOf(host: AccountHost, answer: (asOfUs: number) => Answer): Answer {
  const query = host.side.backEnd.query(host.clock());
  return query.kind === "asOf" ? answer(query.asOfUs) : refusedAnswer(refusedByTrouble(query));
}

function tradesOf({ side }: AccountHost, order: Order, asOfUs: number) {
  const trades = side.exchange.log.trades(MAIN_ACCOUNT_ID, order.symbol, asOfUs);
  return trades.filter(({ orderId }) => orderId === order.orderId);
}

function jsonOf(host: AccountHost, order: Order, asOfUs: number) {
  return orderJson(order, tradesOf(host, order, asOfUs), rulesOf(host, order.symbol));
}

/** One order by either of its names. */
export function onOrder(host: AccountHost, { path, query }: AccountRequest): Answer {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const by = path.includes("/client-order/") ? { clientOid: name } : { orderId: name };
  const key = orderKeyOf(query.get("symbol") ?? "", by);
  return asOf(host, (asOfUs) => {
    const order = host.side.exchange.log.order(MAIN_ACCOUNT_ID, key, asOfUs);
    if (order === undefined) return refusedAnswer(refusedBy("400100", "order not exist."));
    return okAnswer(JSON.stringify(jsonOf(host, order, asOfUs)));
  });
}

/** Open orders of one symbol. */
export function onOpenOrders(host: AccountHost, { query }: AccountRequest): Answer {
  return asOf(host, (asOfUs) => {
    const symbol = query.get("symbol") ?? "";
    const open = host.side.exchange.log.openOrders(MAIN_ACCOUNT_ID, symbol, asOfUs);
    return okAnswer(JSON.stringify(open.map((order) => jsonOf(host, order, asOfUs))));
  });
}

/** Symbols with open orders. */
export function onOpenSymbols(host: AccountHost): Answer {
  return asOf(host, (asOfUs) => {
    const open = host.side.exchange.log.openOrders(MAIN_ACCOUNT_ID, null, asOfUs);
    const symbols = [...new Set(open.map(({ symbol }) => symbol))];
    return okAnswer(JSON.stringify({ symbolSize: symbols.length, symbols }));
  });
}

/** Fills of one symbol, newest first; by order, by time, page by page. */
export function onFills(host: AccountHost, { query }: AccountRequest): Answer {
  const symbol = query.get("symbol") ?? "";
  if (host.side.exchange.market.indexOf(symbol) === undefined) {
    return refusedAnswer(refusedBy("900001", "symbol not exists"));
  }
  const limit = Math.min(FILLS_MAX, Number(query.get("limit") ?? FILLS_DEFAULT));
  const startUs = Number(query.get("startAt") ?? 0) * US_PER_MS;
  const orderId = query.get("orderId");
  const lastId = Number(query.get("lastId") ?? Number.POSITIVE_INFINITY);
  return asOf(host, (asOfUs) => {
    const found = host.side.exchange.log
      .trades(MAIN_ACCOUNT_ID, symbol, asOfUs)
      .filter((one) => one.tradeUs >= startUs && one.tradeId < lastId)
      .filter((one) => orderId === null || orderIdText(one.orderId) === orderId)
      .sort((a, b) => b.tradeId - a.tradeId)
      .slice(0, limit);
    const rules = rulesOf(host, symbol);
    const items = found.map((trade) => fillText(trade, rules)).join(",");
    return okAnswer(`{"items":[${items}],"lastId":${found.at(-1)?.tradeId ?? 0}}`);
  });
}

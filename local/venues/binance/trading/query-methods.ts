/**
 * Station: questions about orders, trades and the account -> the venue's answers.
 *
 * The methods that change nothing. Orders and trades are told as of the moment that the back end names,
 * since queries may lag; balances as they stand. Weights are the venue's (web-socket-api.md, read
 * 2026-11-20).
 */
import { US_PER_S } from "../../../../contracts/time.ts";
import { wireMs } from "../wire.ts";
import { asOf, type Call, type Method } from "./api.ts";
import { ERRORS } from "./errors.ts";
import { balanceRows, orderRow, rateText, tradeRow } from "./messages.ts";
import { discountOf } from "./order-methods.ts";
import { type Params, parseCount, parseOrderKey, parseSymbol } from "./params.ts";

const ROWS_DEFAULT = 500;
const ROWS_MAX = 1_000;
const CREATED_S_AGO = 86_400;

function status(call: Call): void {
  const key = parseOrderKey(call.params);
  if (key.kind === "bad") {
    call.fail(key.error);
    return;
  }
  const asOfUs = asOf(call);
  if (asOfUs === undefined) return;
  const { log } = call.host.side.exchange;
  const order = log.order(call.caller.accountId, key.value, asOfUs);
  if (order === undefined) call.fail(ERRORS.noSuchOrder);
  else call.reply(orderRow(call.rulesOf, order));
}

/** The symbol of a request that may leave it out; null for all, undefined when it was refused. */
function optionalSymbol(call: Call): string | null | undefined {
  if (!call.params.has("symbol")) return null;
  const symbol = parseSymbol(call.params);
  const error = symbol.kind === "bad" ? symbol.error : unlisted(call, symbol.value);
  if (error !== null) call.fail(error);
  return symbol.kind === "bad" || error !== null ? undefined : symbol.value;
}

function unlisted(call: Call, symbol: string): typeof ERRORS.symbol | null {
  return call.host.side.exchange.market.indexOf(symbol) === undefined ? ERRORS.symbol : null;
}

function openOrders(call: Call): void {
  const symbol = optionalSymbol(call);
  if (symbol === undefined) return;
  const asOfUs = asOf(call);
  if (asOfUs === undefined) return;
  const { log } = call.host.side.exchange;
  const orders = log.openOrders(call.caller.accountId, symbol, asOfUs);
  call.reply(orders.map((order) => orderRow(call.rulesOf, order)));
}

/** Rows from an id on when one is named, else the latest ones. */
function page<T>(
  rows: readonly T[],
  idOf: (row: T) => number,
  from: { id: number | undefined; limit: number },
): readonly T[] {
  if (from.id === undefined) return rows.slice(-from.limit);
  const first = from.id;
  return rows.filter((row) => idOf(row) >= first).slice(0, from.limit);
}

/** Limit, first id and times of a paged query; undefined when it was refused. */
function pageOf(
  call: Call,
  idName: string,
): { symbol: string; limit: number; id: number | undefined } | undefined {
  const symbol = parseSymbol(call.params);
  const limit = parseCount(call.params, "limit", { fallback: ROWS_DEFAULT, max: ROWS_MAX });
  const max = Number.MAX_SAFE_INTEGER;
  const id = parseCount(call.params, idName, { fallback: -1, max });
  for (const parsed of [symbol, limit, id]) {
    if (parsed.kind !== "bad") continue;
    call.fail(parsed.error);
    return undefined;
  }
  if (symbol.kind === "bad" || limit.kind === "bad" || id.kind === "bad") return undefined;
  if (unlisted(call, symbol.value) !== null) {
    call.fail(ERRORS.symbol);
    return undefined;
  }
  const first = id.value === -1 ? undefined : id.value;
  return { symbol: symbol.value, limit: limit.value, id: first };
}

function isWithin(params: Params, us: number): boolean {
  const ms = wireMs(us);
  const startMs = Number(params.get("startTime") ?? 0);
  const endMs = Number(params.get("endTime") ?? Number.MAX_SAFE_INTEGER);
  return ms >= startMs && ms <= endMs;
}

function allOrders(call: Call): void {
  const from = pageOf(call, "orderId");
  if (from === undefined) return;
  const asOfUs = asOf(call);
  if (asOfUs === undefined) return;
  const { log } = call.host.side.exchange;
  const orders = log
    .orders(call.caller.accountId, from.symbol, asOfUs)
    .filter((order) => isWithin(call.params, order.placedUs));
  const rows = page(orders, (order) => order.orderId, from);
  call.reply(rows.map((order) => orderRow(call.rulesOf, order)));
}

function myTrades(call: Call): void {
  const from = pageOf(call, "fromId");
  if (from === undefined) return;
  const asOfUs = asOf(call);
  if (asOfUs === undefined) return;
  const orderId = call.params.get("orderId");
  const { log } = call.host.side.exchange;
  const trades = log
    .trades(call.caller.accountId, from.symbol, asOfUs)
    .filter((trade) => orderId === undefined || String(trade.orderId) === orderId)
    .filter((trade) => isWithin(call.params, trade.tradeUs));
  const rows = page(trades, (trade) => trade.tradeId, from);
  call.reply(rows.map((trade) => tradeRow(call.rulesOf, trade)));
}

function account(call: Call): void {
  const { exchange } = call.host.side;
  const { accountId, key } = call.caller;
  const { maker, taker } = exchange.settlement.ratesOf(accountId, "");
  const isHidingZero = call.params.get("omitZeroBalances") === "true";
  const balances = exchange.ledger
    .balances(accountId)
    .filter((one) => !isHidingZero || one.freeAtto + one.heldAtto > 0n);
  call.reply({
    makerCommission: Number(maker / 10_000n),
    takerCommission: Number(taker / 10_000n),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: {
      maker: rateText(maker),
      taker: rateText(taker),
      buyer: rateText(0n),
      seller: rateText(0n),
    },
    canTrade: key.rights.enableSpotAndMarginTrading,
    canWithdraw: true,
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: wireMs(call.nowUs),
    accountType: "SPOT",
    balances: balanceRows(balances),
    permissions: ["SPOT"],
    uid: 354_937_868,
  });
}

function commission(call: Call): void {
  const symbol = parseSymbol(call.params);
  const error = symbol.kind === "bad" ? symbol.error : unlisted(call, symbol.value);
  if (error !== null || symbol.kind === "bad") {
    call.fail(error ?? ERRORS.symbol);
    return;
  }
  const { settlement } = call.host.side.exchange;
  const { maker, taker } = settlement.ratesOf(call.caller.accountId, symbol.value);
  const zero = rateText(0n);
  const none = { maker: zero, taker: zero, buyer: zero, seller: zero };
  call.reply({
    symbol: symbol.value,
    standardCommission: { ...none, maker: rateText(maker), taker: rateText(taker) },
    specialCommission: none,
    taxCommission: none,
    discount: discountOf(call),
  });
}

/** What a key may do (`GET /sapi/v1/account/apiRestrictions`). */
function restrictions(call: Call): void {
  const { rights } = call.caller.key;
  call.reply({
    ipRestrict: rights.ipRestrict,
    createTime: wireMs(call.nowUs - CREATED_S_AGO * US_PER_S),
    enableReading: rights.enableReading,
    enableWithdrawals: rights.enableWithdrawals,
    enableInternalTransfer: false,
    enableMargin: false,
    enableFutures: false,
    permitsUniversalTransfer: false,
    enableVanillaOptions: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
    enableSpotAndMarginTrading: rights.enableSpotAndMarginTrading,
    enablePortfolioMarginTrading: false,
  });
}

function rateLimits(call: Call): void {
  const states = call.host.orderCounts.states(call.caller.accountId, call.nowUs);
  call.reply(states.map((state) => ({ rateLimitType: "ORDERS", ...state })));
}

function query(weight: number, run: (call: Call) => void): Method {
  return { weight: () => weight, isFree: false, run };
}

/** Methods that change nothing, by their WebSocket API name; `sapi` ones exist over REST only. */
export const QUERY_METHODS: ReadonlyMap<string, Method> = new Map([
  ["order.status", query(4, status)],
  [
    "openOrders.status",
    { weight: (params: Params) => (params.has("symbol") ? 6 : 80), isFree: false, run: openOrders },
  ],
  ["allOrders", query(20, allOrders)],
  [
    "myTrades",
    { weight: (params: Params) => (params.has("orderId") ? 5 : 20), isFree: false, run: myTrades },
  ],
  ["account.status", query(20, account)],
  ["account.commission", query(20, commission)],
  ["account.rateLimits.orders", query(40, rateLimits)],
  ["sapi.apiRestrictions", query(1, restrictions)],
]);

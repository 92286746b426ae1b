/**
 * Station: readAccount, readFees, queryOrder -> several questions each -> one event.
 *
 * The venue has no single request for any of them: an order's trades are asked for after the order, and
 * trades and fees only come by symbol. One part that fails fails the whole, because half an account read
 * would pass for all of it.
 */
import type { Instrument } from "../../../core/instrument.ts";
import type { AccountCommand } from "../../../core/trade/commands.ts";
import type {
  BalanceView,
  FeeView,
  FillView,
  OrderView,
  Refusal,
} from "../../../core/trade/events.ts";
import type { AccountFound, OrderFound } from "../../../io/trade/account-answers.ts";
import { feesOf } from "./commission.ts";
import type { Param } from "./frames.ts";
import { type Fields, fieldsOf, listOf } from "./json.ts";
import {
  askRead,
  orderParams,
  READ_TIMEOUT_US,
  type ReadContext,
  type Tell,
} from "./read-questions.ts";
import { balancesOf, orderOfAnswer, type SymbolIndex } from "./reports.ts";
import { readTrades } from "./trade-pages.ts";

const QUESTIONS_MAX = 4;
/** "The time between startTime and endTime can't be longer than 24 hours." (rest-api.md, myTrades) */
const TRADES_WINDOW_US = 24 * 3_600_000_000;
/** Fees of more instruments than this are asked for slowly: each costs 20 of 6000 a minute. */
const FEES_AT_ONCE_MAX = 50;
const FEE_PAUSE_US = 500_000;

/** The order itself, and then its trades where it has any. */
export function queryOrder(
  context: ReadContext,
  command: Extract<AccountCommand, { type: "queryOrder" }>,
  tell: Tell<OrderFound>,
): void {
  const instrument = context.memory.instrumentAt(command.instrument);
  const onFailed = (reason: string, refusal: Refusal | undefined): void =>
    tell({ kind: refusal?.class === "noSuchOrder" ? "notFound" : "failed", reason });
  const onResult = (result: unknown, recvUs: number): void => {
    const reading = orderOfAnswer(fieldsOf(result) ?? {}, context.memory.bySymbol);
    const order = reading.view;
    if (order === undefined) {
      onFailed(reading.fault, undefined);
      return;
    }
    if (order.clientId !== command.clientId || order.instrument !== command.instrument) {
      onFailed(`order.status: an answer about ${order.clientId}`, undefined);
      return;
    }
    if (order.filledLots === 0) {
      tell({ kind: "read", value: { order, fills: [] }, recvUs });
      return;
    }
    const of = { clientId: order.clientId, orderId: order.orderId, instrument };
    readTrades(context, instrument, { orderId: order.orderId }, (outcome) => {
      if (outcome.kind !== "read") {
        tell(outcome);
        return;
      }
      const fills = outcome.value.map((fill) => ({ ...fill, clientId: of.clientId }));
      tell({ kind: "read", value: { order, fills }, recvUs: outcome.recvUs });
    });
  };
  askRead(context, "order.status", orderParams(instrument.symbol, command), onResult, onFailed);
}

/** Balances, open orders of every symbol, and the trades since a time. */
export function readAccount(
  context: ReadContext,
  tradesSinceUs: number,
  nowUs: number,
  tell: Tell<AccountFound>,
): void {
  const sinceUs = Math.max(tradesSinceUs, nowUs - TRADES_WINDOW_US + READ_TIMEOUT_US);
  const note = sinceUs > tradesSinceUs ? "trades of the last 24 h only" : "";
  let balances: readonly BalanceView[] | undefined;
  let openOrders: readonly OrderView[] | undefined;
  const fills: FillView[] = [];
  const waiting = [...context.memory.tradedInstruments()];
  let inFlight = 0;
  let lastUs = 0;
  let isTold = false;
  const onFailed = (reason: string): void => {
    if (!isTold) tell({ kind: "failed", reason });
    isTold = true;
  };
  const onPart = (recvUs: number): void => {
    lastUs = Math.max(lastUs, recvUs);
    while (inFlight < QUESTIONS_MAX && waiting.length > 0 && !isTold) askTrades();
    if (isTold || inFlight > 0 || balances === undefined || openOrders === undefined) return;
    isTold = true;
    tell({ kind: "read", value: { balances, openOrders, fills, note }, recvUs: lastUs });
  };
  const askTrades = (): void => {
    const instrument = waiting.shift();
    if (instrument === undefined) return;
    inFlight++;
    readTrades(context, instrument, { sinceUs }, (outcome) => {
      inFlight--;
      if (outcome.kind !== "read") {
        onFailed(outcome.reason);
        return;
      }
      fills.push(...outcome.value);
      onPart(outcome.recvUs);
    });
  };
  const onBalances = (result: unknown, recvUs: number): void => {
    balances = balancesOf(fieldsOf(result)?.balances);
    if (balances === undefined) {
      onFailed("account.status: no balances");
      return;
    }
    onPart(recvUs);
  };
  const onOrders = (result: unknown, recvUs: number): void => {
    const read = openOrdersOf(result, context.memory.bySymbol);
    if (read.orders === undefined) {
      onFailed(`openOrders.status: ${read.fault}`);
      return;
    }
    openOrders = read.orders;
    onPart(recvUs);
  };
  askRead(context, "account.status", [["omitZeroBalances", true]], onBalances, onFailed);
  if (isTold) return;
  askRead(context, "openOrders.status", [], onOrders, onFailed);
}

/** Every order of a list of open ones. */
function openOrdersOf(
  result: unknown,
  symbols: SymbolIndex,
): { readonly orders: readonly OrderView[] } | { readonly orders: undefined; fault: string } {
  const rows = listOf(result);
  if (rows === undefined) return { orders: undefined, fault: "no list" };
  const orders: OrderView[] = [];
  for (const row of rows) {
    const reading = orderOfAnswer(row, symbols);
    if (reading.view === undefined) return { orders: undefined, fault: reading.fault };
    orders.push(reading.view);
  }
  return { orders };
}

/** The open orders of one symbol, or of all. */
export function readOpenOrders(
  context: ReadContext,
  instrument: Instrument | undefined,
  tell: Tell<readonly OrderView[]>,
): void {
  const params: readonly Param[] = instrument === undefined ? [] : [["symbol", instrument.symbol]];
  const onFailed = (reason: string): void => tell({ kind: "failed", reason });
  const onResult = (result: unknown, recvUs: number): void => {
    const read = openOrdersOf(result, context.memory.bySymbol);
    if (read.orders === undefined) onFailed(`openOrders.status: ${read.fault}`);
    else tell({ kind: "read", value: read.orders, recvUs });
  };
  askRead(context, "openOrders.status", params, onResult, onFailed);
}

/** Fees of each instrument, told one by one as they come; ends at the first that cannot be had. */
export function readFees(
  context: ReadContext,
  instruments: readonly Instrument[],
  tell: Tell<FeeView>,
): void {
  const pauseUs = instruments.length > FEES_AT_ONCE_MAX ? FEE_PAUSE_US : 0;
  const waiting = [...instruments];
  const onFailed = (reason: string): void => tell({ kind: "failed", reason });
  const askNext = (): void => {
    const instrument = waiting.shift();
    if (instrument === undefined) return;
    const onResult = (result: unknown, recvUs: number): void => {
      const fields: Fields = fieldsOf(result) ?? {};
      const reading = feesOf(fields, instrument);
      if (fields.symbol !== instrument.symbol) {
        onFailed("account.commission: fees of another symbol");
        return;
      }
      if (reading.view === undefined) {
        onFailed(`account.commission: ${reading.fault}`);
        return;
      }
      tell({ kind: "read", value: reading.view, recvUs });
      if (pauseUs === 0) askNext();
      else context.session.later(pauseUs, askNext);
    };
    const params: readonly Param[] = [["symbol", instrument.symbol]];
    askRead(context, "account.commission", params, onResult, onFailed);
  };
  askNext();
}

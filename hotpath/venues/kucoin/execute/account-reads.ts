/**
 * Station: what the core wants to know of the account -> lists read over REST, page by page.
 *
 * Each read ends once, whole or failed; half a list is none. Bounded everywhere: a list that does not end is
 * a failure.
 */
import type { Instrument } from "../../../core/instrument.ts";
import type { OrderName } from "../../../core/trade/commands.ts";
import type { FeeView, FillView, OrderView } from "../../../core/trade/events.ts";
import type { AccountFound, OrderFound, Read } from "../../../io/trade/account-answers.ts";
import type { AccountMemory } from "../../../io/trade/account-memory.ts";
import { orderPath } from "./frames.ts";
import { type Fields, fieldsOf, idOf, listOf, textOf } from "./json.ts";
import { balanceOfRow, feeOfRow, fillOfRow, orderOfAnswer, type Reading } from "./reports.ts";
import type { Outcome, Question } from "./rest.ts";

export type ReadContext = {
  readonly ask: (question: Question) => void;
  readonly venueNowMs: () => number;
  readonly memory: AccountMemory;
};

const TIMEOUT_MS = 5000;
const ROWS_MAX = 100;
const PAGES_MAX = 50;
/** Symbols of one request for fees. */
const FEE_SYMBOLS_MAX = 10;
const US_PER_MS = 1000;

function get(
  context: ReadContext,
  target: string,
  then: (data: unknown, recvUs: number) => void,
  onFailed: (failure: Exclude<Read<never>, { kind: "read" }>) => void,
): void {
  context.ask({
    method: "GET",
    target,
    kind: "read",
    timeoutMs: TIMEOUT_MS,
    timeMs: context.venueNowMs(),
    onDone: (outcome, recvUs) => {
      if (outcome.kind === "ok") then(outcome.data, recvUs);
      else onFailed(failureOf(outcome));
    },
  });
}

function failureOf(outcome: Exclude<Outcome, { kind: "ok" }>) {
  const { refusal } = outcome;
  const kind = refusal.class === "noSuchOrder" ? "notFound" : "failed";
  return { kind, reason: `${refusal.code} ${refusal.text}`.trim() } as const;
}

/** All views, or the first fault. */
function allOf<View>(readings: readonly Reading<View>[]): readonly View[] | string {
  const views: View[] = [];
  for (const reading of readings) {
    if ("fault" in reading) return reading.fault;
    views.push(reading.view);
  }
  return views;
}

type Fills = Read<readonly FillView[]>;

type FillsWanted = { readonly orderId: string } | { readonly sinceUs: number };

/**
 * Fills of one symbol, of one order or since a time, newest first, until a page is not full. A row of
 * anything else spoils the whole: a fill that is booked on the wrong order would be worse than none.
 */
function readFills(
  context: ReadContext,
  instrument: Instrument,
  wanted: FillsWanted,
  then: (fills: Fills) => void,
): void {
  const filter =
    "orderId" in wanted
      ? `&orderId=${wanted.orderId}`
      : `&startAt=${Math.max(0, Math.floor(wanted.sinceUs / US_PER_MS))}`;
  const found: FillView[] = [];
  const page = (lastId: string, pages: number): void => {
    const cursor = lastId === "" ? "" : `&lastId=${lastId}`;
    const query = `symbol=${instrument.symbol}${filter}&limit=${ROWS_MAX}${cursor}`;
    get(
      context,
      `/api/v1/hf/fills?${query}`,
      (data, recvUs) => {
        const rows = listOf(fieldsOf(data)?.items);
        if (rows === undefined) return then({ kind: "failed", reason: "the fills are no list" });
        const fills = allOf(rows.map((row) => fillOf(context, instrument, wanted, row)));
        if (typeof fills === "string") return then({ kind: "failed", reason: fills });
        found.push(...fills);
        const next = idOf(fieldsOf(data)?.lastId);
        if (rows.length < ROWS_MAX || next === "" || next === lastId) {
          return then({ kind: "read", value: found, recvUs });
        }
        if (pages >= PAGES_MAX) return then({ kind: "failed", reason: "the fills do not end" });
        page(next, pages + 1);
      },
      then,
    );
  };
  page("", 1);
}

function fillOf(
  context: ReadContext,
  instrument: Instrument,
  wanted: FillsWanted,
  row: Fields,
): Reading<FillView> {
  const orderId = idOf(row.orderId);
  if (row.symbol !== instrument.symbol) {
    return { view: undefined, fault: "the fills are of another symbol" };
  }
  if ("orderId" in wanted && orderId !== wanted.orderId) {
    return { view: undefined, fault: "the fills are of another order" };
  }
  return fillOfRow(row, instrument, context.memory.clientIdOf(orderId));
}

/** The order by its name, and its fills when it has any. */
export function queryOrder(
  context: ReadContext,
  name: OrderName,
  then: (read: Read<OrderFound>) => void,
): void {
  const instrument = context.memory.instrumentAt(name.instrument);
  get(
    context,
    orderPath(name, instrument.symbol),
    (data, recvUs) => {
      // A query without a result is answered with nothing, and not with an error; only that is evidence.
      const isNothing = data === null || data === undefined;
      if (isNothing) return then({ kind: "notFound", reason: "no such order" });
      const fields = fieldsOf(data);
      if (fields === undefined) return then({ kind: "failed", reason: "the answer is no order" });
      const reading = orderOfAnswer(fields, context.memory.bySymbol);
      if (reading.view === undefined) return then({ kind: "failed", reason: reading.fault });
      const order = reading.view;
      if (name.clientId !== "" && order.clientId !== name.clientId) {
        return then({ kind: "failed", reason: `the answer is about ${order.clientId}` });
      }
      if (order.filledLots === 0) {
        return then({ kind: "read", value: { order, fills: [] }, recvUs });
      }
      readFills(context, instrument, { orderId: order.orderId }, (fills) => {
        if (fills.kind !== "read") return then(fills);
        const own = fills.value.map((fill) => ({ ...fill, clientId: order.clientId }));
        then({ kind: "read", value: { order, fills: own }, recvUs: fills.recvUs });
      });
    },
    then,
  );
}

/** Open orders of one symbol, or of every symbol that has some. */
export function readOpenOrders(
  context: ReadContext,
  symbol: string | undefined,
  then: (read: Read<readonly OrderView[]>) => void,
): void {
  if (symbol !== undefined) {
    readActive(context, [symbol], then);
    return;
  }
  get(
    context,
    "/api/v1/hf/orders/active/symbols",
    (data) => {
      const symbols = fieldsOf(data)?.symbols;
      const isList = Array.isArray(symbols) && symbols.every((each) => textOf(each) !== "");
      if (!isList) return then({ kind: "failed", reason: "the active symbols are no list" });
      readActive(context, symbols as readonly string[], then);
    },
    then,
  );
}

function readActive(
  context: ReadContext,
  symbols: readonly string[],
  then: (read: Read<readonly OrderView[]>) => void,
): void {
  inTurn(
    symbols,
    (symbol, done) =>
      get(
        context,
        `/api/v1/hf/orders/active?symbol=${symbol}`,
        (data, recvUs) => {
          // A symbol whose last order has just ended is answered with nothing.
          const rows = data === null || data === undefined ? [] : listOf(data);
          if (rows === undefined) return done({ kind: "failed", reason: "the orders are no list" });
          const orders = allOf(rows.map((row) => orderOfAnswer(row, context.memory.bySymbol)));
          if (typeof orders === "string") return done({ kind: "failed", reason: orders });
          done({ kind: "read", value: orders, recvUs });
        },
        done,
      ),
    then,
  );
}

/** Asks for one after another and joins what they bring; the first failure ends it. */
function inTurn<Item, Value>(
  items: readonly Item[],
  read: (item: Item, done: (read: Read<readonly Value[]>) => void) => void,
  then: (read: Read<readonly Value[]>) => void,
): void {
  const all: Value[] = [];
  const next = (at: number, recvUs: number): void => {
    const item = items[at];
    if (item === undefined) {
      then({ kind: "read", value: all, recvUs });
      return;
    }
    read(item, (one) => {
      if (one.kind !== "read") return then(one);
      all.push(...one.value);
      next(at + 1, one.recvUs);
    });
  };
  next(0, 0);
}

/** Balances of the trading account, open orders, and fills since a time. */
export function readAccount(
  context: ReadContext,
  tradesSinceUs: number,
  then: (read: Read<AccountFound>) => void,
): void {
  get(
    context,
    "/api/v1/accounts?type=trade",
    (data) => {
      const balances = listOf(data)?.map(balanceOfRow);
      if (balances?.every((balance) => balance !== undefined) !== true) {
        return then({ kind: "failed", reason: "the accounts are no list of balances" });
      }
      readOpenOrders(context, undefined, (open) => {
        if (open.kind !== "read") return then(open);
        readFillsSince(context, tradesSinceUs, (fills) => {
          if (fills.kind !== "read") return then(fills);
          const value = { balances, openOrders: open.value, fills: fills.value, note: "" };
          then({ kind: "read", value, recvUs: fills.recvUs });
        });
      });
    },
    then,
  );
}

function readFillsSince(context: ReadContext, sinceUs: number, then: (fills: Fills) => void): void {
  inTurn(
    context.memory.tradedInstruments(),
    (instrument, done) => readFills(context, instrument, { sinceUs }, done),
    then,
  );
}

/** The account's rates, ten instruments at a time. */
export function readFees(
  context: ReadContext,
  instruments: readonly Instrument[],
  then: (read: Read<readonly FeeView[]>) => void,
): void {
  const batches: (readonly Instrument[])[] = [];
  for (let from = 0; from < instruments.length; from += FEE_SYMBOLS_MAX) {
    batches.push(instruments.slice(from, from + FEE_SYMBOLS_MAX));
  }
  inTurn(
    batches,
    (batch, done) =>
      get(
        context,
        `/api/v1/trade-fees?symbols=${batch.map(({ symbol }) => symbol).join(",")}`,
        (data, recvUs) => {
          const fees = listOf(data)?.map((row) => feeOfRow(row, context.memory.bySymbol));
          if (fees?.every((fee) => fee !== undefined) !== true) {
            return done({ kind: "failed", reason: "the fees are no list of rates" });
          }
          done({ kind: "read", value: fees, recvUs });
        },
        done,
      ),
    then,
  );
}

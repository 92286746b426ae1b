// Goal: orders and a venue's words about them, said in few letters, for the tests of this room.
import { assert } from "../../../../contracts/assert.ts";
import type { Side } from "../../../../contracts/trade.ts";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { clientIdOf } from "../../../../hotpath/core/order/client-id.ts";
import type { Order } from "../../../../hotpath/core/order/order.ts";
import type { OrderOptions } from "../../../../hotpath/core/order/order-options.ts";
import { Orders } from "../../../../hotpath/core/order/orders.ts";
import type { Reading } from "../../../../hotpath/core/order/reconcile-run.ts";
import type { PlaceOrder } from "../../../../hotpath/core/trade/commands.ts";
import type {
  AccountEvent,
  BalanceView,
  FeeView,
  FillView,
  OrderView,
  RefusalClass,
} from "../../../../hotpath/core/trade/events.ts";

export const FENCE = 7;
export const START_US = 1_800_000_000_000_000;
export const S = 1_000_000;
export const ATTO = 10n ** 18n;

export function instrument(symbol: string, base: string, quote: string, index: number): Instrument {
  const made = instrumentOf(
    {
      id: `binance-spot:${symbol}`,
      venue: "binance-spot",
      symbol,
      tickSize: "0.01",
      lotSize: "0.0001",
      baseAsset: base,
      quoteAsset: quote,
    },
    index,
  );
  assert(made !== undefined, "the steps are good");
  return made;
}

export const INSTRUMENTS = [
  instrument("BTCUSDT", "BTC", "USDT", 0),
  instrument("ETHUSDT", "ETH", "USDT", 1),
];

export const OPTIONS: OrderOptions = {
  fence: FENCE,
  instruments: INSTRUMENTS,
  venues: ["binance-spot", "binance-usdm"],
  feeRoundings: [{ decimals: 8, rounding: "floor" }, undefined],
};

/** A tenth of a percent of the notional, in USDT. */
export const QUOTE_FEE: FeeView = {
  instrument: 0,
  makerPpb: 1_000_000,
  takerPpb: 1_000_000,
  paidIn: "quote",
  feeAsset: "USDT",
};

/** Orders over an account of 1,000 USDT, 1 BTC and 10 ETH. */
export function makeOrders(options: Partial<OrderOptions> = {}): Orders {
  const orders = new Orders({ ...OPTIONS, ...options });
  orders.openLedger(0, balances({ USDT: "1000", BTC: "1", ETH: "10" }));
  return orders;
}

export function balances(totals: Readonly<Record<string, string>>): BalanceView[] {
  return Object.entries(totals).map(([asset, total]) => ({ asset, total, free: "", held: "" }));
}

export const id = (command: number, fence = FENCE): string => clientIdOf(fence, command);

/** Ten lots (0.001 BTC) at 100.00 unless told otherwise. */
export function place(command: number, changes: Partial<PlaceOrder> = {}): PlaceOrder {
  return {
    type: "placeOrder",
    venue: 0,
    instrument: 0,
    command,
    fence: FENCE,
    clientId: id(command, changes.fence),
    side: "buy",
    timeInForce: "ioc",
    priceTicks: 10_000,
    lots: 10,
    purpose: "open",
    cycle: 1,
    leg: 0,
    stampUs: START_US,
    windowUs: S,
    limitsVersion: 1,
    books: [],
    isTest: false,
    ...changes,
  };
}

export function placed(orders: Orders, command = 1, changes: Partial<PlaceOrder> = {}): Order {
  return orders.applyPlace(place(command, changes), START_US);
}

const of = (nowUs: number) => ({ venue: 0, epoch: 1, recvUs: nowUs });

export function accepted(command = 1, orderId = `v${command}`, nowUs = START_US): AccountEvent {
  return { ...of(nowUs), type: "orderAccepted", clientId: id(command), orderId };
}

export function refused(command: number, refusal: RefusalClass, nowUs = START_US): AccountEvent {
  const what = { class: refusal, code: `code-${refusal}`, text: "", isListed: true };
  return { ...of(nowUs), type: "orderRefused", clientId: id(command), refusal: what };
}

export function cancelRefused(command: number, refusal: RefusalClass): AccountEvent {
  const what = { class: refusal, code: `code-${refusal}`, text: "", isListed: true };
  return { ...of(START_US), type: "cancelRefused", clientId: id(command), refusal: what };
}

export function view(command: number, changes: Partial<OrderView> = {}): OrderView {
  return {
    clientId: command === 0 ? "" : id(command),
    orderId: `v${command}`,
    instrument: 0,
    side: "buy",
    state: "open",
    lots: 10,
    filledLots: -1,
    priceTicks: 10_000,
    reason: "",
    exchangeUs: START_US,
    ...changes,
  };
}

export function reported(
  command: number,
  changes: Partial<OrderView> = {},
  source: "answer" | "stream" | "query" = "stream",
): AccountEvent {
  return { ...of(START_US), type: "orderReported", source, order: view(command, changes) };
}

export function trade(command: number, tradeId: string, changes: Partial<FillView> = {}): FillView {
  return {
    clientId: command === 0 ? "" : id(command),
    orderId: `v${command}`,
    instrument: 0,
    tradeId,
    side: "buy" as Side,
    priceTicks: 10_000,
    lots: 5,
    fee: "0.001",
    feeAsset: "USDT",
    isMaker: false,
    exchangeUs: START_US,
    ...changes,
  };
}

export function filled(
  command: number,
  tradeId: string,
  changes: Partial<FillView> = {},
  nowUs = START_US,
): AccountEvent {
  const fill = trade(command, tradeId, changes);
  return { ...of(nowUs), type: "orderFilled", source: "stream", fill };
}

export function queried(
  order: Order,
  outcome: "found" | "notFound" | "failed",
  found: { readonly order?: OrderView; readonly fills?: readonly FillView[] } = {},
  nowUs = START_US,
): AccountEvent {
  return {
    ...of(nowUs),
    type: "orderQueried",
    requestId: order.inquiry.requestId,
    clientId: order.clientId,
    outcome,
    order: found.order,
    fills: found.fills ?? [],
    reason: "",
  };
}

/** A reading asked for at `askedUs`, that shows nothing but what `changes` says. */
export function reading(
  askedUs: number,
  shows: {
    readonly openOrders?: readonly OrderView[];
    readonly fills?: readonly FillView[];
    readonly balances?: readonly BalanceView[];
    readonly outcome?: "read" | "failed";
  } = {},
): Reading {
  const event = {
    ...of(askedUs + 1000),
    type: "accountRead" as const,
    requestId: 1,
    outcome: shows.outcome ?? "read",
    balances: shows.balances ?? [],
    openOrders: shows.openOrders ?? [],
    fills: shows.fills ?? [],
    reason: "",
  };
  return { event, askedUs, nowUs: askedUs + 1000, hasBalances: shows.balances !== undefined };
}

/** Names of what was wrong. */
export function anomalies(change: { anomalies: readonly { name: string }[] }): string[] {
  return change.anomalies.map(({ name }) => name);
}

/** A repeatable stream of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Station: parsed pushes and answers -> order views, fills, balances, fees.
 *
 * Steps and sides are ours from here on; amounts of assets stay the venue's text. What does not say what it
 * must, or contradicts itself, becomes a sentence about what is wrong with it.
 */
import { readDecimal } from "../../../core/decode/field-parse.ts";
import type { Instrument } from "../../../core/instrument.ts";
import type {
  BalanceView,
  FeeView,
  FillView,
  OrderView,
  VenueOrderState,
} from "../../../core/trade/events.ts";
import { decimalOf, exchangeUsOf, type Fields, idOf, textOf } from "./json.ts";

/** A view, or why there is none. */
export type Reading<View> =
  | { readonly view: View }
  | { readonly view: undefined; readonly fault: string };

/** The instruments of this account's venue, by the venue's spelling. */
export type SymbolIndex = ReadonlyMap<string, Instrument>;

const steps = new Float64Array(1);

/** Decimal text as whole ticks or lots; undefined when it is none, or no whole number of them. */
export function stepsOf(value: unknown, instrument: Instrument, isPrice: boolean) {
  return readDecimal(value, instrument, isPrice, steps, 0) < 0 ? undefined : steps[0];
}

function sideOf(value: unknown): "buy" | "sell" | undefined {
  return value === "buy" || value === "sell" ? value : undefined;
}

/** One order, whichever message tells of it. Sizes are "" where the message leaves them out. */
type Sparse = {
  readonly symbol: string;
  readonly clientId: string;
  readonly orderId: string;
  readonly side: unknown;
  readonly size: unknown;
  readonly filled: unknown;
  readonly price: unknown;
  readonly reason: string;
  readonly exchangeUs: number;
};

function viewOf(
  order: Sparse,
  symbols: SymbolIndex,
  stateOf: (lots: number, filledLots: number) => VenueOrderState,
): Reading<OrderView> {
  const { clientId, orderId, reason, exchangeUs } = order;
  const side = sideOf(order.side);
  if (orderId === "") return { view: undefined, fault: `an order of ${order.symbol} has no id` };
  if (side === undefined)
    return { view: undefined, fault: `order ${orderId} is neither a buy nor a sell` };
  const known = { clientId, orderId, side, reason, exchangeUs };
  const instrument = symbols.get(order.symbol);
  if (instrument === undefined) {
    const state = stateOf(-1, -1);
    return { view: { ...known, state, instrument: -1, lots: -1, filledLots: -1, priceTicks: -1 } };
  }
  const lots = sparseSteps(order.size, instrument, false);
  const filledLots = sparseSteps(order.filled, instrument, false);
  const priceTicks = sparseSteps(order.price, instrument, true);
  if (lots === undefined || filledLots === undefined || priceTicks === undefined) {
    return { view: undefined, fault: `order ${orderId} is off the steps of ${order.symbol}` };
  }
  if (lots >= 0 && filledLots > lots) {
    return { view: undefined, fault: `order ${orderId} is filled beyond its quantity` };
  }
  const state = stateOf(lots, filledLots);
  return { view: { ...known, state, instrument: instrument.index, lots, filledLots, priceTicks } };
}

/** -1 for what a message leaves out; undefined for what is no whole number of steps. */
function sparseSteps(value: unknown, instrument: Instrument, isPrice: boolean): number | undefined {
  if (value === undefined || value === null || value === "") return -1;
  return stepsOf(value, instrument, isPrice);
}

const PUSH_TYPES = ["received", "open", "match", "update", "filled", "canceled"] as const;
type PushType = (typeof PUSH_TYPES)[number];

function pushTypeOf(value: unknown): PushType | undefined {
  return PUSH_TYPES.find((type) => type === value);
}

/** What the type of a push makes of an order of so many lots. */
function stateOfPush(type: PushType, lots: number, filledLots: number): VenueOrderState {
  switch (type) {
    case "received":
    case "open":
    case "filled":
    case "canceled":
      return type;
    case "match":
      return lots >= 0 && filledLots === lots ? "filled" : "partiallyFilled";
    case "update":
      return filledLots > 0 ? "partiallyFilled" : "open";
  }
}

/** The order of a `tradeOrdersV2` push. */
export function orderOfPush(data: Fields, symbols: SymbolIndex): Reading<OrderView> {
  const type = pushTypeOf(data.type);
  if (type === undefined)
    return { view: undefined, fault: `order ${idOf(data.orderId)} has no known type` };
  return viewOf(
    {
      symbol: textOf(data.symbol),
      clientId: textOf(data.clientOid),
      orderId: idOf(data.orderId),
      side: data.side,
      // An `update` shrinks the order: its `size` is what it has now.
      size: type === "update" ? data.size : (data.originSize ?? data.size),
      filled: data.filledSize ?? (type === "received" ? "0" : undefined),
      price: data.price,
      reason: type === "canceled" ? textOf(data.cancelReason) : "",
      exchangeUs: exchangeUsOf(data.ts),
    },
    symbols,
    (lots, filledLots) => stateOfPush(type, lots, filledLots),
  );
}

/** The trade inside a push of type `match`; undefined for the other types. The fee is not told. */
export function fillOfPush(data: Fields, instrument: Instrument): Reading<FillView> | undefined {
  if (data.type !== "match") return undefined;
  // `feeType` is what is charged; `liquidity` may say taker where a hidden order was hit.
  const feeType = textOf(data.feeType);
  const isMaker = feeType === "" ? data.liquidity === "maker" : feeType === "makerFee";
  return fillOf(instrument, {
    clientId: textOf(data.clientOid),
    orderId: idOf(data.orderId),
    tradeId: idOf(data.tradeId),
    side: data.side,
    price: data.matchPrice,
    size: data.matchSize,
    fee: "",
    feeAsset: "",
    isMaker,
    exchangeUs: exchangeUsOf(data.ts),
  });
}

type SparseFill = {
  readonly clientId: string;
  readonly orderId: string;
  readonly tradeId: string;
  readonly side: unknown;
  readonly price: unknown;
  readonly size: unknown;
  readonly fee: string;
  readonly feeAsset: string;
  readonly isMaker: boolean;
  readonly exchangeUs: number;
};

function fillOf(instrument: Instrument, fill: SparseFill): Reading<FillView> {
  const { price, size, ...known } = fill;
  const side = sideOf(fill.side);
  const priceTicks = stepsOf(price, instrument, true);
  const lots = stepsOf(size, instrument, false);
  if (fill.tradeId === "") return { view: undefined, fault: `a fill of ${fill.orderId} has no id` };
  if (side === undefined) return { view: undefined, fault: `fill ${fill.tradeId} has no side` };
  if (priceTicks === undefined || lots === undefined || lots === 0) {
    return {
      view: undefined,
      fault: `fill ${fill.tradeId} is off the steps of ${instrument.symbol}`,
    };
  }
  return { view: { ...known, side, instrument: instrument.index, priceTicks, lots } };
}

/** One order of a query or of a list of orders. */
export function orderOfAnswer(fields: Fields, symbols: SymbolIndex): Reading<OrderView> {
  const { active } = fields;
  if (typeof active !== "boolean")
    return { view: undefined, fault: `order ${idOf(fields.id)} has no state` };
  return viewOf(
    {
      symbol: textOf(fields.symbol),
      clientId: textOf(fields.clientOid),
      orderId: idOf(fields.id),
      side: fields.side,
      size: fields.size,
      filled: fields.dealSize,
      price: fields.price,
      reason: textOf(fields.cancelReason),
      exchangeUs: exchangeUsOf(fields.lastUpdatedAt ?? fields.createdAt),
    },
    symbols,
    (lots, filledLots) => {
      if (active) return filledLots > 0 ? "partiallyFilled" : "open";
      return lots >= 0 && filledLots === lots ? "filled" : "canceled";
    },
  );
}

/** One row of `/hf/fills`; `clientId` where the order is known by it, otherwise "". */
export function fillOfRow(
  row: Fields,
  instrument: Instrument,
  clientId: string,
): Reading<FillView> {
  const fee = decimalOf(row.fee);
  if (fee === undefined) return { view: undefined, fault: `fill ${idOf(row.tradeId)} has no fee` };
  return fillOf(instrument, {
    clientId,
    orderId: idOf(row.orderId),
    tradeId: idOf(row.tradeId),
    side: row.side,
    price: row.price,
    size: row.size,
    fee,
    feeAsset: textOf(row.feeCurrency),
    isMaker: row.liquidity === "maker",
    exchangeUs: exchangeUsOf(row.createdAt),
  });
}

/** One row of `/accounts?type=trade`. */
export function balanceOfRow(row: Fields): BalanceView | undefined {
  const asset = textOf(row.currency);
  const free = decimalOf(row.available);
  const held = decimalOf(row.holds);
  if (asset === "" || free === undefined || held === undefined) return undefined;
  return { asset, free, held, total: decimalOf(row.balance) ?? "" };
}

export type BalancePush = {
  readonly balance: BalanceView;
  readonly cause: "trade" | "transfer" | "unknown";
  readonly exchangeUs: number;
};

/** A push of `/account/balance`. `relationEvent` names what moved it, such as "trade.hold". */
export function balanceOfPush(data: Fields): BalancePush | undefined {
  const balance = balanceOfRow({ ...data, holds: data.hold, balance: data.total });
  if (balance === undefined) return undefined;
  const event = textOf(data.relationEvent);
  const isTransfer = /\.(?:transfer|deposit|withdraw)/.test(event) || event.startsWith("main.");
  const isTrade = /^trade(?:_hf)?\.(?:hold|setted)$/.test(event);
  const cause = isTransfer ? "transfer" : isTrade ? "trade" : "unknown";
  return { balance, cause, exchangeUs: exchangeUsOf(data.time) };
}

const PPB_DECIMALS = 9;
const RATE = /^(-?)(\d)(?:\.(\d{1,18}))?$/;

/** A rate such as "0.001" in parts per billion, exact; undefined when it is none, or finer than that. */
export function ppbOf(value: unknown): number | undefined {
  const match = RATE.exec(decimalOf(value) ?? "");
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = ""] = match;
  const kept = fraction.slice(0, PPB_DECIMALS).padEnd(PPB_DECIMALS, "0");
  if (/[1-9]/.test(fraction.slice(PPB_DECIMALS))) return undefined;
  const ppb = Number(whole + kept);
  return sign === "-" && ppb > 0 ? -ppb : ppb;
}

/** One row of `/trade-fees`. */
export function feeOfRow(row: Fields, symbols: SymbolIndex): FeeView | undefined {
  const instrument = symbols.get(textOf(row.symbol));
  const makerPpb = ppbOf(row.makerFeeRate);
  const takerPpb = ppbOf(row.takerFeeRate);
  if (instrument === undefined || makerPpb === undefined || takerPpb === undefined)
    return undefined;
  const feeAsset = instrument.quoteAsset;
  return { instrument: instrument.index, makerPpb, takerPpb, paidIn: "quote", feeAsset };
}

/**
 * Station: requests for order lists -> lists of orders -> the venue's answers.
 *
 * `orderList.place.oco`, `orderList.place.otoco` and `orderList.cancel` for a limit leg that only makes
 * and a stop leg at market; other kinds of legs are refused as unsupported, not pretended.
 */
import { US_PER_MS } from "../../../../contracts/time.ts";
import type { OrderRequest, OrderSide } from "../../exchange/orders.ts";
import { wireMs } from "../wire.ts";
import type { Call, Method } from "./api.ts";
import { type ApiError, ERRORS, missing, rejectError, troubleError } from "./errors.ts";
import { orderRow } from "./messages.ts";
import type { ExitPlan, ListPlan, OrderList } from "./order-lists.ts";
import { type Params, parseOrder, parseSymbol } from "./params.ts";

const PRICES_WRONG: ApiError = {
  status: 400,
  code: -2_010,
  msg: "The relationship of the prices for the orders is not correct.",
};

type Named = { readonly value: string } | { readonly error: ApiError };

function wanted(params: Params, name: string): Named {
  const value = params.get(name) ?? "";
  return value === "" ? { error: missing(name) } : { value };
}

/** The two exits; `prefix` is "" for OCO and "pending" for the pair behind an entry. */
function parseExits(params: Params, prefix: "" | "pending"): ExitPlan | ApiError {
  const name = (rest: string) =>
    prefix === "" ? `${rest[0]?.toLowerCase() ?? ""}${rest.slice(1)}` : `pending${rest}`;
  const fields = ["Side", "Quantity", "AboveType", "BelowType"].map((one) =>
    wanted(params, name(one)),
  );
  const texts: string[] = [];
  for (const field of fields) {
    if ("error" in field) return field.error;
    texts.push(field.value);
  }
  const [sideText = "", quantity = "", above = "", below = ""] = texts;
  if (sideText !== "BUY" && sideText !== "SELL") return ERRORS.side;
  const side: OrderSide = sideText === "BUY" ? "buy" : "sell";
  // Who sells takes profit above and stops below; who buys back the other way round.
  const [limitLeg, stopLeg] = side === "sell" ? ["Above", "Below"] : ["Below", "Above"];
  const types = side === "sell" ? [above, below] : [below, above];
  if (types[0] !== "LIMIT_MAKER" || types[1] !== "STOP_LOSS") return ERRORS.unsupported;
  const limitPrice = wanted(params, name(`${limitLeg}Price`));
  if ("error" in limitPrice) return limitPrice.error;
  const stopPrice = wanted(params, name(`${stopLeg}StopPrice`));
  if ("error" in stopPrice) return stopPrice.error;
  return {
    side,
    quantity,
    limitId: params.get(name(`${limitLeg}ClientOrderId`)) ?? "",
    limitPrice: limitPrice.value,
    stopId: params.get(name(`${stopLeg}ClientOrderId`)) ?? "",
    stopPrice: stopPrice.value,
  };
}

/** The entry of an OTOCO, read by the same rules as a single order. */
function parseWorking(call: Call): OrderRequest | ApiError {
  const renamed = new Map<string, string>([["symbol", call.params.get("symbol") ?? ""]]);
  const names = [
    ["workingSide", "side"],
    ["workingType", "type"],
    ["workingTimeInForce", "timeInForce"],
    ["workingPrice", "price"],
    ["workingQuantity", "quantity"],
    ["workingClientOrderId", "newClientOrderId"],
  ] as const;
  for (const [from, to] of names) {
    const value = call.params.get(from);
    if (value !== undefined) renamed.set(to, value);
  }
  const { accountId, notAfterUs } = call.caller;
  const parsed = parseOrder(renamed, { accountId, notAfterUs });
  return parsed.kind === "bad" ? parsed.error : { ...parsed.value, accountId, notAfterUs };
}

function planOf(call: Call, hasEntry: boolean): ListPlan | ApiError {
  const symbol = parseSymbol(call.params);
  if (symbol.kind === "bad") return symbol.error;
  const exits = parseExits(call.params, hasEntry ? "pending" : "");
  if ("code" in exits) return exits;
  const working = hasEntry ? parseWorking(call) : null;
  if (working !== null && "code" in working) return working;
  const { accountId, notAfterUs } = call.caller;
  return {
    accountId,
    listClientOrderId: call.params.get("listClientOrderId") ?? `list${call.nowUs}`,
    symbol: symbol.value,
    working,
    exits,
    notAfterUs,
  };
}

/** The venue's answer about a list: its state, its orders' names, and what is at the exchange. */
function listAnswer(call: Call, list: OrderList): object {
  const { plan, orderListId, stage } = list;
  const order = call.host.orderLists.orderOf(list);
  const isDone = stage === "done";
  return {
    orderListId,
    contingencyType: plan.working === null ? "OCO" : "OTO",
    listStatusType: isDone ? "ALL_DONE" : "EXEC_STARTED",
    listOrderStatus: isDone ? "ALL_DONE" : "EXECUTING",
    listClientOrderId: plan.listClientOrderId,
    transactionTime: wireMs(call.nowUs),
    symbol: plan.symbol,
    orders: list.orderIds.map((orderId) => ({
      symbol: plan.symbol,
      orderId,
      clientOrderId: order?.clientOrderId ?? "",
    })),
    orderReports: order === undefined ? [] : [{ ...orderRow(call.rulesOf, order), orderListId }],
  };
}

function place(call: Call, hasEntry: boolean): void {
  const plan = planOf(call, hasEntry);
  if ("code" in plan) {
    call.fail(plan);
    return;
  }
  if (call.host.side.exchange.market.indexOf(plan.symbol) === undefined) {
    call.fail(ERRORS.symbol);
    return;
  }
  if (!call.host.orderLists.arePricesRight(plan)) {
    call.fail(PRICES_WRONG);
    return;
  }
  call.host.orderLists.place(plan, call.nowUs, (answer) => {
    if ("orderListId" in answer) call.reply(listAnswer(call, answer));
    else if (answer.kind === "rejected") call.fail(rejectError(answer.reason));
    else call.fail(troubleError(answer, Math.floor(call.nowUs / US_PER_MS)));
  });
}

function cancel(call: Call): void {
  const id = call.params.get("orderListId");
  const listClientOrderId = call.params.get("listClientOrderId");
  const orderListId = id === undefined ? undefined : Number(id);
  const { accountId } = call.caller;
  const key = { orderListId, listClientOrderId };
  const list = call.host.orderLists.cancel(accountId, key, call.nowUs);
  if (list === undefined) call.fail(ERRORS.cancelUnknown);
  else call.reply(listAnswer(call, list));
}

const one = () => 1;

/** Methods of order lists, by their WebSocket API name. */
export const LIST_METHODS: ReadonlyMap<string, Method> = new Map([
  ["orderList.place.oco", { weight: one, isFree: true, run: (call: Call) => place(call, false) }],
  ["orderList.place.otoco", { weight: one, isFree: true, run: (call: Call) => place(call, true) }],
  ["orderList.cancel", { weight: one, isFree: true, run: cancel }],
]);

/**
 * Station: place, test, cancel -> the back end -> the venue's answers.
 *
 * The methods that change orders. Each answer is made when the back end gives it, so one that is lost,
 * late or doubled there is lost, late or doubled on the wire. Successful ones cost no weight.
 */
import { US_PER_MS } from "../../../../contracts/time.ts";
import type { PlaceAnswer } from "../../exchange/answers.ts";
import { discountedRate } from "../../exchange/fees.ts";
import type { OrderKey, OrderRequest } from "../../exchange/orders.ts";
import type { Call, Method } from "./api.ts";
import { type ApiError, ERRORS, rejectError, troubleError } from "./errors.ts";
import { type AnswerKind, canceledAnswer, placedAnswer, rateText } from "./messages.ts";
import { type Params, parseOrder, parseOrderKey, parseSymbol } from "./params.ts";

const ANSWER_KINDS: readonly AnswerKind[] = ["ACK", "RESULT", "FULL"];

function nowMs(call: Call): number {
  return Math.floor(call.nowUs / US_PER_MS);
}

function tooManyOrders(call: Call, orders: number): ApiError | null {
  const broken = call.host.orderCounts.broken(call.caller.accountId, orders, call.nowUs);
  if (broken === null) return null;
  const { limit, intervalNum, interval } = broken.limit;
  const rule = `current limit is ${limit} orders per ${intervalNum} ${interval}`;
  return {
    status: 429,
    code: -1_015,
    msg: `Too many new orders; ${rule}.`,
    retryAfterMs: broken.retryAfterMs,
  };
}

function answerKindOf(params: Params): AnswerKind | undefined {
  const named = params.get("newOrderRespType") ?? "FULL";
  return ANSWER_KINDS.find((one) => one === named);
}

function onPlaced(call: Call, answer: PlaceAnswer, kind: AnswerKind): void {
  switch (answer.kind) {
    case "accepted":
      call.reply(placedAnswer(call.rulesOf, answer, kind));
      break;
    case "rejected":
      call.fail(rejectError(answer.reason));
      break;
    case "serverError":
    case "rateLimited":
    case "timestampRefused":
    case "venueCode":
      call.fail(troubleError(answer, nowMs(call)));
      break;
  }
}

function place(call: Call): void {
  const kind = answerKindOf(call.params);
  const order = parseOrder(call.params, call.caller);
  if (kind === undefined || order.kind === "bad") {
    call.fail(order.kind === "bad" ? order.error : ERRORS.unsupported);
    return;
  }
  const limited = tooManyOrders(call, 1);
  if (limited !== null) {
    call.fail(limited);
    return;
  }
  const request: OrderRequest = {
    ...order.value,
    accountId: call.caller.accountId,
    notAfterUs: call.caller.notAfterUs,
  };
  call.host.side.backEnd.place(request, call.nowUs, (answer) => onPlaced(call, answer, kind));
}

function test(call: Call): void {
  const order = parseOrder(call.params, call.caller);
  if (order.kind === "bad") {
    call.fail(order.error);
    return;
  }
  const { exchange } = call.host.side;
  const { accountId, notAfterUs } = call.caller;
  const reason = exchange.check({ ...order.value, accountId, notAfterUs }, call.nowUs);
  // A test order meets every check but the account's money: the venue sends it to no engine.
  if (reason !== null && reason !== "insufficientBalance" && reason !== "duplicateClientId") {
    call.fail(rejectError(reason));
    return;
  }
  if (call.params.get("computeCommissionRates") !== "true") {
    call.reply({});
    return;
  }
  const { maker, taker } = exchange.settlement.ratesOf(accountId, order.value.symbol);
  const none = { maker: rateText(0n), taker: rateText(0n) };
  call.reply({
    standardCommissionForOrder: { maker: rateText(maker), taker: rateText(taker) },
    specialCommissionForOrder: none,
    taxCommissionForOrder: none,
    discount: discountOf(call),
  });
}

/** The discount for fees paid in the third asset. */
export function discountOf(call: Call): object {
  const { discount } = call.host.side.exchange.settlement.fees;
  return {
    enabledForAccount: discount?.isEnabled ?? false,
    enabledForSymbol: discount !== null,
    discountAsset: discount?.asset ?? "BNB",
    discount: rateText(discount === null ? 0n : discountedRate(discount, 100_000_000n)),
  };
}

/** Whether the two names of a key mean different orders. */
function disagrees(call: Call, key: OrderKey): boolean {
  if (key.orderId === undefined || key.clientOrderId === undefined) return false;
  const { log } = call.host.side.exchange;
  const { symbol = "", orderId } = key;
  const order = log.order(call.caller.accountId, { symbol, orderId });
  return order !== undefined && order.clientOrderId !== key.clientOrderId;
}

/** The name of a cancel: the client's, or one made from its time as the venue makes one. */
function cancelIdOf(call: Call): string {
  return call.params.get("newClientOrderId") ?? `cancel${call.nowUs}`;
}

function cancel(call: Call): void {
  const key = parseOrderKey(call.params);
  if (key.kind === "bad" || disagrees(call, key.value)) {
    call.fail(key.kind === "bad" ? key.error : ERRORS.idsDisagree);
    return;
  }
  const cancelId = cancelIdOf(call);
  const { accountId } = call.caller;
  const request = { accountId, key: key.value, cancelId };
  call.host.side.backEnd.cancel(request, call.nowUs, (answer) => {
    switch (answer.kind) {
      case "canceled":
        call.reply(
          canceledAnswer(call.rulesOf, answer.order, { cancelId, transactUs: call.nowUs }),
        );
        break;
      case "refused":
        call.fail(answer.reason === "halted" ? rejectError("halted") : ERRORS.cancelUnknown);
        break;
      case "serverError":
      case "rateLimited":
      case "timestampRefused":
      case "venueCode":
        call.fail(troubleError(answer, nowMs(call)));
        break;
    }
  });
}

function cancelAll(call: Call): void {
  const symbol = parseSymbol(call.params);
  if (symbol.kind === "bad") {
    call.fail(symbol.error);
    return;
  }
  const { accountId } = call.caller;
  const cancelId = cancelIdOf(call);
  const request = { accountId, symbol: symbol.value, cancelId };
  call.host.side.backEnd.cancelAll(request, call.nowUs, (answer) => {
    if (answer.kind !== "canceledAll") {
      call.fail(troubleError(answer, nowMs(call)));
    } else if (answer.orders.length === 0) {
      call.fail(ERRORS.cancelUnknown);
    } else {
      const at = { cancelId, transactUs: call.nowUs };
      call.reply(answer.orders.map((order) => canceledAnswer(call.rulesOf, order, at)));
    }
  });
}

const one = () => 1;

/** Methods that change orders, by their WebSocket API name. */
export const ORDER_METHODS: ReadonlyMap<string, Method> = new Map([
  ["order.place", { weight: one, isFree: true, run: place }],
  [
    "order.test",
    {
      weight: (params: Params) => (params.get("computeCommissionRates") === "true" ? 20 : 1),
      isFree: false,
      run: test,
    },
  ],
  ["order.cancel", { weight: one, isFree: true, run: cancel }],
  ["openOrders.cancelAll", { weight: one, isFree: true, run: cancelAll }],
]);

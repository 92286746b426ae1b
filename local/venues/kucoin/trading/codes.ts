/**
 * Station: what went wrong -> the venue's code and sentence.
 *
 * One catalogue for REST and order entry (pages of spot errors, read 2026-11-20). It decides nothing.
 */
import type { CancelAnswer, PlaceAnswer, Trouble } from "../../exchange/answers.ts";
import type { CancelResult, RejectReason } from "../../exchange/orders.ts";

/** A refusal as both doors show it. */
export type Refused = {
  readonly code: string;
  readonly msg: string;
  /** HTTP status; most refusals come with 200. */
  readonly status: number;
  /** An overload shows nothing of the pool. */
  readonly hasBudget: boolean;
  /** How long to be silent, where the pool is used up. */
  readonly resetMs?: number;
};

const SENTENCES: Readonly<Record<string, string>> = {
  "400001":
    "Please check the header of your request for KC-API-KEY, KC-API-SIGN, KC-API-TIMESTAMP.",
  "400002": "KC-API-TIMESTAMP Invalid",
  "400003": "KC-API-KEY not exists",
  "400004": "KC-API-PASSPHRASE error",
  "400005": "Signature error",
  "400011": "Session verification failed.",
  "400012": "Session verification timeout.",
  "200001": "Order creation for this pair suspended",
  "200002": "Order cancel for this pair suspended",
  "200003": "Number of orders breached the limit",
  "102411": "Incorrect parameter",
  "102425": "Time range is wrong",
  "102429": "Price is too low",
  "102434": "Order size is too big",
  "102435": "Order size is too small",
  "400200": "Forbidden to place an order",
  "400600": "validation.createOrder.symbolNotAvailable",
  "400700": "Transaction restricted, there's a risk problem in your account",
  "600203": "Symbol is not tradable",
};

/** Rejections that the fault `rejectCode` shows in turn. None of them is about the key. */
export const REJECT_CODES = [
  "200001",
  "200003",
  "102411",
  "102429",
  "102434",
  "102435",
  "400200",
  "400600",
  "400700",
  "600203",
] as const;

/** A refusal by its code alone. */
export function refusedBy(code: string, msg = SENTENCES[code] ?? "refused", status = 200): Refused {
  return { code, msg, status, hasBudget: true };
}

/** The venue's words for each reason of the exchange. */
export function refusedFor(reason: RejectReason): Refused {
  switch (reason) {
    case "unknownAccount":
      return refusedBy("400003");
    case "unknownInstrument":
      return refusedBy("900001", "symbol not exists");
    case "malformed":
      return refusedBy("400100", "Parameter error");
    case "priceFilter":
      return refusedBy("400100", "Price increment invalid.");
    case "lotSize":
    case "marketLotSize":
      return refusedBy("400100", "Order size increment invalid.");
    case "minNotional":
      return refusedBy("400100", "The order funds should more than the minimum.");
    case "maxNotional":
      return refusedBy("102434");
    case "percentPrice":
      return refusedBy("400100", "The price is beyond the price limit.");
    case "insufficientBalance":
      return refusedBy("200004", "Balance insufficient!");
    case "duplicateClientId":
      return refusedBy("102426", "Duplicate clientOrderId");
    case "wouldTake":
      return refusedBy("400100", "The order would be executed immediately.");
    case "windowClosed":
      return refusedBy("400100", "clientTimestamp plus allowMaxTimeWindow has passed");
    case "halted":
      return refusedBy("200001");
    case "cancelOnly":
    case "postOnlyMode":
      return refusedBy("600203");
    case "tooManyOrders":
      return refusedBy("200003");
  }
}

/** The venue's words for an answer that is not about the order. */
export function refusedByTrouble(trouble: Trouble): Refused {
  switch (trouble.kind) {
    case "serverError":
      return serverErrorOf(trouble.variant);
    case "rateLimited": {
      const { retryAfterMs: resetMs } = trouble;
      return { code: "429000", msg: "Too Many Requests", status: 429, hasBudget: true, resetMs };
    }
    case "timestampRefused":
      return refusedBy("400002");
    case "venueCode":
      return refusedBy(trouble.code);
  }
}

/** Three faces of the same ignorance. */
function serverErrorOf(variant: number): Refused {
  switch (variant % 3) {
    case 0:
      return refusedBy("500000", "Internal Server Error", 500);
    case 1:
      return refusedBy("230005", "System error");
    default:
      return { code: "429000", msg: "Too Many Requests", status: 429, hasBudget: false };
  }
}

/** What a place answer says, or undefined for an accepted order. */
export function placeRefusal(answer: PlaceAnswer): Refused | undefined {
  if (answer.kind === "accepted") return undefined;
  return answer.kind === "rejected" ? refusedFor(answer.reason) : refusedByTrouble(answer);
}

/** What a cancel answer says, or undefined for a canceled order. */
export function cancelRefusal(answer: CancelAnswer): Refused | undefined {
  if (answer.kind === "canceled") return undefined;
  return answer.kind === "refused" ? notCanceled(answer.reason) : refusedByTrouble(answer);
}

type CancelReason = Extract<CancelResult, { kind: "refused" }>["reason"];

function notCanceled(reason: CancelReason): Refused {
  switch (reason) {
    case "unknownOrder":
      return refusedBy("102436", "Order does not exist");
    case "notOpen":
      return refusedBy("100004", "The order cannot be canceled.");
    case "halted":
      return refusedBy("200002");
  }
}

/**
 * Station: what went wrong -> the venue's status, code and sentence.
 *
 * One catalog for WebSocket API and REST, since the venue's pages share theirs (errors.md, read
 * 2026-11-20). It decides nothing: a reason goes in, its error comes out.
 */
import type { Trouble } from "../../exchange/answers.ts";
import type { RejectReason } from "../../exchange/orders.ts";

/** An error as both doors show it. `html` replaces the body where a gateway answers instead. */
export type ApiError = {
  readonly status: number;
  readonly code: number;
  readonly msg: string;
  readonly retryAfterMs?: number;
  readonly html?: boolean;
};

function badRequest(code: number, msg: string): ApiError {
  return { status: 400, code, msg };
}

export const ERRORS = {
  ahead: badRequest(-1_021, "Timestamp for this request was 1000ms ahead of the server's time."),
  outside: badRequest(-1_021, "Timestamp for this request is outside of the recvWindow."),
  signature: badRequest(-1_022, "Signature for this request is not valid."),
  keyFormat: { status: 401, code: -2_014, msg: "API-key format invalid." },
  keyRejected: {
    status: 401,
    code: -2_015,
    msg: "Invalid API-key, IP, or permissions for action.",
  },
  recvWindow: badRequest(-1_131, "recvWindow must be less than 60000."),
  symbol: badRequest(-1_121, "Invalid symbol."),
  side: badRequest(-1_117, "Invalid side."),
  orderType: badRequest(-1_116, "Invalid orderType."),
  timeInForce: badRequest(-1_115, "Invalid timeInForce."),
  cancelUnknown: badRequest(-2_011, "Unknown order sent."),
  noSuchOrder: badRequest(-2_013, "Order does not exist."),
  idsDisagree: badRequest(-2_039, "Client order ID is not correct for this order ID."),
  alreadySubscribed: badRequest(-2_035, "User Data Stream subscription already active."),
  unsupported: badRequest(-1_020, "This operation is not supported."),
  invalidJson: badRequest(-1_135, "Invalid JSON Request"),
  notLoggedOn: badRequest(-1_000, "Session is not authenticated. Use session.logon first."),
} as const satisfies Readonly<Record<string, ApiError>>;

/** A mandatory parameter that is missing or unreadable. */
export function missing(name: string): ApiError {
  return badRequest(
    -1_102,
    `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
  );
}

/** A parameter with characters it may not have. */
export function illegal(name: string, range: string): ApiError {
  return badRequest(
    -1_100,
    `Illegal characters found in parameter '${name}'; legal range is '${range}'.`,
  );
}

/** A parameter that does not belong to this kind of order. */
export function notRequired(name: string): ApiError {
  return badRequest(-1_106, `Parameter '${name}' sent when not required.`);
}

function filterFailure(filter: string): ApiError {
  return badRequest(-1_013, `Filter failure: ${filter}`);
}

function refused(msg: string): ApiError {
  return badRequest(-2_010, msg);
}

/** The venue's error for each reason of the exchange. */
export function rejectError(reason: RejectReason): ApiError {
  switch (reason) {
    case "unknownAccount":
      return ERRORS.keyRejected;
    case "unknownInstrument":
      return ERRORS.symbol;
    case "malformed":
      return badRequest(-1_013, "Invalid quantity.");
    case "priceFilter":
      return filterFailure("PRICE_FILTER");
    case "lotSize":
      return filterFailure("LOT_SIZE");
    case "marketLotSize":
      return filterFailure("MARKET_LOT_SIZE");
    case "minNotional":
    case "maxNotional":
      return filterFailure("NOTIONAL");
    case "percentPrice":
      return filterFailure("PERCENT_PRICE_BY_SIDE");
    case "tooManyOrders":
      return filterFailure("MAX_NUM_ORDERS");
    case "insufficientBalance":
      return refused("Account has insufficient balance for requested action.");
    case "duplicateClientId":
      return refused("Duplicate order sent.");
    case "wouldTake":
      return refused("Order would immediately match and take.");
    case "windowClosed":
      return ERRORS.outside;
    case "halted":
    case "cancelOnly":
    case "postOnlyMode":
      return refused("Market is closed.");
  }
}

/** What the fault `rejectCode` shows in turn: every code an order request may be refused with. */
const SHOWN: readonly ApiError[] = [
  { status: 400, code: -1_002, msg: "You are not authorized to execute this request." },
  {
    status: 429,
    code: -1_003,
    msg: "Too many requests; please use the websocket for live updates.",
  },
  {
    status: 503,
    code: -1_008,
    msg: "Server is currently overloaded with other requests. Please try again in a few minutes.",
  },
  badRequest(-1_013, "Filter failure: LOT_SIZE"),
  badRequest(-1_014, "Unsupported order combination."),
  {
    status: 429,
    code: -1_015,
    msg: "Too many new orders; current limit is 100 orders per 10 SECOND.",
  },
  badRequest(-1_016, "This service is no longer available."),
  ERRORS.unsupported,
  ERRORS.outside,
  ERRORS.signature,
  { status: 400, code: -1_034, msg: "Too many concurrent connections; current limit is '100'." },
  illegal("newClientOrderId", "^[a-zA-Z0-9-_]{1,36}$"),
  badRequest(-1_101, "Too many parameters sent for this endpoint."),
  missing("quantity"),
  badRequest(-1_103, "An unknown parameter was sent."),
  badRequest(-1_104, "Not all sent parameters were read."),
  badRequest(-1_105, "Parameter 'price' was empty."),
  notRequired("price"),
  badRequest(-1_111, "Parameter 'quantity' has too much precision."),
  badRequest(-1_112, "No orders on book for symbol."),
  badRequest(-1_114, "TimeInForce parameter sent when not required."),
  ERRORS.timeInForce,
  ERRORS.orderType,
  ERRORS.side,
  badRequest(-1_118, "New client order ID was empty."),
  ERRORS.symbol,
  badRequest(-1_128, "Combination of optional parameters invalid."),
  badRequest(-1_130, "Data sent for parameter 'recvWindow' is not valid."),
  ERRORS.recvWindow,
  badRequest(-1_134, "strategyType was less than 1000000."),
  badRequest(-1_145, "Invalid cancelRestrictions"),
  refused("Account has insufficient balance for requested action."),
  refused("Duplicate order sent."),
  refused("Order would immediately match and take."),
  refused("Market is closed."),
  refused("This account may not place or cancel orders."),
  ERRORS.keyFormat,
  ERRORS.keyRejected,
  badRequest(-2_016, "No trading window could be found for the symbol. Try ticker/24hrs instead."),
];

/** Names of the errors above, for the back end. */
export const REJECT_CODES: readonly string[] = SHOWN.map((_, at) => String(at));

/** Server errors by variant: gateway pages and codes that say the outcome is unknown. */
const SERVER_ERRORS: readonly ApiError[] = [
  {
    status: 503,
    code: -1_007,
    msg: "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
  },
  {
    status: 500,
    code: -1_006,
    msg: "An unexpected response was received from the message bus. Execution status unknown.",
  },
  {
    status: 504,
    code: -1_007,
    msg: "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
  },
  {
    status: 502,
    code: -1_001,
    msg: "Internal error; unable to process your request. Please try again.",
    html: true,
  },
  { status: 500, code: -1_000, msg: "An unknown error occurred while processing the request." },
];

/** The venue's error for trouble of the back end. */
export function troubleError(trouble: Trouble, nowMs: number): ApiError {
  switch (trouble.kind) {
    case "serverError":
      return SERVER_ERRORS[trouble.variant % SERVER_ERRORS.length] ?? ERRORS.unsupported;
    case "timestampRefused":
      return ERRORS.outside;
    case "venueCode":
      return SHOWN[Number(trouble.code)] ?? ERRORS.unsupported;
    case "rateLimited": {
      const { isBan, retryAfterMs } = trouble;
      const msg = isBan
        ? `Way too much request weight used; IP banned until ${nowMs + retryAfterMs}. Please use WebSocket Streams for live updates to avoid bans.`
        : "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.";
      return { status: isBan ? 418 : 429, code: -1_003, msg, retryAfterMs };
    }
  }
}

/** Everything the venue can answer an order request with, for tests and catalogs. */
export function shownErrors(): readonly ApiError[] {
  return [...SHOWN, ...SERVER_ERRORS];
}

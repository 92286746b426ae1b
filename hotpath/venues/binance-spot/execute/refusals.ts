/**
 * Station: the venue's error codes and texts -> what they mean for an order of ours.
 *
 * The catalogue of Binance spot (errors.md, 2026-07-21, and sections on limits in web-socket-api.md). Only
 * what says by itself that the matching engine never took the order is a rejection; a code that is not
 * listed proves nothing.
 */
import type { Refusal, RefusalClass } from "../../../core/trade/events.ts";

/** Codes whose meaning does not depend on their text. Ranges are inclusive, most negative first. */
const BY_CODE: readonly (readonly [from: number, to: number, meaning: RefusalClass])[] = [
  // "An unknown error", "internal error, unable to process": nothing says that nothing happened.
  [-1001, -1000, "unknown"],
  [-1002, -1002, "credentials"],
  [-1003, -1003, "throttled"],
  // "Execution status unknown", in the venue's own words.
  [-1007, -1006, "unknown"],
  // "Overloaded, try again": on spot no page says that the request was not carried out.
  [-1008, -1008, "unknown"],
  // "The request didn't reach the matching engine."
  [-1013, -1013, "rejected"],
  [-1014, -1014, "rejected"],
  [-1015, -1015, "throttled"],
  // "This service is no longer available", with a status of 503.
  [-1016, -1016, "unknown"],
  [-1020, -1020, "rejected"],
  [-1021, -1021, "clock"],
  [-1022, -1022, "credentials"],
  [-1034, -1034, "throttled"],
  [-1135, -1100, "rejected"],
  [-1139, -1139, "rejected"],
  [-1145, -1145, "rejected"],
  [-1199, -1151, "rejected"],
  [-2013, -2013, "noSuchOrder"],
  [-2015, -2014, "credentials"],
  [-2016, -2016, "rejected"],
  // Of a cancel-replace half may have happened; of one that failed whole, nothing has.
  [-2021, -2021, "unknown"],
  [-2022, -2022, "rejected"],
  // Canceled or expired without a fill more than 90 days ago, and no longer kept.
  [-2026, -2026, "noSuchOrder"],
  [-2035, -2035, "rejected"],
  [-2039, -2038, "rejected"],
];

/** What comes from the matching engine is told apart by its text. */
const ENGINE_CODES: ReadonlySet<number> = new Set([-1010, -2010, -2011]);

const BY_TEXT: readonly (readonly [text: string, meaning: RefusalClass])[] = [
  ["Unknown order sent.", "noSuchOrder"],
  ["Duplicate order sent.", "duplicate"],
  ["Market is closed.", "halted"],
  ["This action is disabled on this account.", "credentials"],
  ["This account may not place or cancel orders.", "credentials"],
  ["Rest API trading is not enabled.", "credentials"],
  ["WebSocket API trading is not enabled.", "credentials"],
  ["This symbol is not permitted for this account.", "rejected"],
  ["This symbol is restricted for this account.", "rejected"],
  ["Account has insufficient balance for requested action.", "rejected"],
  ["Market orders are not supported for this symbol.", "rejected"],
  ["Iceberg orders are not supported for this symbol.", "rejected"],
  ["Stop loss orders are not supported for this symbol.", "rejected"],
  ["Stop loss limit orders are not supported for this symbol.", "rejected"],
  ["Take profit orders are not supported for this symbol.", "rejected"],
  ["Take profit limit orders are not supported for this symbol.", "rejected"],
  ["Price * QTY is zero or less.", "rejected"],
  ["IcebergQty exceeds QTY.", "rejected"],
  ["Unsupported order combination", "rejected"],
  ["Order would trigger immediately.", "rejected"],
  ["Cancel order is invalid. Check origClOrdId and orderId.", "rejected"],
  ["Order would immediately match and take.", "rejected"],
  ["The relationship of the prices for the orders is not correct.", "rejected"],
  ["OCO orders are not supported for this symbol", "rejected"],
  ["Quote order qty market orders are not support for this symbol.", "rejected"],
  ["Trailing stop orders are not supported for this symbol.", "rejected"],
  ["Order cancel-replace is not supported for this symbol.", "rejected"],
  ["Order was not canceled due to cancel restrictions.", "rejected"],
  ["Order book liquidity is less than", "rejected"],
  ["Filter failure: ", "rejected"],
];

/** The texts above, for the tests of the catalogue. */
export const ENGINE_TEXTS = BY_TEXT;

/** A symbol that takes no orders is also refused before the engine, with a code of its own. */
const HALTED_TEXTS: readonly string[] = ["Market is closed.", "Trading is disabled"];

/** What `code` with `text` means; a code that the catalogue lacks is unknown, and not listed. */
export function classifyRefusal(code: string, text: string): Refusal {
  const meaning = meaningOf(Number(code), text);
  return { class: meaning ?? "unknown", code, text, isListed: meaning !== undefined };
}

function meaningOf(code: number, text: string): RefusalClass | undefined {
  if (ENGINE_CODES.has(code)) return BY_TEXT.find(([known]) => text.startsWith(known))?.[1];
  if (code === -1013 && HALTED_TEXTS.some((known) => text.startsWith(known))) return "halted";
  return BY_CODE.find(([from, to]) => code >= from && code <= to)?.[2];
}

/**
 * The same with the status of the answer. From 500 on the venue itself says that it does not know what
 * became of the request, whatever code stands beside it (rest-api.md "HTTP Return Codes").
 */
export function refusalOf(status: number, code: string, text: string): Refusal {
  const refusal = classifyRefusal(code, text);
  return status >= 500 ? { ...refusal, class: "unknown" } : refusal;
}

/**
 * Station: none; what the exchange refuses and what goes wrong, in Kraken's texts.
 *
 * Texts of the page `spot-errors` (2026-08-22). The one of a client id that is in use is documented
 * nowhere: ours is made up, so that an engine must treat it as what it does not know.
 */
import type { Trouble } from "../../exchange/answers.ts";
import type { RejectReason } from "../../exchange/orders.ts";

const REASONS: Readonly<Record<RejectReason, string>> = {
  unknownAccount: "EGeneral:Permission denied",
  unknownInstrument: "EQuery:Unknown asset pair",
  malformed: "EGeneral:Invalid arguments:volume",
  priceFilter: "EOrder:Tick size check failed",
  lotSize: "EOrder:Order minimum not met",
  marketLotSize: "EOrder:Order minimum not met",
  minNotional: "EOrder:Cost minimum not met",
  maxNotional: "EGeneral:Invalid arguments:cost",
  percentPrice: "EOrder:Invalid price",
  insufficientBalance: "EOrder:Insufficient funds",
  duplicateClientId: "EOrder:cl_ord_id is in use",
  wouldTake: "EOrder:Post only order",
  windowClosed: "EService:Deadline elapsed",
  halted: "EService:Market in cancel_only mode",
  cancelOnly: "EService:Market in cancel_only mode",
  postOnlyMode: "EService:Market in post_only mode",
  tooManyOrders: "EOrder:Orders limit exceeded",
};

/** Rejections that the fault `rejectCode` shows in turn. */
export const KRAKEN_REJECT_CODES: readonly string[] = [
  "EOrder:Insufficient funds",
  "EOrder:Order minimum not met",
  "EOrder:Cost minimum not met",
  "EOrder:Tick size check failed",
  "EOrder:Invalid price",
  "EGeneral:Invalid arguments:volume",
  "EService:Market in post_only mode",
  "EOrder:Orders limit exceeded",
  "EService:Deadline elapsed",
];

const SERVER_ERRORS = ["EGeneral:Internal error", "EService:Unavailable"] as const;

export function reasonText(reason: RejectReason): string {
  return REASONS[reason];
}

/** Trouble on the private stream; over REST a limit has a text of its own. */
export function troubleText(trouble: Trouble, isRest: boolean): string {
  switch (trouble.kind) {
    case "serverError":
      return SERVER_ERRORS[trouble.variant % SERVER_ERRORS.length] ?? SERVER_ERRORS[0];
    case "rateLimited":
      if (trouble.isBan)
        return isRest ? "EAPI:Rate limit exceeded" : "EOrder:Domain rate limit exceeded";
      return isRest ? "EAPI:Rate limit exceeded" : "EOrder:Rate limit exceeded";
    case "timestampRefused":
      return "EService:Deadline elapsed";
    case "venueCode":
      return trouble.code;
  }
}

/**
 * Station: a signed request to cancel over REST -> the back end -> the venue's answer, or none.
 *
 * `CancelOrder` by `txid` or `cl_ord_id`, and `CancelAll`; both answer with a count. What the back end loses is
 * never answered.
 */
import type { CancelAnswer } from "../../exchange/answers.ts";
import type { TradingSide } from "../../exchange/trading-side.ts";
import { troubleText } from "./errors.ts";
import { orderIdOf } from "./private-text.ts";

type Host = { readonly side: TradingSide; readonly clock: () => number };
type Tell = (answer: unknown) => void;

/** Carries out a request to cancel; false where `method` is none. */
export function cancelByRest(
  { side, clock }: Host,
  asked: {
    readonly method: string;
    readonly accountId: string;
    readonly params: URLSearchParams;
  },
  tell: Tell,
): boolean {
  const { method, accountId, params } = asked;
  switch (method) {
    case "CancelOrder": {
      const clientOrderId = params.get("cl_ord_id");
      const orderId = orderIdOf(params.get("txid") ?? "") ?? -1;
      const key = clientOrderId === null ? { orderId } : { clientOrderId };
      side.backEnd.cancel({ accountId, key }, clock(), (answer) => tell(cancelAnswer(answer)));
      return true;
    }
    case "CancelAll":
      side.backEnd.cancelAll({ accountId, symbol: null }, clock(), (answer) => {
        if (answer.kind === "canceledAll") tell(counted(answer.orders.length));
        else tell({ error: [troubleText(answer, true)] });
      });
      return true;
    default:
      return false;
  }
}

function counted(count: number): unknown {
  return { error: [], result: { count } };
}

function cancelAnswer(answer: CancelAnswer): unknown {
  switch (answer.kind) {
    case "canceled":
      return counted(1);
    case "refused": {
      const isHalted = answer.reason === "halted";
      return { error: [isHalted ? "EService:Unavailable" : "EOrder:Unknown order"] };
    }
    default:
      return { error: [troubleText(answer, true)] };
  }
}

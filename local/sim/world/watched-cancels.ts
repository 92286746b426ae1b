/**
 * Station: a venue's back end -> the same, which tells of every cancel that comes too late for its order's fill.
 *
 * The race of RELIABILITY O14 needs no fault of the venue: it needs a cancel on its way while the order fills.
 */
import { CLIENT_ID_PREFIX } from "../../../contracts/trade.ts";
import type { BackEnd } from "../../venues/exchange/back-end.ts";

/** Lets `onLate` hear of each cancel of an order of ours that has filled and ended. */
export function watchCancels(backEnd: BackEnd, onLate: (clientId: string) => void): void {
  const cancel = backEnd.cancel.bind(backEnd);
  backEnd.cancel = (what, nowUs, answer) => {
    const order = backEnd.exchange.log.find(what.accountId, what.key);
    const clientId = order?.state.clientOrderId ?? "";
    const isFilled = order?.isOpen === false && order.state.filledLots > 0;
    if (isFilled && clientId.startsWith(CLIENT_ID_PREFIX)) onLate(clientId);
    cancel(what, nowUs, answer);
  };
}

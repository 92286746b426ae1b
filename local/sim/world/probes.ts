/**
 * Station: what the engine tells -> which reactions were seen. A fault without a reaction proves nothing.
 */
import type { TradeRecord } from "../../../hotpath/core/trade/commands.ts";
import type { FromHotThread } from "../../../hotpath/hot-thread-messages.ts";
import type { Coverage } from "../faults/coverage.ts";

/** Notes the reaction that a message is, if it is one. */
export function see(coverage: Coverage, message: FromHotThread): void {
  if (message.type === "resync") coverage.see("bookResynced");
  else if (message.type === "trade") seeRecord(coverage, message.command);
  else if (message.type === "change") {
    const { command } = message;
    if (command.type === "recordVoid") coverage.see("bookVoided");
    else if (command.type === "recordMode") coverage.see("modeTightened");
    else if (command.type === "recordSession") coverage.see("sessionReplaced");
  }
}

function seeRecord(coverage: Coverage, record: TradeRecord): void {
  switch (record.type) {
    case "recordOrder":
      seeOrder(coverage, record.order);
      return;
    case "recordCycle":
      coverage.see(record.cycle.ending === "FILLED" ? "cycleFilled" : "cycleFailed");
      return;
    case "recordDenial":
      coverage.see("gateDenied");
      return;
    case "recordKill":
      if (record.isKilled) {
        coverage.see(record.by.startsWith("simulated") ? "killedByOperator" : "killedByItself");
      }
      return;
    default:
      return;
  }
}

function seeOrder(
  coverage: Coverage,
  order: Extract<TradeRecord, { readonly type: "recordOrder" }>["order"],
): void {
  if (order.state === "rejected") coverage.see("orderRejected");
  if (order.state === "canceled") coverage.see("orderCanceled");
  if (order.filledLots > 0 && order.filledLots < order.lots) coverage.see("orderPartlyFilled");
}

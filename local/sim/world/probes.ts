/**
 * Station: what the engine tells -> which reactions were seen. A fault without a reaction proves nothing.
 */
import type { TradingStatus } from "../../../contracts/trading-status.ts";
import type { TradeRecord } from "../../../hotpath/core/trade/commands.ts";
import type { HotSide } from "../../../hotpath/hot-side.ts";
import type { FromHotThread } from "../../../hotpath/hot-thread-messages.ts";
import type { LifeRecovery } from "../engine/engine-life.ts";
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

/** Notes what a life found on its disk. */
export function seeRecovery(coverage: Coverage, recovery: LifeRecovery): void {
  if (recovery.folded > 0) coverage.see("recoveredWithState");
  if (recovery.adopted > 0) coverage.see("intentAdopted");
  if (recovery.cutBytes > 0) coverage.see("tailCut");
}

/** Orders of unknown fate, from the first look that shows them to their end. */
export class Unknowns {
  readonly #unknown = new Set<string>();
  #staleDiscards = 0;

  /** Another life counts from nothing; what it does not know any more, it has adopted. */
  onLife(): void {
    this.#staleDiscards = 0;
  }

  /** Once a second. */
  look(coverage: Coverage, { world }: HotSide, { orders }: TradingStatus): void {
    const { staleEpochDiscards } = world.counters;
    if (staleEpochDiscards > this.#staleDiscards) coverage.see("staleEpochDiscarded");
    this.#staleDiscards = staleEpochDiscards;
    for (const { clientId, state } of orders) {
      if (state === "unknown" && !this.#unknown.has(clientId)) {
        this.#unknown.add(clientId);
        coverage.see("orderUnknown");
      }
    }
  }

  /** An order that was unknown has come to its end: the venue had it, or it is proven that it never did. */
  onRecord(coverage: Coverage, record: TradeRecord): void {
    if (record.type !== "recordOrder" || !this.#unknown.delete(record.order.clientId)) return;
    const isAbsent = record.order.state === "notAccepted";
    coverage.see(isAbsent ? "unknownProvenAbsent" : "unknownResolvedFound");
  }
}

/**
 * Station: a life of the engine and its venue -> what of the story has not come to its end.
 *
 * The question that decides when a story is over, and whether it ever is: an order that nobody follows, or a
 * cycle that waits for ever, shows here.
 */
import type { Trading } from "../../../hotpath/core/trade/trading.ts";
import type { Stage } from "./stage.ts";

export type Scene = {
  /** Undefined while no life runs. */
  readonly trade: Trading | undefined;
  readonly stage: Stage;
};

/** As words; "" for nothing. */
export function underWay({ trade, stage }: Scene): string {
  if (trade === undefined) return "no life runs";
  const account = trade.accounts.find((each) => each !== undefined);
  if (account?.phase !== "ready") return `the account is ${account?.phase}`;
  const { live, unsettled } = trade.orders.table;
  if (live.size > 0) return `${live.size} orders are live`;
  if (unsettled.size > 0) return `${unsettled.size} orders are not settled`;
  if (trade.cycles.length > 0) return `${trade.cycles.length} cycles are open`;
  return stage.side.backEnd.later.count > 0 ? "the venue has something to do" : "";
}

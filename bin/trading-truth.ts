/**
 * Station: the simulated venues' control port -> what they know of the accounts that trade there.
 *
 * Only simulated venues tell; a live venue is read by its own account.
 */
import type { TradingTruth } from "../local/judge/trading-gap.ts";
import { askLoopback } from "./loopback.ts";

/** Asks the control port for the truth; null when it has none or does not answer. */
export async function readTradingTruth(control: string): Promise<TradingTruth | null> {
  const answer = await askLoopback(`${control}/trading/truth`);
  return answer.ok && answer.status === 200 ? (answer.body as TradingTruth) : null;
}

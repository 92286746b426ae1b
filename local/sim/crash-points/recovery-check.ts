/**
 * Station: what a life found on its disk, and what it began with -> whether another one would begin the same.
 *
 * Recovery is only safe to crash in where it may be begun again (invariant 33): from the disk as it was found,
 * and after everything that the first attempt did to it.
 */
import { orderOptionsOf } from "../../../hotpath/core/trade/trading.ts";
import { recoverRuns } from "../../../hotpath/io/journal/runs.ts";
import { loadState } from "../../../hotpath/io/trade/state-store.ts";
import { recoverTrading, tradingFiles } from "../../../hotpath/recover.ts";
import { STORY_ROOT } from "./story-config.ts";
import type { Recovered } from "./telling.ts";

/**
 * A recovery that is begun again, from the disk as it was found and after everything that the first one did
 * to it, comes to the same state (invariant 33).
 */
export async function judgeRecovery({ runId, found, plan }: Recovered): Promise<string[]> {
  const { trading } = plan;
  if (trading === undefined || trading.restored === "") return [];
  const options = orderOptionsOf(trading, plan);
  const recover = (): string => {
    const newest = loadState(tradingFiles(STORY_ROOT).states, found);
    const recovery = recoverTrading(STORY_ROOT, newest.state, options, found);
    return recovery.ok ? recovery.restored : recovery.reason;
  };
  if (recover() !== trading.restored) return [`${runId} recovers differently the second time`];
  await recoverRuns(found, STORY_ROOT, runId);
  await recoverRuns(found, STORY_ROOT, runId);
  return recover() === trading.restored ? [] : [`${runId} recovers differently the third time`];
}

/**
 * Where the plan of channels comes from, remembered for a while: a token that is replaced is in use minutes
 * later, and a store of secrets that is away silences nobody.
 */
import { type Micros, US_PER_S } from "../../contracts/time.ts";
import type { Log } from "../platform/log.ts";
import { type ChannelPlan, readChannelPlan } from "./channel-plan.ts";

export type ChannelSourceOptions = {
  readonly read: () => Promise<string>;
  readonly nowUs: () => Micros;
  readonly log: Pick<Log, "error">;
};

/** After this the plan is read again. */
export const PLAN_LIFE_US = 300 * US_PER_S;

/** The plan as it is now; throws where none could ever be read. */
export function createChannelSource(options: ChannelSourceOptions): () => Promise<ChannelPlan> {
  const { read, nowUs, log } = options;
  let plan: ChannelPlan | undefined;
  let readUs = 0;
  return async () => {
    if (plan !== undefined && nowUs() < readUs + PLAN_LIFE_US) return plan;
    try {
      plan = readChannelPlan(await read());
      readUs = nowUs();
    } catch (error) {
      log.error("the channels cannot be read", { error });
      if (plan === undefined) throw error;
    }
    return plan;
  };
}

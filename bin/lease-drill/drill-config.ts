/**
 * Station: a folder -> the configuration of one of the two engines of a drill. Both trade on the same account
 * of a simulated venue and share one lease; every time of the lease and of the venue's protocols is divided
 * by ten.
 */
import { type Config, parseConfig } from "../../contracts/schema/config.ts";
import { stormConfig } from "../order-storm/storm-config.ts";

/** Divides the times of the lease, of unknown outcomes, and of the venue. */
export const DRILL_SPEED = 10;
/** Both engines are one to the control plane: a standby takes the place of the other. */
export const DRILL_ENGINE = "drill";
export const DRILL_VENUE = "binance-spot";
export const DRILL_PREFIX = "lease-drill";

const WINDOW_MS = 100;
const CLOCK_ERROR_MS = 50;

/** The configuration, or the first fault of it. */
export function drillConfig(journal: string): Config | string {
  const storm = stormConfig(journal, [DRILL_VENUE]);
  if (typeof storm === "string") return storm;
  const parsed = parseConfig({
    ...storm,
    instance: DRILL_ENGINE,
    trading: { ...storm.trading, requestWindowMs: WINDOW_MS, clockErrorMs: CLOCK_ERROR_MS },
    control: { prefix: DRILL_PREFIX, leaseTimeDivisor: DRILL_SPEED },
  });
  return parsed.ok ? parsed.config : parsed.issues.map(({ path }) => path.join(".")).join(", ");
}

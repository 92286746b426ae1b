/**
 * Station: configuration and environment -> the control plane that this engine belongs to, or none.
 *
 * The environment stands over the file, because one image with one file serves several deployments. What
 * cannot be used is refused here, before anything is asked of anybody.
 */
import { type Environment, isLocalMode } from "../../contracts/aws-environment.ts";
import { ENGINE_ID_PATTERN } from "../../contracts/keys.ts";
import {
  dividedTimes,
  LEASE_TIMES,
  type LeaseTimes,
  leaseMarginUs,
} from "../../contracts/lease.ts";
import { isResourcePrefix } from "../../contracts/resources.ts";
import type { Config } from "../../contracts/schema/config.ts";
import { US_PER_MS } from "../../contracts/time.ts";
import { awsFault } from "../io/aws/clients.ts";
import { VENUES } from "../venues/registry.ts";

export type ControlPlan = {
  readonly prefix: string;
  readonly bucketPlace: string;
  readonly engine: string;
  readonly account: string;
  readonly times: LeaseTimes;
  readonly isLocal: boolean;
};

export type ControlPlanning =
  | { readonly ok: true; readonly control: ControlPlan | undefined }
  /** `isOutside` when the environment is at fault and not the file. */
  | { readonly ok: false; readonly reason: string; readonly isOutside: boolean };

const PREFIX_VARIABLE = "RECKONER_CONTROL_PREFIX";
const PLACE_VARIABLE = "RECKONER_BUCKET_PLACE";

/** The control plane of `config`; undefined where neither file nor environment names one. */
export function controlPlanOf(config: Config, environment: Environment): ControlPlanning {
  const { control, instance } = config;
  const prefix = environment[PREFIX_VARIABLE] ?? control.prefix;
  if (prefix === "") return { ok: true, control: undefined };
  if (!isResourcePrefix(prefix)) {
    return refused(`${PREFIX_VARIABLE}: "${prefix}" cannot begin the name of a table`, true);
  }
  if (!ENGINE_ID_PATTERN.test(instance)) {
    return refused(`instance: "${instance}" cannot be part of a key beside a control plane`, false);
  }
  const fault = awsFault(environment);
  if (fault !== "") return refused(fault, true);
  const times = leaseTimesOf(config);
  if (leaseMarginUs(times) + 2 * times.renewEveryUs >= times.ttlUs) {
    const reason = "a venue's own request window leaves no room in the lease";
    return refused(`control.leaseTimeDivisor: ${reason}`, false);
  }
  const account = control.leaseAccount === "" ? instance : control.leaseAccount;
  const bucketPlace = environment[PLACE_VARIABLE] ?? control.bucketPlace;
  const isLocal = isLocalMode(environment);
  return {
    ok: true,
    control: { prefix, bucketPlace, engine: instance, account, times, isLocal },
  };
}

/** The times of the lease by the widest window and the slowest back end among the venues that trade. */
export function leaseTimesOf({ control, trading, venues }: Config): LeaseTimes {
  const times = dividedTimes(LEASE_TIMES, control.leaseTimeDivisor);
  const windowUs = trading.requestWindowMs * US_PER_MS;
  let windowUsMax = windowUs;
  let backEndUs = trading.unknown.backEndMs * US_PER_MS;
  for (const [id, venue] of Object.entries(venues)) {
    const execution = VENUES[id as keyof typeof VENUES].execution;
    if (venue.trading.mode === "off" || execution === undefined) continue;
    const { features } = execution;
    const ownUs = Math.min(Math.max(windowUs, features.windowUsMin), features.windowUsMax);
    windowUsMax = Math.max(windowUsMax, ownUs);
    backEndUs = Math.max(backEndUs, features.backEndUs);
  }
  return {
    ...times,
    windowUs: windowUsMax,
    clockErrorUs: trading.clockErrorMs * US_PER_MS,
    backEndUs: Math.round(backEndUs / control.leaseTimeDivisor),
  };
}

function refused(reason: string, isOutside: boolean): ControlPlanning {
  return { ok: false, reason, isOutside };
}

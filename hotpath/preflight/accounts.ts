/**
 * Station: configuration + environment -> the accounts that a preflight looks at, each with all it needs.
 *
 * An account is one that trades by the configuration, or one whose keys are set: a person who has just made
 * a key wants to know about it before any mode is chosen. Fetches the venues' rules; opens no account.
 */
import type { VenueId } from "../../contracts/ids.ts";
import type { Config, VenueConfig } from "../../contracts/schema/config.ts";
import { readAccountKeys } from "../account-keys.ts";
import { sealKeys } from "../io/trade/keys.ts";
import { preparePlan } from "../prepare.ts";
import type { AccountAddresses, AccountKeys } from "../venues/execution.ts";
import { VENUES } from "../venues/registry.ts";
import type { VenueAddresses } from "../venues/venue.ts";
import type { PreflightOptions } from "./preflight.ts";

/** Where a simulated venue is, with the keys that it hands out. */
export type SimulatedAccount = {
  readonly market: VenueAddresses;
  readonly account: AccountAddresses;
  readonly keys: AccountKeys;
};

export type SimulatedAccounts = Readonly<Partial<Record<VenueId, SimulatedAccount>>>;

export type AccountsFound =
  | { readonly ok: true; readonly accounts: readonly PreflightOptions[] }
  /** `isOutside` when the world is at fault, not configuration or keys. */
  | { readonly ok: false; readonly reason: string; readonly isOutside: boolean };

type Environment = Readonly<Record<string, string | undefined>>;

const US_PER_MS = 1000;

/** Finds them; the reason of a refusal names a field or a variable and never a key. */
export async function findAccounts(
  config: Config,
  simulated: SimulatedAccounts,
  env: Environment,
): Promise<AccountsFound> {
  const chosen: [VenueId, VenueConfig, AccountAddresses, AccountKeys][] = [];
  for (const [id, venue] of Object.entries(config.venues) as [VenueId, VenueConfig][]) {
    const found = findAccount(id, venue, simulated, env);
    if (found === undefined) continue;
    if ("reason" in found) return { ok: false, reason: found.reason, isOutside: false };
    chosen.push([id, venue, found.account, found.keys]);
  }
  if (chosen.length === 0) {
    const reason = "no account: no venue has a mode other than off, and no keys are set";
    return { ok: false, reason, isOutside: false };
  }
  const venues = Object.fromEntries(chosen.map(([id, venue]) => [id, venue]));
  const markets = Object.fromEntries(
    Object.entries(simulated).map(([id, { market }]) => [id, market]),
  );
  const prepared = await preparePlan({ ...config, venues }, markets);
  if (!prepared.ok) return prepared;
  const { plan } = prepared;
  const clockOffsetUsMax = config.trading.limits.clockOffsetMsMax * US_PER_MS;
  const accounts = chosen.flatMap(([id, , account, keys]) => {
    const { execution } = VENUES[id];
    const share = plan.venues.find((each) => each.id === id);
    if (execution === undefined || share === undefined) return [];
    const instruments = plan.instruments
      .filter(({ venue }) => venue === id)
      .map((instrument, index) => ({ ...instrument, index }));
    const { addresses } = share;
    const venue = VENUES[id];
    return [{ venue, execution, addresses, account, keys, instruments, clockOffsetUsMax }];
  });
  return { ok: true, accounts };
}

/** Undefined for a venue without an account. */
function findAccount(
  id: VenueId,
  venue: VenueConfig,
  simulated: SimulatedAccounts,
  env: Environment,
):
  | { readonly account: AccountAddresses; readonly keys: AccountKeys }
  | { readonly reason: string }
  | undefined {
  const { execution } = VENUES[id];
  if (execution === undefined) return undefined;
  if (venue.environment === "simulated") {
    const there = simulated[id];
    return there === undefined ? undefined : { account: there.account, keys: sealKeys(there.keys) };
  }
  const read = readAccountKeys(id, env);
  if (read.kind === "refused") return { reason: read.reason };
  if (read.kind === "absent") {
    if (venue.trading.mode === "off") return undefined;
    return { reason: `venues.${id}.trading.mode: ${venue.trading.mode}, but no keys are set` };
  }
  if (venue.environment === "custom") {
    return { reason: `venues.${id}.environment: custom has no addresses of accounts` };
  }
  return { account: execution.addresses[venue.environment], keys: read.keys };
}

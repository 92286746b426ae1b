/**
 * Station: configuration -> the keys of all accounts that trade for real, from Secrets Manager. Venues that are
 * simulated hand out their own.
 */
import type { VenueId } from "../../contracts/ids.ts";
import type { Config } from "../../contracts/schema/config.ts";
import { hasPassphrase } from "../account-keys.ts";
import { secretsClient } from "../io/aws/clients.ts";
import { readSecretKeys } from "../io/aws/secrets.ts";
import type { KeysByVenue } from "../prepare-trading.ts";
import type { AccountKeys } from "../venues/execution.ts";

export type StoredKeys =
  | { readonly ok: true; readonly keys: KeysByVenue }
  /** `reason` names a secret and never its value. */
  | { readonly ok: false; readonly reason: string };

/** One missing secret starts nothing: an account that was meant to trade must not stay silent. */
export async function readStoredKeys(
  config: Config,
  { prefix, engine }: { readonly prefix: string; readonly engine: string },
  client = secretsClient(),
): Promise<StoredKeys> {
  const keys: Partial<Record<VenueId, AccountKeys>> = {};
  for (const [id, { trading, environment }] of Object.entries(config.venues)) {
    if (trading.mode === "off" || environment === "simulated") continue;
    const venue = id as VenueId;
    const question = { prefix, engine, venue, hasPassphrase: hasPassphrase(venue) };
    const read = await readSecretKeys(client, question);
    if (read.kind === "refused") return { ok: false, reason: `venues.${venue}: ${read.reason}` };
    keys[venue] = read.keys;
  }
  return { ok: true, keys };
}

/**
 * Station: environment -> keys of a venue's account. Knows which venues want a passphrase too.
 *
 * Keys are read where they are used: they cannot be handed from thread to thread, because sealed keys do not
 * survive a copy.
 */
import type { VenueId } from "../contracts/ids.ts";
import { type KeysRead, readKeys } from "./io/trade/keys.ts";

const WITH_PASSPHRASE: Readonly<Record<VenueId, boolean>> = {
  "binance-spot": false,
  "binance-usdm": false,
  kucoin: true,
  kraken: false,
};

/** Whether the keys of `venue` have a third part. */
export function hasPassphrase(venue: VenueId): boolean {
  return WITH_PASSPHRASE[venue];
}

/** The keys of the account at `venue`, from RECKONER_<VENUE>_API_KEY and its siblings. */
export function readAccountKeys(
  venue: VenueId,
  env: Readonly<Record<string, string | undefined>>,
): KeysRead {
  return readKeys(venue, WITH_PASSPHRASE[venue], env);
}

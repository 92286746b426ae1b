/**
 * Station: flags and configuration -> how each account of a start trades.
 *
 * Without a file everything is simulated, so accounts trade too: two for real at simulated venues, one on
 * paper. A file means what it says; `--mode` overrides it for every venue that can trade, and can never
 * make an account live. Live wants `mode: live` in the file and `--arm` at the start.
 */
import type { VenueId } from "../contracts/ids.ts";
import type { Config, VenueConfig } from "../contracts/schema/config.ts";
import type { TradingMode } from "../contracts/trade.ts";
import { VENUES } from "../hotpath/venues/registry.ts";

/** How the account of a venue trades when nobody says otherwise: for real where it is simulated. */
function standardModeOf(id: VenueId): TradingMode {
  if (VENUES[id].execution === undefined) return "off";
  return id === "kraken" ? "paper" : "simulated";
}

/**
 * What a cycle begins with. Whole lots of BTC are a dollar each: what is lost to them must be little beside
 * the edge, so a cycle is near the largest order that the standard limits allow.
 */
const STANDARD_ACCOUNTS: Readonly<Partial<Record<VenueId, Partial<VenueConfig["trading"]>>>> = {
  "binance-spot": { startAmounts: { USDT: "900" } },
  kucoin: { startAmounts: { USDT: "900" } },
  kraken: {
    startAmounts: { USD: "900" },
    paperBalances: { USD: "10000" },
    referenceAsset: "USD",
  },
};

/** A minute of a simulated market is all that many a start has: it is not spent on watching. */
const STANDARD_LIMITS = { quarantineS: 1, rampMinutes: 0 } as const;

/** `config` with the accounts of a start without a file: everything simulated, and trading. */
export function withStandardTrading(config: Config): Config {
  const venues: Config["venues"] = {};
  for (const [id, venue] of venuesOf(config)) {
    const mode = venue.environment === "simulated" ? standardModeOf(id) : "off";
    venues[id] = { ...venue, trading: { ...venue.trading, ...STANDARD_ACCOUNTS[id], mode } };
  }
  const limits = { ...config.trading.limits, ...STANDARD_LIMITS };
  return { ...config, venues, trading: { ...config.trading, limits } };
}

/** `config` with the mode of every venue that can trade replaced. */
export function withMode(config: Config, mode: "paper" | "simulated"): Config {
  const venues: Config["venues"] = {};
  for (const [id, venue] of venuesOf(config)) {
    const canTrade = VENUES[id].execution !== undefined;
    venues[id] = canTrade ? { ...venue, trading: { ...venue.trading, mode } } : venue;
  }
  return { ...config, venues };
}

/** Why `config` may not be started without being armed, as a sentence; "" when it may. */
export function armRefusal(config: Config, isArmed: boolean): string {
  const live = venuesOf(config).filter(([, { trading }]) => trading.mode === "live");
  const names = live.map(([id]) => id).join(", ");
  if (live.length > 0 && !isArmed) {
    return `venues.${live[0]?.[0]}.trading.mode: live (${names}) trades real money; it wants --arm`;
  }
  if (live.length === 0 && isArmed)
    return "flag --arm: no venue of the configuration has mode live";
  return "";
}

function venuesOf(config: Config): (readonly [VenueId, VenueConfig])[] {
  return Object.entries(config.venues) as [VenueId, VenueConfig][];
}

/**
 * Sites as data: where an engine stands, on what, and which venues it dials.
 *
 * One site is one engine, one account and one stack. Where a venue's matching engine really is, is nobody's
 * promise: a zone id here is a choice to be measured (docs/DEPLOY.md says how), not a fact.
 */
import { ENGINE_ID_PATTERN } from "../contracts/keys.ts";

export const SITE_NAMES = ["tokyo", "ireland"] as const;
export type SiteName = (typeof SITE_NAMES)[number];

export type SiteVenue = "binance-spot" | "binance-usdm" | "kucoin" | "kraken";

/** A group of our own is made by the stack; one that a venue shares is named by its id. */
export type Placement =
  | { readonly kind: "own" }
  | { readonly kind: "shared"; readonly groupId: string };

export type Site = {
  readonly name: SiteName;
  /** Engine id: `instance` of its configuration, and part of every key that it writes. */
  readonly engine: string;
  /**
   * Name of its lease. Of engines with the same one, one trades; but kills and records of orders go by the
   * engine's id, so a stand-by for the same accounts carries the same id as well.
   */
  readonly leaseAccount: string;
  readonly region: string;
  /** The id, which means the same place in every account, and not the name, which does not. */
  readonly zoneId: string;
  readonly instanceType: string;
  readonly coreCount: number;
  readonly placement: Placement;
  /** CPUs that the kernel leaves alone; the container is pinned to them. */
  readonly isolatedCpus: string;
  readonly containerMemoryMiB: number;
  readonly journalGiB: number;
  readonly venues: readonly SiteVenue[];
  /** Only where the stage may trade live at all; else paper. */
  readonly tradingMode: "paper" | "live";
  /** Whether the secrets of its venues hold keys. Without, paper trades on public feeds alone. */
  readonly hasKeys: boolean;
  /** 0 switches the machine off and leaves the rest. */
  readonly engineCount: 0 | 1;
};

export const SITES: Readonly<Record<SiteName, Site>> = {
  tokyo: {
    name: "tokyo",
    engine: "tokyo-1",
    leaseAccount: "tokyo-1",
    region: "ap-northeast-1",
    zoneId: "apne1-az4",
    instanceType: "c7i.2xlarge",
    coreCount: 4,
    placement: { kind: "own" },
    isolatedCpus: "1-3",
    containerMemoryMiB: 8192,
    journalGiB: 100,
    venues: ["binance-spot", "kucoin"],
    tradingMode: "paper",
    hasKeys: false,
    engineCount: 1,
  },
  ireland: {
    name: "ireland",
    engine: "ireland-1",
    leaseAccount: "ireland-1",
    region: "eu-west-1",
    zoneId: "euw1-az1",
    instanceType: "c7i.2xlarge",
    coreCount: 4,
    placement: { kind: "own" },
    isolatedCpus: "1-3",
    containerMemoryMiB: 8192,
    journalGiB: 100,
    venues: ["kraken"],
    tradingMode: "paper",
    hasKeys: false,
    engineCount: 1,
  },
};

/** Hosts that the engine dials in production. A test holds them against the venues' own rooms. */
export const VENUE_HOSTS: Readonly<Record<SiteVenue, readonly string[]>> = {
  "binance-spot": [
    "api.binance.com",
    "data-api.binance.vision",
    "data-stream.binance.vision",
    "ws-api.binance.com",
  ],
  "binance-usdm": ["fapi.binance.com", "fstream.binance.com"],
  kucoin: ["api.kucoin.com", "ws-api-spot.kucoin.com", "wsapi.kucoin.com"],
  kraken: ["api.kraken.com", "ws-auth.kraken.com", "ws.kraken.com"],
};

/** Regions from which a venue refuses to serve (HTTP 451 or 403); an engine there would only be refused. */
const REGIONS_REFUSED: Readonly<Record<SiteVenue, RegExp>> = {
  "binance-spot": /^(?:us-|ca-)/,
  "binance-usdm": /^(?:us-|ca-)/,
  kucoin: /^us-/,
  kraken: /^$/,
};

/** Why a site cannot be built, or "". */
export function siteFault(site: Site): string {
  const refusing = site.venues.find((venue) => REGIONS_REFUSED[venue].test(site.region));
  if (refusing !== undefined) return `${refusing} does not serve ${site.region}`;
  if (site.venues.length === 0) return `site ${site.name} names no venue`;
  const wrong = [site.engine, site.leaseAccount].find((name) => !ENGINE_ID_PATTERN.test(name));
  if (wrong !== undefined) return `"${wrong}" names no engine`;
  if (!/^[a-z]+\d-az\d$/.test(site.zoneId)) return `"${site.zoneId}" is no id of a zone`;
  if (site.tradingMode === "live" && !site.hasKeys) return "trading live wants keys";
  if (site.coreCount < 2) return "the engine wants a core of its own beside the kernel's";
  return "";
}

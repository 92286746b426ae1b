/**
 * Station: configuration + what the venues publish -> the plan of a run. The first requests to each venue
 * happen here, so this is where a refused place or a missing network ends in one clear sentence.
 */
import type { VenueId } from "../contracts/ids.ts";
import type { Config, VenueConfig } from "../contracts/schema/config.ts";
import { type Instrument, instrumentOf } from "./core/instrument.ts";
import { nowUs } from "./io/clock.ts";
import { type OpenHttp, openHttp } from "./io/http-side.ts";
import { RestClient } from "./io/rest-client.ts";
import { venueRefusal } from "./io/venue-refusal.ts";
import { coreLimitsOf, venueRulesOf } from "./limits-of.ts";
import { type HotPlan, PLAN_VERSION, type VenueShare } from "./plan.ts";
import type { AccountAddresses, AccountKeys } from "./venues/execution.ts";
import { VENUES } from "./venues/registry.ts";
import type { PublishedRules, VenueAddresses } from "./venues/venue.ts";

/** Where the account of a simulated venue lives, and the keys that it made up for us. */
export type SimulatedAccount = AccountAddresses & {
  readonly keys: Readonly<Record<string, AccountKeys>>;
};

/** Addresses of the simulated venues, by venue. */
export type SimulatedAddresses = Readonly<
  Partial<Record<VenueId, VenueAddresses & { readonly trading?: SimulatedAccount }>>
>;

export type Preparation =
  | { readonly ok: true; readonly plan: HotPlan }
  /** `isOutside` when the world is at fault (network, venue), not the configuration. */
  | { readonly ok: false; readonly reason: string; readonly isOutside: boolean };

const RULES_TIMEOUT_MS = 15_000;
const TRIES_MAX = 3;

type Share = {
  readonly share: VenueShare;
  readonly instruments: readonly Omit<Instrument, "index">[];
};

/** Names of instruments that are followed even while they do not trade. */
export type MustFollow = ReadonlySet<string>;

const NONE: MustFollow = new Set();

/**
 * Asks every configured venue for its rules and builds the plan. What an earlier life has traded is in
 * `mustFollow`: a halt at the moment of a start must not make us forget an order of it.
 */
export async function preparePlan(
  config: Config,
  simulated: SimulatedAddresses,
  mustFollow: MustFollow = NONE,
  open: OpenHttp = openHttp,
): Promise<Preparation> {
  const shares: Share[] = [];
  for (const [id, venueConfig] of Object.entries(config.venues) as [VenueId, VenueConfig][]) {
    const prepared = await prepareVenue(id, venueConfig, { simulated, mustFollow, open });
    if (!prepared.ok) return prepared;
    shares.push(prepared.share);
  }
  const instruments = shares
    .flatMap((share) => share.instruments)
    .map((instrument, index) => ({ ...instrument, index }));
  if (instruments.length === 0) {
    return { ok: false, reason: "venues: no venue is configured", isOutside: false };
  }
  const { limits } = config;
  return {
    ok: true,
    plan: {
      version: PLAN_VERSION,
      limits: coreLimitsOf(config),
      loop: {
        controlCapacity: limits.controlRingSlots,
        commandCapacity: limits.commandRingSlots,
        eventsPerTurnMax: limits.eventsPerTurnMax,
      },
      marketRingSlots: limits.marketRingSlots,
      venues: shares.map(({ share }) => share),
      instruments,
    },
  };
}

type PreparedVenue =
  | { readonly ok: true; readonly share: Share }
  | Extract<Preparation, { readonly ok: false }>;

type Asked = {
  readonly simulated: SimulatedAddresses;
  readonly mustFollow: MustFollow;
  readonly open: OpenHttp;
};

async function prepareVenue(
  id: VenueId,
  config: VenueConfig,
  { simulated, mustFollow, open }: Asked,
): Promise<PreparedVenue> {
  const addresses = addressesOf(id, config, simulated);
  if (addresses === undefined) {
    const field = `venues.${id}.environment`;
    const reason =
      config.environment === "testnet"
        ? `testnet, but ${id} has none`
        : "simulated, but no simulated venue was given an address";
    return fault(`${field}: ${reason}`, false);
  }
  const published = await fetchRules(id, addresses, open);
  if (!published.ok) return fault(published.reason, true);
  const chosen = chooseInstruments(id, config, published.rules, mustFollow);
  if (!chosen.ok) return fault(chosen.reason, false);
  const rules = venueRulesOf(VENUES[id], config, published.rules.weightPerMinute);
  return {
    ok: true,
    share: {
      instruments: chosen.instruments.map((each) => ({ ...each, rulesUs: nowUs() })),
      share: {
        id,
        addresses,
        rules,
        streams: {
          depth: config.streams.depth,
          quotes: config.streams.bookTicker,
          trades: config.streams.trades,
          levels: rules.depthLimit,
        },
        streamsPerConnectionMax: config.streamsPerConnectionMax,
      },
    },
  };
}

function fault(reason: string, isOutside: boolean): PreparedVenue {
  return { ok: false, reason, isOutside };
}

function addressesOf(
  id: VenueId,
  config: VenueConfig,
  simulated: SimulatedAddresses,
): VenueAddresses | undefined {
  switch (config.environment) {
    case "production":
    case "testnet":
      return VENUES[id].addresses[config.environment];
    case "simulated": {
      const venue = simulated[id];
      // Without its keys: a plan is journaled.
      return venue === undefined ? undefined : { rest: venue.rest, ws: venue.ws };
    }
    case "custom":
      return { rest: config.restUrl ?? "", ws: config.wsUrl ?? "" };
  }
}

type FetchedRules =
  | { readonly ok: true; readonly rules: PublishedRules }
  | { readonly ok: false; readonly reason: string };

/** A few tries, because a venue that restarts is back in a moment; a refusal is final at once. */
export async function fetchRules(
  id: VenueId,
  { rest }: VenueAddresses,
  open: OpenHttp = openHttp,
): Promise<FetchedRules> {
  const venue = VENUES[id];
  const client = new RestClient(rest, venue.weightHeader, {
    budgetOf: venue.budgetOf,
    openHttp: open,
  });
  const { host } = new URL(rest);
  let reason = "";
  try {
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      const answer = await client.get(venue.rulesPath, RULES_TIMEOUT_MS);
      if (answer.kind === "body" && answer.status === 200) {
        const rules = venue.parseRules(answer.body);
        if (rules !== undefined) return { ok: true, rules };
        reason = `${id}: ${host} answered ${venue.rulesPath} with something that is no exchange info`;
        continue;
      }
      const refusal = venueRefusal(
        id,
        host,
        answer.kind === "body"
          ? { kind: "status", status: answer.status }
          : { kind: "network", code: answer.code },
      );
      if (refusal !== null) return { ok: false, reason: refusal };
      reason = `${id}: ${host} answered ${answer.kind === "body" ? `HTTP ${answer.status}` : answer.code}`;
    }
    return { ok: false, reason };
  } finally {
    await client.close();
  }
}

type Chosen =
  | { readonly ok: true; readonly instruments: readonly Omit<Instrument, "index">[] }
  | { readonly ok: false; readonly reason: string };

/** The instruments that the file names, or all that are trading, up to its maximum. */
export function chooseInstruments(
  id: VenueId,
  config: Pick<VenueConfig, "instruments" | "instrumentsMax">,
  rules: PublishedRules,
  mustFollow: MustFollow = NONE,
): Chosen {
  const field = `venues.${id}.instruments`;
  const known = new Map(rules.instruments.map((row) => [row.symbol, row]));
  const isKept = (symbol: string) => mustFollow.has(`${id}:${symbol}`);
  const wanted =
    config.instruments === "all"
      ? rules.instruments
          .filter(({ symbol, isTrading }) => isTrading || isKept(symbol))
          .map(({ symbol }) => symbol)
          // The first ones are those that a maximum leaves.
          .sort((a, b) => Number(isKept(b)) - Number(isKept(a)))
      : config.instruments;
  const instruments: Omit<Instrument, "index">[] = [];
  for (const symbol of wanted.slice(0, config.instrumentsMax)) {
    const row = known.get(symbol);
    if (row === undefined) return { ok: false, reason: `${field}: ${id} does not list ${symbol}` };
    if (!row.isTrading && !isKept(symbol))
      return { ok: false, reason: `${field}: ${symbol} is not trading now` };
    const instrument = instrumentOf(row, 0);
    if (instrument === undefined) {
      const steps = `tick ${row.tickSize}, lot ${row.lotSize}`;
      return { ok: false, reason: `${field}: ${symbol} has steps that cannot be used (${steps})` };
    }
    instruments.push(instrument);
  }
  if (instruments.length === 0) return { ok: false, reason: `${field}: nothing is trading` };
  return { ok: true, instruments };
}

/**
 * Station: none; the written differences between the two simulated venues.
 *
 * Everything in which spot and USD-M differ on the wire, as data, so that the server itself has no
 * `if (spot)` in it. Facts from the venue's pages as of 2026-11-20: web-socket-streams.md and
 * rest-api.md (spot), general-info and websocket-market-streams (USD-M).
 */
import type { VenueId } from "../../../contracts/ids.ts";
import { US_PER_S } from "../../../contracts/time.ts";
import type { SeqRule } from "../market/market.ts";
import type { ChannelKind, Entry } from "../session.ts";
import type { WireFamily } from "./wire.ts";

/** One stream each instrument has: `<symbol>` plus `suffix`. */
export type StreamRule = {
  readonly suffix: string;
  readonly kind: ChannelKind;
  readonly entry: Entry;
  /** Cadence; 0 is real time, and "diff" is the configured rate of depth diffs. */
  readonly interval: number | "diff";
};

/** What a depth snapshot of at most `limitMax` levels costs. */
export type DepthWeight = { readonly limitMax: number; readonly weight: number };

export type Dialect = {
  readonly venue: VenueId;
  readonly family: WireFamily;
  readonly seqRule: SeqRule;
  readonly doors: ReadonlyMap<string, { entry: Entry; isCombined: boolean }>;
  readonly streams: readonly StreamRule[];
  readonly inboundPerSecondMax: number;
  readonly pingMs: number;
  readonly pongTimeoutMs: number;
  readonly hasServerShutdown: boolean;
  readonly restRoot: string;
  readonly weightPerMinuteMax: number;
  readonly depthWeights: readonly DepthWeight[];
  readonly depthLimitDefault: number;
  /** Limits the venue accepts; null accepts any from 1 and caps at the largest. */
  readonly depthLimits: readonly number[] | null;
  readonly exchangeInfoWeight: number;
};

const DAY_MS = 24 * 60 * 60 * 1_000;

/** A session of either venue lives this long. */
export const SESSION_LIFE_MS = DAY_MS;
/** Streams one session may listen to. */
export const STREAMS_PER_SESSION_MAX = 1_024;
/** Dials one address may try in `DIAL_WINDOW_US`. */
export const DIALS_MAX = 300;
export const DIAL_WINDOW_US = 5 * 60 * US_PER_S;

export const SPOT_DIALECT: Dialect = {
  venue: "binance-spot",
  family: "spot",
  seqRule: "perInstrument",
  doors: new Map([
    ["/ws", { entry: "any", isCombined: false }],
    ["/stream", { entry: "any", isCombined: true }],
  ]),
  streams: [
    { suffix: "@depth@100ms", kind: "depth", entry: "any", interval: "diff" },
    { suffix: "@depth", kind: "depth", entry: "any", interval: 1 * US_PER_S },
    { suffix: "@bookTicker", kind: "bookTicker", entry: "any", interval: 0 },
    { suffix: "@trade", kind: "trade", entry: "any", interval: 0 },
    { suffix: "@aggTrade", kind: "aggTrade", entry: "any", interval: 0 },
  ],
  inboundPerSecondMax: 5,
  pingMs: 20_000,
  pongTimeoutMs: 60_000,
  hasServerShutdown: true,
  restRoot: "/api/v3",
  weightPerMinuteMax: 6_000,
  depthWeights: [
    { limitMax: 100, weight: 5 },
    { limitMax: 500, weight: 25 },
    { limitMax: 1_000, weight: 50 },
    { limitMax: 5_000, weight: 250 },
  ],
  depthLimitDefault: 100,
  depthLimits: null,
  exchangeInfoWeight: 20,
};

export const USDM_DIALECT: Dialect = {
  venue: "binance-usdm",
  family: "usdm",
  seqRule: "global",
  // The doors without a route were closed on 2026-04-23 (page "Important WebSocket Change Notice").
  doors: new Map([
    ["/public/ws", { entry: "public", isCombined: false }],
    ["/public/stream", { entry: "public", isCombined: true }],
    ["/market/ws", { entry: "market", isCombined: false }],
    ["/market/stream", { entry: "market", isCombined: true }],
  ]),
  streams: [
    { suffix: "@depth@100ms", kind: "depth", entry: "public", interval: "diff" },
    { suffix: "@depth", kind: "depth", entry: "public", interval: 0.25 * US_PER_S },
    { suffix: "@depth@500ms", kind: "depth", entry: "public", interval: 0.5 * US_PER_S },
    { suffix: "@bookTicker", kind: "bookTicker", entry: "public", interval: 0 },
    { suffix: "@trade", kind: "trade", entry: "public", interval: 0 },
    { suffix: "@aggTrade", kind: "aggTrade", entry: "market", interval: 0 },
    { suffix: "@markPrice", kind: "markPrice", entry: "market", interval: 3 * US_PER_S },
    { suffix: "@markPrice@1s", kind: "markPrice", entry: "market", interval: 1 * US_PER_S },
  ],
  inboundPerSecondMax: 10,
  pingMs: 180_000,
  pongTimeoutMs: 600_000,
  hasServerShutdown: false,
  restRoot: "/fapi/v1",
  weightPerMinuteMax: 2_400,
  depthWeights: [
    { limitMax: 50, weight: 2 },
    { limitMax: 100, weight: 5 },
    { limitMax: 500, weight: 10 },
    { limitMax: 1_000, weight: 20 },
  ],
  depthLimitDefault: 500,
  depthLimits: [5, 10, 20, 50, 100, 500, 1_000],
  exchangeInfoWeight: 1,
};

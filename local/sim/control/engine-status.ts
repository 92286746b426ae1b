/**
 * The status that the scene's engine gives of itself: well in everything that the scene does not move.
 */
import type { EngineStatus, RingStatus } from "../../../contracts/status.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { AccountStatus, TradingStatus } from "../../../contracts/trading-status.ts";
import type { EngineLoop } from "./engine-loop.ts";

const RING: RingStatus = { capacity: 1_024, depth: 0, highWater: 0, overflows: 0 };

const ACCOUNT: AccountStatus = {
  venue: "binance-spot",
  mode: "simulated",
  phase: "ready",
  blocked: "",
  epoch: 1,
  heardUs: 0,
  instrumentsWithFees: 2,
  balances: {},
  traded: {},
  drift: {},
  openOrders: 0,
  unknownOrders: 0,
  risk: {
    breakers: { orders: "closed", cancels: "closed", reads: "closed" },
    portfolio: "healthy",
    portfolioReason: "",
    isCongested: false,
    roundTripUs: 20_000,
    dayResult: "0",
    lossesInARow: 0,
    rates: {},
  },
};

/** The trading part: what is killed and which limits are in force. */
export function tradingStatusOf(loop: EngineLoop, fence: number): TradingStatus {
  return {
    fence,
    limitsVersion: loop.limitsVersion,
    accounts: [ACCOUNT],
    counts: {
      opportunities: 0,
      filled: 0,
      failed: 0,
      aborted: 0,
      cyclesOpen: 0,
      orders: 0,
      fills: 0,
      denials: 0,
      denialsByControl: {},
      unknownOpen: 0,
      ordersOnInvalidBook: 0,
      anomalies: 0,
    },
    profit: {},
    kills: loop.kills.list().map(({ scope, target, by, reason, sinceUs }) => {
      return { scope, target, by, reason, atUs: sinceUs };
    }),
    orders: [],
    isDraining: false,
  };
}

export type StatusParts = {
  readonly startedUs: Micros;
  readonly nowUs: Micros;
  readonly directory: string;
  readonly ackedSeq: number;
  readonly trading: TradingStatus;
};

/** The whole of it. */
export function statusOf({
  startedUs,
  nowUs,
  directory,
  ackedSeq,
  trading,
}: StatusParts): EngineStatus {
  return {
    startedUs,
    nowUs,
    tick: 0,
    halted: "",
    ready: true,
    venues: [],
    books: [],
    rings: { marketEvents: RING, controlEvents: RING, outboundCommands: RING, recorder: RING },
    counters: {},
    loopMinutes: [],
    residentBytes: 0,
    resyncs: { count: 0, ms: { p50: 0, p99: 0, max: 0 }, stagesMs: {}, recent: [] },
    trading,
    journal: { directory, lastAckedSeq: ackedSeq, bytes: 0, segments: 1 },
  };
}

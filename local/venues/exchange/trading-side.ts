/**
 * Station: a market and a few choices -> the whole trading side of one venue, ready for its wire.
 *
 * The composition of this room: exchange, back end, faults by themselves, one account with money in
 * every asset of the market. A wire translates between this and its venue's messages.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { Market } from "../market/market.ts";
import { Random } from "../market/random.ts";
import { attoOf } from "./atto.ts";
import { BackEnd } from "./back-end.ts";
import { Exchange } from "./exchange.ts";
import type { FeeModel } from "./fees.ts";
import { StateFaults } from "./state-faults.ts";
import { truthOf } from "./truth.ts";

/** The account that the keys of a simulated venue open. */
export const MAIN_ACCOUNT_ID = "main";
/** What the account has of each asset at the start, in the common unit of the asset values. */
const START_VALUE = 200_000;

export type TradingSideOptions = {
  readonly market: Market;
  readonly name: string;
  readonly seed: number;
  readonly fees: FeeModel;
  readonly quoteDigits: number;
  /** Back-end times and delays are divided by this; 1 is the venue's own pace. */
  readonly speed: number;
  readonly rejectCodes: readonly string[];
  readonly firstOrderId: number;
  /** Start balances in whole units by asset; null gives every asset the same worth. */
  readonly balances: ReadonlyMap<string, number> | null;
  /** What one of each asset is worth. */
  readonly values: ReadonlyMap<string, number>;
};

/** One venue's trading side. */
export class TradingSide {
  readonly exchange: Exchange;
  readonly backEnd: BackEnd;
  readonly stateFaults: StateFaults;

  constructor(options: TradingSideOptions) {
    const { market, name, seed, fees, quoteDigits, firstOrderId, speed, rejectCodes } = options;
    this.exchange = new Exchange({ market, fees, quoteDigits, firstOrderId });
    const random = new Random(seed, `${name} trading faults`);
    this.backEnd = new BackEnd({ exchange: this.exchange, random, speed, rejectCodes });
    this.stateFaults = new StateFaults(this.backEnd);
    this.exchange.openAccount(MAIN_ACCOUNT_ID, startBalances(options));
  }

  /** Lets time pass. Call it before the market's own step. */
  tick(nowUs: Micros): void {
    this.backEnd.tick(nowUs);
    this.stateFaults.tick(nowUs);
  }

  /** What really happened, in sums, with the counts of the faults. */
  truth() {
    return {
      ...truthOf(this.exchange),
      faultCounts: this.backEnd.faults.counts(),
      stateFaults: this.stateFaults.records,
      heedlessCount: this.backEnd.limits.heedlessCount,
      deadManCount: this.exchange.deadMen.firedCount,
      waitingCount: this.backEnd.later.count,
    };
  }
}

function startBalances(options: TradingSideOptions): Map<string, bigint> {
  const { market, balances, values } = options;
  const start = new Map<string, bigint>();
  for (const { rules } of market.instruments) {
    for (const asset of [rules.base, rules.quote]) {
      const units = balances?.get(asset) ?? (balances === null ? usualUnits(asset, values) : 0);
      if (!start.has(asset)) start.set(asset, attoOf(units, 0));
    }
  }
  return start;
}

function usualUnits(asset: string, values: ReadonlyMap<string, number>): number {
  return Math.max(1, Math.round(START_VALUE / (values.get(asset) ?? 1)));
}

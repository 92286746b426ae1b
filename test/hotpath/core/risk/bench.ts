/**
 * A bench for the gate: a view whose every reading can be set, and an order that passes until one of them
 * is moved. Three instruments of one venue: BTCUSDT (0), ETHUSDT (1), ETHBTC (2); USDT is home and reference.
 */
import type { RiskLimits } from "../../../../contracts/risk-limits.ts";
import type { Side } from "../../../../contracts/trade.ts";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { parseAmount } from "../../../../hotpath/core/money/amount.ts";
import { CONTROLS, type Control } from "../../../../hotpath/core/risk/controls.ts";
import { RiskGate } from "../../../../hotpath/core/risk/gate.ts";
import { limitsInForce } from "../../../../hotpath/core/risk/limits.ts";
import type { RateRule } from "../../../../hotpath/core/risk/rate-rule.ts";
import { makeVenueRisk, type VenueRisk } from "../../../../hotpath/core/risk/venue-risk.ts";
import type {
  AccountReading,
  BookReading,
  Denial,
  InstrumentReading,
  OrderContext,
  RiskView,
} from "../../../../hotpath/core/risk/view.ts";
import type { PlaceOrder } from "../../../../hotpath/core/trade/commands.ts";

/** 2026-11-21 12:00:00 UTC. */
export const NOON_US = 1_795_262_400_000_000;

function instrument(index: number, symbol: string, assets: readonly [string, string]): Instrument {
  const made = instrumentOf(
    {
      id: `binance-spot:${symbol}`,
      venue: "binance-spot",
      symbol,
      tickSize: symbol === "ETHBTC" ? "0.00001" : "0.01",
      lotSize: symbol === "BTCUSDT" ? "0.00001" : "0.0001",
      baseAsset: assets[0],
      quoteAsset: assets[1],
      rulesUs: NOON_US,
    },
    index,
  );
  if (made === undefined) throw new Error("the steps are decimals");
  return made;
}

export const INSTRUMENTS: readonly Instrument[] = [
  instrument(0, "BTCUSDT", ["BTC", "USDT"]),
  instrument(1, "ETHUSDT", ["ETH", "USDT"]),
  instrument(2, "ETHBTC", ["ETH", "BTC"]),
];

/** An amount of the tests; they write no wrong ones. */
export function atto(text: string): bigint {
  const amount = parseAmount(text);
  if (amount === undefined) throw new Error(`no amount: ${text}`);
  return amount;
}

/** Limits that the standard order of the bench is far within. */
export const LIMITS: RiskLimits = {
  orderNotionalMax: "1000",
  orderDepthSharePpm: 250_000,
  collarPpm: 5000,
  periodCollarPpm: 20_000,
  openOrdersPerInstrumentMax: 5,
  openOrdersMax: 20,
  openNotionalMax: "5000",
  positionNotionalMax: "5000",
  grossExposureMax: "10000",
  dailyLossMax: "100",
  drawdownMax: "200",
  consecutiveLossesMax: 7,
  cyclesPerDayMax: 5000,
  cyclesPerHourMax: 500,
  ordersPerSecondMax: 20,
  ordersPerMinuteMax: 600,
  ordersPerDayMax: 50_000,
  cancelRatioMax: 20,
  duplicateWindowUs: 250_000,
  bookAgeUsMax: 500_000,
  exchangeAgeUsMax: 1_000_000,
  queueDelayUsMax: 50_000,
  jumpPpm: 30_000,
  jumpSigmas: 6,
  spreadPpm: 20_000,
  edgePpmMax: 20_000,
  rulesAgeUsMax: 3_600_000_000,
  legTimeUsMax: 2_000_000,
  legNotionalMax: "1000",
  unknownOrdersMax: 3,
  rejectsInARowMax: 4,
  rejectShareOf50Max: 9,
  clockOffsetUsMax: 250_000,
  quarantineUs: 60_000_000,
  rampUs: 3_600_000_000,
  rampSizePpm: 100_000,
  volatilityFactor: 10,
  reserve: {},
  allowlist: undefined,
};

/** BTC at 50,000.00: mid of 49,999.99 and 50,000.01. ETH at 2,500.00, or 0.05000 BTC. */
export const MID_TICKS: readonly number[] = [5_000_000, 250_000, 5000];

export class BenchView implements RiskView {
  readonly books: BookReading[] = MID_TICKS.map((mid) => ({
    isLive: true,
    epoch: 3,
    sessionEpoch: 3,
    seq: 700,
    ageUs: 1000,
    exchangeAgeUs: 2000,
    queueDelayUs: 10,
    bidTicks: mid - 1,
    askTicks: mid + 1,
  }));
  readonly instruments: InstrumentReading[] = INSTRUMENTS.map(({ id }) => ({
    name: id,
    isTrading: true,
    rulesAgeUs: 1_000_000,
    takerPpb: 1_000_000,
    feePaidIn: "received",
  }));
  readonly account: AccountReading = {
    name: "binance-spot",
    tradingMode: "simulated",
    mode: "active",
    isReady: true,
    readySinceUs: NOON_US - 7_200_000_000,
    blockedReason: "",
    clockOffsetUs: 1000,
    clockErrorUs: 500,
    leaseRemainingUs: Number.POSITIVE_INFINITY,
    leaseStallUs: 500_000,
    leaseMarginUs: 0,
    deadMan: "armed",
  };
  readonly totals = new Map<string, bigint>([
    ["USDT", atto("100000")],
    ["BTC", atto("10")],
    ["ETH", atto("100")],
  ]);
  readonly positions = new Map<string, bigint>();
  lots = 100_000_000;
  filter = "";

  readBook(index: number, into: BookReading): void {
    Object.assign(into, this.books[index]);
  }
  readInstrument(index: number, into: InstrumentReading): void {
    Object.assign(into, this.instruments[index]);
  }
  readAccount(_venue: number, into: AccountReading): void {
    Object.assign(into, this.account);
  }
  touchSumTicks(index: number): number {
    const book = this.books[index];
    return book?.isLive ? book.bidTicks + book.askTicks : Number.NaN;
  }
  visibleLots(_instrument: number, _side: Side, _priceTicks: number): number {
    return this.lots;
  }
  free(_venue: number, asset: string): bigint | undefined {
    return this.totals.get(asset);
  }
  total(_venue: number, asset: string): bigint | undefined {
    return this.totals.get(asset);
  }
  position(_venue: number, asset: string): bigint | undefined {
    return this.positions.get(asset) ?? 0n;
  }
  filterFault(): string {
    return this.filter;
  }
}

/** Far from any limit: ten a second, half of them for a window of ten. */
export const RATES: readonly RateRule[] = [
  {
    name: "orders",
    kind: "window",
    scope: "account",
    limit: 1000,
    windowUs: 10_000_000,
    decayPerS: 0,
    costs: {
      placeOrder: 1,
      testOrder: 1,
      cancelOrder: 1,
      cancelAll: 1,
      queryOrder: 1,
      readAccount: 1,
      readFees: 1,
    },
  },
];

/** Everything that a test may move before it asks the gate. */
export class Bench {
  readonly view = new BenchView();
  limits: RiskLimits = LIMITS;
  /** Puts limits in force that no one would take up: a memory that is damaged. */
  limitsVersion = 4;
  rates: readonly RateRule[] = RATES;
  nowUs = NOON_US;
  /** 0.01 BTC at the ask: worth 500.0001 USDT. */
  order: PlaceOrder = {
    type: "placeOrder",
    venue: 0,
    instrument: 0,
    command: 1,
    fence: 2,
    clientId: "rk00002-00000001",
    side: "buy",
    timeInForce: "ioc",
    priceTicks: 5_000_000,
    lots: 1000,
    purpose: "open",
    cycle: 1,
    leg: 0,
    stampUs: NOON_US,
    windowUs: 1_000_000,
    limitsVersion: 4,
    books: [
      { instrument: 0, epoch: 3, seq: 700, ageUs: 1000 },
      { instrument: 1, epoch: 3, seq: 700, ageUs: 1000 },
      { instrument: 2, epoch: 3, seq: 700, ageUs: 1000 },
    ],
    isTest: false,
  };
  readonly context: OrderContext = {
    opportunity: 1,
    strategy: "triangle",
    edgePpm: 1000,
    cycleSinceUs: NOON_US - 1000,
  };
  /** Done to the state of the venue once it exists. */
  readonly steps: ((venue: VenueRisk, gate: RiskGate) => void)[] = [];

  setOrder(change: Partial<PlaceOrder>): void {
    this.order = { ...this.order, ...change };
  }

  setLimits(change: Partial<RiskLimits>): void {
    this.limits = { ...this.limits, ...change };
  }

  /** A gate whose references have seen a quiet minute, with everything done to it that was set. */
  make(controls: readonly Control[] = CONTROLS): { gate: RiskGate; venue: VenueRisk } {
    const venue = makeVenueRisk({
      instruments: INSTRUMENTS,
      homeAssets: ["USDT"],
      referenceAsset: "USDT",
      touchSum: (index) => this.view.touchSumTicks(index),
      rates: this.rates,
    });
    const gate = new RiskGate({
      view: this.view,
      venues: new Map([[0, venue]]),
      instrumentCount: INSTRUMENTS.length,
      limits: limitsInForce(this.limits, this.limitsVersion),
      controls,
    });
    for (let second = 60; second > 0; second--) {
      for (const [index, mid] of MID_TICKS.entries()) {
        gate.references.observe(index, mid - 1, mid + 1, NOON_US - second * 1_000_000);
      }
    }
    for (const step of this.steps) step(venue, gate);
    return { gate, venue };
  }

  /** The verdict on the order, by a gate made for it. */
  ask(controls?: readonly Control[]): Denial | undefined {
    const { gate } = this.make(controls);
    return gate.check(this.order, this.context, this.nowUs);
  }
}

/** Client id of the n-th command of the bench's fence. */
export function clientId(command: number): string {
  return `rk00002-${String(command).padStart(8, "0")}`;
}

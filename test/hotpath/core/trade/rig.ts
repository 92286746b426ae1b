/**
 * A world with live books and one account, driven event by event: the core's trading part as it is, and the
 * venue's words as a test wants them. Time passes in `advance` and nowhere else.
 */
import { standardConfig } from "../../../../hotpath/config.ts";
import type { CoreCommand } from "../../../../hotpath/core/commands.ts";
import { observeTouch } from "../../../../hotpath/core/decide/touch.ts";
import { applyControl } from "../../../../hotpath/core/engine.ts";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { amountToText, parseAmount } from "../../../../hotpath/core/money/amount.ts";
import { lotsToAmount, notionalAmount } from "../../../../hotpath/core/money/notional.ts";
import { INQUIRY_RULES } from "../../../../hotpath/core/order/unknown.ts";
import type {
  CycleRecord,
  OpportunityRecord,
  PlaceOrder,
} from "../../../../hotpath/core/trade/commands.ts";
import type { AccountEvent, TradeEvent } from "../../../../hotpath/core/trade/events.ts";
import type { TradingPlan, VenueTrading } from "../../../../hotpath/core/trade/plan.ts";
import { TriangleTrader } from "../../../../hotpath/core/trade/trader.ts";
import type { Trading } from "../../../../hotpath/core/trade/trading.ts";
import { type BookSlot, makeWorld, type World } from "../../../../hotpath/core/world.ts";
import { coreLimitsOf } from "../../../../hotpath/limits-of.ts";
import { riskLimitsOf } from "../../../../hotpath/trading-plan.ts";
import { VENUES } from "../../../../hotpath/venues/registry.ts";
import { RULES } from "../driver.ts";

export const START_US = 1_700_000_000_000_000;
export const MS = 1000;
export const SECOND = 1_000_000;

/** [bid, ask] in ticks at which the triangle of BTC and ETH pays nothing. */
export const FAIR = {
  BTCUSDT: [9_999_900, 10_000_100],
  ETHBTC: [4999, 5001],
  ETHUSDT: [499_950, 500_050],
  SOLUSDT: [19_990, 20_010],
  SOLBTC: [199_900, 200_100],
} as const;
export type Symbol = keyof typeof FAIR;
export const SYMBOLS = Object.keys(FAIR) as readonly Symbol[];

const STEPS: Readonly<Record<Symbol, readonly [tick: string, lot: string]>> = {
  BTCUSDT: ["0.01", "0.00001"],
  ETHBTC: ["0.00001", "0.0001"],
  ETHUSDT: ["0.01", "0.0001"],
  SOLUSDT: ["0.01", "0.001"],
  SOLBTC: ["0.00000001", "0.001"],
};
const QUOTES = ["USDT", "BTC"] as const;
/** Lots on each level of every book: far more than any order of these tests takes. */
const DEEP: Readonly<Record<Symbol, number>> = {
  BTCUSDT: 10_000_000,
  ETHBTC: 10_000_000,
  ETHUSDT: 10_000_000,
  SOLUSDT: 10_000_000,
  SOLBTC: 10_000_000,
};

function instruments(): Instrument[] {
  return SYMBOLS.map((symbol, index) => {
    const quoteAsset = QUOTES.find((quote) => symbol.endsWith(quote)) ?? "";
    const [tickSize, lotSize] = STEPS[symbol];
    const made = instrumentOf(
      {
        id: `binance-spot:${symbol}`,
        venue: "binance-spot",
        symbol,
        tickSize,
        lotSize,
        baseAsset: symbol.slice(0, -quoteAsset.length),
        quoteAsset,
        filters: {
          priceMin: "",
          priceMax: "",
          quantityMin: lotSize,
          quantityMax: "",
          notionalMin: quoteAsset === "USDT" ? "5" : "0.0001",
        },
        rulesUs: START_US,
      },
      index,
    );
    if (made === undefined) throw new Error("the steps are decimals");
    return made;
  });
}

export type RigOptions = {
  readonly plan?: Partial<TradingPlan>;
  readonly venue?: Partial<VenueTrading>;
  readonly limits?: Partial<TradingPlan["limits"]>;
  readonly nowUs?: number;
};

function planOf(options: RigOptions): TradingPlan {
  const limits = riskLimitsOf(standardConfig().trading.limits);
  const venue: VenueTrading = {
    venue: 0,
    mode: "simulated",
    startAmounts: { USDT: "1000" },
    referenceAsset: "USDT",
    paperBalances: {},
    rates: [],
    feeRounding: { decimals: 8, rounding: "floor" },
    hasDeadMan: false,
    dialsToOpen: 1,
    hasOrderTest: true,
    cancelAll: "instrument",
    windowUs: SECOND,
    backEndUs: 10 * SECOND,
    ...options.venue,
  };
  return {
    fence: 7,
    venues: [venue],
    limits: {
      ...limits,
      orderNotionalMax: "5000",
      legNotionalMax: "5000",
      quarantineUs: 0,
      rampUs: 0,
      jumpSigmas: 0,
      jumpPpm: 500_000,
      duplicateWindowUs: 0,
      ...options.limits,
    },
    limitsVersion: 3,
    edgePpmMin: 700,
    slots: 4,
    isolation: { instrument: true, primaryQuote: false },
    cooldownUs: 500 * MS,
    fillTimeoutUs: 2 * SECOND,
    awaitBalanceUs: 0,
    singleLegPolicy: "reverse",
    exitTriesMax: 3,
    exitCollarPpm: 10_000,
    shutdownPolicy: "flatten",
    clockErrorUs: 500 * MS,
    reconcileIntervalUs: 30 * SECOND,
    accountSilenceUs: 60 * SECOND,
    backoffInitialUs: 100 * MS,
    backoffCapUs: 10 * SECOND,
    inquiry: INQUIRY_RULES,
    timeDivisor: 1,
    restored: "",
    ...options.plan,
  };
}

/** Everything a test asks of the commands: those of one kind, in order. */
type CommandOf<T extends CoreCommand["type"]> = Extract<CoreCommand, { readonly type: T }>;

export class TradeRig {
  readonly world: World;
  readonly trade: Trading;
  readonly trader: TriangleTrader;
  /** Every command so far, with the tick that caused it. */
  readonly out: CoreCommand[] = [];
  nowUs: number;
  #tradeId = 0;
  #orderId = 1000;

  constructor(options: RigOptions = {}) {
    this.nowUs = options.nowUs ?? START_US;
    const all = instruments();
    this.world = makeWorld({
      limits: coreLimitsOf(standardConfig()),
      instruments: all,
      venues: [{ id: "binance-spot", rules: RULES, continuity: VENUES["binance-spot"].continuity }],
      sessions: [{ venue: 0, shard: 0, books: all.map(({ index }) => index) }],
    });
    this.trader = TriangleTrader.inhabit(this.world, planOf(options));
    this.trade = this.trader.trade;
    this.world.nowUs = this.nowUs;
    const [session] = this.world.sessions;
    const [venue] = this.world.venues;
    if (session === undefined || venue === undefined) throw new Error("one of each");
    session.state = "live";
    session.epoch = 1;
    session.frames = 1;
    session.openedUs = this.nowUs;
    session.confirmedUs = this.nowUs;
    venue.mode = "active";
    venue.modeReason = "";
    venue.clockMeasuredUs = this.nowUs;
    venue.clockErrorUs = 1000;
    for (const symbol of SYMBOLS) this.goLive(symbol);
  }

  slot(symbol: Symbol): BookSlot {
    return this.world.slots[SYMBOLS.indexOf(symbol)] as BookSlot;
  }

  /** Loads a fair book and makes it live. */
  goLive(symbol: Symbol): void {
    const slot = this.slot(symbol);
    if (slot.book.state === "void") slot.book.startBuffering();
    const [bid, ask] = FAIR[symbol];
    const lots = DEEP[symbol];
    slot.book.load(
      {
        seq: 100,
        exchangeUs: this.nowUs,
        ticks: Float64Array.of(bid, ask),
        lots: Float64Array.of(lots, lots),
        bidCount: 1,
        askCount: 1,
      },
      1000,
    );
    slot.phase = "idle";
    slot.lastDeltaUs = this.nowUs;
    slot.book.goLive(1);
  }

  /** Replaces the levels of a book, [ticks, lots] best first, and lets the trader see it. */
  book(
    symbol: Symbol,
    bids: readonly (readonly [number, number])[],
    asks: readonly (readonly [number, number])[],
  ): void {
    const slot = this.slot(symbol);
    const { book } = slot;
    const ticks = new Float64Array(256);
    const lots = new Float64Array(256);
    const gone = (ladder: typeof book.bids, at: number): number => {
      const count = ladder.copyLevels(ticks.subarray(at), lots.subarray(at), 64);
      lots.fill(0, at, at + count);
      return count;
    };
    const put = (levels: readonly (readonly [number, number])[], at: number): void => {
      for (const [i, [tick, lot]] of levels.entries()) {
        ticks[at + i] = tick;
        lots[at + i] = lot;
      }
    };
    const oldBids = gone(book.bids, 0);
    put(bids, oldBids);
    const bidCount = oldBids + bids.length;
    const oldAsks = gone(book.asks, bidCount);
    put(asks, bidCount + oldAsks);
    book.apply(ticks, lots, 0, bidCount, oldAsks + asks.length, book.seq + 1);
    this.hear();
    slot.lastDeltaUs = this.nowUs;
    observeTouch(this.world, slot);
    this.trader.conclude();
    this.#take();
  }

  /** The same with one deep level a side. */
  touch(symbol: Symbol, bid: number, ask: number): void {
    this.book(symbol, [[bid, DEEP[symbol]]], [[ask, DEEP[symbol]]]);
  }

  /** A triangle that pays about 60 bp before fees: ETH is dear in USDT. */
  opportunity(): void {
    this.touch("ETHUSDT", 503_000, 503_100);
  }

  fair(symbol: Symbol): void {
    const [bid, ask] = FAIR[symbol];
    this.touch(symbol, bid, ask);
  }

  /** The market stream gave a sign of life. */
  hear(): void {
    const [session] = this.world.sessions;
    if (session !== undefined) session.lastRecvUs = this.nowUs;
    for (const slot of this.world.slots) slot.lastDeltaUs = this.nowUs;
  }

  event(event: TradeEvent): void {
    this.hear();
    applyControl(this.world, event, this.nowUs);
    this.#take();
  }

  /** Lets time pass in steps, with the timer that the world asks for. */
  advance(us: number, stepUs = 50 * MS): void {
    const endUs = this.nowUs + us;
    while (this.nowUs < endUs) {
      this.nowUs = Math.min(endUs, this.nowUs + stepUs);
      this.hear();
      applyControl(this.world, { type: "timerFired" }, this.nowUs);
      this.#take();
    }
  }

  #take(): void {
    this.out.push(...this.world.outbox.filter(({ type }) => type !== "measureClock"));
    this.world.outbox.length = 0;
  }

  stamp(): { readonly venue: 0; readonly epoch: number; readonly recvUs: number } {
    return { venue: 0, epoch: this.trade.accounts[0]?.epoch ?? 0, recvUs: this.nowUs };
  }

  /** Opens the account, tells its fees and balances: from here it is ready. */
  ready(balances: Readonly<Record<string, string>> = { USDT: "10000" }, feePpb = 1_000_000): void {
    this.advance(MS, MS);
    this.event({ type: "accountReady", ...this.stamp() });
    this.fees(feePpb);
    this.read(balances);
    // The gate judges moves: it wants to have seen the market for a while.
    for (let second = 0; second < 4; second++) {
      for (const symbol of SYMBOLS) this.fair(symbol);
      this.advance(SECOND, SECOND / 2);
    }
  }

  fees(takerPpb: number, paidIn: "quote" | "received" | "third" = "received"): void {
    this.event({
      type: "feesRead",
      ...this.stamp(),
      fees: SYMBOLS.map((_, instrument) => {
        return { instrument, makerPpb: takerPpb, takerPpb, paidIn, feeAsset: "" };
      }),
    });
  }

  /** Answers the reading under way; what the venue shows beside the balances is `extra`. */
  read(
    balances: Readonly<Record<string, string>>,
    extra: Partial<Extract<AccountEvent, { type: "accountRead" }>> = {},
  ): void {
    this.event({
      type: "accountRead",
      ...this.stamp(),
      requestId: this.last("readAccount")?.requestId ?? 0,
      outcome: "read",
      balances: Object.entries(balances).map(([asset, total]) => {
        return { asset, total, free: "", held: "" };
      }),
      openOrders: [],
      fills: [],
      reason: "",
      ...extra,
    });
  }

  all<T extends CoreCommand["type"]>(type: T): CommandOf<T>[] {
    return this.out.filter((command): command is CommandOf<T> => command.type === type);
  }

  last<T extends CoreCommand["type"]>(type: T): CommandOf<T> | undefined {
    return this.all(type).at(-1);
  }

  get orders(): readonly PlaceOrder[] {
    return this.all("placeOrder");
  }

  /** The newest order; a test that asks for one expects it. */
  get order(): PlaceOrder {
    const order = this.orders.at(-1);
    if (order === undefined) throw new Error("no order has left");
    return order;
  }

  get cycles(): readonly CycleRecord[] {
    return this.all("recordCycle").map(({ cycle }) => cycle);
  }

  get opportunities(): readonly OpportunityRecord[] {
    return this.all("recordOpportunity").map(({ opportunity }) => opportunity);
  }

  accept(order: PlaceOrder = this.order): string {
    const orderId = String(this.#orderId++);
    this.event({ type: "orderAccepted", ...this.stamp(), clientId: order.clientId, orderId });
    return orderId;
  }

  /** One trade of an order at its limit, fee of 10 bp in what is received unless told otherwise. */
  fill(
    lots: number,
    options: {
      readonly order?: PlaceOrder | undefined;
      readonly ticks?: number;
      readonly tradeId?: string;
    } = {},
  ): AccountEvent {
    const { order = this.order, ticks = this.#marketTicks(order) } = options;
    const instrument = this.trade.instruments[order.instrument];
    if (instrument === undefined) throw new Error("an order has an instrument");
    const isBuy = order.side === "buy";
    const received = isBuy
      ? lotsToAmount(instrument, lots)
      : notionalAmount(instrument, ticks, lots);
    const fee = (received / 1000n / 10n ** 10n) * 10n ** 10n;
    this.#tradeId++;
    const event: AccountEvent = {
      type: "orderFilled",
      ...this.stamp(),
      source: "stream",
      fill: {
        clientId: order.clientId,
        orderId: "",
        instrument: order.instrument,
        tradeId: options.tradeId ?? String(this.#tradeId),
        side: order.side,
        priceTicks: ticks,
        lots,
        fee: amountToText(fee),
        feeAsset: isBuy ? instrument.baseAsset : instrument.quoteAsset,
        isMaker: false,
        exchangeUs: this.nowUs,
      },
    };
    this.event(event);
    return event;
  }

  /** A sell below the best bid meets that bid, as at any venue. */
  #marketTicks(order: PlaceOrder): number {
    const bids = this.world.slots[order.instrument]?.book.bids;
    if (order.side === "buy" || bids === undefined || bids.isEmpty) return order.priceTicks;
    return Math.max(order.priceTicks, bids.bestTicks);
  }

  /** The venue's last word on an order. */
  end(
    state: "filled" | "expired" | "canceled" | "rejected",
    filledLots: number,
    order: PlaceOrder = this.order,
  ): AccountEvent {
    const event: AccountEvent = {
      type: "orderReported",
      ...this.stamp(),
      source: "stream",
      order: {
        clientId: order.clientId,
        orderId: "",
        instrument: order.instrument,
        side: order.side,
        state,
        lots: order.lots,
        filledLots,
        priceTicks: order.priceTicks,
        reason: "",
        exchangeUs: this.nowUs,
      },
    };
    this.event(event);
    return event;
  }

  refuse(
    refusalClass: Extract<AccountEvent, { type: "orderRefused" }>["refusal"]["class"],
    code = "-2010",
    order: PlaceOrder = this.order,
  ): void {
    this.event({
      type: "orderRefused",
      ...this.stamp(),
      clientId: order.clientId,
      refusal: { class: refusalClass, code, text: code, isListed: true },
    });
  }

  /** The venue takes the newest order whole. */
  fillWhole(order: PlaceOrder = this.order): void {
    this.accept(order);
    this.fill(order.lots, { order });
    this.end("filled", order.lots, order);
  }

  /** What we believe to hold, as decimal text. */
  total(asset: string): string {
    return amountToText(this.trade.orders.table.ledger.total(0, asset));
  }

  amount(text: string): bigint {
    const amount = parseAmount(text);
    if (amount === undefined) throw new Error(`${text} is no amount`);
    return amount;
  }
}

/**
 * What the benches of kills share: 200 open orders at a simulated Binance spot, and how long it takes from a
 * word until each cancel is on the wire.
 *
 * The production loop, core, desk and intent log in one process, over real sockets to the venue in the same
 * one: what is shared makes it slower, never faster. By which way the word comes is the bench's own.
 */
import { join } from "node:path";
import { readConfig } from "../../hotpath/config.ts";
import type { CoreCommand } from "../../hotpath/core/commands.ts";
import type { Instrument } from "../../hotpath/core/instrument.ts";
import { MarketRing } from "../../hotpath/core/market-ring.ts";
import { clientIdOf } from "../../hotpath/core/order/client-id.ts";
import type { PlaceOrder } from "../../hotpath/core/trade/commands.ts";
import { TriangleTrader } from "../../hotpath/core/trade/trader.ts";
import { makeWorld, type World } from "../../hotpath/core/world.ts";
import type { OperatorEvent } from "../../hotpath/hot-thread-messages.ts";
import type { Operations } from "../../hotpath/io/admin-write.ts";
import { Absence, nowUs } from "../../hotpath/io/clock.ts";
import { openHttp } from "../../hotpath/io/http-side.ts";
import { realDisk } from "../../hotpath/io/journal/disk.ts";
import { openLog } from "../../hotpath/io/log.ts";
import { dialOf } from "../../hotpath/io/web-socket.ts";
import { Loop } from "../../hotpath/loop.ts";
import { type HotPlan, worldPlanOf } from "../../hotpath/plan.ts";
import { preparePlan } from "../../hotpath/prepare.ts";
import { type KeysByVenue, prepareTrading } from "../../hotpath/prepare-trading.ts";
import { tradingFiles } from "../../hotpath/recover.ts";
import { TradeDesks } from "../../hotpath/trade-desks.ts";
import { TradingSide } from "../../hotpath/trading/trading-side.ts";
import { startVenues, type VenuesHandle } from "../../local/venues/start.ts";

/** Open when a kill comes. */
export const ORDERS = 200;
/** So deep in the book that nothing is filled while it rests, and still within what the venue shows. */
const LEVEL = 80;
const LEVELS_ASKED = 100;
/** Of the quote asset: above every smallest notional. */
const NOTIONAL = 20;
const TIMER_MS_MAX = 1000;

/** A venue on which so many orders may rest and none is refused for their rate. */
export function startKillVenues(): Promise<VenuesHandle> {
  return startVenues({
    spotInstruments: 12,
    usdmInstruments: 1,
    kucoinInstruments: 1,
    krakenInstruments: 1,
    levelsPerSide: 100,
    diffsPerSecond: 50,
    spotOrdersPerTenSeconds: 1_000_000,
  });
}

/** The configuration of the drill, its journal in `folder`. */
export function killConfig(folder: string) {
  const journal = join(folder, "journal");
  const reading = readConfig(
    `journal: {directory: ${journal}}\nvenues: {binance-spot: {trading: {mode: simulated}}}\n`,
  );
  if (!reading.ok) throw new Error(reading.faults[0]?.message);
  return reading.config;
}

export type KillOutcome = {
  /** From the request until each cancel was written. */
  readonly takenMs: readonly number[];
  readonly orderedLate: number;
  readonly leftOpen: number;
};

export class KillRig {
  readonly #plan: HotPlan;
  readonly #venues: VenuesHandle;
  readonly #world: World;
  readonly #trader: TriangleTrader;
  readonly #loop: Loop;
  readonly #desks: TradeDesks;
  #timer: NodeJS.Timeout | undefined;
  #cancelsMs: number[] = [];
  #placed = 0;
  readonly operations: Operations;

  private constructor(
    venues: VenuesHandle,
    at: { readonly plan: HotPlan; readonly keys: KeysByVenue; readonly journal: string },
  ) {
    const { plan, keys, journal } = at;
    if (plan.trading === undefined) throw new Error("an account trades");
    this.#plan = plan;
    this.#venues = venues;
    this.#world = makeWorld(worldPlanOf(plan));
    this.#trader = TriangleTrader.inhabit(this.#world, plan.trading);
    this.#loop = new Loop(
      this.#world,
      new MarketRing(1024),
      {
        nowUs,
        recordMarket: () => true,
        recordControl: () => undefined,
        recordCommand: () => undefined,
        recordTickEnd: () => undefined,
        execute: (command) => this.#execute(command),
        yieldThen: (run) => void setImmediate(run),
        armTimer: (dueUs) => this.#armTimer(dueUs),
      },
      plan.loop,
    );
    this.#desks = new TradeDesks({
      plan,
      keys,
      intentFolder: tradingFiles(journal).intents,
      isIntentSynced: false,
      dial: dialOf(new Absence()),
      openHttp,
      disk: realDisk,
      emit: (event) => this.#loop.emit(event),
      onFrame: () => undefined,
      onBroken: (reason) => {
        throw new Error(reason);
      },
      guard: (act) => act(),
    });
    this.operations = this.#operationsOver(journal);
  }

  /** Over the configuration of `killConfig`, with an account that is ready to trade. */
  static async open(folder: string, venues: VenuesHandle): Promise<KillRig> {
    const config = killConfig(folder);
    const market = await preparePlan(config, venues.endpoints);
    if (!market.ok) throw new Error(market.reason);
    const prepared = prepareTrading(config, market.plan, venues.endpoints, {
      environment: {},
      isArmed: false,
    });
    if (!prepared.ok) throw new Error(prepared.reason);
    const { directory: journal } = config.journal;
    const rig = new KillRig(venues, { plan: prepared.plan, keys: prepared.keys, journal });
    rig.#loop.emit({ type: "started" });
    await until(() => rig.#trader.trade.accounts[0]?.phase === "ready");
    return rig;
  }

  /** Hands an event to the loop, as the supervisor does across threads; the tick that took it. */
  async ask(event: OperatorEvent): Promise<number> {
    this.#loop.emit(event);
    return this.#world.tick;
  }

  #operationsOver(journal: string): Operations {
    const side = new TradingSide({
      directory: journal,
      runId: "kill-drill",
      venues: this.#plan.venues.map(({ id }) => id),
      instruments: this.#plan.instruments,
      log: openLog({ instance: "drill", nowUs, level: "silent" }),
      nowUs,
      shutdownPolicy: "cancelOnly",
      restored: "",
      ask: (event) => this.ask(event),
      ackedSeq: () => Number.POSITIVE_INFINITY,
      status: async () => null,
    });
    const { operations } = side;
    if (operations === undefined) throw new Error("an account trades");
    return operations;
  }

  /** Opens the orders, kills, watches until nothing is open any more, and releases. */
  async round(kill: () => Promise<void>, release: () => Promise<void>): Promise<KillOutcome> {
    await this.#openOrders();
    this.#cancelsMs = [];
    const placedBefore = this.#placed;
    const startMs = performance.now();
    await kill();
    const { table } = this.#trader.trade.orders;
    await until(() => table.live.size === 0);
    const takenMs = this.#cancelsMs.map((ms) => ms - startMs);
    const truth = this.#venues.trading.truth()["binance-spot"] as {
      readonly accounts: readonly { readonly openCount: number }[];
    };
    await release();
    return {
      takenMs,
      orderedLate: this.#placed - placedBefore,
      leftOpen: (truth.accounts[0]?.openCount ?? 0) + (ORDERS - takenMs.length),
    };
  }

  async #openOrders(): Promise<void> {
    const { orders } = this.#trader.trade;
    const followed = this.#plan.instruments.filter(({ quoteAsset }) => quoteAsset === "USDT");
    const prices = await Promise.all(followed.map((each) => this.#deepBid(each)));
    for (let n = 0; n < ORDERS; n++) {
      const instrument = followed[n % followed.length];
      const price = prices[n % followed.length];
      if (instrument === undefined || price === undefined) throw new Error("there are markets");
      const order = this.#orderOf(instrument, price);
      orders.applyPlace(order, nowUs());
      this.#desks.execute(order);
    }
    const { table } = orders;
    await until(() => [...table.live].filter(({ state }) => state === "open").length === ORDERS);
  }

  async #deepBid({ symbol }: Instrument): Promise<number> {
    const { rest } = this.#plan.venues[0]?.addresses ?? { rest: "" };
    const response = await fetch(`${rest}/api/v3/depth?symbol=${symbol}&limit=${LEVELS_ASKED}`);
    const book = (await response.json()) as { readonly bids: readonly [string, string][] };
    // A side may have been thinned out for a moment; its last level is deep enough.
    return Number((book.bids[LEVEL] ?? book.bids.at(-1))?.[0]);
  }

  #orderOf(instrument: Instrument, price: number): PlaceOrder {
    const { commandMax } = this.#trader.trade.orders.table;
    const { fence = 0 } = this.#plan.trading ?? {};
    return {
      type: "placeOrder",
      venue: 0,
      instrument: instrument.index,
      command: commandMax + 1,
      fence,
      clientId: clientIdOf(fence, commandMax + 1),
      side: "buy",
      timeInForce: "gtc",
      priceTicks: Math.round(price / Number(instrument.tickSize)),
      lots: Math.ceil(NOTIONAL / price / Number(instrument.lotSize)),
      purpose: "open",
      cycle: 0,
      leg: 0,
      stampUs: nowUs(),
      windowUs: 1_000_000,
      limitsVersion: 1,
      books: [],
      isTest: false,
    };
  }

  /** The writer's role, as in the hot thread; the market is not dialed. */
  #execute(command: CoreCommand): void {
    switch (command.type) {
      case "placeOrder":
        this.#placed++;
        this.#desks.execute(command);
        return;
      case "cancelOrder":
        this.#desks.execute(command);
        this.#cancelsMs.push(performance.now());
        return;
      case "cancelAll":
      case "queryOrder":
      case "readAccount":
      case "readFees":
      case "armDeadMan":
      case "openAccount":
      case "closeAccount":
        this.#desks.execute(command);
        return;
      default:
        return;
    }
  }

  #armTimer(dueUs: number): void {
    clearTimeout(this.#timer);
    const waitMs = Math.min(TIMER_MS_MAX, Math.max(0, (dueUs - nowUs()) / 1000));
    this.#timer = setTimeout(() => this.#loop.emit({ type: "timerFired" }), waitMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#desks.close();
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

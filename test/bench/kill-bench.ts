/**
 * Budget 19: a kill from the admin port with 200 open orders: how long until each cancel is on the wire, and
 * whether anything is ordered after the loop's turn that took it.
 *
 * The production loop, core, desk, intent log and admin port in one process, over real sockets to the
 * simulated Binance spot in the same one: what is shared makes it slower, never faster.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../hotpath/config.ts";
import type { CoreCommand } from "../../hotpath/core/commands.ts";
import type { Instrument } from "../../hotpath/core/instrument.ts";
import { MarketRing } from "../../hotpath/core/market-ring.ts";
import { clientIdOf } from "../../hotpath/core/order/client-id.ts";
import type { PlaceOrder } from "../../hotpath/core/trade/commands.ts";
import { TriangleTrader } from "../../hotpath/core/trade/trader.ts";
import { makeWorld, type World } from "../../hotpath/core/world.ts";
import { startAdminServer } from "../../hotpath/io/admin-http.ts";
import { openAdminToken } from "../../hotpath/io/admin-token.ts";
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
import { atMost, type BenchOptions, quantile, type Row, shown } from "./measure.ts";

const ORDERS = 200;
const GOAL_MS = 250;
const ROUNDS = { quick: 2, full: 8 } as const;
/** So deep in the book that nothing is filled while it rests, and still within what the venue shows. */
const LEVEL = 80;
const LEVELS_ASKED = 100;
/** Of the quote asset: above every smallest notional. */
const NOTIONAL = 20;
const TIMER_MS_MAX = 1000;

export async function killBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "reckoner-kill-"));
  const venues = await startVenues({
    spotInstruments: 12,
    usdmInstruments: 1,
    kucoinInstruments: 1,
    krakenInstruments: 1,
    levelsPerSide: 100,
    diffsPerSecond: 50,
    spotOrdersPerTenSeconds: 1_000_000,
  });
  const drill = await Drill.open(folder, venues);
  try {
    const takenMs: number[] = [];
    let late = 0;
    for (let round = 0; round < (isQuick ? ROUNDS.quick : ROUNDS.full); round++) {
      const outcome = await drill.round();
      takenMs.push(...outcome.takenMs);
      late += outcome.orderedLate + outcome.leftOpen;
    }
    const p99 = quantile(takenMs, 0.99);
    const note = `p50 ${shown(quantile(takenMs, 0.5))} ms, ${takenMs.length} cancels`;
    return [
      atMost(19, `kill: ${ORDERS} cancels on the wire, p99`, GOAL_MS, p99, "ms", note),
      atMost(19, "kill: orders sent after it, or left open", 0, late, "orders"),
    ];
  } finally {
    await drill.close();
    await venues.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Outcome = {
  /** From the request to the admin port until each cancel was written. */
  readonly takenMs: readonly number[];
  readonly orderedLate: number;
  readonly leftOpen: number;
};

class Drill {
  readonly #plan: HotPlan;
  readonly #venues: VenuesHandle;
  readonly #world: World;
  readonly #trader: TriangleTrader;
  readonly #loop: Loop;
  readonly #desks: TradeDesks;
  #timer: NodeJS.Timeout | undefined;
  #cancelsMs: number[] = [];
  #placed = 0;
  #post: (path: string) => Promise<void> = () => Promise.resolve();
  #closeAdmin: () => Promise<void> = () => Promise.resolve();

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
  }

  static async open(folder: string, venues: VenuesHandle): Promise<Drill> {
    const journal = join(folder, "journal");
    const reading = readConfig(
      `journal: {directory: ${journal}}\nvenues: {binance-spot: {trading: {mode: simulated}}}\n`,
    );
    if (!reading.ok) throw new Error(reading.faults[0]?.message);
    const market = await preparePlan(reading.config, venues.endpoints);
    if (!market.ok) throw new Error(market.reason);
    const prepared = prepareTrading(reading.config, market.plan, venues.endpoints, {
      environment: {},
      isArmed: false,
    });
    if (!prepared.ok) throw new Error(prepared.reason);
    const drill = new Drill(venues, { plan: prepared.plan, keys: prepared.keys, journal });
    await drill.#openAdmin(journal);
    drill.#loop.emit({ type: "started" });
    await until(() => drill.#trader.trade.accounts[0]?.phase === "ready");
    return drill;
  }

  async #openAdmin(journal: string): Promise<void> {
    const opened = openAdminToken(undefined, journal);
    if (!opened.ok) throw new Error(opened.reason);
    const side = new TradingSide({
      directory: journal,
      runId: "kill-drill",
      venues: this.#plan.venues.map(({ id }) => id),
      instruments: this.#plan.instruments,
      log: openLog({ instance: "drill", nowUs, level: "silent" }),
      nowUs,
      shutdownPolicy: "cancelOnly",
      restored: "",
      ask: async (event) => {
        this.#loop.emit(event);
        return this.#world.tick;
      },
      ackedSeq: () => Number.POSITIVE_INFINITY,
      status: async () => null,
    });
    const { operations } = side;
    if (operations === undefined) throw new Error("an account trades");
    const source = {
      status: () => Promise.reject(new Error("not asked")),
      metricsText: async () => "",
      book: () => null,
      resyncs: () => [],
      records: () => [],
    };
    const started = await startAdminServer(0, source, { token: opened.token, operations });
    if (!started.ok) throw new Error(started.reason);
    const token = readFileSync(opened.token.file, "utf8").trim();
    this.#closeAdmin = () => started.admin.close();
    this.#post = async (path) => {
      const response = await fetch(`${started.admin.url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ scope: "all", by: "drill", reason: "a drill" }),
      });
      if (response.status !== 200) throw new Error(`${path}: ${await response.text()}`);
    };
  }

  /** Opens the orders, kills, and watches until nothing is open any more. */
  async round(): Promise<Outcome> {
    await this.#openOrders();
    this.#cancelsMs = [];
    const placedBefore = this.#placed;
    const startMs = performance.now();
    await this.#post("/kill");
    const takenMs = this.#cancelsMs.map((ms) => ms - startMs);
    const { table } = this.#trader.trade.orders;
    await until(() => table.live.size === 0);
    const truth = this.#venues.trading.truth()["binance-spot"] as {
      readonly accounts: readonly { readonly openCount: number }[];
    };
    await this.#post("/release");
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
    return Number(book.bids[LEVEL]?.[0]);
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

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#desks.close();
    await this.#closeAdmin();
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

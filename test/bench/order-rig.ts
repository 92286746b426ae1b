/**
 * The rig of the path with a trader in its world and a real desk behind it: what a frame costs until the bytes
 * of its order stand in a buffer. Only the sockets are missing, and the two writes that have rows of their
 * own: the intent and the journal.
 *
 * Orders are answered after a batch of blocks: accepted, nothing filled, expired. So each cycle ends, the
 * books alone decide about the next one, and what answers cost the caches is not met by every order.
 */
import { generateKeyPairSync } from "node:crypto";
import { performance } from "node:perf_hooks";
import { standardConfig } from "../../hotpath/config.ts";
import { BoundedRing } from "../../hotpath/core/bounded-ring.ts";
import type { CoreCommand } from "../../hotpath/core/commands.ts";
import { applyMarket, concludeMarket } from "../../hotpath/core/engine.ts";
import type { ControlEvent } from "../../hotpath/core/events.ts";
import { MarketRing } from "../../hotpath/core/market-ring.ts";
import { INQUIRY_RULES } from "../../hotpath/core/order/unknown.ts";
import type { PlaceOrder } from "../../hotpath/core/trade/commands.ts";
import type { TradingPlan } from "../../hotpath/core/trade/plan.ts";
import { TriangleTrader } from "../../hotpath/core/trade/trader.ts";
import type { World } from "../../hotpath/core/world.ts";
import { nowUs } from "../../hotpath/io/clock.ts";
import { decodersOf } from "../../hotpath/plan.ts";
import { Reader } from "../../hotpath/reader.ts";
import { riskLimitsOf } from "../../hotpath/trading-plan.ts";
import { binanceSpotExecution } from "../../hotpath/venues/binance-spot/execute.ts";
import type { Desk } from "../../hotpath/venues/execution.ts";
import type { Profile } from "./frames.ts";
import { BLOCK, LEAD, makeOrderMarket } from "./order-market.ts";
import { makePathRig, type PathRig } from "./path-rig.ts";

const SECOND_US = 1_000_000;
const HOUR_US = 3600 * SECOND_US;
const FEE_PPB = 1_000_000;
const SETTLE_ROUNDS = 200;
const MANY = 1e9;
const FRAME_BYTES_MAX = 4096;

export type OrderRig = {
  readonly path: PathRig;
  readonly world: World;
  readonly blocks: number;
  /** Writes the frames of a block forward and takes those that lead in; not to be measured. */
  readonly prepare: (block: number) => void;
  /** The block's last frames to commands and order bytes. */
  readonly run: (block: number) => void;
  /** JSON.parse of the same bytes. */
  readonly parse: (block: number) => void;
  /** When the last order's bytes stood in the buffer, and what was put out in the last block. */
  readonly sentAtMs: () => number;
  readonly commands: () => readonly CoreCommand[];
  readonly orders: () => readonly PlaceOrder[];
  /** Lets the venue answer what was sent; not to be measured. */
  readonly answer: () => void;
  readonly kept: () => number;
  /** From here on no cycle reaches the threshold. */
  readonly neverFire: () => void;
};

/** The standard limits, but for those that count orders and moves: here thousands come in a second. */
function tradingPlan(): TradingPlan {
  const config = standardConfig();
  const limits = riskLimitsOf(config.trading.limits);
  const { features, feeRounding } = binanceSpotExecution;
  return {
    fence: 7,
    venues: [
      {
        venue: 0,
        mode: "simulated",
        startAmounts: { USDT: "1000", BTC: "0.01", ETH: "0.3", BNB: "1", USDC: "9", EUR: "40" },
        referenceAsset: "USDT",
        paperBalances: {},
        rates: binanceSpotExecution.rates.map((rule) => ({ ...rule, limit: MANY })),
        feeRounding,
        hasDeadMan: false,
        dialsToOpen: 1,
        hasOrderTest: true,
        cancelAll: features.cancelAll,
        windowUs: SECOND_US,
        backEndUs: features.backEndUs,
      },
    ],
    limits: {
      ...limits,
      orderNotionalMax: "5000",
      legNotionalMax: "5000",
      positionNotionalMax: "50000",
      openNotionalMax: "100000",
      openOrdersPerInstrumentMax: 50,
      openOrdersMax: 500,
      orderDepthSharePpm: 1_000_000,
      quarantineUs: 0,
      rampUs: 0,
      jumpSigmas: 0,
      jumpPpm: 200_000,
      spreadPpm: 200_000,
      volatilityFactor: 1000,
      edgePpmMax: 50_000,
      duplicateWindowUs: 0,
      bookAgeUsMax: HOUR_US,
      exchangeAgeUsMax: HOUR_US,
      queueDelayUsMax: HOUR_US,
      cyclesPerHourMax: MANY,
      cyclesPerDayMax: MANY,
      ordersPerSecondMax: MANY,
      ordersPerMinuteMax: MANY,
      ordersPerDayMax: MANY,
    },
    limitsVersion: 3,
    edgePpmMin: 1000,
    slots: 64,
    // All cycles begin with the same book.
    isolation: { instrument: false, primaryQuote: false },
    cooldownUs: 0,
    fillTimeoutUs: HOUR_US,
    awaitBalanceUs: 0,
    singleLegPolicy: "reverse",
    exitTriesMax: 3,
    exitCollarPpm: 10_000,
    shutdownPolicy: "flatten",
    clockErrorUs: SECOND_US / 2,
    reconcileIntervalUs: HOUR_US,
    accountSilenceUs: HOUR_US,
    backoffInitialUs: SECOND_US,
    backoffCapUs: SECOND_US,
    inquiry: INQUIRY_RULES,
    timeDivisor: 1,
    restored: "",
  };
}

/** A desk whose socket is a buffer: what it opens with is answered, and orders wait for `answer`. */
class BufferedDesk {
  readonly desk: Desk;
  readonly #out = Buffer.alloc(FRAME_BYTES_MAX);
  readonly #emit: (event: ControlEvent) => void;
  readonly #texts: string[] = [];
  #opening: string[] = [];
  #isOpen = false;
  #isDialed = false;
  bytes = 0;
  sentAtMs = 0;

  constructor(path: () => PathRig, instruments: PathRig["plan"]["instruments"]) {
    this.#emit = (event) => path().emit(event);
    const { privateKey } = generateKeyPairSync("ed25519");
    const secret = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    this.desk = binanceSpotExecution.makeDesk({
      venue: 0,
      instruments,
      addresses: { rest: "", stream: "wss://127.0.0.1:1", orders: "wss://127.0.0.1:1" },
      keys: { apiKey: "bench", secret, passphrase: "" },
      ports: {
        send: (_, text) => this.#send(text),
        call: () => undefined,
        dial: () => {
          this.#isDialed = true;
        },
        hangUp: () => undefined,
        emit: (event) => this.#emit(event),
        nowUs,
        wakeAt: () => undefined,
      },
    });
  }

  #send(text: string): boolean {
    if (this.#isOpen) {
      this.bytes += this.#out.write(text, 0, "latin1");
      this.sentAtMs = performance.now();
      this.#texts.push(text);
    } else this.#opening.push(text);
    return true;
  }

  /** Answers the questions with which a session opens, one after the other. */
  open(): void {
    if (this.#isDialed) {
      this.#isDialed = false;
      this.desk.onOpen(0);
    }
    for (let text = this.#opening.shift(); text !== undefined; text = this.#opening.shift()) {
      const { id, method } = JSON.parse(text) as { readonly id: string; readonly method: string };
      const result = method === "time" ? { serverTime: Date.now() } : { subscriptionId: 1 };
      this.#answer({ id, status: 200, result });
    }
  }

  ready(): void {
    this.#isOpen = true;
  }

  /** Accepted and expired without a fill. */
  expire(order: PlaceOrder, symbol: string): void {
    const texts = /"price":"([^"]+)","quantity":"([^"]+)"/.exec(this.#textOf(order));
    this.#answer({
      id: order.clientId,
      status: 200,
      result: {
        symbol,
        orderId: order.command,
        clientOrderId: order.clientId,
        transactTime: Date.now(),
        price: texts?.[1],
        origQty: texts?.[2],
        executedQty: "0.00000000",
        cummulativeQuoteQty: "0.00000000",
        status: "EXPIRED",
        timeInForce: "IOC",
        type: "LIMIT",
        side: order.side === "buy" ? "BUY" : "SELL",
        fills: [],
      },
    });
  }

  /** Frames are answered in the order in which they were sent. */
  #textOf({ clientId }: PlaceOrder): string {
    const text = this.#texts.shift() ?? "";
    if (!text.startsWith(`{"id":"${clientId}"`)) throw new Error("the bytes are of another order");
    return text;
  }

  #answer(answer: object): void {
    this.desk.onText(0, Buffer.from(JSON.stringify(answer)), nowUs());
  }
}

export async function makeOrderRig(profile: Profile): Promise<OrderRig> {
  const market = makeOrderMarket(profile, nowUs());
  let path: PathRig | undefined;
  let trader: TriangleTrader | undefined;
  const rigOf = (): PathRig => {
    if (path === undefined) throw new Error("nothing is emitted before there is a rig");
    return path;
  };
  const desk = new BufferedDesk(rigOf, market.instruments);
  const waiting: CoreCommand[] = [];
  path = await makePathRig({
    profile,
    books: market.instruments.length,
    market,
    isPatient: true,
    inhabit: (world) => {
      trader = TriangleTrader.inhabit(world, tradingPlan());
    },
    execute: (command) => waiting.push(command),
  });
  const rig = path;
  for (let i = 0; i < rig.frames; i++) {
    rig.forward(i);
    rig.deliver(i);
  }
  await rig.acceptQuiet();
  rig.emit({ type: "clockMeasured", venue: 0, offsetUs: 0, errorUs: 1000, weightUsed: 1 });
  openAccount(rig, desk, waiting, market.instruments.length);
  if (trader === undefined) throw new Error("the world was inhabited");
  return driven(rig, desk, waiting, trader);
}

/** Carries out what the core wants of its account until it is ready. */
function openAccount(
  rig: PathRig,
  desk: BufferedDesk,
  waiting: CoreCommand[],
  instruments: number,
): void {
  let epoch = 0;
  for (let round = 0; round < SETTLE_ROUNDS; round++) {
    rig.emit({ type: "timerFired" });
    for (const command of waiting.splice(0)) {
      if (command.type === "openAccount") {
        epoch = command.epoch;
        desk.desk.execute(command);
      } else answerReading(rig, command, epoch, instruments);
    }
    desk.open();
  }
  desk.ready();
}

function answerReading(
  rig: PathRig,
  command: CoreCommand,
  epoch: number,
  instruments: number,
): void {
  const stamp = { venue: 0, epoch, recvUs: nowUs() };
  if (command.type === "readFees") {
    const fees = Array.from({ length: instruments }, (_, instrument) => {
      const fee = {
        makerPpb: FEE_PPB,
        takerPpb: FEE_PPB,
        paidIn: "received",
        feeAsset: "",
      } as const;
      return { instrument, ...fee };
    });
    rig.emit({ type: "feesRead", ...stamp, fees });
  }
  if (command.type !== "readAccount") return;
  rig.emit({
    type: "accountRead",
    ...stamp,
    requestId: command.requestId,
    outcome: "read",
    balances: Object.entries({ USDT: "100000", BTC: "10", ETH: "100" }).map(([asset, total]) => {
      return { asset, total, free: total, held: "0" };
    }),
    openOrders: [],
    fills: [],
    reason: "",
  });
}

/** The levers of the measured part: reader, decoder, ring, core and desk, without the recorder. */
function driven(
  path: PathRig,
  desk: BufferedDesk,
  waiting: CoreCommand[],
  trader: TriangleTrader,
): OrderRig {
  const { world, plan } = path;
  const ring = new MarketRing(plan.marketRingSlots);
  const control = new BoundedRing<ControlEvent>("controlEvents", 64);
  const [decoder] = decodersOf(plan);
  if (decoder === undefined) throw new Error("a plan with a venue has a decoder");
  const commands: CoreCommand[] = [];
  const orders: PlaceOrder[] = [];
  const stamp = { recvUs: 0, awayUs: 0 };
  const source = { venue: 0, shard: 0, epoch: 1, recvUs: 0, awayUs: 0 };
  let kept = 0;
  /** As the loop does it, but that records are left for rows of their own. */
  const flush = (): void => {
    for (const command of world.outbox) {
      if (command.type === "placeOrder") {
        desk.desk.execute(command);
        orders.push(command);
      }
      commands.push(command);
    }
    world.outbox.length = 0;
  };
  const reader = new Reader([{ decoder, source, feed: undefined }], ring, control, {
    recordFrame: () => 1,
    run: () => {
      const row = ring.oldest;
      ring.processUs[row] = stamp.recvUs;
      applyMarket(world, ring, row);
      ring.release();
      if (world.outbox.length === 0) return;
      flush();
      concludeMarket(world);
      flush();
    },
  });
  const take = (i: number): void => {
    stamp.recvUs = nowUs();
    reader.onFrame(0, 1, path.frame(i), stamp);
  };
  const answer = (): void => {
    for (const order of orders) {
      desk.expire(order, plan.instruments[order.instrument]?.symbol ?? "");
    }
    orders.length = 0;
    commands.length = 0;
    waiting.length = 0;
  };
  return {
    path,
    world,
    blocks: path.frames / BLOCK,
    prepare: (block) => {
      for (let i = 0; i < BLOCK; i++) path.forward(block * BLOCK + i);
      for (let i = 0; i < LEAD; i++) take(block * BLOCK + i);
    },
    run: (block) => {
      for (let i = LEAD; i < BLOCK; i++) take(block * BLOCK + i);
    },
    parse: (block) => {
      for (let i = LEAD; i < BLOCK; i++) {
        const message = JSON.parse(path.frame(block * BLOCK + i).toString()) as {
          readonly data: { readonly u: number };
        };
        kept += message.data.u;
      }
    },
    sentAtMs: () => desk.sentAtMs,
    commands: () => commands,
    orders: () => orders,
    answer,
    kept: () => kept + desk.bytes,
    neverFire: () => {
      for (const each of trader.trade.desks)
        if (each !== undefined) each.detector.edgePpmMin = MANY;
    },
  };
}

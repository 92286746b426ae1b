/**
 * A tiny venue that knows the truth of every order it was given, and tells of it as badly as it is allowed
 * to: late, twice, out of order, not at all. Chance comes from a seed; time is the rig's.
 */
import type { CoreCommand } from "../../../../hotpath/core/commands.ts";
import type { Instrument } from "../../../../hotpath/core/instrument.ts";
import { amountToText, parseAmount } from "../../../../hotpath/core/money/amount.ts";
import { lotsToAmount, notionalAmount } from "../../../../hotpath/core/money/notional.ts";
import type { PlaceOrder } from "../../../../hotpath/core/trade/commands.ts";
import type {
  AccountEvent,
  FillView,
  OrderView,
  RefusalClass,
} from "../../../../hotpath/core/trade/events.ts";
import { MS, SECOND, SYMBOLS, type TradeRig } from "./rig.ts";

const PPB = 1_000_000_000n;
/** Ten basis points. */
const FEE_PPB = 1_000_000n;
/** Fees are cut to eight places, as the rig's plan says of its venue. */
const FEE_STEP = 10n ** 10n;
/** Refusals that a venue makes of an order it has not executed. */
const REFUSALS: readonly RefusalClass[] = ["rejected", "throttled", "clock", "halted"];

/** How badly it tells, as shares of one; all 0 for a venue without faults. */
export type Badness = {
  readonly lost: number;
  readonly refused: number;
  readonly silent: number;
  readonly twice: number;
  readonly slow: number;
  readonly short: number;
};

export const FLAWLESS: Badness = { lost: 0, refused: 0, silent: 0, twice: 0, slow: 0, short: 0 };
export const BAD: Badness = {
  lost: 0.05,
  refused: 0.08,
  silent: 0.12,
  twice: 0.2,
  slow: 0.15,
  short: 0.35,
};

export type Truth = {
  readonly place: PlaceOrder;
  readonly orderId: string;
  isIn: boolean;
  state: "filled" | "expired";
  filledLots: number;
  readonly trades: FillView[];
};

type Due = {
  readonly atUs: number;
  readonly at: number;
  /** Something said to the process, and not something that happens at the venue. */
  readonly isWord: boolean;
  readonly act: () => void;
};

export class ModelVenue {
  readonly truths = new Map<string, Truth>();
  readonly balances = new Map<string, bigint>();
  /** Orders that were given twice, or that the balance did not cover: both must never be. */
  readonly twice: string[] = [];
  readonly uncovered: string[] = [];
  badness: Badness;
  #rig: TradeRig;
  readonly #chance: () => number;
  readonly #paidIn: "quote" | "received";
  readonly #due: Due[] = [];
  #taken = 0;
  #count = 0;

  constructor(
    rig: TradeRig,
    chance: () => number,
    badness: Badness,
    paidIn: "quote" | "received" = "received",
  ) {
    this.#rig = rig;
    this.#chance = chance;
    this.badness = badness;
    this.#paidIn = paidIn;
  }

  /** Takes the commands that have come since the last call. */
  take(): void {
    const { out } = this.#rig;
    for (; this.#taken < out.length; this.#taken++) this.#obey(out[this.#taken] as CoreCommand);
  }

  /** Does and tells whatever is due by now, and takes what that leads to. */
  deliver(): void {
    this.take();
    for (;;) {
      this.#due.sort((a, b) => a.atUs - b.atUs || a.at - b.at);
      const [next] = this.#due;
      if (next === undefined || next.atUs > this.#rig.nowUs) return;
      this.#due.shift();
      next.act();
      this.take();
    }
  }

  /** Another process takes over: words on their way are lost with the old one, orders are not. */
  adopt(rig: TradeRig): void {
    this.#rig = rig;
    this.#taken = 0;
    this.#due.splice(0, this.#due.length, ...this.#due.filter(({ isWord }) => !isWord));
  }

  deposit(asset: string, amount: string): void {
    this.#add(asset, parseAmount(amount) ?? 0n);
  }

  #in(us: number, act: () => void, isWord = true): void {
    this.#count++;
    this.#due.push({ atUs: this.#rig.nowUs + Math.round(us), at: this.#count, isWord, act });
  }

  /** How long a word takes. */
  #delayUs(): number {
    return this.#is(this.badness.slow)
      ? this.#chance() * 8 * SECOND
      : (1 + this.#chance() * 40) * MS;
  }

  #is(share: number): boolean {
    return this.#chance() < share;
  }

  #tell(make: () => AccountEvent, isLossy = true): void {
    if (isLossy && this.#is(this.badness.silent)) return;
    const count = this.#is(this.badness.twice) ? 2 : 1;
    for (let i = 0; i < count; i++) {
      this.#in(this.#delayUs(), () => this.#rig.event({ ...make(), recvUs: this.#rig.nowUs }));
    }
  }

  #add(asset: string, amount: bigint): void {
    this.balances.set(asset, (this.balances.get(asset) ?? 0n) + amount);
  }

  #obey(command: CoreCommand): void {
    const stamp = this.#rig.stamp();
    switch (command.type) {
      case "placeOrder":
        this.#place(command);
        return;
      case "cancelOrder": {
        const { clientId } = command;
        const refusal = { class: "noSuchOrder", code: "-2011", text: "", isListed: true } as const;
        this.#tell(() => ({ type: "cancelRefused", ...stamp, clientId, refusal }));
        return;
      }
      case "queryOrder":
        this.#query(command);
        return;
      case "readAccount":
        this.#read(command.requestId);
        return;
      case "readFees":
        if (this.#is(this.badness.silent)) {
          this.#tell(() => ({ type: "feesFailed", ...stamp, reason: "timeout" }));
        } else this.#in(this.#delayUs(), () => this.#rig.fees(Number(FEE_PPB), this.#paidIn));
        return;
      case "openAccount": {
        const opened = { ...stamp, epoch: command.epoch };
        const isRefused = this.#is(this.badness.refused);
        this.#in(100 * MS, () =>
          this.#rig.event(
            isRefused
              ? { type: "accountClosed", ...opened, reason: "logon refused" }
              : { type: "accountReady", ...opened, recvUs: this.#rig.nowUs },
          ),
        );
        return;
      }
      default:
        return;
    }
  }

  #place(place: PlaceOrder): void {
    const { clientId } = place;
    if (this.truths.has(clientId)) this.twice.push(clientId);
    this.#count++;
    const orderId = String(10_000 + this.#count);
    const truth: Truth = {
      place,
      orderId,
      isIn: false,
      state: "expired",
      filledLots: 0,
      trades: [],
    };
    this.truths.set(clientId, truth);
    const stamp = this.#rig.stamp();
    if (this.#is(this.badness.lost)) {
      this.#refuse(clientId, "unknown", "timeout");
      return;
    }
    if (this.#is(this.badness.lost / 2)) {
      const reason = "the connection is closed";
      this.#tell(() => ({ type: "orderNotSent", ...stamp, clientId, reason }), false);
      return;
    }
    if (this.#is(this.badness.refused)) {
      const one = REFUSALS[Math.floor(this.#chance() * REFUSALS.length)] ?? "rejected";
      this.#refuse(clientId, one, "-2010");
      return;
    }
    // Its window is one second: what comes later than that is refused by every venue.
    const onWayUs = (1 + this.#chance() * (this.#is(this.badness.slow) ? 900 : 20)) * MS;
    this.#in(onWayUs, () => this.#execute(truth), false);
  }

  #refuse(clientId: string, refusalClass: RefusalClass, code: string): void {
    const stamp = this.#rig.stamp();
    const refusal = { class: refusalClass, code, text: code, isListed: true };
    this.#tell(() => ({ type: "orderRefused", ...stamp, clientId, refusal }));
  }

  #execute(truth: Truth): void {
    const { place, orderId } = truth;
    const { clientId } = place;
    const instrument = this.#rig.trade.instruments[place.instrument] as Instrument;
    const isBuy = place.side === "buy";
    const most = isBuy
      ? notionalAmount(instrument, place.priceTicks, place.lots, "ceil")
      : lotsToAmount(instrument, place.lots);
    const onTop = isBuy && this.#paidIn === "quote" ? (most * FEE_PPB) / PPB : 0n;
    const asset = isBuy ? instrument.quoteAsset : instrument.baseAsset;
    if (most + onTop > (this.balances.get(asset) ?? 0n)) {
      this.uncovered.push(clientId);
      this.#refuse(clientId, "rejected", "-2010");
      return;
    }
    truth.isIn = true;
    let filled = place.lots;
    if (this.#is(this.badness.short)) filled = Math.floor(this.#chance() * (place.lots + 1));
    if (this.#is(this.badness.short / 2)) filled = 0;
    this.#trade(truth, instrument, filled);
    truth.filledLots = filled;
    truth.state = filled === place.lots ? "filled" : "expired";
    const stamp = this.#rig.stamp();
    if (this.#is(this.badness.lost)) this.#refuse(clientId, "unknown", "-1007");
    else this.#tell(() => ({ type: "orderAccepted", ...stamp, clientId, orderId }));
    for (const fill of truth.trades) {
      // Some venues name the fee only in a query.
      const isFeeTold = !this.#is(this.badness.silent);
      const told = isFeeTold ? fill : { ...fill, fee: "", feeAsset: "" };
      this.#tell(() => ({ type: "orderFilled", ...stamp, source: "stream", fill: told }));
    }
    const order = this.#view(truth);
    this.#tell(() => ({ type: "orderReported", ...stamp, source: "stream", order }));
  }

  /** One to three trades at the limit or a tick better. */
  #trade(truth: Truth, instrument: Instrument, lots: number): void {
    const { place } = truth;
    const sign = place.side === "buy" ? -1 : 1;
    let left = lots;
    while (left > 0) {
      const part = truth.trades.length === 2 ? left : Math.ceil(left * this.#chance());
      left -= part;
      const better = this.#is(0.3) ? 1 : 0;
      truth.trades.push(this.#book(truth, instrument, place.priceTicks + sign * better, part));
    }
  }

  /** Balances move in the instant of the trade. */
  #book({ place, orderId }: Truth, instrument: Instrument, ticks: number, lots: number): FillView {
    const { clientId, side } = place;
    const isBuy = side === "buy";
    const quote = notionalAmount(instrument, ticks, lots);
    const base = lotsToAmount(instrument, lots);
    const isFeeInBase = this.#paidIn === "received" && isBuy;
    const charged = isFeeInBase ? base : quote;
    const fee = ((charged * FEE_PPB) / PPB / FEE_STEP) * FEE_STEP;
    const feeAsset = isFeeInBase ? instrument.baseAsset : instrument.quoteAsset;
    this.#add(instrument.baseAsset, isBuy ? base : -base);
    this.#add(instrument.quoteAsset, isBuy ? -quote : quote);
    this.#add(feeAsset, -fee);
    this.#count++;
    return {
      clientId,
      orderId,
      instrument: place.instrument,
      tradeId: String(this.#count),
      side,
      priceTicks: ticks,
      lots,
      fee: amountToText(fee),
      feeAsset,
      isMaker: false,
      exchangeUs: this.#rig.nowUs,
    };
  }

  #view({ place, orderId, state, filledLots }: Truth): OrderView {
    const { clientId, instrument, side, lots, priceTicks } = place;
    const exchangeUs = this.#rig.nowUs;
    return {
      clientId,
      orderId,
      instrument,
      side,
      state,
      lots,
      filledLots,
      priceTicks,
      reason: "",
      exchangeUs,
    };
  }

  #query(command: Extract<CoreCommand, { type: "queryOrder" }>): void {
    const { clientId, requestId } = command;
    const truth = this.truths.get(clientId);
    const stamp = this.#rig.stamp();
    const about = { type: "orderQueried", ...stamp, requestId, clientId } as const;
    const isFailed = this.#is(this.badness.silent);
    const isFound = truth?.isIn === true;
    const order = isFound ? this.#view(truth) : undefined;
    const fills = isFound ? [...truth.trades] : [];
    if (isFailed) {
      const nothing = { order: undefined, fills: [], reason: "timeout" };
      this.#tell(() => ({ ...about, outcome: "failed", ...nothing }));
      return;
    }
    const outcome = isFound ? "found" : "notFound";
    this.#tell(() => ({ ...about, outcome, order, fills, reason: "" }));
  }

  #read(requestId: number): void {
    const stamp = this.#rig.stamp();
    const isFailed = this.#is(this.badness.silent);
    const balances = [...this.balances].map(([asset, amount]) => {
      return { asset, total: amountToText(amount), free: "", held: "" };
    });
    const fills = [...this.truths.values()].flatMap(({ trades }) => trades);
    this.#tell(() => ({
      type: "accountRead",
      ...stamp,
      requestId,
      outcome: isFailed ? "failed" : "read",
      balances: isFailed ? [] : balances,
      openOrders: [],
      fills: isFailed ? [] : fills,
      reason: isFailed ? "timeout" : "",
    }));
  }
}

/** Lets the rig and its venue live together for a while. */
export function live(rig: TradeRig, venue: ModelVenue, us: number, stepUs = 50 * MS): void {
  const endUs = rig.nowUs + us;
  venue.deliver();
  while (rig.nowUs < endUs) {
    rig.advance(Math.min(stepUs, endUs - rig.nowUs), stepUs);
    venue.deliver();
  }
}

/** Opens the account at its venue and lets the gate see the market for as long as it wants. */
export function begin(rig: TradeRig, venue: ModelVenue, balances: Record<string, string>): void {
  for (const [asset, amount] of Object.entries(balances)) venue.deposit(asset, amount);
  for (let second = 0; second < 6; second++) {
    live(rig, venue, SECOND, SECOND / 2);
    for (const symbol of SYMBOLS) rig.fair(symbol);
  }
}

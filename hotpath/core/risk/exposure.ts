/**
 * Station: orders sent and positions held -> worst-case exposure of one venue's account.
 *
 * An order counts from the moment it is sent until it is proven to have ended, whether it is open, of
 * unknown fate, or has not been heard of: with all that is not yet filled of it, as if all of it would be.
 * What is filled counts as position instead. Nothing here ends by time alone.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Side } from "../../../contracts/trade.ts";
import type { Instrument } from "../instrument.ts";
import { lotsToAmount, notionalAmount } from "../money/notional.ts";
import { unitsOf } from "./limits.ts";
import type { Valuation } from "./valuation.ts";

/** An order as it is counted first. */
export type OrderSent = {
  /** Names it among all orders of the account, whatever fence sent it. */
  readonly clientId: string;
  readonly instrument: number;
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
};

/** One order that may still fill. */
export type LiveOrder = OrderSent & {
  /** Not yet filled. */
  remainingLots: number;
  /** Worth of the whole order in the reference asset when it was sent; 0 until it could be valued. */
  worth: bigint;
  isValued: boolean;
  isUnknown: boolean;
  /** The rules that its ticks and lots were meant under; they may change while it is open. */
  readonly rules: Instrument;
};

/** What may come of one asset. */
export type AssetExposure = {
  readonly asset: string;
  /** The account is meant to hold it: it is what cycles begin and end with. */
  readonly isHome: boolean;
  /** Held beyond what the account is meant to hold. */
  held: bigint;
  /** What live orders would add to it, were all of them to fill. */
  incoming: bigint;
  /** Last known worth of both in whole reference units: to screen with. */
  worth: number;
};

export class VenueExposure {
  readonly #instruments = new Map<number, Instrument>();
  readonly #orders = new Map<string, LiveOrder>();
  readonly #byInstrument = new Map<number, LiveOrder[]>();
  readonly #assets = new Map<string, AssetExposure>();
  readonly #home: ReadonlySet<string>;
  readonly #valuation: Valuation;
  /** Worth of all that is open, in the reference asset. */
  openWorth = 0n;
  /** Orders that could not be valued yet: while there are any, `openWorth` says too little. */
  unvaluedOrderCount = 0;
  unknownOrderCount = 0;
  /** Sum of the last known worths of every asset that is not a home asset. */
  grossWorth = 0;

  constructor(
    instruments: readonly Instrument[],
    homeAssets: readonly string[],
    valuation: Valuation,
  ) {
    for (const instrument of instruments) this.#instruments.set(instrument.index, instrument);
    this.#home = new Set(homeAssets);
    this.#valuation = valuation;
  }

  get openOrderCount(): number {
    return this.#orders.size;
  }

  /** Live orders of an instrument. Not to be changed, and valid until the next change. */
  ordersOf(instrument: number): readonly LiveOrder[] {
    return this.#byInstrument.get(instrument) ?? NO_ORDERS;
  }

  /** Whether the order is still live. */
  has(clientId: string): boolean {
    return this.#orders.has(clientId);
  }

  assets(): IterableIterator<AssetExposure> {
    return this.#assets.values();
  }

  asset(name: string): AssetExposure {
    let asset = this.#assets.get(name);
    if (asset === undefined) {
      const isHome = this.#home.has(name);
      asset = { asset: name, isHome, held: 0n, incoming: 0n, worth: 0 };
      this.#assets.set(name, asset);
    }
    return asset;
  }

  /** Takes up new rules of an instrument. */
  refresh(instrument: Instrument): void {
    this.#instruments.set(instrument.index, instrument);
  }

  instrument(index: number): Instrument | undefined {
    return this.#instruments.get(index);
  }

  /**
   * Counts an order that is about to be sent, or one found again after a restart. A `worth` that nothing
   * could tell yet is looked for again whenever everything is valued.
   */
  add(order: OrderSent, worth: bigint | undefined, remainingLots = order.lots): void {
    assert(!this.#orders.has(order.clientId), "an order is counted once");
    assert(order.lots > 0, "an order has lots");
    const rules = this.#instruments.get(order.instrument);
    assert(rules !== undefined, "an order has an instrument of its venue");
    const live: LiveOrder = {
      clientId: order.clientId,
      instrument: order.instrument,
      side: order.side,
      priceTicks: order.priceTicks,
      lots: order.lots,
      remainingLots: 0,
      worth: worth ?? 0n,
      isValued: worth !== undefined,
      isUnknown: false,
      rules,
    };
    if (!live.isValued) this.unvaluedOrderCount++;
    this.#orders.set(order.clientId, live);
    const siblings = this.#byInstrument.get(order.instrument);
    if (siblings === undefined) this.#byInstrument.set(order.instrument, [live]);
    else siblings.push(live);
    this.#setRemaining(live, Math.max(0, remainingLots));
  }

  /** What may still fill of a live order; of any other nothing changes. */
  setRemaining(clientId: string, lots: number): void {
    const order = this.#orders.get(clientId);
    // An overfill leaves nothing open; the position says the rest.
    if (order !== undefined) this.#setRemaining(order, Math.max(0, lots));
  }

  setUnknown(clientId: string, isUnknown: boolean): void {
    const order = this.#orders.get(clientId);
    if (order === undefined || order.isUnknown === isUnknown) return;
    order.isUnknown = isUnknown;
    this.unknownOrderCount += isUnknown ? 1 : -1;
  }

  /** The order is proven to have ended. Asking twice changes nothing. */
  end(clientId: string): void {
    const order = this.#orders.get(clientId);
    if (order === undefined) return;
    this.#setRemaining(order, 0);
    this.setUnknown(clientId, false);
    if (!order.isValued) this.unvaluedOrderCount--;
    this.#orders.delete(clientId);
    const siblings = this.#byInstrument.get(order.instrument) ?? [];
    const at = siblings.indexOf(order);
    assert(at >= 0, "a live order stands with its instrument");
    siblings.splice(at, 1);
  }

  /** What the ledger holds of an asset beyond what it is meant to hold; negative where it is short. */
  setHeld(name: string, held: bigint): void {
    const asset = this.asset(name);
    asset.held = held;
    this.#revalue(asset);
  }

  /** Values everything again at the books of now; once a second is enough for screening. */
  revalue(): void {
    if (this.unvaluedOrderCount > 0) for (const order of this.#orders.values()) this.#value(order);
    let gross = 0;
    for (const asset of this.#assets.values()) {
      this.#valueOf(asset);
      gross += asset.isHome ? 0 : asset.worth;
    }
    this.grossWorth = gross;
  }

  /** The exact sum that `grossWorth` screens; undefined while one of the assets has no live value. */
  exactGross(): bigint | undefined {
    let gross = 0n;
    for (const asset of this.#assets.values()) {
      if (asset.isHome) continue;
      const value = this.#valuation.value(asset.asset, worstOf(asset));
      if (value === undefined) return undefined;
      gross += value < 0n ? -value : value;
    }
    return gross;
  }

  #value(order: LiveOrder): void {
    if (order.isValued) return;
    const { rules, priceTicks, lots, remainingLots } = order;
    const notional = notionalAmount(rules, priceTicks, lots, "ceil");
    const worth = this.#valuation.value(rules.quoteAsset, notional);
    if (worth === undefined) return;
    order.worth = worth;
    order.isValued = true;
    this.unvaluedOrderCount--;
    this.openWorth += shareOf(order, remainingLots);
  }

  #setRemaining(order: LiveOrder, remainingLots: number): void {
    const { rules, remainingLots: lotsBefore } = order;
    const asset = this.asset(order.side === "buy" ? rules.baseAsset : rules.quoteAsset);
    asset.incoming += incomingOf(order, remainingLots) - incomingOf(order, lotsBefore);
    this.openWorth += shareOf(order, remainingLots) - shareOf(order, lotsBefore);
    order.remainingLots = remainingLots;
    this.#revalue(asset);
  }

  #revalue(asset: AssetExposure): void {
    const before = asset.worth;
    this.#valueOf(asset);
    if (!asset.isHome) this.grossWorth += asset.worth - before;
  }

  /** A book that is not live keeps the last worth; an asset that never had one has none: NaN. */
  #valueOf(asset: AssetExposure): void {
    const worst = worstOf(asset);
    if (worst === 0n) {
      asset.worth = 0;
      return;
    }
    const worth = Math.abs(unitsOf(worst)) * this.#valuation.rate(asset.asset);
    if (worth >= 0 || asset.worth === 0) asset.worth = worth;
  }
}

const NO_ORDERS: readonly LiveOrder[] = [];

/** Held plus all that may come: the worst case of the side that grows. */
function worstOf(asset: AssetExposure): bigint {
  return asset.held + asset.incoming;
}

function incomingOf(order: LiveOrder, lots: number): bigint {
  if (lots === 0) return 0n;
  if (order.side === "buy") return lotsToAmount(order.rules, lots);
  return notionalAmount(order.rules, order.priceTicks, lots, "ceil");
}

/** The part of an order's worth that so many of its lots are, rounded up. */
function shareOf(order: LiveOrder, lots: number): bigint {
  if (lots === order.lots) return order.worth;
  const total = BigInt(order.lots);
  return (order.worth * BigInt(lots) + total - 1n) / total;
}

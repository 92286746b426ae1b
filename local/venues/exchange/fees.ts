/**
 * Station: a fill -> what the venue charges for it, in which asset.
 *
 * The fee models of the venues as data: in the received asset (Binance), in quote (Kraken, KuCoin), or
 * in a third asset at a discount while the account holds enough of it. It moves no money.
 */
import { partOf, RATE_UNITS, type Rounding } from "./atto.ts";
import type { OrderSide } from "./orders.ts";

/** Maker and taker rate in parts of `RATE_UNITS` (10 bp is 100_000). */
export type FeeRates = { readonly maker: bigint; readonly taker: bigint };

export type FeeModel = {
  readonly takenFrom: "received" | "quote";
  readonly rates: FeeRates;
  /** Digits after the point of a fee, and how it is brought to them. */
  readonly digits: number;
  readonly rounding: Rounding;
  /** Whether a buy order holds its worst fee beside its price. */
  readonly isHeld: boolean;
  readonly discount: FeeDiscount | null;
};

/** Fees in a third asset: the rate is multiplied by `factor / RATE_UNITS`. */
export type FeeDiscount = {
  readonly asset: string;
  readonly factor: bigint;
  isEnabled: boolean;
};

/** Binance spot, no discount tier: 10 bp both ways from what is received, 25 % off when paid in BNB. */
export function binanceFees(): FeeModel {
  return {
    takenFrom: "received",
    rates: { maker: 100_000n, taker: 100_000n },
    digits: 8,
    rounding: "floor",
    isHeld: false,
    discount: { asset: "BNB", factor: 75_000_000n, isEnabled: false },
  };
}

/** Kraken, lowest tier: 25/40 bp in quote. Digits and rounding are our reading of its samples. */
export function krakenFees(): FeeModel {
  return {
    takenFrom: "quote",
    rates: { maker: 250_000n, taker: 400_000n },
    digits: 10,
    rounding: "halfEven",
    isHeld: true,
    discount: null,
  };
}

/** KuCoin, level 0: 10 bp both ways in quote, exact (its samples show no rounding). */
export function kucoinFees(): FeeModel {
  return {
    takenFrom: "quote",
    rates: { maker: 100_000n, taker: 100_000n },
    digits: 18,
    rounding: "ceil",
    isHeld: true,
    discount: null,
  };
}

export type FeeBasis = {
  readonly side: OrderSide;
  readonly isMaker: boolean;
  readonly base: string;
  readonly quote: string;
  readonly baseAtto: bigint;
  readonly quoteAtto: bigint;
};

/** The rates that hold for an instrument. */
export function ratesOf(model: FeeModel, override: FeeRates | undefined): FeeRates {
  return override ?? model.rates;
}

/** The fee of one fill in the asset it is normally taken from. */
export function plainFee(
  model: FeeModel,
  rates: FeeRates,
  basis: FeeBasis,
): { asset: string; amount: bigint } {
  const rate = basis.isMaker ? rates.maker : rates.taker;
  const isBase = model.takenFrom === "received" && basis.side === "buy";
  const amount = partOf(isBase ? basis.baseAtto : basis.quoteAtto, rate, model);
  return { asset: isBase ? basis.base : basis.quote, amount };
}

/** The rate of a fill paid in the third asset. */
export function discountedRate(discount: FeeDiscount, rate: bigint): bigint {
  return (rate * discount.factor) / RATE_UNITS;
}

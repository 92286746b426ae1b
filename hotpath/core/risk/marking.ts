/**
 * Station: ledger + live books -> positions, equity and results in the reference asset, about once a second.
 *
 * Fills tell their own positions at once; what comes otherwise (a restart, a deposit) is found by reading
 * the ledger in turn, a few assets at a time. A result that nothing values now waits and is not lost.
 */
import { unitsOf } from "./limits.ts";
import type { VenueRisk } from "./venue-risk.ts";
import type { RiskView } from "./view.ts";

/** Assets that are read again with each marking. */
const POSITIONS_PER_MARKING = 32;
/** Results that may wait for a live book; more than this never find one. */
export const WAITING_MAX = 10_000;

type Result = { readonly asset: string; readonly amount: bigint };

/** Marks the account of one venue. */
export class Marking {
  readonly #index: number;
  readonly #risk: VenueRisk;
  readonly #view: RiskView;
  readonly #assets: readonly string[];
  #next = 0;
  #waiting: Result[] = [];

  constructor(index: number, risk: VenueRisk, view: RiskView, assets: readonly string[]) {
    this.#index = index;
    this.#risk = risk;
    this.#view = view;
    this.#assets = assets;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** So much of an asset was won or lost; it counts as soon as it can be valued. */
  addResult(asset: string, amount: bigint, nowUs: number): void {
    this.#waiting.push({ asset, amount });
    this.valueResults(nowUs);
  }

  valueResults(nowUs: number): void {
    if (this.#waiting.length === 0) return;
    const { valuation, counters } = this.#risk;
    this.#waiting = this.#waiting.filter(({ asset, amount }) => {
      const result = valuation.value(asset, amount);
      if (result !== undefined) counters.countResult(result, nowUs);
      return result === undefined;
    });
  }

  /** The ledger has another position of this asset. */
  readHeld(asset: string): void {
    const position = this.#view.position(this.#index, asset);
    if (position !== undefined) this.#risk.exposure.setHeld(asset, position);
  }

  /** Marks everything: positions in turn, worth of what is open and held, equity and its level. */
  mark(nowUs: number): void {
    const { exposure, portfolio, counters } = this.#risk;
    this.valueResults(nowUs);
    const count = Math.min(this.#assets.length, POSITIONS_PER_MARKING);
    for (let i = 0; i < count; i++) {
      this.readHeld(this.#assets[this.#next] ?? "");
      this.#next = (this.#next + 1) % this.#assets.length;
    }
    exposure.revalue();
    portfolio.observeEquity(this.#equity(), nowUs);
    portfolio.update(counters.lossesInARow, counters.rejectsOf50, nowUs);
  }

  /**
   * Worth of the home assets and of what trading has made of the others, in whole reference units; NaN
   * while one of them has no live value. What else the account holds may fall without our having a part
   * in it.
   */
  #equity(): number {
    let equity = 0;
    for (const { asset, isHome, held } of this.#risk.exposure.assets()) {
      const amount = isHome ? this.#view.total(this.#index, asset) : held;
      if (amount === undefined) return Number.NaN;
      if (amount !== 0n) equity += unitsOf(amount) * this.#risk.valuation.rate(asset);
    }
    return equity;
  }
}

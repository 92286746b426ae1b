/**
 * Station: balances and configured amounts -> what a cycle may begin with, in its own units.
 *
 * An amount is set when a balance changes and read at every evaluation, so its safe integers are kept for
 * each number of places that was ever asked for. A cut never rounds up: a budget is not exceeded.
 */
import { ATTO_DECIMALS } from "../money/amount.ts";

type Budget = { amount: bigint; readonly units: Float64Array };

export class Budgets {
  readonly #budgets = new Map<string, Budget>();

  /** How much of `asset` one cycle may begin with; the caller has taken off what is held or reserved. */
  set(asset: string, amount: bigint): void {
    const known = this.#budgets.get(asset);
    if (known === undefined) {
      const units = new Float64Array(ATTO_DECIMALS + 1).fill(Number.NaN);
      this.#budgets.set(asset, { amount, units });
      return;
    }
    known.amount = amount;
    known.units.fill(Number.NaN);
  }

  amountOf(asset: string): bigint {
    return this.#budgets.get(asset)?.amount ?? 0n;
  }

  /** The budget in units of so many places, rounded down; above 2^53 it is a double that is too large. */
  unitsOf(asset: string, decimals: number): number {
    const known = this.#budgets.get(asset);
    if (known === undefined) return 0;
    const kept = known.units[decimals] as number;
    if (!Number.isNaN(kept)) return kept;
    const units = Number(wideUnits(known.amount, decimals));
    known.units[decimals] = units;
    return units;
  }

  /** The same as a bigint. */
  wideUnitsOf(asset: string, decimals: number): bigint {
    return wideUnits(this.amountOf(asset), decimals);
  }
}

function wideUnits(amount: bigint, decimals: number): bigint {
  return amount <= 0n ? 0n : amount / 10n ** BigInt(ATTO_DECIMALS - decimals);
}

/**
 * Station: every movement of money at one venue -> balances that sum to nothing.
 *
 * Double entry: what one party gets another gives, be it an account, the crowd behind the book, the
 * venue's fees or the world outside. So the sum over all parties is zero in each asset at any moment,
 * and a mistake shows as a number. An account's free and held amounts are never negative.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Balance } from "./orders.ts";

/** Parties that are no accounts; they may owe. */
export const CROWD = "(crowd)";
export const FEES = "(fees)";
export const OUTSIDE = "(outside)";
const UNBOUNDED: readonly string[] = [CROWD, FEES, OUTSIDE];

type Purse = { free: bigint; held: bigint };

/** Everybody's money at one venue. */
export class Ledger {
  readonly #parties = new Map<string, Map<string, Purse>>();

  /** Opens an account; its money comes from outside. */
  open(accountId: string, start: ReadonlyMap<string, bigint>): void {
    assert(!UNBOUNDED.includes(accountId), `${accountId} is the name of a party of the venue`);
    assert(!this.#parties.has(accountId), `${accountId} is opened once`);
    this.#parties.set(accountId, new Map());
    for (const [asset, amount] of start) this.move(asset, amount, { from: OUTSIDE, to: accountId });
  }

  has(accountId: string): boolean {
    return this.#parties.has(accountId);
  }

  free(accountId: string, asset: string): bigint {
    return this.#purse(accountId, asset).free;
  }

  held(accountId: string, asset: string): bigint {
    return this.#purse(accountId, asset).held;
  }

  /** Moves free money between two parties; an account must have it. */
  move(asset: string, amount: bigint, parties: { from: string; to: string }): void {
    assert(amount >= 0n, `a movement has a direction, was ${amount}`);
    const from = this.#purse(parties.from, asset);
    from.free -= amount;
    this.#purse(parties.to, asset).free += amount;
    const mayOwe = UNBOUNDED.includes(parties.from);
    assert(mayOwe || from.free >= 0n, `${parties.from} has the ${asset} it gives`);
  }

  /** Puts free money of an account on hold. */
  hold(accountId: string, asset: string, amount: bigint): void {
    const purse = this.#purse(accountId, asset);
    assert(amount >= 0n, `a hold is not negative, was ${amount}`);
    assert(purse.free >= amount, `${accountId} has the ${asset} it puts on hold`);
    purse.free -= amount;
    purse.held += amount;
  }

  /** Frees held money of an account. */
  release(accountId: string, asset: string, amount: bigint): void {
    const purse = this.#purse(accountId, asset);
    assert(amount >= 0n, `a release is not negative, was ${amount}`);
    assert(purse.held >= amount, `${accountId} holds the ${asset} it frees`);
    purse.held -= amount;
    purse.free += amount;
  }

  /** One asset of an account. */
  balance(accountId: string, asset: string): Balance {
    const { free, held } = this.#purse(accountId, asset);
    return { asset, freeAtto: free, heldAtto: held };
  }

  /** Every asset an account ever had, in order of arrival. */
  balances(accountId: string): Balance[] {
    const purses = this.#parties.get(accountId) ?? new Map<string, Purse>();
    return [...purses.keys()].map((asset) => this.balance(accountId, asset));
  }

  /** Names of everybody, accounts and other parties. */
  get parties(): readonly string[] {
    return [...this.#parties.keys()];
  }

  /** The sum over all parties by asset; anything but zero is a mistake of the venue. */
  sums(): Map<string, bigint> {
    const sums = new Map<string, bigint>();
    for (const purses of this.#parties.values()) {
      for (const [asset, { free, held }] of purses) {
        sums.set(asset, (sums.get(asset) ?? 0n) + free + held);
      }
    }
    return sums;
  }

  #purse(party: string, asset: string): Purse {
    let purses = this.#parties.get(party);
    if (purses === undefined) {
      assert(UNBOUNDED.includes(party), `the account ${party} is open`);
      purses = new Map();
      this.#parties.set(party, purses);
    }
    const known = purses.get(asset);
    if (known !== undefined) return known;
    const fresh = { free: 0n, held: 0n };
    purses.set(asset, fresh);
    return fresh;
  }
}

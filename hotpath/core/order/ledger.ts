/**
 * Station: fills, fees and outside moves -> what the account holds of each asset, to the last unit.
 *
 * Every asset of a venue has a start and four sums; its total is worked out from them and never written,
 * so the books balance by construction. Nothing here believes a balance that the venue reports: `drift`
 * compares, and a difference has to be explained by an outside move.
 */
import { assert } from "../../../contracts/assert.ts";
import { parseAmount } from "../money/amount.ts";
import type { BalanceView } from "../trade/events.ts";

/** One asset at one venue. `traded` is signed; `fees` counts what was paid. */
export type Holding = {
  start: bigint;
  traded: bigint;
  fees: bigint;
  /** Deposits and withdrawals, and whatever an operator has accepted as such. */
  external: bigint;
  /** Kept back for orders that may still be executed. */
  reserved: bigint;
};

export type HoldingField = "start" | "traded" | "fees" | "external" | "reserved";

/** How far an asset at the venue is from ours, and how far orders in flight may explain it. */
export type Drift = {
  readonly asset: string;
  readonly ours: bigint;
  readonly theirs: bigint;
  /** `inFlight`: within what live orders may have done that we have not heard of. */
  readonly verdict: "equal" | "inFlight" | "differs";
};

/** The most by which orders in flight may have lowered and raised an asset. */
export type InFlight = { readonly out: bigint; readonly in: bigint };

const NOTHING: Holding = { start: 0n, traded: 0n, fees: 0n, external: 0n, reserved: 0n };

export class Ledger {
  readonly #venues = new Map<number, Map<string, Holding>>();
  readonly #opened = new Set<number>();

  /** Sets what a venue's account began with. Asserts that it is done once. */
  open(venue: number, starts: ReadonlyMap<string, bigint>): void {
    assert(!this.isOpen(venue), "an account is opened once");
    this.#opened.add(venue);
    for (const [asset, start] of starts) {
      // What was counted before the start was known is in the start already.
      const holding = this.touch(venue, asset);
      holding.start += start - totalOf(holding);
    }
  }

  /** Whether the account has a start: without one its totals mean nothing. */
  isOpen(venue: number): boolean {
    return this.#opened.has(venue);
  }

  /** Read-only: change holdings by `add`. */
  holdings(venue: number): ReadonlyMap<string, Readonly<Holding>> {
    return this.#venues.get(venue) ?? new Map();
  }

  holding(venue: number, asset: string): Readonly<Holding> {
    return this.#venues.get(venue)?.get(asset) ?? NOTHING;
  }

  /** What we hold: start and everything since, in units of 1e-18. */
  total(venue: number, asset: string): bigint {
    return totalOf(this.holding(venue, asset));
  }

  reserved(venue: number, asset: string): bigint {
    return this.holding(venue, asset).reserved;
  }

  /** What no order in flight can take. May be negative after an outside withdrawal. */
  free(venue: number, asset: string): bigint {
    const holding = this.holding(venue, asset);
    return totalOf(holding) - holding.reserved;
  }

  /** Change since the start: what trading, fees and outside moves made of it. */
  position(venue: number, asset: string): bigint {
    const holding = this.holding(venue, asset);
    return totalOf(holding) - holding.start;
  }

  /** The one place where a holding changes. */
  add(venue: number, asset: string, field: HoldingField, amount: bigint): void {
    if (amount === 0n) return;
    const holding = this.touch(venue, asset);
    holding[field] += amount;
    if (field === "reserved") assert(holding.reserved >= 0n, "no more is freed than was reserved");
  }

  /** The holding of an asset, which begins with nothing. */
  touch(venue: number, asset: string): Holding {
    let holdings = this.#venues.get(venue);
    if (holdings === undefined) {
      holdings = new Map();
      this.#venues.set(venue, holdings);
    }
    let holding = holdings.get(asset);
    if (holding === undefined) {
      holding = { ...NOTHING };
      holdings.set(asset, holding);
    }
    return holding;
  }

  /**
   * Compares with what the venue reports; only assets that one of the two knows, in the venue's order and
   * then ours. An unreadable balance is left out and named in `unreadable`.
   */
  drift(
    venue: number,
    balances: readonly BalanceView[],
    inFlight: (asset: string) => InFlight,
  ): { readonly drifts: readonly Drift[]; readonly unreadable: readonly string[] } {
    const drifts: Drift[] = [];
    const unreadable: string[] = [];
    const seen = new Set<string>();
    for (const balance of balances) {
      if (seen.has(balance.asset)) continue;
      seen.add(balance.asset);
      const theirs = balanceTotal(balance);
      if (theirs === undefined) unreadable.push(balance.asset);
      else drifts.push(this.#compare(venue, balance.asset, theirs, inFlight));
    }
    // An asset that the venue no longer lists is one of which it has nothing.
    for (const asset of this.holdings(venue).keys()) {
      if (!seen.has(asset)) drifts.push(this.#compare(venue, asset, 0n, inFlight));
    }
    return { drifts, unreadable };
  }

  #compare(
    venue: number,
    asset: string,
    theirs: bigint,
    inFlight: (asset: string) => InFlight,
  ): Drift {
    const ours = this.total(venue, asset);
    if (theirs === ours) return { asset, ours, theirs, verdict: "equal" };
    const may = inFlight(asset);
    const isWithin = theirs >= ours - may.out && theirs <= ours + may.in;
    return { asset, ours, theirs, verdict: isWithin ? "inFlight" : "differs" };
  }
}

/** Total of a holding: it has no field of its own, so it cannot disagree. */
export function totalOf(holding: Readonly<Holding>): bigint {
  return holding.start + holding.traded - holding.fees + holding.external;
}

/** What a venue says that there is in all; undefined where the message cannot be read. */
export function balanceTotal(balance: BalanceView): bigint | undefined {
  if (balance.total !== "") return notNegative(parseAmount(balance.total));
  const free = notNegative(parseAmount(balance.free));
  if (free === undefined) return undefined;
  if (balance.held === "") return undefined;
  const held = notNegative(parseAmount(balance.held));
  return held === undefined ? undefined : free + held;
}

/** Spot accounts hold no debts; a negative balance is an answer that means something else. */
function notNegative(amount: bigint | undefined): bigint | undefined {
  return amount === undefined || amount < 0n ? undefined : amount;
}

/** The balances of a first reading as starts; undefined when one of them cannot be read. */
export function startsOf(balances: readonly BalanceView[]): Map<string, bigint> | undefined {
  const starts = new Map<string, bigint>();
  for (const balance of balances) {
    const total = balanceTotal(balance);
    if (total === undefined) return undefined;
    if (!starts.has(balance.asset)) starts.set(balance.asset, total);
  }
  return starts;
}

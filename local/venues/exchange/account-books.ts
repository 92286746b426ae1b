/**
 * Station: openings, deposits, withdrawals -> what each account was given from outside.
 *
 * The half of the oracle that the ledger does not tell: whatever an account has beyond this it made or
 * lost by trading. It counts and never decides.
 */

/** What accounts began with, and every deposit and withdrawal since. */
export class AccountBooks {
  readonly #start = new Map<string, Map<string, bigint>>();
  readonly #external = new Map<string, Map<string, bigint>>();

  noteStart(accountId: string, start: ReadonlyMap<string, bigint>): void {
    this.#start.set(accountId, new Map(start));
    this.#external.set(accountId, new Map());
  }

  noteMove(accountId: string, asset: string, deltaAtto: bigint): void {
    const moves = this.#external.get(accountId);
    moves?.set(asset, (moves.get(asset) ?? 0n) + deltaAtto);
  }

  startOf(accountId: string): ReadonlyMap<string, bigint> {
    return this.#start.get(accountId) ?? new Map();
  }

  externalOf(accountId: string): ReadonlyMap<string, bigint> {
    return this.#external.get(accountId) ?? new Map();
  }

  get accountIds(): readonly string[] {
    return [...this.#start.keys()];
  }
}

/**
 * Station: what the engine records of its orders -> invariants 8, 9 and 10 of what it says itself.
 *
 * 9: an order's end is told once and never differently; filled never exceeds what was asked for by more than
 * the venue's rounding. 8: a trade of one venue is told once. 11: what is unknown stays reserved.
 */
import type { TradingStatus } from "../../../contracts/trading-status.ts";
import type { TradeRecord } from "../../../hotpath/core/trade/commands.ts";

export class RecordCheck {
  readonly #onViolation: (invariant: number, sentence: string) => void;
  readonly #endings = new Map<string, string>();
  /** Orders whose end was told in this life. */
  #ended = new Set<string>();
  readonly placed = new Set<string>();
  /** Orders told in this life as wholly filled. */
  #filled = new Set<string>();
  /** Trades told in this life; another life may tell a trade again that no record had reached the disk of. */
  #fills = new Set<string>();
  fills = 0;
  unknowns = 0;

  constructor(onViolation: (invariant: number, sentence: string) => void) {
    this.#onViolation = onViolation;
  }

  onLife(): void {
    this.#fills = new Set();
    this.#filled = new Set();
    this.#ended = new Set();
  }

  onPlaced(clientId: string): void {
    if (this.placed.has(clientId)) this.#onViolation(2, `${clientId} has two intents`);
    this.placed.add(clientId);
  }

  onRecord(record: TradeRecord): void {
    if (record.type === "recordOrder") {
      const { clientId, state } = record.order;
      const before = this.#endings.get(clientId);
      // A fill that comes late changes what was told; an order that was filled wholly has no such.
      if (state === "filled" && this.#filled.has(clientId)) {
        this.#onViolation(
          9,
          `${clientId} was filled, and lived again until it was filled once more`,
        );
      }
      if (state === "filled") this.#filled.add(clientId);
      const isOtherLife = !this.#ended.has(clientId);
      if (before !== undefined && before !== state && !(isOtherLife && isAbsence(before, state))) {
        this.#onViolation(9, `${clientId} ended as ${before}, then as ${state}`);
      }
      this.#endings.set(clientId, state);
      this.#ended.add(clientId);
    } else if (record.type === "recordFill") {
      const { fill } = record;
      this.fills++;
      const name = `${fill.instrument} ${fill.tradeId}`;
      if (this.#fills.has(name)) this.#onViolation(8, `trade ${name} was counted twice`);
      this.#fills.add(name);
    }
  }

  /** Once a second: what is told of orders that are open. */
  checkStatus({ orders, counts }: TradingStatus): void {
    this.unknowns += counts.unknownOpen;
    for (const { clientId, lots, filledLots } of orders) {
      if (filledLots > lots) {
        this.#onViolation(9, `${clientId} has filled ${filledLots} of ${lots} lots`);
      }
    }
  }

  get endings(): ReadonlyMap<string, string> {
    return this.#endings;
  }
}

/**
 * Whether a life has proven absent what an earlier one had seen refused. The refusal was in memory alone when that
 * life ended, or recovery would have had it; where both are on the disk, the judge of journals cries.
 */
function isAbsence(before: string, state: string): boolean {
  return before === "rejected" && state === "notAccepted";
}

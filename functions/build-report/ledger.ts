/**
 * Whether the day's facts are all there: fills against the engine's own ledger, numbers that count up, minutes
 * that follow one another, and facts that stand twice.
 *
 * About once a minute the engine says what trading has made of each asset. Between two such words of one run
 * lie fills whose sum must be their difference, exactly; the journal's own numbers say which fills lie
 * between. No fill is kept, only sums. Whatever does not add up is stated and never mended.
 */
import type {
  CycleFact,
  FillFact,
  OpportunityFact,
  PositionFact,
} from "../../contracts/history.ts";
import type { HistoryRecord } from "../../contracts/history-filter.ts";
import { type Micros, US_PER_S } from "../../contracts/time.ts";
import { type Amounts, type Finding, negated, Sums } from "./logic.ts";
import type { Pair } from "./tally.ts";

/** Two minutes of the loop are a minute apart; more than this between them is a hole. */
const MINUTES_APART_US_MAX = 150 * US_PER_S;
/** So many findings of one sort are written out; the others are only counted. */
const FINDINGS_MAX = 20;

type LedgerPoint = { readonly seq: number; readonly traded: Amounts };
/** What fills moved, by instrument: `base`, `quote`, and fees under `=<asset>`. */
type Moved = Map<string, Sums>;

export class LedgerWatch {
  readonly #points = new Map<string, { first: LedgerPoint; last: LedgerPoint }>();
  readonly #moved = new Map<string, Moved>();
  readonly #numbers = new Map<string, Set<number>>();
  readonly #minutes = new Map<string, Micros[]>();
  readonly #seen = new Map<string, Set<string>>();
  readonly #doubled: string[] = [];

  /** Looks at one fact; false for one that stands twice and must not be counted again. */
  isNew({ kind, fact_id: factId }: HistoryRecord): boolean {
    if (kind !== "fill" && kind !== "cycle") return true;
    const seen = this.#seen.get(kind) ?? new Set();
    this.#seen.set(kind, seen);
    if (seen.has(factId)) {
      this.#doubled.push(`${kind} ${factId}`);
      return false;
    }
    seen.add(factId);
    return true;
  }

  /** All positions of a day come before its fills: they say which fills count. */
  add(record: HistoryRecord): void {
    const { kind, run_id: run, observed_at: atUs, payload } = record;
    switch (kind) {
      case "fill":
        this.#addFill(record, payload as unknown as FillFact);
        break;
      case "position":
        this.#addPosition(record, payload as unknown as PositionFact);
        break;
      case "cycle":
        this.#count(`cycle of run ${run}`, (payload as unknown as CycleFact).cycle);
        break;
      case "opportunity":
        this.#count(
          `opportunity of run ${run}`,
          (payload as unknown as OpportunityFact).opportunity,
        );
        break;
      case "latency":
        this.#minutes.set(run, [...(this.#minutes.get(run) ?? []), atUs]);
        break;
      default:
        // Nothing about these counts up.
        break;
    }
  }

  /** What was found; `pairOf` knows the assets of instruments by now. */
  findings(pairOf: (instrument: string) => Pair | undefined): readonly Finding[] {
    const doubled = this.#doubled.map(
      (name): Finding => ({ kind: "duplicate", text: `${name} stands twice and was counted once` }),
    );
    return [
      ...limited(doubled),
      ...limited(this.#missingNumbers()),
      ...limited(this.#missingMinutes()),
      ...limited(this.#differences(pairOf)),
    ];
  }

  #addFill({ event_id: id, run_id: run, venue }: HistoryRecord, fill: FillFact): void {
    const { instrument, side, quantity, quote, fee, feeAsset, mode } = fill;
    const isBuy = side === "buy";
    const key = accountKey(run, venue, mode);
    const points = this.#points.get(key);
    const seq = seqOf(id, run);
    if (points === undefined || seq <= points.first.seq || seq > points.last.seq) return;
    const moved: Moved = this.#moved.get(key) ?? new Map();
    this.#moved.set(key, moved);
    const sums = moved.get(instrument) ?? new Sums();
    moved.set(instrument, sums);
    sums.add("base", isBuy ? quantity : negated(quantity));
    sums.add("quote", isBuy ? negated(quote) : quote);
    sums.add(`=${feeAsset}`, negated(fee));
  }

  #addPosition({ event_id: id, run_id: run, venue }: HistoryRecord, position: PositionFact): void {
    const key = accountKey(run, venue, position.mode);
    const point = { seq: seqOf(id, run), traded: position.traded };
    const known = this.#points.get(key) ?? { first: point, last: point };
    if (point.seq < known.first.seq) known.first = point;
    if (point.seq > known.last.seq) known.last = point;
    this.#points.set(key, known);
  }

  #count(name: string, number: number): void {
    const numbers = this.#numbers.get(name) ?? new Set();
    numbers.add(number);
    this.#numbers.set(name, numbers);
  }

  #missingNumbers(): Finding[] {
    return [...this.#numbers].flatMap(([name, numbers]): Finding[] => {
      let least = Number.POSITIVE_INFINITY;
      let most = 0;
      for (const number of numbers) {
        least = Math.min(least, number);
        most = Math.max(most, number);
      }
      const count = most - least + 1 - numbers.size;
      if (count === 0) return [];
      const text = `${count} between ${least} and ${most} of the numbers of the ${name} are missing or belong to another day`;
      return [{ kind: "missing", text }];
    });
  }

  #missingMinutes(): Finding[] {
    return [...this.#minutes].flatMap(([run, times]) => {
      const sorted = [...times].sort((a, b) => a - b);
      return sorted.slice(1).flatMap((atUs, n): Finding[] => {
        const before = sorted[n] ?? atUs;
        if (atUs - before <= MINUTES_APART_US_MAX) return [];
        const text = `run ${run} tells of no minute of its loop from ${before} to ${atUs} us`;
        return [{ kind: "missing", text }];
      });
    });
  }

  #differences(pairOf: (instrument: string) => Pair | undefined): Finding[] {
    return [...this.#points].flatMap(([key, { first, last }]): Finding[] => {
      const moved = this.#moved.get(key) ?? new Map();
      const wrong = Object.entries(difference(moved, first, last, pairOf));
      if (wrong.length === 0) return [];
      const words = wrong.map(([asset, amount]) => `${amount} ${asset}`).join(", ");
      const [run = "", venue = "", mode = ""] = JSON.parse(key) as string[];
      const text = `fills and ledger of run ${run} at ${venue} (${mode}) differ by ${words}`;
      return [{ kind: "ledger", text }];
    });
  }
}

/** What the fills make of each asset, less what the ledger says; zeros are left out. */
function difference(
  moved: Moved,
  first: LedgerPoint,
  last: LedgerPoint,
  pairOf: (instrument: string) => Pair | undefined,
): Amounts {
  const sums = new Sums();
  for (const [instrument, amounts] of moved) {
    const pair = pairOf(instrument);
    if (pair === undefined) continue;
    for (const [name, amount] of Object.entries(amounts.amounts())) {
      sums.add(assetOf(name, pair), amount);
    }
  }
  for (const [asset, amount] of Object.entries(first.traded)) sums.add(asset, amount);
  for (const [asset, amount] of Object.entries(last.traded)) sums.add(asset, negated(amount));
  return sums.amounts();
}

function assetOf(name: string, { base, quote }: Pair): string {
  if (name === "base") return base;
  return name === "quote" ? quote : name.slice(1);
}

function accountKey(run: string, venue: string | null, mode: string): string {
  return JSON.stringify([run, venue ?? "", mode]);
}

/** The journal's number in an event id, `<run>:<seq>` or `<run>:<seq>.<n>`. */
function seqOf(eventId: string, run: string): number {
  return Math.floor(Number(eventId.slice(run.length + 1)));
}

function limited(findings: readonly Finding[]): readonly Finding[] {
  const [first] = findings;
  if (first === undefined || findings.length <= FINDINGS_MAX) return findings;
  const rest = findings.length - FINDINGS_MAX;
  return [
    ...findings.slice(0, FINDINGS_MAX),
    { kind: first.kind, text: `and ${rest} more like it` },
  ];
}

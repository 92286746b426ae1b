/**
 * Station: equity and errors of one account -> how careful to be: healthy, caution, critical, terminal.
 *
 * Caution begins nothing new, critical lets what is open come to its end, terminal stops everything but
 * exits. A worse level holds at once, a better one only after the conditions for it lasted a minute;
 * terminal is left by a person's word alone.
 */
import { assert } from "../../../contracts/assert.ts";
import { US_PER_S } from "../../../contracts/time.ts";
import { PORTFOLIO_LEVELS, type PortfolioLevel } from "../../../contracts/trading-status.ts";

const HYSTERESIS_US = 60 * US_PER_S;
const DRAWDOWN_WINDOW_US = 30 * 60 * US_PER_S;
/** One peak is kept for each of these slices of the window. */
const SLICE_US = 10 * US_PER_S;
const SLICES = DRAWDOWN_WINDOW_US / SLICE_US;

/** From which on a level holds; parts per million of equity, counts, refusals of the last 50 answers. */
const CAUTION = { drawdownPpm: 50_000, lossesInARow: 7, rejectsOf50: 10, sizingFaults: 3 };
const CRITICAL = { drawdownPpm: 100_000, lossesInARow: 14, rejectsOf50: 25, sizingFaults: 10 };
const TERMINAL = { drawdownPpm: 200_000, lossesInARow: 28, rejectsOf50: 50, sizingFaults: 50 };

type Conditions = typeof CAUTION;

/** What is exported; equity itself is not, because it is read from the venue anew. */
export type PortfolioState = { readonly version: 1; readonly isTerminal: boolean };

export class Portfolio {
  readonly #peaks = new Float64Array(SLICES).fill(Number.NaN);
  #slice = -1;
  #equity = Number.NaN;
  #betterSinceUs = Number.NaN;
  #sizingFaults = 0;
  #sizingFaultUs = 0;
  level: PortfolioLevel = "healthy";
  reason = "";

  /** Worth of everything in the account, in whole reference units; about once a second. */
  observeEquity(equity: number, nowUs: number): void {
    if (!Number.isFinite(equity)) return;
    const slice = Math.floor(nowUs / SLICE_US);
    const passed = Math.min(slice - this.#slice, SLICES);
    for (let i = 0; i < passed; i++) this.#peaks[(slice - i) % SLICES] = Number.NaN;
    this.#slice = Math.max(slice, this.#slice);
    const at = this.#slice % SLICES;
    const peak = this.#peaks[at] as number;
    this.#peaks[at] = peak > equity ? peak : equity;
    this.#equity = equity;
  }

  /** How far equity is below its highest of the last half hour, in parts per million of that. */
  drawdownPpm(): number {
    let peak = Number.NEGATIVE_INFINITY;
    for (const each of this.#peaks) if (each > peak) peak = each;
    if (!(peak > 0) || Number.isNaN(this.#equity)) return 0;
    return Math.max(0, ((peak - this.#equity) / peak) * 1_000_000);
  }

  /** An order came out of sizing in a form that the gate had to refuse. */
  onSizingFault(nowUs: number): void {
    this.#sizingFaults++;
    this.#sizingFaultUs = nowUs;
  }

  /** Decides the level anew; true when it has changed. */
  update(lossesInARow: number, rejectsOf50: number, nowUs: number): boolean {
    if (nowUs - this.#sizingFaultUs > DRAWDOWN_WINDOW_US) this.#sizingFaults = 0;
    const now: Conditions = {
      drawdownPpm: this.drawdownPpm(),
      lossesInARow,
      rejectsOf50,
      sizingFaults: this.#sizingFaults,
    };
    const wanted = levelOf(now);
    const rank = PORTFOLIO_LEVELS.indexOf(wanted) - PORTFOLIO_LEVELS.indexOf(this.level);
    if (rank === 0 || this.level === "terminal") {
      this.#betterSinceUs = Number.NaN;
      return false;
    }
    if (rank < 0) {
      if (Number.isNaN(this.#betterSinceUs)) this.#betterSinceUs = nowUs;
      if (nowUs - this.#betterSinceUs < HYSTERESIS_US) return false;
    }
    this.level = wanted;
    this.reason = wanted === "healthy" ? "" : reasonOf(now);
    this.#betterSinceUs = Number.NaN;
    return true;
  }

  /** A person has looked: the peaks and the faults begin anew, and terminal is left. */
  forgive(): void {
    this.#peaks.fill(Number.NaN);
    this.#sizingFaults = 0;
    this.level = "healthy";
    this.reason = "";
  }

  exportState(): PortfolioState {
    return { version: 1, isTerminal: this.level === "terminal" };
  }

  importState(state: unknown): boolean {
    if (typeof state !== "object" || state === null) return false;
    const { version, isTerminal } = state as Readonly<Record<string, unknown>>;
    if (version !== 1 || typeof isTerminal !== "boolean") return false;
    assert(this.level === "healthy", "a state is taken up before anything has happened");
    if (isTerminal) {
      this.level = "terminal";
      this.reason = "terminal before the restart";
    }
    return true;
  }
}

function levelOf(now: Conditions): PortfolioLevel {
  if (isReached(now, TERMINAL)) return "terminal";
  if (isReached(now, CRITICAL)) return "critical";
  return isReached(now, CAUTION) ? "caution" : "healthy";
}

function isReached(now: Conditions, bound: Conditions): boolean {
  return (
    now.drawdownPpm >= bound.drawdownPpm ||
    now.lossesInARow >= bound.lossesInARow ||
    now.rejectsOf50 >= bound.rejectsOf50 ||
    now.sizingFaults >= bound.sizingFaults
  );
}

function reasonOf(now: Conditions): string {
  return (
    `drawdown ${Math.round(now.drawdownPpm)} ppm in 30 minutes, ${now.lossesInARow} losses in a row, ` +
    `${now.rejectsOf50} refusals of 50, ${now.sizingFaults} sizing faults`
  );
}

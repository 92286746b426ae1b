/**
 * Station: what was sent and how it ended -> the counts that limits are compared with, for one venue.
 *
 * Windows are those of the clock (UTC for the day), so that two processes agree on them and a restart in
 * the middle of one changes nothing. The whole state is plain data: it is exported with every snapshot,
 * and a counter that does not survive a restart is no limit.
 */
import { US_PER_S } from "../../../contracts/time.ts";

const US_PER_MINUTE = 60 * US_PER_S;
const US_PER_HOUR = 60 * US_PER_MINUTE;
export const US_PER_DAY = 24 * US_PER_HOUR;
const RATIO_WINDOW_US = 10 * US_PER_MINUTE;

/** Answers of the venue of which the share of refusals is taken. */
export const ANSWERS_COUNT = 50;

/** So many of something in the present window of the clock. */
class Window {
  readonly #lengthUs: number;
  index = -1;
  count = 0;

  constructor(lengthUs: number) {
    this.#lengthUs = lengthUs;
  }

  add(nowUs: number): void {
    const index = Math.floor(nowUs / this.#lengthUs);
    if (index !== this.index) {
      this.index = index;
      this.count = 0;
    }
    this.count++;
  }

  at(nowUs: number): number {
    return Math.floor(nowUs / this.#lengthUs) === this.index ? this.count : 0;
  }

  clear(): void {
    this.count = 0;
  }
}

type WindowState = readonly [index: number, count: number];

/** The state of `VenueCounters` as it is stored. Amounts are text, because JSON has no integers of theirs. */
export type CountersState = {
  readonly version: 1;
  readonly windows: Readonly<Record<WindowName, WindowState>>;
  readonly day: number;
  readonly dayResult: string;
  readonly totalResult: string;
  readonly peakResult: string;
  readonly lossesInARow: number;
  readonly rejectsInARow: number;
  /** Newest last, one character each: "1" for a refusal. */
  readonly answers: string;
  readonly command: number;
  readonly fence: number;
  readonly opportunity: number;
};

const WINDOWS = {
  ordersPerSecond: US_PER_S,
  ordersPerMinute: US_PER_MINUTE,
  ordersPerDay: US_PER_DAY,
  ordersPerRatio: RATIO_WINDOW_US,
  cancelsPerRatio: RATIO_WINDOW_US,
  cyclesPerHour: US_PER_HOUR,
  cyclesPerDay: US_PER_DAY,
} as const;
type WindowName = keyof typeof WINDOWS;

export class VenueCounters {
  readonly #windows: Readonly<Record<WindowName, Window>> = {
    ordersPerSecond: new Window(WINDOWS.ordersPerSecond),
    ordersPerMinute: new Window(WINDOWS.ordersPerMinute),
    ordersPerDay: new Window(WINDOWS.ordersPerDay),
    ordersPerRatio: new Window(WINDOWS.ordersPerRatio),
    cancelsPerRatio: new Window(WINDOWS.cancelsPerRatio),
    cyclesPerHour: new Window(WINDOWS.cyclesPerHour),
    cyclesPerDay: new Window(WINDOWS.cyclesPerDay),
  };
  #day = -1;
  #dayResult = 0n;
  /** Of all time, and its highest: in the reference asset. */
  totalResult = 0n;
  peakResult = 0n;
  lossesInARow = 0;
  rejectsInARow = 0;
  #answers: number[] = [];
  rejectsOf50 = 0;
  /** The newest command ever sent, with its fence; what is not above it was sent before. */
  command = 0;
  fence = 0;
  /** The newest opportunity ever acted upon. */
  opportunity = 0;

  /** How many fell into the window of the clock that holds `nowUs`. */
  in(window: WindowName, nowUs: number): number {
    return this.#windows[window].at(nowUs);
  }

  /** Result of the UTC day in the reference asset, losses below zero. */
  dayResult(nowUs: number): bigint {
    return Math.floor(nowUs / US_PER_DAY) === this.#day ? this.#dayResult : 0n;
  }

  /** How far the result is below its highest; never below zero. */
  drawdown(): bigint {
    return this.peakResult - this.totalResult;
  }

  /** An order leaves; all count at once, whatever becomes of them. */
  countOrder(fence: number, command: number, nowUs: number): void {
    this.#windows.ordersPerSecond.add(nowUs);
    this.#windows.ordersPerMinute.add(nowUs);
    this.#windows.ordersPerDay.add(nowUs);
    this.#windows.ordersPerRatio.add(nowUs);
    this.fence = fence;
    this.command = command;
  }

  countCancel(nowUs: number): void {
    this.#windows.cancelsPerRatio.add(nowUs);
  }

  /** A cycle begins with its first order. */
  countCycle(opportunity: number, nowUs: number): void {
    this.#windows.cyclesPerHour.add(nowUs);
    this.#windows.cyclesPerDay.add(nowUs);
    if (opportunity > this.opportunity) this.opportunity = opportunity;
  }

  /** A cycle has ended with this result in the reference asset, marked to the books. */
  countResult(result: bigint, nowUs: number): void {
    const day = Math.floor(nowUs / US_PER_DAY);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayResult = 0n;
    }
    this.#dayResult += result;
    this.totalResult += result;
    if (this.totalResult > this.peakResult) this.peakResult = this.totalResult;
    // A cycle that earned nothing and lost nothing ends no row of losses.
    if (result < 0n) this.lossesInARow++;
    else if (result > 0n) this.lossesInARow = 0;
  }

  /** The venue has answered an order: taken, or refused for a reason that is ours or its own. */
  countAnswer(isRefusal: boolean): void {
    this.rejectsInARow = isRefusal ? this.rejectsInARow + 1 : 0;
    this.#answers.push(isRefusal ? 1 : 0);
    if (isRefusal) this.rejectsOf50++;
    if (this.#answers.length > ANSWERS_COUNT) this.rejectsOf50 -= this.#answers.shift() ?? 0;
  }

  /**
   * A person has looked and let the venue go on: rows, the peak and the hour begin anew. The day's loss
   * and the counts of the day stay; whoever wants more of those raises the limit.
   */
  forgive(): void {
    this.lossesInARow = 0;
    this.rejectsInARow = 0;
    this.#answers = [];
    this.rejectsOf50 = 0;
    this.peakResult = this.totalResult;
    this.#windows.cyclesPerHour.clear();
  }

  exportState(): CountersState {
    const windows = {} as Record<WindowName, WindowState>;
    for (const name of WINDOW_NAMES) {
      windows[name] = [this.#windows[name].index, this.#windows[name].count];
    }
    return {
      version: 1,
      windows,
      day: this.#day,
      dayResult: String(this.#dayResult),
      totalResult: String(this.totalResult),
      peakResult: String(this.peakResult),
      lossesInARow: this.lossesInARow,
      rejectsInARow: this.rejectsInARow,
      answers: this.#answers.join(""),
      command: this.command,
      fence: this.fence,
      opportunity: this.opportunity,
    };
  }

  /** Takes up what `exportState` gave; false, and nothing changed, when it is damaged. */
  importState(state: unknown): boolean {
    if (!isCountersState(state)) return false;
    for (const name of WINDOW_NAMES) {
      const [index, count] = state.windows[name];
      this.#windows[name].index = index;
      this.#windows[name].count = count;
    }
    this.#day = state.day;
    this.#dayResult = BigInt(state.dayResult);
    this.totalResult = BigInt(state.totalResult);
    this.peakResult = BigInt(state.peakResult);
    this.lossesInARow = state.lossesInARow;
    this.rejectsInARow = state.rejectsInARow;
    this.#answers = [...state.answers].map(Number);
    this.rejectsOf50 = this.#answers.reduce((sum, each) => sum + each, 0);
    this.command = state.command;
    this.fence = state.fence;
    this.opportunity = state.opportunity;
    return true;
  }
}

const WINDOW_NAMES = Object.keys(WINDOWS) as readonly WindowName[];
const INTEGER = /^-?\d{1,60}$/;
const ANSWERS = /^[01]{0,50}$/;
const COUNTS = ["lossesInARow", "rejectsInARow", "command", "fence", "opportunity"] as const;
const AMOUNTS = ["dayResult", "totalResult", "peakResult"] as const;

function isCountersState(state: unknown): state is CountersState {
  if (typeof state !== "object" || state === null) return false;
  const fields = state as Readonly<Record<string, unknown>>;
  const { windows, answers } = fields;
  if (fields.version !== 1 || !isInteger(fields.day, -1)) return false;
  if (typeof answers !== "string" || !ANSWERS.test(answers)) return false;
  if (!COUNTS.every((name) => isInteger(fields[name], 0))) return false;
  const isAmount = (text: unknown) => typeof text === "string" && INTEGER.test(text);
  if (!AMOUNTS.every((name) => isAmount(fields[name]))) return false;
  if (BigInt(String(fields.peakResult)) < BigInt(String(fields.totalResult))) return false;
  if (typeof windows !== "object" || windows === null) return false;
  return WINDOW_NAMES.every((name) => isWindow((windows as Record<string, unknown>)[name]));
}

function isWindow(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  return isInteger(value[0], -1) && isInteger(value[1], 0);
}

function isInteger(value: unknown, min: number): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= min;
}

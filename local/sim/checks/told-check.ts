/**
 * Station: what the engine tells and what its status shows -> invariant 30: what is grave is told, and told once.
 *
 * A kill that holds has been told; none is told again while it holds; a life that has halted has said so, once; the
 * same grave alarm is not raised twice. What people get of it is the control plane's affair, and judged there.
 */
import type { TradingStatus } from "../../../contracts/trading-status.ts";
import type { AlarmRecord, TradeRecord } from "../../../hotpath/core/trade/commands.ts";

/** The least severity that wakes somebody. */
const GRAVE = 1;
const OPERATOR_PREFIX = "simulated";
/** Other people's orders are told again when a venue tells of them again; alerts of one incident share an id. */
const FOREIGN = /^foreign/;

export class ToldCheck {
  readonly #onViolation: (invariant: number, sentence: string) => void;
  /** Every kill that was ever told: one that was released may be in force again in a state that is older. */
  readonly #told = new Set<string>();
  /** Kills that were told in this life and not released. */
  readonly #kills = new Map<string, Set<string>>();
  readonly #alarms = new Set<string>();
  #halts = 0;

  constructor(onViolation: (invariant: number, sentence: string) => void) {
    this.#onViolation = onViolation;
  }

  /** Another life may tell again what the last one took to its grave. */
  onLife(): void {
    this.#kills.clear();
    this.#alarms.clear();
    this.#halts = 0;
  }

  onRecord(record: TradeRecord): void {
    if (record.type === "recordAlarm") this.#onAlarm(record.alarm);
    if (record.type !== "recordKill") return;
    const kill = `${record.scope} ${record.target}`.trim();
    if (!record.isKilled) {
      this.#kills.delete(kill);
      return;
    }
    // Of what is killed already another reason is other news.
    const sentence = sentenceOf(record);
    const told = this.#kills.get(kill) ?? new Set();
    if (told.has(sentence)) this.#onViolation(30, `the kill of ${kill} was told twice`);
    this.#kills.set(kill, told.add(sentence));
    this.#told.add(sentence);
  }

  onHalted(reason: string): void {
    this.#halts++;
    if (this.#halts > 1) this.#onViolation(30, `one life has halted again: ${reason}`);
  }

  /** Once a second; `halted` is what the world says of itself. */
  look(halted: string, trading: Pick<TradingStatus, "kills"> | null): void {
    if (halted !== "" && this.#halts === 0) {
      this.#onViolation(30, `it has halted and told nobody: ${halted}`);
    }
    for (const kill of trading?.kills ?? []) {
      // Whoever asked for a kill knows of it.
      if (kill.by.startsWith(OPERATOR_PREFIX) || this.#told.has(sentenceOf(kill))) continue;
      this.#onViolation(30, `nobody was told of the kill of ${sentenceOf(kill)}`);
    }
  }

  #onAlarm({ severity, kind, venue, instrument, text }: AlarmRecord): void {
    if (severity > GRAVE || FOREIGN.test(kind)) return;
    const alarm = `${kind} ${venue} ${instrument} ${text}`;
    if (this.#alarms.has(alarm)) this.#onViolation(30, `the alarm ${alarm} was raised twice`);
    this.#alarms.add(alarm);
  }
}

type Named = Pick<TradingStatus["kills"][number], "scope" | "target" | "by" | "reason">;

function sentenceOf({ scope, target, by, reason }: Named): string {
  return `${scope} ${target} by ${by}: ${reason}`;
}

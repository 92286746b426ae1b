/**
 * Station: snapshots of the state of trading -> the disk, each only after the journal up to it is safe.
 *
 * A snapshot that is ahead of the journal would hide what a crash takes from the journal's tail: the next
 * life begins with an order that has ended, and no journal ever says how. The log goes first, the snapshot
 * after it, as in every database with a write-ahead log (Mohan et al., ARIES, ACM TODS 17(1), 1992).
 */
import type { SavedState, SaveOutcome, StateStore } from "../io/trade/state-store.ts";

/** How often it looks whether the journal has caught up; a group is committed within milliseconds. */
const LOOK_MS = 20;

export type StateSaverOptions = {
  readonly store: Pick<StateStore, "save">;
  readonly runId: string;
  /** The last record that is safe on the disk. */
  readonly ackedSeq: () => number;
  /** A snapshot that was tried; one that failed is not tried again, the next one is. */
  readonly onSaved: (outcome: SaveOutcome) => void;
};

export class StateSaver {
  readonly #options: StateSaverOptions;
  /** In the order in which they were taken; few, because a journal that lags halts the engine. */
  #waiting: SavedState[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StateSaverOptions) {
    this.#options = options;
  }

  /** A snapshot as it was after the journal's record `seq`; an earlier one that still waits is kept. */
  add(seq: number, text: string): void {
    this.#waiting.push({ runId: this.#options.runId, seq, text });
    this.saveSafe();
    if (this.#waiting.length === 0) return;
    this.#timer ??= setInterval(() => this.saveSafe(), LOOK_MS).unref();
  }

  /** Saves the newest snapshot that the journal covers; the ones before it are not needed any more. */
  saveSafe(): void {
    const ackedSeq = this.#options.ackedSeq();
    const newest = this.#waiting.findLast(({ seq }) => seq <= ackedSeq);
    if (newest === undefined) return;
    this.#waiting = this.#waiting.filter(({ seq }) => seq > ackedSeq);
    if (this.#waiting.length === 0) this.#endTimer();
    this.#options.onSaved(this.#options.store.save(newest));
  }

  /** The last look; what the journal does not cover by now is left to the journal and the venue. */
  stop(): void {
    this.saveSafe();
    this.#waiting = [];
    this.#endTimer();
  }

  #endTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * Station: time -> what the hot thread does by itself: the one timer, the heartbeat, checkpoints, states.
 *
 * What was due while the thread was away is told apart from what the venue did. It judges nothing else.
 */
import type { LoopMinute } from "../contracts/status.ts";
import type { ControlEvent } from "./core/events.ts";
import { nowUs } from "./io/clock.ts";
import type { Loop } from "./loop.ts";

const HEARTBEAT_MS = 50;
/** The state of trading is handed over for its snapshot this often, and at the end. */
const STATE_MS = 5000;
const CHECKPOINT_MS = 1000;
const US_PER_MS = 1000;
const MINUTE_US = 60_000_000;
const MINUTES_KEPT = 60;
/** A timer beyond this fires at once in Node. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export type PulseParts = {
  /** One number: when the hot thread was last seen alive, in microseconds. */
  readonly heartbeat: Float64Array;
  /** From this long an absence is told of. */
  readonly stallUs: number;
  readonly emit: (event: ControlEvent) => void;
  readonly onHeartbeat: () => void;
  readonly onState: () => void;
  readonly onCheckpoint: () => void;
};

export class HotPulse {
  readonly #parts: PulseParts;
  readonly minutes: LoopMinute[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerDueUs = Number.POSITIVE_INFINITY;
  #expectedUs = nowUs() + HEARTBEAT_MS * US_PER_MS;
  #stallNotedUs = 0;
  #minuteStartUs = nowUs();
  #isStopped = false;
  readonly #intervals: readonly NodeJS.Timeout[];

  constructor(parts: PulseParts) {
    this.#parts = parts;
    this.#intervals = [
      setInterval(() => this.#beat(), HEARTBEAT_MS),
      setInterval(() => parts.onCheckpoint(), CHECKPOINT_MS),
      setInterval(() => parts.onState(), STATE_MS),
    ];
  }

  /** The one timer of the loop. */
  arm(dueUs: number): void {
    if (dueUs === this.#timerDueUs || this.#isStopped) return;
    this.#timerDueUs = dueUs;
    clearTimeout(this.#timer);
    if (dueUs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(0, Math.ceil((dueUs - nowUs()) / US_PER_MS));
    this.#timer = setTimeout(() => this.#onTimer(), Math.min(waitMs, TIMER_MS_MAX));
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    for (const interval of this.#intervals) clearInterval(interval);
  }

  /** Once a minute the queue delays of that minute are summed up. */
  closeMinute({ queueDelays, tickDurations }: Loop): void {
    const now = nowUs();
    if (now - this.#minuteStartUs < MINUTE_US) return;
    this.#minuteStartUs = now;
    const ticks = tickDurations.takeWindow();
    this.minutes.push({
      endedUs: now,
      ...queueDelays.takeWindow(),
      tickP99Us: ticks.p99Us,
      tickMaxUs: ticks.maxUs,
    });
    if (this.minutes.length > MINUTES_KEPT) this.minutes.shift();
  }

  #onTimer(): void {
    const dueUs = this.#timerDueUs;
    this.#timerDueUs = Number.POSITIVE_INFINITY;
    this.#noteStall(nowUs() - dueUs);
    this.#parts.emit({ type: "timerFired" });
  }

  #beat(): void {
    this.#parts.onHeartbeat();
    const now = nowUs();
    this.#parts.heartbeat[0] = now;
    this.#noteStall(now - this.#expectedUs);
    this.#expectedUs = now + HEARTBEAT_MS * US_PER_MS;
  }

  /** Whichever timer comes first after an absence says so, once, before anything is judged silent. */
  #noteStall(lateUs: number): void {
    const now = nowUs();
    if (lateUs < this.#parts.stallUs || now - this.#stallNotedUs < lateUs) return;
    this.#stallNotedUs = now;
    this.#parts.emit({ type: "loopStalled", stalledUs: Math.round(lateUs) });
  }
}

/**
 * Station: none; when a connection is to be pinged, and when an unanswered ping has lasted too long.
 *
 * The venue's own pace, as its welcome tells it. It reads no clock and sends nothing.
 */

const US_PER_MS = 1000;

export class Heartbeat {
  readonly #intervalUs: number;
  readonly #timeoutUs: number;
  #pingDueUs: number;
  #pongDueUs = Number.POSITIVE_INFINITY;
  #count = 0;

  constructor(pace: { readonly intervalMs: number; readonly timeoutMs: number }, nowUs: number) {
    this.#intervalUs = pace.intervalMs * US_PER_MS;
    this.#timeoutUs = pace.timeoutMs * US_PER_MS;
    this.#pingDueUs = nowUs + this.#intervalUs;
  }

  /** When `onDue` has something to do. */
  get dueUs(): number {
    return Math.min(this.#pingDueUs, this.#pongDueUs);
  }

  /** The id of the ping that is to be sent now, "dead" after a missing answer, or nothing. */
  onDue(nowUs: number): string | "dead" | undefined {
    if (nowUs >= this.#pongDueUs) return "dead";
    if (nowUs < this.#pingDueUs) return undefined;
    this.#pingDueUs = nowUs + this.#intervalUs;
    if (this.#pongDueUs === Number.POSITIVE_INFINITY) this.#pongDueUs = nowUs + this.#timeoutUs;
    this.#count++;
    return `ping-${this.#count}`;
  }

  /** Any pong will do: the venue answers them in order. */
  onPong(): void {
    this.#pongDueUs = Number.POSITIVE_INFINITY;
  }
}

/** What the venue says of its pace, within reason; its published pace where it says nothing usable. */
export function paceOf(intervalMs: number, timeoutMs: number) {
  const isUsable = (ms: number): boolean => ms >= 100 && ms <= 60_000;
  return {
    intervalMs: isUsable(intervalMs) ? intervalMs : 18_000,
    timeoutMs: isUsable(timeoutMs) ? timeoutMs : 10_000,
  };
}

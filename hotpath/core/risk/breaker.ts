/**
 * Station: answers of one class of a venue's endpoints (orders, cancels, reads) -> whether to ask at all.
 *
 * ```text
 *   closed --failures in a row--> open --pause over--> halfOpen --probes answered--> closed
 *                                  ^                       |
 *                                  +-------- a failure ----+
 * ```
 *
 * A failure is silence or an error of the venue's own making: timeout, broken connection, 5xx, throttled.
 * A refusal with a reason is an answer, and says that the endpoint works.
 */
import type { BreakerState } from "../../../contracts/trading-status.ts";

export const ENDPOINT_CLASSES = ["orders", "cancels", "reads"] as const;
export type EndpointClass = (typeof ENDPOINT_CLASSES)[number];

export type BreakerRules = {
  readonly failuresMax: number;
  readonly pauseUs: number;
  readonly probes: number;
};

export const BREAKER_RULES: BreakerRules = { failuresMax: 5, pauseUs: 60_000_000, probes: 3 };

export class Breaker {
  readonly #rules: BreakerRules;
  state: BreakerState = "closed";
  failures = 0;
  /** When it opened, or became half open. */
  #sinceUs = 0;
  #probesSent = 0;
  #probesAnswered = 0;

  constructor(rules: BreakerRules = BREAKER_RULES) {
    this.#rules = rules;
  }

  /** Whether a request may leave now. Changes nothing: what leaves is told by `onSent`. */
  mayPass(nowUs: number): boolean {
    switch (this.state) {
      case "closed":
        return true;
      case "open":
        return this.#isPaused(nowUs);
      case "halfOpen":
        // Probes that nobody ever answers must not close the door for ever.
        return this.#probesSent < this.#rules.probes || this.#isPaused(nowUs);
    }
  }

  #isPaused(nowUs: number): boolean {
    return nowUs - this.#sinceUs >= this.#rules.pauseUs;
  }

  onSent(nowUs: number): void {
    if (this.state === "closed") return;
    if (this.#isPaused(nowUs)) {
      this.state = "halfOpen";
      this.#sinceUs = nowUs;
      this.#probesSent = 0;
      this.#probesAnswered = 0;
    }
    // Exits and cancels leave through an open breaker too, and are no probes.
    if (this.state === "halfOpen") this.#probesSent++;
  }

  onAnswered(): void {
    this.failures = 0;
    if (this.state !== "halfOpen") return;
    this.#probesAnswered++;
    if (this.#probesAnswered >= this.#rules.probes) this.state = "closed";
  }

  onFailed(nowUs: number): void {
    this.failures++;
    // What was sent before it opened may still fail; that prolongs nothing.
    if (this.state === "open") return;
    if (this.state === "closed" && this.failures < this.#rules.failuresMax) return;
    this.state = "open";
    this.#sinceUs = nowUs;
  }
}

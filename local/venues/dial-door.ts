/**
 * Station: a dial at a venue's door -> reset, refused, or a session's connection after the injected delay.
 *
 * Every venue takes dials alike: counted by address within a window, each a while under way, reset while a
 * fault refuses them. What a session then says and hears is its venue's own. It keeps no session.
 */
import type { Micros } from "../../contracts/time.ts";
import { US_PER_S } from "../../contracts/time.ts";
import type { Connection, Dial } from "./connection.ts";
import { after, type Delays } from "./delays.ts";
import type { SessionTraffic } from "./venue-model.ts";

/** Dials by address within a sliding window. */
export class DialLimiter {
  readonly #dialsMax: number;
  readonly #windowUs: Micros;
  readonly #dials = new Map<string, Micros[]>();

  constructor(dialsMax: number, windowUs: Micros) {
    this.#dialsMax = dialsMax;
    this.#windowUs = windowUs;
  }

  /** Counts one dial, allowed or not; 0 when it may go on, else seconds to wait. */
  charge(address: string, nowUs: Micros): number {
    const dials = this.#dials.get(address) ?? [];
    while (dials.length > 0 && nowUs - (dials[0] ?? 0) >= this.#windowUs) dials.shift();
    this.#dials.set(address, dials);
    if (dials.length >= this.#dialsMax) {
      const waitUs = (dials[0] ?? nowUs) + this.#windowUs - nowUs;
      return Math.max(1, Math.ceil(waitUs / US_PER_S));
    }
    dials.push(nowUs);
    return 0;
  }
}

export type DoorHost = {
  readonly clock: () => Micros;
  readonly delays: Delays;
  readonly dials: DialLimiter;
};

export type DoorRules = {
  /** What a client may say in one message. */
  readonly inboundBytesMax: number;
  /** Whether a refused dial is told how long to wait. */
  readonly tellsWait: boolean;
};

export class DialDoor {
  readonly traffic: SessionTraffic = { framesSent: 0, bytesSent: 0, backlogCuts: 0 };
  /** While above zero, every dial is reset (fault `refuse`; they may overlap). */
  refusalCount = 0;
  dialCount = 0;
  dialRefusedCount = 0;
  readonly #host: DoorHost;
  readonly #rules: DoorRules;

  constructor(host: DoorHost, rules: DoorRules) {
    this.#host = host;
    this.#rules = rules;
  }

  /**
   * Takes one dial; `open` gets its connection, or is undefined where nothing lives at that path. `isCharged`
   * is what else a dial costs there: false when the address cannot pay.
   */
  take(
    dial: Dial,
    open: ((connection: Connection) => void) | undefined,
    isCharged: (address: string) => boolean = () => true,
  ): void {
    const { clock, dials, delays } = this.#host;
    this.dialCount += 1;
    if (this.#isReset(dial)) return;
    const { address } = dial;
    const retryAfterS = dials.charge(address, clock());
    if (retryAfterS > 0 || !isCharged(address)) {
      this.dialRefusedCount += 1;
      const wait = this.#rules.tellsWait ? `Retry-After: ${Math.max(1, retryAfterS)}\r\n` : "";
      dial.refuse("429 Too Many Requests", wait);
      return;
    }
    if (open === undefined) {
      dial.refuse("404 Not Found", "");
      return;
    }
    const accept = () => {
      if (dial.isGone || this.#isReset(dial)) return;
      dial.accept(this.#rules.inboundBytesMax, open);
    };
    after(delays.draw("dialMs"), accept);
  }

  #isReset(dial: Dial): boolean {
    if (this.refusalCount === 0) return false;
    dial.reset();
    return true;
  }
}

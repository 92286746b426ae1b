/**
 * Station: what venues answer and what the engine then decides -> invariant 19: silence until told.
 *
 * A venue that has said 429 or 418 and named a time is sent no order before it; cancels may pass. An order that was
 * on its way when the answer came is nobody's fault, so only what is decided after the answer has arrived counts.
 */
import type { VenueId } from "../../../contracts/ids.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { Network } from "../network/network.ts";

/** How a throttle that names its time looks on the wire of orders; Kraken's names none. */
const TELLING: Readonly<Partial<Record<VenueId, RegExp>>> = {
  "binance-spot": /"status":4(29|18)\b.*"retryAfter"/,
  kucoin: /"429000".*"reset":/,
};
/** Pools of KuCoin last 30 s (its page of rate limits, read 2026-11-20): none closes an account for longer. */
const KUCOIN_WINDOW_US: Micros = 30_000_000;
const TEXT = new TextDecoder();

export type SilenceParts = {
  readonly nowUs: () => Micros;
  /** Until when a venue's account has been told to wait; 0 where it has not. */
  readonly untilUs: (venue: VenueId) => Micros;
  /** The engine has been told to wait, and until when. */
  readonly onTold: () => void;
  readonly onViolation: (invariant: number, sentence: string) => void;
};

export class SilenceCheck {
  readonly #parts: SilenceParts;
  /** Until when the running life knows that it is to be silent. */
  readonly #knownUs = new Map<VenueId, Micros>();

  constructor(parts: SilenceParts) {
    this.#parts = parts;
  }

  /** Another life remembers what its disk does, which need not be this. */
  onLife(): void {
    this.#knownUs.clear();
  }

  /** A frame is about to be delivered to the engine. */
  onFrame(venue: VenueId, payload: Uint8Array): void {
    const nowUs = this.#parts.nowUs();
    const untilUs = this.#parts.untilUs(venue);
    if (untilUs <= nowUs) return;
    if (TELLING[venue]?.test(TEXT.decode(payload)) !== true) return;
    this.#parts.onTold();
    const mostUs = venue === "kucoin" ? nowUs + KUCOIN_WINDOW_US : untilUs;
    this.#knownUs.set(venue, Math.min(untilUs, mostUs));
  }

  /** In the turn of the decision. */
  onDecided(venue: VenueId, clientId: string): void {
    const leftUs = (this.#knownUs.get(venue) ?? 0) - this.#parts.nowUs();
    if (leftUs <= 0) return;
    this.#parts.onViolation(
      19,
      `${clientId} was decided ${leftUs} us before ${venue} takes orders`,
    );
  }
}

/** Lets `check` see each frame before the engine does. */
export function watchFrames(
  network: Network,
  venueAt: (url: string) => VenueId | undefined,
  check: Pick<SilenceCheck, "onFrame">,
): void {
  const dialOf = network.dialOf.bind(network);
  network.dialOf = (client) => {
    const dial = dialOf(client);
    return (url, timeoutMs, handlers) => {
      const venue = venueAt(url);
      return dial(url, timeoutMs, {
        onOpen: () => handlers.onOpen(),
        onFrame: (payload, stamp) => {
          if (venue !== undefined) check.onFrame(venue, payload);
          handlers.onFrame(payload, stamp);
        },
        onWriteFailure: (reason) => handlers.onWriteFailure(reason),
        onEnd: (reason, wasOpen) => handlers.onEnd(reason, wasOpen),
      });
    };
  };
}

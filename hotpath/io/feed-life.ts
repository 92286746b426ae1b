/**
 * Station: none; one life of one transport of a feed: what is open, what is asked, what is timed.
 *
 * Data and the few questions about it; the feed does everything that is done.
 */
import type { PingRule } from "./feed-protocol.ts";
import type { Wire } from "./web-socket.ts";

/** One dial and what became of it. */
export type Life = {
  readonly epoch: number;
  readonly attempt: number;
  /** Undefined while the ticket of the dial is fetched. */
  transport: Wire | undefined;
  /** Acknowledgements that are still to come, by the id of their message. */
  readonly pending: Map<number, number>;
  /** Who asked for a subscription again, by the id of its message. */
  readonly resubscribed: Map<number, (reason: string) => void>;
  timer: NodeJS.Timeout | undefined;
  isOpen: boolean;
  /** Whether the core was told of it: with a greeting, that is later than open. */
  isTold: boolean;
  pings: PingRule | undefined;
  pingTimer: NodeJS.Timeout | undefined;
  pongTimer: NodeJS.Timeout | undefined;
  pingId: number;
  pingSentUs: number;
};

/** A life that has done nothing yet. */
export function newLife(epoch: number, attempt: number): Life {
  return {
    epoch,
    attempt,
    transport: undefined,
    pending: new Map(),
    resubscribed: new Map(),
    timer: undefined,
    isOpen: false,
    isTold: false,
    pings: undefined,
    pingTimer: undefined,
    pongTimer: undefined,
    pingId: 0,
    pingSentUs: 0,
  };
}

/** Counts one acknowledgement; whether it was the last of all. */
export function isLastAcknowledgement(life: Life, requestId: number): boolean {
  life.resubscribed.delete(requestId);
  const missing = life.pending.get(requestId);
  if (missing === undefined) return false;
  if (missing > 1) {
    life.pending.set(requestId, missing - 1);
    return false;
  }
  life.pending.delete(requestId);
  return life.pending.size === 0;
}

/** Nothing of this life happens by itself any more. */
export function clearTimers({ timer, pingTimer, pongTimer }: Life): void {
  clearTimeout(timer);
  clearInterval(pingTimer);
  clearTimeout(pongTimer);
}

/** What a venue hands out may not lead from an encrypted address to a plain one. */
export function isAsSafe(url: string, asked: string): boolean {
  return !asked.startsWith("wss://") || url.startsWith("wss://");
}

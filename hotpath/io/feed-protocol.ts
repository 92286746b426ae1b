/**
 * Station: none; how a venue wants to be dialed, greeted, asked and pinged. Types only.
 *
 * A venue fills it in and a feed keeps to it.
 */

/** How a venue wants to be pinged, where it does not ping us. */
export type PingRule = {
  readonly intervalMs: number;
  /** Without an answer by then, what we write does not arrive. */
  readonly timeoutMs: number;
  readonly text: (pingId: number) => string;
  /** The first ping follows the opening at once, because its answer tells the venue's time. */
  readonly isAtOnce?: boolean;
};

/** A message to the venue, and how many acknowledgements bear its id; one where it does not say. */
export type SentMessage = {
  readonly id: number;
  readonly text: string;
  readonly acknowledgements?: number;
};

/** Where one dial goes, and how it is kept alive. */
export type DialTarget = { readonly url: string; readonly pings: PingRule | undefined };

/** How a venue wants to be spoken to. */
export type FeedProtocol = {
  readonly url: string;
  /**
   * For venues that hand out address and token for each dial: asked for by POST before the dial, and read
   * by `targetOf` (undefined when the answer is none). `dialName` names the connection to the venue.
   */
  readonly ticket?: {
    readonly path: string;
    readonly targetOf: (body: Uint8Array, dialName: string) => DialTarget | undefined;
  };
  /** Nothing may be said before the venue's greeting; the session counts as open from there. */
  readonly awaitsGreeting?: boolean;
  readonly pings?: PingRule;
  /** The subscribe messages, numbered from `firstId`; each is acknowledged under its id. */
  readonly subscribeMessages: (firstId: number) => readonly SentMessage[];
  /**
   * For venues whose snapshots come in the stream: ends and begins one symbol's book. All under one id,
   * because whichever is refused, the book was not asked for.
   */
  readonly resubscribeMessages?: (symbol: string, id: number) => readonly string[];
  /** Pause between two messages to the venue, milliseconds. */
  readonly messageGapMs: number;
};

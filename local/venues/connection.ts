/**
 * Station: none; what a venue's doors and sessions know of a client's transport.
 *
 * Two carry it: a WebSocket over TCP (`socket-connection.ts`) and plain memory in the deterministic
 * simulator. The same desks, feeds and texts run over both, so what one teaches holds for the other.
 */
import type { TextFrame } from "./socket-frame.ts";

/** What a desk hears from its client. */
export type ConnectionListener = {
  /** One message; "" for a binary one, which no venue here understands. */
  readonly onText: (text: string) => void;
  /** Absent where the venue answers pings by itself. */
  readonly onPing?: (payload: string) => void;
  readonly onPong?: (payload: string) => void;
  /** Once, whoever ended it. */
  readonly onClosed: () => void;
};

/** The venue's end of one client's WebSocket. */
export interface Connection {
  /** Where the client dialed from. */
  readonly address: string;
  /** Whether the transport has ended; what is sent then goes nowhere. */
  readonly isGone: boolean;
  /** Bytes that were sent and that the client has not taken yet. */
  readonly backlogBytes: number;
  /** Begins to hear the client; called at most once. */
  listen(listener: ConnectionListener): void;
  send(frame: TextFrame): void;
  ping(payload: string): void;
  pong(payload: string): void;
  /** Ends it in the protocol's own way, then, should the client not answer, for certain. */
  close(code: number, reason: string): void;
  /** Ends it at once and without a word. */
  destroy(): void;
  /** Hears nothing any more and stays open, as a side does whose peer is gone without its knowing. */
  deafen(): void;
  /** Holds back what is sent until `uncork`, so that it leaves in one write. */
  cork(): void;
  uncork(): void;
}

/** One dial that was not answered yet. */
export interface Dial {
  /** Path and query. */
  readonly target: string;
  readonly address: string;
  readonly isGone: boolean;
  /** Ends it as a host does that does not want it. */
  reset(): void;
  /** Answers it with an HTTP status; `headers` are whole lines. */
  refuse(status: string, headers: string): void;
  /** Upgrades it; a message above the bound ends the session. */
  accept(inboundBytesMax: number, open: (connection: Connection) => void): void;
}

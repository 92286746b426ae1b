/**
 * Station: one dial in memory -> both ends of one WebSocket, without framing, sockets or waiting.
 *
 * The venue's desks see a dial and a connection as they see real ones; the client's end is what whoever
 * dialed brought along. Everything is handed over in the turn in which it is said: distance, loss and
 * delay are the virtual network's, which stands between. Call the client's verbs from an event that
 * belongs to the venue, since the venue's timers are started in them.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Connection, ConnectionListener, Dial } from "../../venues/connection.ts";
import type { TextFrame } from "../../venues/socket-frame.ts";

/** A client that does not answer the end of its session is cut after this, as over TCP. */
const CLOSE_MS_MAX = 1_000;
/** "Message too big" (RFC 6455, section 7.4.1). */
const CLOSE_TOO_BIG = 1_009;

/** The client's end of a link. */
export type MemoryClient = {
  /** The venue has upgraded the dial, perhaps before that has returned the link. */
  readonly onOpen: (link: MemoryLink) => void;
  /** The venue has answered the dial with an HTTP status and these header lines; the link has ended. */
  readonly onRefused: (status: number, headers: string) => void;
  /** One message; the bytes may be kept and must not be written to, since sessions share them. */
  readonly onText: (payload: Uint8Array) => void;
  readonly onPing: (payload: string) => void;
  readonly onPong: (payload: string) => void;
  /** The venue's close frame; answer with `receiveClose`, or be cut after a second. */
  readonly onClose: (code: number, reason: string) => void;
  /** The transport has ended, whatever was said before; `isReset` where a dial was reset. */
  readonly onEnd: (isReset: boolean) => void;
  /** Bytes on their way that the client has not read yet. */
  readonly backlogBytes: () => number;
};

/** One WebSocket in memory, from its dial to its end. */
export class MemoryLink implements Dial, Connection {
  readonly target: string;
  readonly address: string;
  readonly #client: MemoryClient;
  readonly #onEnded: (link: MemoryLink) => void;
  #listener: ConnectionListener | null = null;
  /** What the client says while the venue still opens the session, to be heard right after. */
  #early: (() => void)[] | null = null;
  #closeTimer: NodeJS.Timeout | undefined;
  #inboundBytesMax = 0;
  #isClosing = false;
  #isDeaf = false;
  #isEnded = false;

  constructor(
    dialed: { readonly target: string; readonly address: string },
    client: MemoryClient,
    onEnded: (link: MemoryLink) => void,
  ) {
    this.target = dialed.target;
    this.address = dialed.address;
    this.#client = client;
    this.#onEnded = onEnded;
  }

  // The venue's end: the dial.

  get isGone(): boolean {
    return this.#isEnded;
  }

  reset(): void {
    this.#end();
    this.#client.onEnd(true);
  }

  refuse(status: string, headers: string): void {
    this.#end();
    this.#client.onRefused(Number.parseInt(status, 10), headers);
  }

  accept(inboundBytesMax: number, open: (connection: Connection) => void): void {
    this.#inboundBytesMax = inboundBytesMax;
    const early: (() => void)[] = [];
    this.#early = early;
    this.#client.onOpen(this);
    open(this);
    this.#early = null;
    for (const hear of early) hear();
  }

  // The venue's end: the connection.

  get backlogBytes(): number {
    return this.#client.backlogBytes();
  }

  listen(listener: ConnectionListener): void {
    assert(this.#listener === null, "a connection is listened to once");
    this.#listener = listener;
  }

  send(frame: TextFrame): void {
    if (!(this.#isEnded || this.#isClosing)) this.#client.onText(frame.payload);
  }

  ping(payload: string): void {
    if (!(this.#isEnded || this.#isClosing)) this.#client.onPing(payload);
  }

  pong(payload: string): void {
    if (!(this.#isEnded || this.#isClosing)) this.#client.onPong(payload);
  }

  close(code: number, reason: string): void {
    if (this.#isEnded || this.#isClosing) return;
    this.#isClosing = true;
    this.#closeTimer = setTimeout(() => this.destroy(), CLOSE_MS_MAX);
    this.#client.onClose(code, reason);
  }

  destroy(): void {
    if (this.#isEnded) return;
    this.#end();
    this.#client.onEnd(false);
  }

  deafen(): void {
    this.#isDeaf = true;
  }

  /** Nothing is written here, so nothing is held back. */
  cork(): void {}

  uncork(): void {}

  // The client's end.

  /** The client says one message. */
  receiveText(text: string): void {
    if (this.#isKept(() => this.receiveText(text)) || this.#isUnheard) return;
    // All texts of clients are ASCII or nearly so: their length stands for their bytes.
    if (text.length > this.#inboundBytesMax) this.close(CLOSE_TOO_BIG, "");
    else this.#listener?.onText(text);
  }

  receivePing(payload: string): void {
    if (this.#isKept(() => this.receivePing(payload)) || this.#isUnheard) return;
    if (this.#listener?.onPing === undefined) this.pong(payload);
    else this.#listener.onPing(payload);
  }

  receivePong(payload: string): void {
    if (this.#isKept(() => this.receivePong(payload)) || this.#isUnheard) return;
    this.#listener?.onPong?.(payload);
  }

  /** The client's close frame, of its own will or in answer to the venue's; both sides then end. */
  receiveClose(): void {
    if (this.#isKept(() => this.receiveClose()) || this.#isUnheard) return;
    this.destroy();
  }

  /** The client's transport is gone, or its dial was given up; it is not told of that. */
  drop(): void {
    if (this.#isKept(() => this.drop()) || this.#isEnded) return;
    this.#end();
  }

  get #isUnheard(): boolean {
    return this.#isEnded || this.#isDeaf;
  }

  #isKept(hear: () => void): boolean {
    if (this.#early === null) return false;
    this.#early.push(hear);
    return true;
  }

  #end(): void {
    this.#isEnded = true;
    clearTimeout(this.#closeTimer);
    this.#onEnded(this);
    this.#listener?.onClosed();
  }
}

/**
 * Station: one life of one transport. Dials, hands over what is read, writes what it is given, reports
 * its end, and ends. It never decides and never dials again.
 *
 * The receive stamp is taken when the bytes leave the kernel: the listener on the raw socket stands
 * before the library's own, so a frame parsed from a chunk carries the time the chunk was read.
 */
import type { Socket } from "node:net";
import WebSocket from "ws";
import { assert } from "../../contracts/assert.ts";
import type { Absence } from "./clock.ts";
import { nowUs } from "./clock.ts";
import { textFrame } from "./text-frame.ts";

/** A frame above this is refused by the library and the session ends (close code 1009). */
export const FRAME_BYTES_MAX = 1024 * 1024;

/** When the bytes being parsed were read; one object for each transport, reused. */
export type ReadStamp = { recvUs: number; awayUs: number };

export type TransportHandlers = {
  readonly onOpen: () => void;
  /** `frame` is the library's buffer: valid during the call. */
  readonly onFrame: (frame: Uint8Array, stamp: ReadStamp) => void;
  /** Once, whatever the reason; `wasOpen` tells a failed dial from the end of a session. */
  readonly onEnd: (reason: string, wasOpen: boolean) => void;
  readonly onWriteFailure: (reason: string) => void;
};

/** One life of one transport, as whoever dialed it knows it; the simulator has another. */
export interface Wire {
  /** Whether a frame given now would be written: a false one has certainly not left. */
  readonly isOpen: boolean;
  /** Writes one text frame; a failure is reported, never thrown. */
  send(text: string): void;
  /** Ends this life at once; what still comes is not handed over. */
  close(reason: string): void;
}

/** Dials at once; `url` is ws:// or wss://. */
export type Dial = (url: string, timeoutMs: number, handlers: TransportHandlers) => Wire;

/** Dials real sockets, whose reads are stamped with how long this thread had been away. */
export function dialOf(absence: Absence): Dial {
  return (url, timeoutMs, handlers) => new Transport(url, timeoutMs, absence, handlers);
}

export class Transport implements Wire {
  readonly #socket: WebSocket;
  readonly #handlers: TransportHandlers;
  readonly #stamp: ReadStamp = { recvUs: 0, awayUs: 0 };
  #rawSocket: Socket | undefined;
  #wasOpen = false;
  #hasEnded = false;
  #reason = "";

  /** Dials at once; `url` is ws:// or wss://. */
  constructor(url: string, timeoutMs: number, absence: Absence, handlers: TransportHandlers) {
    this.#handlers = handlers;
    this.#socket = new WebSocket(url, {
      perMessageDeflate: false,
      skipUTF8Validation: true,
      handshakeTimeout: timeoutMs,
      maxPayload: FRAME_BYTES_MAX,
      followRedirects: false,
    });
    this.#socket.on("upgrade", (response) => {
      this.#rawSocket = response.socket;
    });
    this.#socket.on("open", () => {
      this.#wasOpen = true;
      this.#stampReads(absence);
      handlers.onOpen();
    });
    this.#socket.on("message", (data: Uint8Array) => handlers.onFrame(data, this.#stamp));
    this.#socket.on("error", (error) => {
      this.#reason = error.message;
    });
    this.#socket.on("close", (code, reason) => {
      this.#end(this.#reason || `closed ${code} ${reason.toString()}`.trim());
    });
  }

  /**
   * Only once the library listens itself: a listener before that sets the socket flowing, and frames
   * that came in one packet with the handshake's answer are then heard by nobody else.
   */
  #stampReads(absence: Absence): void {
    const socket = this.#rawSocket;
    assert(socket !== undefined, "a transport that is open was upgraded");
    socket.setNoDelay(true);
    socket.prependListener("data", () => {
      this.#stamp.recvUs = nowUs();
      this.#stamp.awayUs = absence.observe(this.#stamp.recvUs);
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /**
   * The frame goes past the library, whose
   * own frames (pongs) are whole writes as well, so that none can come inside another.
   */
  send(text: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      this.#handlers.onWriteFailure("the socket is not open");
      return;
    }
    const socket = this.#rawSocket;
    assert(socket !== undefined, "a transport that is open was upgraded");
    socket.write(textFrame(text), (error) => {
      if (error) this.#handlers.onWriteFailure(error.message);
    });
  }

  /**
   * The peer may be half-open, so nothing is waited for.
   */
  close(reason: string): void {
    this.#reason = reason;
    this.#socket.removeAllListeners("message");
    this.#socket.terminate();
    this.#end(reason);
  }

  #end(reason: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#handlers.onEnd(reason, this.#wasOpen);
  }
}

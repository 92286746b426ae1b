/**
 * Station: one WebSocket of an engine, from its dial to its end, over two lanes of the virtual network.
 *
 * The engine's end of what `MemoryLink` is the venue's end of. An end that is closed hears nothing any more;
 * the other hears of it when the word has arrived, or never, if the line is dead.
 */
import type { TransportHandlers, Wire } from "../../../hotpath/io/web-socket.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { MemoryClient, MemoryLink } from "../venues/memory-link.ts";
import { Lane } from "./lane.ts";
import type { Weather } from "./weather.ts";

export type WireParts = {
  readonly kernel: Kernel;
  readonly weather: Weather;
  readonly client: Process;
  readonly venue: Process;
  readonly handlers: TransportHandlers;
  /** Told once, when the engine has no use for it any more. */
  readonly onOver: (wire: VirtualWire) => void;
};

/** RFC 6455 section 7.4.1, and the registry it founded. */
const CLOSE_CODES = [1000, 1001, 1006, 1008, 1011, 1012, 1013] as const;

export class VirtualWire implements Wire, MemoryClient {
  readonly #parts: WireParts;
  readonly #down: Lane;
  readonly #up: Lane;
  readonly #stamp = { recvUs: 0, awayUs: 0 };
  #link: MemoryLink | undefined;
  #isOpened = false;
  #hasEnded = false;

  constructor(parts: WireParts) {
    const { kernel, weather, client, venue } = parts;
    this.#parts = parts;
    this.#down = new Lane(kernel, weather, client);
    this.#up = new Lane(kernel, weather, venue);
  }

  // What the engine does.

  get isOpen(): boolean {
    return this.#isOpened && !this.#hasEnded;
  }

  /** Whether the engine still waits for it or uses it. */
  get isWanted(): boolean {
    return !this.#hasEnded;
  }

  send(text: string): void {
    if (!this.isOpen) this.#parts.handlers.onWriteFailure("the socket is not open");
    else this.#up.send(() => this.#link?.receiveText(text));
  }

  close(reason: string): void {
    this.#end(reason);
    this.#up.send(() => this.#link?.drop());
  }

  /** The dial has reached the venue; undefined when nobody listens there. */
  reach(link: MemoryLink | undefined): void {
    this.#link = link;
    if (link === undefined) this.fail("connect ECONNREFUSED");
  }

  /** It comes to its end by itself, when the word of that has arrived. */
  fail(reason: string): void {
    this.#down.isDead = false;
    this.#down.send(() => this.#end(reason));
  }

  /** Something between the two ends it: both hear of that. */
  cut(reason: string): void {
    this.fail(reason);
    this.#up.isDead = false;
    this.#up.send(() => this.#link?.drop());
  }

  /** The engine's process is gone; its host tells the venue, unless it is gone too. */
  abandon(isTold: boolean): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (isTold) this.#up.send(() => this.#link?.drop());
    this.#parts.onOver(this);
  }

  get isClogged(): boolean {
    return this.#down.isDead || this.#up.isDead;
  }

  /** One or both directions die without a word; who sends does not know. */
  clog(way: "up" | "down" | "both"): void {
    if (way !== "up") this.#down.isDead = true;
    if (way !== "down") this.#up.isDead = true;
  }

  // What the venue does; called in its turns.

  onOpen(): void {
    this.#down.send(() => {
      if (this.#hasEnded) return;
      this.#isOpened = true;
      this.#parts.handlers.onOpen();
    });
  }

  onRefused(status: number): void {
    this.fail(`Unexpected server response: ${status}`);
  }

  onText(payload: Uint8Array): void {
    const { weather, handlers, kernel } = this.#parts;
    if (!weather.isFair && this.#isCut(weather)) return;
    this.#down.sendFrame(() => {
      if (this.#hasEnded) return;
      this.#stamp.recvUs = kernel.localUs;
      handlers.onFrame(payload, this.#stamp);
    });
  }

  /** A frame of which a part arrives before the end, and an end without a reason. */
  #isCut(weather: Weather): boolean {
    let code: number | undefined;
    if (weather.hits("T10")) code = 1006;
    else if (weather.hits("T17")) code = CLOSE_CODES[weather.draw(CLOSE_CODES.length)];
    if (code === undefined) return false;
    this.fail(`closed ${code}`);
    this.#link?.drop();
    return true;
  }

  /** Answered below the engine, by the library. */
  onPing(payload: string): void {
    this.#down.send(() => this.#up.send(() => this.#link?.receivePong(payload)));
  }

  onPong(): void {
    // The engine's side sends no pings of the protocol's own.
  }

  onClose(code: number, reason: string): void {
    this.#down.send(() => {
      this.#up.send(() => this.#link?.receiveClose());
      this.#end(`closed ${code} ${reason}`.trim());
    });
  }

  onEnd(isReset: boolean): void {
    this.fail(isReset ? "read ECONNRESET" : "closed 1006");
  }

  backlogBytes(): number {
    return 0;
  }

  #end(reason: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#parts.onOver(this);
    this.#parts.handlers.onEnd(reason, this.#isOpened);
  }
}

/**
 * Station: a dial at a venue's door -> reset, refused, or a WebSocket after the injected delay.
 *
 * Every venue takes dials alike: counted by address within a window, each a while under way, reset while a
 * fault refuses them. What a session then says and hears is its venue's own. It keeps no session.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { Micros } from "../../contracts/time.ts";
import { US_PER_S } from "../../contracts/time.ts";
import type { Delays } from "./delays.ts";
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
  /** Whether pings are answered without the desk hearing of them. */
  readonly autoPong: boolean;
  /** Whether a refused dial is told how long to wait. */
  readonly tellsWait: boolean;
};

export type Dial = {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
};

export class DialDoor {
  readonly traffic: SessionTraffic = { framesSent: 0, bytesSent: 0, backlogCuts: 0 };
  /** While above zero, every dial is reset (fault `refuse`; they may overlap). */
  refusalCount = 0;
  dialCount = 0;
  dialRefusedCount = 0;
  readonly #host: DoorHost;
  readonly #tellsWait: boolean;
  readonly #server: WebSocketServer;

  constructor(host: DoorHost, { inboundBytesMax, autoPong, tellsWait }: DoorRules) {
    this.#host = host;
    this.#tellsWait = tellsWait;
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      autoPong,
      maxPayload: inboundBytesMax,
      clientTracking: false,
    });
  }

  /**
   * Takes one dial; `open` gets its WebSocket, or is undefined where nothing lives at that path. `isCharged`
   * is what else a dial costs there: false when the address cannot pay.
   */
  take(
    { request, socket, head }: Dial,
    open: ((webSocket: WebSocket) => void) | undefined,
    isCharged: (address: string) => boolean = () => true,
  ): void {
    const { clock, dials, delays } = this.#host;
    this.dialCount += 1;
    if (this.#isReset(socket)) return;
    const address = socket.remoteAddress ?? "";
    const retryAfterS = dials.charge(address, clock());
    if (retryAfterS > 0 || !isCharged(address)) {
      this.dialRefusedCount += 1;
      const wait = this.#tellsWait ? `Retry-After: ${Math.max(1, retryAfterS)}\r\n` : "";
      refuse(socket, "429 Too Many Requests", wait);
      return;
    }
    if (open === undefined) {
      refuse(socket, "404 Not Found", "");
      return;
    }
    const accept = () => {
      if (socket.destroyed || this.#isReset(socket)) return;
      this.#server.handleUpgrade(request, socket, head, open);
    };
    const delayMs = delays.draw("dialMs");
    if (delayMs > 0) setTimeout(accept, delayMs);
    else accept();
  }

  #isReset(socket: Socket): boolean {
    if (this.refusalCount === 0) return false;
    socket.resetAndDestroy();
    return true;
  }
}

function refuse(socket: Socket, status: string, headers: string): void {
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}

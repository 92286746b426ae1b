/**
 * Station: a dialed TCP socket -> the venue's end of a WebSocket.
 *
 * Frames are written ready-made to the socket, past the library's own encoder, so that all sessions share
 * one buffer a frame. It knows no venue and decides nothing.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { Connection, ConnectionListener, Dial } from "./connection.ts";
import { pingFrame, pongFrame, type TextFrame } from "./socket-frame.ts";

/** A client that does not answer the end of its session is cut after this. */
const CLOSE_MS_MAX = 1_000;

export class SocketConnection implements Connection {
  readonly #socket: Socket;
  readonly #webSocket: WebSocket;
  #closeTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, webSocket: WebSocket) {
    this.#socket = socket;
    this.#webSocket = webSocket;
    // A protocol error closes the socket by itself; the close is all we need to hear of.
    webSocket.on("error", () => {});
    webSocket.on("close", () => clearTimeout(this.#closeTimer));
  }

  get address(): string {
    return this.#socket.remoteAddress ?? "";
  }

  get isGone(): boolean {
    return this.#socket.destroyed;
  }

  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  listen(listener: ConnectionListener): void {
    const webSocket = this.#webSocket;
    const onPing = listener.onPing ?? ((payload: string) => this.pong(payload));
    webSocket.on("message", (data, isBinary) => listener.onText(isBinary ? "" : String(data)));
    webSocket.on("ping", (payload) => onPing(payload.toString("latin1")));
    webSocket.on("pong", (payload) => listener.onPong?.(payload.toString("latin1")));
    webSocket.on("close", () => listener.onClosed());
  }

  send(frame: TextFrame): void {
    this.#socket.write(frame.wire);
  }

  ping(payload: string): void {
    this.#socket.write(pingFrame(payload));
  }

  pong(payload: string): void {
    this.#socket.write(pongFrame(Buffer.from(payload, "latin1")));
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
    this.#closeTimer ??= setTimeout(() => this.#webSocket.terminate(), CLOSE_MS_MAX);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  deafen(): void {
    this.#socket.removeAllListeners("data");
    // What the client still says is read and thrown away, or its bytes would stop in the kernel.
    this.#socket.on("data", () => {});
    this.#socket.resume();
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }
}

/** Upgrades sockets; the library wants one server for each bound of a message. */
export class Upgrades {
  readonly #servers = new Map<number, WebSocketServer>();

  serverFor(maxPayload: number): WebSocketServer {
    const known = this.#servers.get(maxPayload);
    if (known !== undefined) return known;
    const server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      autoPong: false,
      maxPayload,
      clientTracking: false,
    });
    this.#servers.set(maxPayload, server);
    return server;
  }
}

/** One dial that came in by a port. */
export class SocketDial implements Dial {
  readonly target: string;
  readonly address: string;
  readonly #request: IncomingMessage;
  readonly #socket: Socket;
  readonly #head: Buffer;
  readonly #upgrades: Upgrades;

  constructor(
    upgrades: Upgrades,
    came: { readonly request: IncomingMessage; readonly socket: Socket; readonly head: Buffer },
  ) {
    this.#upgrades = upgrades;
    this.#request = came.request;
    this.#socket = came.socket;
    this.#head = came.head;
    this.target = came.request.url ?? "/";
    this.address = came.socket.remoteAddress ?? "";
  }

  get isGone(): boolean {
    return this.#socket.destroyed;
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  refuse(status: string, headers: string): void {
    const rest = "Connection: close\r\nContent-Length: 0\r\n\r\n";
    this.#socket.end(`HTTP/1.1 ${status}\r\n${headers}${rest}`);
  }

  accept(inboundBytesMax: number, open: (connection: Connection) => void): void {
    const server = this.#upgrades.serverFor(inboundBytesMax);
    server.handleUpgrade(this.#request, this.#socket, this.#head, (webSocket) => {
      open(new SocketConnection(this.#socket, webSocket));
    });
  }
}

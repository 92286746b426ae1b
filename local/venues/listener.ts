/**
 * Station: a loopback port -> an HTTP server that can go away and come back on the same port.
 *
 * A restart of a venue is its listener going down with every socket it had. The port is kept, because
 * whoever dials again dials the same address. It never answers anything itself.
 */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const HOST = "127.0.0.1";
/** Someone may hold our port for a moment while we are down; after this long that is an error. */
const RETRY_COUNT_MAX = 50;
const RETRY_MS = 20;

/** One loopback listener and the sockets that came through it. */
export class Listener {
  readonly server: Server;
  readonly sockets = new Set<Socket>();
  #port: number;
  #opening: Promise<void> = Promise.resolve();
  #closing: Promise<void> = Promise.resolve();

  constructor(onRequest: RequestListener, port: number) {
    this.#port = port;
    this.server = createServer(onRequest);
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      // A reset by the peer is how half of all sessions end; it is not an error of ours.
      socket.on("error", () => socket.destroy());
    });
  }

  /** The port once it listens; 0 before, when none was asked for. */
  get port(): number {
    return this.#port;
  }

  /**
   * Listens, on the port it had if it had one; a closing under way is waited for first. Rejects when
   * the port stays taken.
   */
  open(): Promise<void> {
    const opening = this.#closing.then(() => this.#open());
    this.#opening = opening.catch(() => {});
    return opening;
  }

  /** Stops listening and destroys every socket; an opening under way is waited for first. */
  close(): Promise<void> {
    this.#closing = this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#opening;
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  async #open(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const failure = await this.#listen();
      if (failure === null) return;
      const isTaken = (failure as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!isTaken || attempt >= RETRY_COUNT_MAX) throw failure;
      await sleep(RETRY_MS);
    }
  }

  #listen(): Promise<Error | null> {
    return new Promise((resolve) => {
      const onError = (error: Error) => resolve(error);
      this.server.once("error", onError);
      this.server.listen(this.#port, HOST, () => {
        this.server.off("error", onError);
        this.#port = (this.server.address() as AddressInfo).port;
        resolve(null);
      });
    });
  }
}

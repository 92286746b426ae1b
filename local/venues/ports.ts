/**
 * Station: two loopback ports -> one venue's dials and requests.
 *
 * The real transport of a simulated venue: REST on one port, WebSockets on the other, both of which can go
 * down and come back. It answers nothing itself, except what was asked of the wrong port.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { assert } from "../../contracts/assert.ts";
import { Listener } from "./listener.ts";
import { SocketDial, Upgrades } from "./socket-connection.ts";
import type { HttpAnswer, VenueHost, VenueTransport } from "./transport.ts";

/** No request to a venue is longer. */
const BODY_BYTES_MAX = 64 * 1_024;

/** Reads one request whole and carries its answer back. */
function carry(host: VenueHost, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= BODY_BYTES_MAX) chunks.push(chunk);
    else response.destroy();
  });
  request.on("end", () => {
    if (response.destroyed) return;
    const header = (name: string): string => {
      const value = request.headers[name.toLowerCase()];
      return typeof value === "string" ? value : "";
    };
    const { method = "", url: target = "/", socket } = request;
    const body = Buffer.concat(chunks).toString("utf8");
    const asked = { method, target, header, body, address: socket.remoteAddress ?? "" };
    try {
      host.onRequest(asked, (answer) => send(response, answer));
    } catch {
      // A target that is no address: whoever sends that is not answered.
      response.destroy();
    }
  });
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  // A doubled answer exists on a socket of its own only; HTTP has room for one.
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, headers);
  response.end(body);
}

/** The ports of one venue. */
export class VenuePorts implements VenueTransport {
  readonly #rest: Listener;
  readonly #ws: Listener;
  #host: VenueHost | null = null;

  /** Port 0 is any. */
  constructor(ports: { readonly restPort: number; readonly wsPort: number }) {
    this.#rest = new Listener((request, response) => {
      carry(this.#served(), request, response);
    }, ports.restPort);
    this.#ws = new Listener((_request, response) => {
      response.writeHead(426, { "Content-Type": "text/plain" });
      response.end("Upgrade Required");
    }, ports.wsPort);
    const upgrades = new Upgrades();
    this.#ws.server.on("upgrade", (request, socket, head) => {
      // The listener speaks plain TCP, so what Node types as a Duplex is a Socket.
      const dial = new SocketDial(upgrades, { request, socket: socket as Socket, head });
      this.#served().onDial(dial);
    });
  }

  get restUrl(): string {
    return `http://127.0.0.1:${this.#rest.port}`;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.#ws.port}`;
  }

  serve(host: VenueHost): void {
    assert(this.#host === null, "ports serve one venue");
    this.#host = host;
  }

  /** Starts to listen. Rejects when a port stays taken. */
  async open(): Promise<void> {
    const results = await Promise.allSettled([this.#rest.open(), this.#ws.open()]);
    const failed = results.find((result) => result.status === "rejected");
    // Both are settled before anybody hears of a failure, so that what is open can be closed.
    if (failed !== undefined) throw failed.reason;
  }

  async close(): Promise<void> {
    await Promise.all([this.#rest.close(), this.#ws.close()]);
  }

  goDown(): void {
    void this.close();
  }

  comeBack(done: () => void): void {
    void this.open().then(done);
  }

  #served(): VenueHost {
    assert(this.#host !== null, "a venue is there before its ports are opened");
    return this.#host;
  }
}

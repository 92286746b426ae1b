/**
 * Station: one request -> one venue's HTTP side -> its answer or its failure, by a call back.
 *
 * A request is written at most once. Whether it was written is known: the library says so just before it
 * writes, so what failed earlier has certainly not left, and what failed later may have had an effect. It
 * never tries again and never throws; the simulator has another side of the same shape.
 */
import type { IncomingHttpHeaders } from "node:http";
import { type Dispatcher, Pool } from "undici";

export type HttpRequest = {
  readonly method: "GET" | "POST" | "DELETE" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** "" for none. */
  readonly body: string;
};

export type HttpAnswer = {
  readonly kind: "body";
  readonly status: number;
  /** By its name in any case; undefined for one that is absent or came more than once. */
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
};

export type HttpFailure = {
  readonly code: string;
  readonly reason: string;
  /** False when certainly no byte has left. */
  readonly wasSent: boolean;
};

/** Exactly one of the two is called, once, and never in the turn of the request. */
export type HttpListener = {
  readonly onAnswer: (answer: HttpAnswer) => void;
  readonly onFailed: (failure: HttpFailure) => void;
};

export interface HttpSide {
  request(request: HttpRequest, timeoutMs: number, listener: HttpListener): void;
  /** Ends every connection; requests under way fail. */
  close(): Promise<void>;
}

export type HttpOptions = {
  readonly connections: number;
  /** A longer answer is a failure. */
  readonly bodyBytesMax: number;
  /** How long an idle connection is kept; the library's own time where absent. */
  readonly keepAliveMs?: number;
};

/** Opens the HTTP side of one origin; nothing is dialed yet. */
export type OpenHttp = (origin: string, options: HttpOptions) => HttpSide;

const CONNECT_TIMEOUT_MS = 5000;

/** HTTP over real sockets. */
export const openHttp: OpenHttp = (origin, options) => new PooledSide(origin, options);

class PooledSide implements HttpSide {
  readonly #pool: Pool;
  readonly #bodyBytesMax: number;

  constructor(origin: string, { connections, bodyBytesMax, keepAliveMs }: HttpOptions) {
    this.#bodyBytesMax = bodyBytesMax;
    this.#pool = new Pool(origin, {
      connections,
      pipelining: 1,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      ...(keepAliveMs === undefined ? {} : { keepAliveTimeout: keepAliveMs }),
    });
  }

  request(request: HttpRequest, timeoutMs: number, listener: HttpListener): void {
    const { method, path, headers, body } = request;
    const handler = new AnswerReader(listener, timeoutMs, this.#bodyBytesMax);
    try {
      this.#pool.dispatch(
        { method, path, headers: { ...headers }, body: body === "" ? null : body },
        handler,
      );
    } catch (error) {
      handler.onResponseError(undefined, error instanceof Error ? error : new Error(String(error)));
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** Follows one request of the library to its end, and tells that end once. */
class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #listener: HttpListener;
  readonly #bodyBytesMax: number;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #headers: IncomingHttpHeaders = {};
  #status = 0;
  #length = 0;
  #wasSent = false;
  #hasEnded = false;

  constructor(listener: HttpListener, timeoutMs: number, bodyBytesMax: number) {
    this.#listener = listener;
    this.#bodyBytesMax = bodyBytesMax;
    this.#timer = setTimeout(() => this.#onTimeout(), Math.max(0, timeoutMs));
  }

  /**
   * Just before the first byte. A call that was given up while it waited is stopped here, and so is one
   * that the library would write a second time after its connection ended.
   */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#hasEnded || this.#wasSent) controller.abort(new Error("a call is written once"));
    else this.#wasSent = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > this.#bodyBytesMax) {
      controller.abort(new Error(`the body is longer than ${this.#bodyBytesMax} bytes`));
    } else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#hasEnded) return;
    this.#end();
    const headers = this.#headers;
    this.#listener.onAnswer({
      kind: "body",
      status: this.#status,
      header: (name) => {
        const value = headers[name.toLowerCase()];
        return typeof value === "string" ? value : undefined;
      },
      body: Buffer.concat(this.#chunks, this.#length),
    });
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#hasEnded) return;
    this.#end();
    const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
    this.#listener.onFailed({ code, reason: error.message, wasSent: this.#wasSent });
  }

  #onTimeout(): void {
    if (this.#hasEnded) return;
    this.#end();
    const reason = "no answer in time";
    this.#listener.onFailed({ code: "timeout", reason, wasSent: this.#wasSent });
    this.#controller?.abort(new Error(reason));
  }

  #end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }
}

/**
 * Station: calls of a desk -> a venue's REST side, over connections that are warm already.
 *
 * A call is written at most once. Whether it was written is known: the library says so just before it
 * writes, so what failed earlier has certainly not left, and what failed later may have had an effect.
 * Only a read that has not left is tried again. A cheap read keeps every connection open, so that no order
 * waits for a TLS handshake.
 */
import type { IncomingHttpHeaders } from "node:http";
import { type Dispatcher, Pool } from "undici";
import { Breaker } from "../../core/risk/breaker.ts";
import type { DeskAnswer, DeskCall } from "../../venues/execution.ts";
import { nowUs } from "../clock.ts";

export type DeskHttpOptions = {
  readonly origin: string;
  readonly connections: number;
  /** Read over each connection this often; "" for venues whose REST side is not needed to trade. */
  readonly warmPath: string;
  readonly warmMs: number;
  readonly onAnswer: (call: DeskCall, answer: DeskAnswer, recvUs: number) => void;
};

/** Longer than the pause between two warming reads; the server may still close earlier. */
const KEEP_ALIVE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5000;
const WARM_TIMEOUT_MS = 5000;
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const ATTEMPTS_MAX = 3;
const BACKOFF_MS = 100;
const BACKOFF_MS_MAX = 1000;
const SERVER_ERROR = 500;

type Failure = { readonly code: string; readonly wasSent: boolean };

export class DeskHttp {
  readonly #pool: Pool;
  readonly #options: DeskHttpOptions;
  readonly #breakers: Readonly<Record<"order" | "read", Breaker>> = {
    order: new Breaker(),
    read: new Breaker(),
  };
  readonly #retries = new Set<NodeJS.Timeout>();
  readonly #warmTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: DeskHttpOptions) {
    this.#options = options;
    this.#pool = new Pool(options.origin, {
      connections: options.connections,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: { timeout: CONNECT_TIMEOUT_MS },
    });
    if (options.warmPath === "") return;
    this.#warm();
    this.#warmTimer = setInterval(() => this.#warm(), options.warmMs);
  }

  /** Makes the call; always ends in exactly one `onAnswer`, never in this turn, unless closed before. */
  call(call: DeskCall): void {
    const deadlineMs = performance.now() + call.timeoutMs;
    this.#attempt(call, deadlineMs, 1);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#warmTimer);
    for (const timer of this.#retries) clearTimeout(timer);
    this.#retries.clear();
    await this.#pool.destroy();
  }

  #attempt(call: DeskCall, deadlineMs: number, attempt: number): void {
    const breaker = call.kind === "cancel" ? undefined : this.#breakers[call.kind];
    if (breaker?.mayPass(nowUs()) === false) {
      const answer = { kind: "failed", code: "breakerOpen", wasSent: false } as const;
      queueMicrotask(() => this.#tell(call, answer));
      return;
    }
    breaker?.onSent(nowUs());
    const request = {
      method: call.method,
      path: call.path,
      headers: call.headers,
      body: call.body,
    };
    this.#dispatch(request, deadlineMs - performance.now(), {
      onBody: (answer) => {
        if (answer.status >= SERVER_ERROR) breaker?.onFailed(nowUs());
        else breaker?.onAnswered();
        this.#tell(call, answer);
      },
      onFailed: (failure) => {
        breaker?.onFailed(nowUs());
        this.#onFailed(call, failure, deadlineMs, attempt);
      },
    });
  }

  /** A signed read is good for one writing only; one that never left may be tried again as it is. */
  #onFailed(call: DeskCall, failure: Failure, deadlineMs: number, attempt: number): void {
    const waitMs = backoffMs(attempt);
    const isWorthIt = attempt < ATTEMPTS_MAX && performance.now() + waitMs < deadlineMs;
    if (call.kind !== "read" || failure.wasSent || !isWorthIt || this.#isClosed) {
      this.#tell(call, { kind: "failed", ...failure });
      return;
    }
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      this.#attempt(call, deadlineMs, attempt + 1);
    }, waitMs);
    this.#retries.add(timer);
  }

  #tell(call: DeskCall, answer: DeskAnswer): void {
    if (!this.#isClosed) this.#options.onAnswer(call, answer, nowUs());
  }

  /** Reads over every connection at once: each of them takes one. */
  #warm(): void {
    const request = { method: "GET", path: this.#options.warmPath, headers: {}, body: "" } as const;
    for (let i = 0; i < this.#options.connections; i++) {
      this.#dispatch(request, WARM_TIMEOUT_MS, {
        onBody: () => undefined,
        onFailed: () => undefined,
      });
    }
  }

  #dispatch(
    request: Pick<DeskCall, "method" | "path" | "headers" | "body">,
    timeoutMs: number,
    told: AnswerListener,
  ): void {
    const { method, path, headers, body } = request;
    const handler = new AnswerReader(told, timeoutMs);
    try {
      this.#pool.dispatch(
        { method, path, headers: { ...headers }, body: body === "" ? null : body },
        handler,
      );
    } catch (error) {
      handler.onResponseError(undefined, error instanceof Error ? error : new Error(String(error)));
    }
  }
}

type AnswerListener = {
  readonly onBody: (answer: Extract<DeskAnswer, { kind: "body" }>) => void;
  readonly onFailed: (failure: Failure) => void;
};

/** Follows one request of the library to its end, and tells that end once. */
class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #told: AnswerListener;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #headers: IncomingHttpHeaders = {};
  #status = 0;
  #length = 0;
  #wasSent = false;
  #hasEnded = false;

  constructor(told: AnswerListener, timeoutMs: number) {
    this.#told = told;
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
    if (this.#length > BODY_BYTES_MAX) controller.abort(new Error("the body is too long"));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#hasEnded) return;
    this.#end();
    const headers = this.#headers;
    this.#told.onBody({
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
    this.#told.onFailed({ code, wasSent: this.#wasSent });
  }

  #onTimeout(): void {
    if (this.#hasEnded) return;
    this.#end();
    this.#told.onFailed({ code: "timeout", wasSent: this.#wasSent });
    this.#controller?.abort(new Error("no answer in time"));
  }

  #end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }
}

/** Doubles from try to try up to a second, and is drawn between half of that and all of it. */
function backoffMs(attempt: number): number {
  const fullMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (attempt - 1));
  return fullMs * (0.5 + Math.random() / 2);
}

/**
 * Station: calls of a desk -> a venue's REST side, over connections that are warm already.
 *
 * A call is written at most once. Whether it was written is known: the library says so just before it
 * writes, so what failed earlier has certainly not left, and what failed later may have had an effect.
 * Only a read that has not left is tried again. A cheap read keeps every connection open, so that no order
 * waits for a TLS handshake.
 */
import { Breaker } from "../../core/risk/breaker.ts";
import type { DeskAnswer, DeskCall } from "../../venues/execution.ts";
import { nowUs } from "../clock.ts";
import { type HttpFailure, type HttpSide, type OpenHttp, openHttp } from "../http-side.ts";

export type DeskHttpOptions = {
  readonly origin: string;
  readonly connections: number;
  /** Read over each connection this often; "" for venues whose REST side is not needed to trade. */
  readonly warmPath: string;
  readonly warmMs: number;
  readonly onAnswer: (call: DeskCall, answer: DeskAnswer, recvUs: number) => void;
  /** Real sockets where absent. */
  readonly openHttp?: OpenHttp | undefined;
};

/** Longer than the pause between two warming reads; the server may still close earlier. */
const KEEP_ALIVE_MS = 60_000;
const WARM_TIMEOUT_MS = 5000;
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const ATTEMPTS_MAX = 3;
const BACKOFF_MS = 100;
const BACKOFF_MS_MAX = 1000;
const SERVER_ERROR = 500;

export class DeskHttp {
  readonly #side: HttpSide;
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
    const open = options.openHttp ?? openHttp;
    const { origin, connections } = options;
    this.#side = open(origin, {
      connections,
      bodyBytesMax: BODY_BYTES_MAX,
      keepAliveMs: KEEP_ALIVE_MS,
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
    await this.#side.close();
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
    this.#side.request(request, deadlineMs - performance.now(), {
      onAnswer: (answer) => {
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
  #onFailed(call: DeskCall, failure: HttpFailure, deadlineMs: number, attempt: number): void {
    const waitMs = backoffMs(attempt);
    const isWorthIt = attempt < ATTEMPTS_MAX && performance.now() + waitMs < deadlineMs;
    if (call.kind !== "read" || failure.wasSent || !isWorthIt || this.#isClosed) {
      const { code, wasSent } = failure;
      this.#tell(call, { kind: "failed", code, wasSent });
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
      this.#side.request(request, WARM_TIMEOUT_MS, {
        onAnswer: () => undefined,
        onFailed: () => undefined,
      });
    }
  }
}

/** Doubles from try to try up to a second, and is drawn between half of that and all of it. */
function backoffMs(attempt: number): number {
  const fullMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (attempt - 1));
  return fullMs * (0.5 + Math.random() / 2);
}

/**
 * Station: REST reads of one venue: snapshots, time, rules. Keep-alive sockets, a deadline on every
 * request, no hidden retry: whether to ask again is the core's decision.
 */
import { nowUs } from "./clock.ts";
import { type HttpAnswer, type HttpSide, type OpenHttp, openHttp } from "./http-side.ts";

/** What came back, or why nothing did. */
export type RestAnswer =
  | {
      readonly kind: "body";
      readonly status: number;
      readonly body: Uint8Array;
      /** When the last byte was read. */
      readonly recvUs: number;
      readonly roundTripUs: number;
      /** -1 when the venue did not say. */
      readonly weightUsed: number;
      readonly retryAfterUs: number;
    }
  | { readonly kind: "failed"; readonly code: string; readonly reason: string };

/** What an answer says about our request weight; -1 and 0 where it says nothing. */
export type RestBudget = { readonly weightUsed: number; readonly retryAfterUs: number };

export type RestOptions = {
  readonly connectionsMax?: number;
  /** Reads the venue's own headers; without it, `weightHeader` and `retry-after` in seconds. */
  readonly budgetOf?: ((header: (name: string) => string | undefined) => RestBudget) | undefined;
  /** Headers that sign a request, for paths that want a key; none without one. */
  readonly sign?: ((method: string, path: string) => Readonly<Record<string, string>>) | undefined;
  /** Real sockets where absent. */
  readonly openHttp?: OpenHttp;
};

/** A snapshot of 5000 levels a side is 0.4 MB, all rules of a venue about 17 MB. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;
const CONNECTIONS_MAX = 32;
const US_PER_S = 1_000_000;

export class RestClient {
  readonly #side: HttpSide;
  readonly #weightHeader: string;
  readonly #options: RestOptions;

  constructor(origin: string, weightHeader: string, options: RestOptions = {}) {
    const open = options.openHttp ?? openHttp;
    const connections = options.connectionsMax ?? CONNECTIONS_MAX;
    this.#side = open(origin, { connections, bodyBytesMax: BODY_BYTES_MAX });
    this.#weightHeader = weightHeader;
    this.#options = options;
  }

  /**
   * One GET, or one POST without a body for what a venue hands out that way. Ends in exactly one call back,
   * never in this turn.
   */
  ask(
    method: "GET" | "POST",
    path: string,
    timeoutMs: number,
    onAnswer: (answer: RestAnswer) => void,
  ): void {
    const startedUs = nowUs();
    const headers = this.#options.sign?.(method, path) ?? {};
    this.#side.request({ method, path, headers, body: "" }, timeoutMs, {
      onAnswer: (answer) => {
        const { status, body } = answer;
        const recvUs = nowUs();
        const roundTripUs = recvUs - startedUs;
        onAnswer({ kind: "body", status, body, recvUs, roundTripUs, ...this.#budgetOf(answer) });
      },
      onFailed: ({ code, reason }) => onAnswer({ kind: "failed", code, reason }),
    });
  }

  /** One GET, for what is not on the hot path; never rejects. */
  get(path: string, timeoutMs: number): Promise<RestAnswer> {
    const { promise, resolve } = Promise.withResolvers<RestAnswer>();
    this.ask("GET", path, timeoutMs, resolve);
    return promise;
  }

  #budgetOf({ header }: HttpAnswer): RestBudget {
    const { budgetOf } = this.#options;
    if (budgetOf !== undefined) return budgetOf(header);
    const seconds = Number(header("retry-after") ?? 0);
    const weightUsed = Number(header(this.#weightHeader) ?? Number.NaN);
    return {
      weightUsed: Number.isFinite(weightUsed) ? weightUsed : -1,
      retryAfterUs: Number.isFinite(seconds) ? seconds * US_PER_S : 0,
    };
  }

  async close(): Promise<void> {
    await this.#side.close();
  }
}

/**
 * Station: REST reads of one venue: snapshots, time, rules. Keep-alive sockets, a deadline on every
 * request, no hidden retry: whether to ask again is the core's decision.
 */
import { performance } from "node:perf_hooks";
import { Pool } from "undici";
import { nowUs } from "./clock.ts";

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
};

/** A snapshot of 5000 levels a side is 0.4 MB, all rules of a venue about 17 MB. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;
const CONNECTIONS_MAX = 32;
const US_PER_MS = 1000;
const US_PER_S = 1_000_000;

export class RestClient {
  readonly #pool: Pool;
  readonly #weightHeader: string;
  readonly #options: RestOptions;

  constructor(origin: string, weightHeader: string, options: RestOptions = {}) {
    const connections = options.connectionsMax ?? CONNECTIONS_MAX;
    this.#pool = new Pool(origin, { connections, pipelining: 1 });
    this.#weightHeader = weightHeader;
    this.#options = options;
  }

  /** One GET; never throws. */
  get(path: string, timeoutMs: number): Promise<RestAnswer> {
    return this.#request("GET", path, timeoutMs);
  }

  /** One POST without a body, for what a venue hands out that way; never throws. */
  post(path: string, timeoutMs: number): Promise<RestAnswer> {
    return this.#request("POST", path, timeoutMs);
  }

  async #request(method: "GET" | "POST", path: string, timeoutMs: number): Promise<RestAnswer> {
    const startedMs = performance.now();
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const { statusCode, headers, body } = await this.#pool.request({
        path,
        method,
        signal,
        headers: this.#options.sign?.(method, path) ?? {},
      });
      const bytes = new Uint8Array(await readBody(body));
      const recvUs = nowUs();
      const budget = this.#budgetOf(headers);
      return {
        kind: "body",
        status: statusCode,
        body: bytes,
        recvUs,
        roundTripUs: Math.round((performance.now() - startedMs) * US_PER_MS),
        ...budget,
      };
    } catch (error) {
      const { code, message } = describe(error);
      return { kind: "failed", code, reason: message };
    }
  }

  #budgetOf(headers: Readonly<Record<string, string | string[] | undefined>>): RestBudget {
    const { budgetOf } = this.#options;
    if (budgetOf !== undefined) {
      return budgetOf((name) => {
        const value = headers[name];
        return typeof value === "string" ? value : undefined;
      });
    }
    const seconds = Number(headers["retry-after"] ?? 0);
    return {
      weightUsed: numberOr(headers[this.#weightHeader], -1),
      retryAfterUs: Number.isFinite(seconds) ? seconds * US_PER_S : 0,
    };
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

async function readBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    if (total > BODY_BYTES_MAX) throw new Error(`the body is longer than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, total);
}

function numberOr(value: string | string[] | undefined, otherwise: number): number {
  const number = Number(value);
  return typeof value === "string" && Number.isFinite(number) ? number : otherwise;
}

function describe(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: "UNKNOWN", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return { code, message: error.message };
}

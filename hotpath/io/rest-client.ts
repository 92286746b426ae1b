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

/** A snapshot of 5000 levels a side is 0.4 MB, all rules of a venue about 17 MB. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;
const US_PER_MS = 1000;
const US_PER_S = 1_000_000;

export class RestClient {
  readonly #pool: Pool;
  readonly #weightHeader: string;

  constructor(origin: string, weightHeader: string, connectionsMax = 32) {
    this.#pool = new Pool(origin, { connections: connectionsMax, pipelining: 1 });
    this.#weightHeader = weightHeader;
  }

  /** One GET; never throws. */
  async get(path: string, timeoutMs: number): Promise<RestAnswer> {
    const startedMs = performance.now();
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const { statusCode, headers, body } = await this.#pool.request({
        path,
        method: "GET",
        signal,
      });
      const bytes = new Uint8Array(await readBody(body));
      const recvUs = nowUs();
      const seconds = Number(headers["retry-after"] ?? 0);
      return {
        kind: "body",
        status: statusCode,
        body: bytes,
        recvUs,
        roundTripUs: Math.round((performance.now() - startedMs) * US_PER_MS),
        weightUsed: numberOr(headers[this.#weightHeader], -1),
        retryAfterUs: Number.isFinite(seconds) ? seconds * US_PER_S : 0,
      };
    } catch (error) {
      const { code, message } = describe(error);
      return { kind: "failed", code, reason: message };
    }
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

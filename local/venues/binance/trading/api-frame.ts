/**
 * Station: the text of one WebSocket API request -> its id, method and parameters, or the error.
 *
 * Numbers keep the digits they were written with, because the signature covers them so; parameters are
 * signed in alphabetical order, apiKey included, signature excepted (web-socket-api.md, read
 * 2026-11-20). Pure.
 */
import type { Params } from "./params.ts";

export type FrameId = string | number | null;

export type ApiFrame =
  | {
      readonly kind: "request";
      readonly id: FrameId;
      readonly method: string;
      readonly params: Params;
      readonly payload: string;
    }
  | { readonly kind: "bad"; readonly id: FrameId; readonly msg: string };

/** A number with the digits it was written with. */
class Written {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

type SourceReviver = (key: string, value: unknown, context: { source?: string }) => unknown;
/** Revivers see the source text of numbers (ECMA-262, JSON.parse source text access, 2025). */
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

function parseJson(text: string): unknown {
  try {
    return parseWithSource(text, (_key, value, { source }) =>
      typeof value === "number" && source !== undefined ? new Written(source) : value,
    );
  } catch {
    return undefined;
  }
}

function idOf(id: unknown): FrameId | undefined {
  if (id === null) return null;
  if (typeof id === "string") return id.length <= 36 ? id : undefined;
  if (!(id instanceof Written)) return undefined;
  const number = Number(id.source);
  return Number.isSafeInteger(number) ? number : undefined;
}

function paramsOf(given: unknown): Map<string, string> | undefined {
  if (given === undefined) return new Map();
  if (typeof given !== "object" || given === null || Array.isArray(given)) return undefined;
  const params = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    // What is neither text, number nor truth is no parameter and is not signed.
    if (value instanceof Written) params.set(name, value.source);
    else if (typeof value === "string") params.set(name, value);
    else if (typeof value === "boolean") params.set(name, String(value));
  }
  return params;
}

/** The text that a request's signature covers. */
export function signedText(params: Params): string {
  return [...params]
    .filter(([name]) => name !== "signature")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** Reads one request. */
export function parseFrame(text: string): ApiFrame {
  const message = parseJson(text);
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    return { kind: "bad", id: null, msg: "JSON Request is invalid" };
  }
  const fields = message as { id?: unknown; method?: unknown; params?: unknown };
  const id = idOf(fields.id);
  const params = paramsOf(fields.params);
  if (id === undefined)
    return { kind: "bad", id: null, msg: "Mandatory parameter 'id' is invalid" };
  if (typeof fields.method !== "string" || params === undefined) {
    return { kind: "bad", id, msg: "JSON Request is invalid" };
  }
  return { kind: "request", id, method: fields.method, params, payload: signedText(params) };
}

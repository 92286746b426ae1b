/**
 * A plain client of the simulated order side for its tests: it signs as the venue's pages say, keeps
 * what it heard, and shares no code with the engine.
 */
import { createHmac, createPrivateKey, sign } from "node:crypto";
import type { HandedKey, TradingEndpoints } from "../../../../../local/venues/venue-model.ts";
import { type Message, VenueClient } from "../../venue-client.ts";

type Param = string | number | boolean;
export type Params = Readonly<Record<string, Param>>;

/** Signs with an HMAC secret or an Ed25519 PEM. */
export function signature(key: HandedKey, payload: string): string {
  if (!key.secret.includes("PRIVATE KEY")) {
    return createHmac("sha256", key.secret).update(payload).digest("hex");
  }
  return sign(null, Buffer.from(payload), createPrivateKey(key.secret)).toString("base64");
}

function keyOf(endpoints: TradingEndpoints, kind: string): HandedKey {
  const key = endpoints.keys[kind];
  if (key === undefined) throw new Error(`no ${kind} key`);
  return key;
}

/** One session of the WebSocket API. */
export class TradingClient {
  readonly client: VenueClient;
  readonly key: HandedKey;
  #nextId = 1;

  constructor(endpoints: TradingEndpoints, kind = "hmac", query = "") {
    this.client = new VenueClient(`${endpoints.orders}${query}`);
    this.key = keyOf(endpoints, kind);
  }

  async opened(): Promise<this> {
    await this.client.opened();
    return this;
  }

  /** The parameters with time, key and signature. */
  signed(params: Params): Params {
    const all: Record<string, Param> = {
      timestamp: Date.now(),
      ...params,
      apiKey: this.key.apiKey,
    };
    const names = Object.keys(all).sort();
    const payload = names.map((name) => `${name}=${String(all[name])}`).join("&");
    return { ...all, signature: signature(this.key, payload) };
  }

  /** Sends a request and gives its id back. */
  send(method: string, params: Params = {}): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.client.send({ id, method, params });
    return id;
  }

  /** Sends a request and waits for its answer. */
  async ask(method: string, params: Params = {}): Promise<Message> {
    const id = this.send(method, params);
    return await this.client.find((one) => one.id === id);
  }

  /** Sends a signed request and waits for its answer. */
  async order(method: string, params: Params = {}): Promise<Message> {
    return await this.ask(method, this.signed(params));
  }

  /** Every user data event heard so far. */
  events(): Record<string, unknown>[] {
    return this.client.texts
      .map((text) => JSON.parse(text) as { event?: Record<string, unknown> })
      .flatMap(({ event }) => (event === undefined ? [] : [event]));
  }

  close(): void {
    this.client.socket.terminate();
  }
}

/** A signed HTTP request. */
export async function rest(
  endpoints: TradingEndpoints,
  route: string,
  params: Params = {},
  kind = "hmac",
): Promise<{ status: number; headers: Headers; text: string; body: Record<string, unknown> }> {
  const [method = "GET", path = "/"] = route.split(" ");
  const key = keyOf(endpoints, kind);
  const all = { timestamp: Date.now(), ...params };
  const query = new URLSearchParams(
    Object.entries(all).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  const signed = `${query}&signature=${encodeURIComponent(signature(key, query))}`;
  const isQuery = method === "GET" || method === "DELETE";
  const response = await fetch(`${endpoints.rest}${path}${isQuery ? `?${signed}` : ""}`, {
    method,
    headers: {
      "X-MBX-APIKEY": key.apiKey,
      "Content-Type": "application/x-www-form-urlencoded",
    },
    ...(isQuery ? {} : { body: signed }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, headers: response.headers, text, body };
}

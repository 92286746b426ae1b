/**
 * Goal: a plain client of the simulated KuCoin for its tests: tickets, the welcome, and the venue's own
 * procedure for a local book, written as simply as possible. It uses no code of the engine.
 */
import { createHmac } from "node:crypto";
import type { VenuesHandle } from "../../../../local/venues/start.ts";
import { type Message, VenueClient } from "../venue-client.ts";

export type Envelope = { readonly code: string; readonly msg?: string; readonly data?: unknown };

export function endpointsOf(venues: VenuesHandle) {
  const { kucoin } = venues.endpoints;
  if (kucoin === undefined) throw new Error("KuCoin is simulated");
  return kucoin;
}

export async function get(venues: VenuesHandle, path: string): Promise<Envelope> {
  return (await (await fetch(`${endpointsOf(venues).rest}${path}`)).json()) as Envelope;
}

/** One signed request, as the venue's page on authentication has it. */
export async function signed(
  venues: VenuesHandle,
  method: string,
  target: string,
  {
    body = "",
    timeMs = Date.now(),
    spoil = {},
  }: { body?: string; timeMs?: number; spoil?: Record<string, string> } = {},
): Promise<{ status: number; headers: Headers; envelope: Envelope }> {
  const { trading } = endpointsOf(venues);
  const { apiKey, secret, passphrase } = trading?.keys.hmac ?? {
    apiKey: "",
    secret: "",
    passphrase: "",
  };
  const hmac = (text: string) => createHmac("sha256", secret).update(text).digest("base64");
  const headers = {
    "KC-API-KEY": apiKey,
    "KC-API-SIGN": hmac(`${timeMs}${method}${target}${body}`),
    "KC-API-TIMESTAMP": String(timeMs),
    "KC-API-PASSPHRASE": hmac(passphrase),
    "KC-API-KEY-VERSION": "3",
    ...spoil,
  };
  const answer = await fetch(`${trading?.rest}${target}`, {
    method,
    headers,
    ...(body === "" ? {} : { body }),
  });
  return {
    status: answer.status,
    headers: answer.headers,
    envelope: (await answer.json()) as Envelope,
  };
}

/** Takes a ticket and dials; `connectId` is "me". */
export async function dial(venues: VenuesHandle, token?: string): Promise<VenueClient> {
  const answer = await fetch(`${endpointsOf(venues).rest}/api/v1/bullet-public`, {
    method: "POST",
  });
  const { data } = (await answer.json()) as {
    data: { token: string; instanceServers: { endpoint: string }[] };
  };
  const url = `${data.instanceServers[0]?.endpoint}?token=${token ?? data.token}&connectId=me`;
  return await new VenueClient(url).opened();
}

/** Dials and waits for the welcome. */
export async function greeted(venues: VenuesHandle): Promise<VenueClient> {
  const client = await dial(venues);
  await client.find(({ type }) => type === "welcome");
  return client;
}

export async function subscribe(client: VenueClient, id: number, topic: string): Promise<Message> {
  client.send({ id, type: "subscribe", topic, privateChannel: false, response: true });
  return await client.find((one) => one.id === String(id));
}

/** Pushes of one topic, without their envelope. */
export function pushes(client: VenueClient, topic: string): Message[] {
  return client.messages().flatMap((one) => (one.topic === topic ? [one.data as Message] : []));
}

/** The steps of section "local order book": drop, check the range, apply rows by their own sequence. */
export class KucoinBook {
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();
  sequence: number;
  isBroken = false;

  constructor({ sequence, bids, asks }: { sequence: string; bids: string[][]; asks: string[][] }) {
    this.sequence = Number(sequence);
    for (const [price = "", size = ""] of bids) this.bids.set(price, size);
    for (const [price = "", size = ""] of asks) this.asks.set(price, size);
  }

  apply(push: Message): void {
    const { sequenceStart, sequenceEnd, changes } = push as {
      sequenceStart: number;
      sequenceEnd: number;
      changes: Record<"asks" | "bids", [string, string, string][]>;
    };
    if (sequenceEnd <= this.sequence) return;
    if (sequenceStart > this.sequence + 1) this.isBroken = true;
    if (this.isBroken) return;
    for (const side of ["asks", "bids"] as const) {
      for (const [price, size, own] of changes[side]) {
        if (Number(own) <= this.sequence || price === "0") continue;
        if (size === "0") this[side].delete(price);
        else this[side].set(price, size);
      }
    }
    this.sequence = sequenceEnd;
  }

  /** Levels in whole steps of so many digits. */
  levels(side: "asks" | "bids", priceDigits: number, lotDigits: number): [number, number][] {
    const units = (text: string, digits: number) => {
      const [whole = "", fraction = ""] = text.split(".");
      return Number(whole + fraction.padEnd(digits, "0"));
    };
    return [...this[side]].map(([price, size]) => [
      units(price, priceDigits),
      units(size, lotDigits),
    ]);
  }
}

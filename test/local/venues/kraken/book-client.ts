/**
 * A plain reader of the simulated Kraken for its tests: numbers kept as text, a book of maps, and the
 * checksum as the venue's page has it. It uses no code of the engine.
 */
import { crc32 } from "node:zlib";
import type { VenuesHandle } from "../../../../local/venues/start.ts";
import { VenueClient } from "../venue-client.ts";

export type Row = { readonly price: string; readonly qty: string };

/** One message about a book; numbers are their text. */
export type BookMessage = {
  readonly type: "snapshot" | "update";
  readonly symbol: string;
  readonly bids: readonly Row[];
  readonly asks: readonly Row[];
  readonly checksum: string;
  readonly timestamp: string;
};

export function endpointsOf(venues: VenuesHandle) {
  const { kraken } = venues.endpoints;
  if (kraken === undefined) throw new Error("Kraken is simulated");
  return kraken;
}

export async function dial(venues: VenuesHandle): Promise<VenueClient> {
  return await new VenueClient(`${endpointsOf(venues).ws}/v2`).opened();
}

export async function get(venues: VenuesHandle, path: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${endpointsOf(venues).rest}${path}`);
  return (await answer.json()) as Record<string, unknown>;
}

/** Everything a text says of books; nothing where it says nothing, or cannot be read. */
export function bookMessages(texts: readonly string[]): BookMessage[] {
  return texts.flatMap((text) => {
    const message = read(text);
    if (message?.channel !== "book") return [];
    const { type, data } = message as { type: BookMessage["type"]; data: BookMessage[] };
    return data.map((book) => ({ ...book, type }));
  });
}

function read(text: string): Record<string, unknown> | undefined {
  try {
    const keep = (_key: string, value: unknown, context?: { source?: string }): unknown =>
      typeof value === "number" ? (context?.source ?? "") : value;
    return JSON.parse(text, keep as (key: string, value: unknown) => unknown) as Record<
      string,
      unknown
    >;
  } catch {
    // A text that is wrong on purpose.
    return undefined;
  }
}

/** A book of a depth as the venue's guide says to keep it. */
export class PlainBook {
  readonly depth: number;
  #bids: (readonly [price: string, quantity: string])[] = [];
  #asks: (readonly [price: string, quantity: string])[] = [];

  constructor(depth: number) {
    this.depth = depth;
  }

  apply({ type, bids, asks }: BookMessage): void {
    if (type === "snapshot") {
      this.#bids = [];
      this.#asks = [];
    }
    this.#bids = this.#after(this.#bids, bids, -1);
    this.#asks = this.#after(this.#asks, asks, 1);
  }

  #after(side: readonly (readonly [string, string])[], rows: readonly Row[], sign: number) {
    const levels = new Map(side);
    for (const { price, qty } of rows) {
      if (Number(qty) === 0) levels.delete(price);
      else levels.set(price, qty);
    }
    const sorted = [...levels].sort(([left], [right]) => (Number(left) - Number(right)) * sign);
    return sorted.slice(0, this.depth);
  }

  /** Ten asks and ten bids, without points and leading zeros. */
  get checksum(): string {
    const digits = (text: string) => text.replace(".", "").replace(/^0+/, "");
    const of = (side: readonly (readonly [string, string])[]) =>
      side.slice(0, 10).map(([price, quantity]) => digits(price) + digits(quantity));
    return String(crc32([...of(this.#asks), ...of(this.#bids)].join("")));
  }

  get isCrossed(): boolean {
    return (
      Number(this.#bids[0]?.[0] ?? 0) >= Number(this.#asks[0]?.[0] ?? Number.POSITIVE_INFINITY)
    );
  }

  /** What the truth is asked: every level, and how far the book reaches. */
  get sides() {
    const steps = (side: readonly (readonly [string, string])[]) =>
      side.map(([price, lots]): [number, number] => [stepsOf(price), stepsOf(lots)]);
    const bids = steps(this.#bids);
    const asks = steps(this.#asks);
    const bidHorizonTicks = bids.length < this.depth ? null : (bids.at(-1)?.[0] ?? null);
    const askHorizonTicks = asks.length < this.depth ? null : (asks.at(-1)?.[0] ?? null);
    return { bids, asks, bidHorizonTicks, askHorizonTicks };
  }
}

const stepsOf = (text: string) => Number(text.replace(".", ""));

/** The microseconds of "2026-11-21T15:20:43.123456Z". */
export function microsOf(timestamp: string): number {
  const fraction = /\.(\d+)Z$/.exec(timestamp)?.[1] ?? "";
  const seconds = Date.parse(timestamp.replace(/\.\d+Z$/, "Z")) / 1_000;
  return seconds * 1_000_000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

/**
 * The tests' own idea of a Binance frame: builders of wire text, and a naive decoder of BigInt and
 * JSON.parse, slow and plain, against which the fast ones are held.
 */
import type { VenueId } from "../../../contracts/ids.ts";
import { type Instrument, instrumentOf } from "../../../hotpath/core/instrument.ts";
import { MARKET, MarketRing } from "../../../hotpath/core/market-ring.ts";

export const STAMP = { session: 3, epoch: 7, recvUs: 1_700_000_000_000_001, awayUs: 5, rawSeq: 9 };

/** Steps of every sort: one unit, several units, no decimals, many decimals. */
const STEPS = [
  ["BTCUSDT", "0.01", "0.00001"],
  ["ETHBTC", "0.000001", "0.0001"],
  ["ODDUSD", "0.05", "0.025"],
  ["WHOLE", "1", "10"],
  ["TINY", "0.0000000001", "1"],
] as const;

export function instrumentsOf(venue: VenueId): Instrument[] {
  return STEPS.map(([symbol, tickSize, lotSize], index) => {
    const id = `${venue}:${symbol}` as const;
    const instrument = instrumentOf({ id, venue, symbol, tickSize, lotSize }, index);
    if (instrument === undefined) throw new Error(`${symbol} has steps`);
    return instrument;
  });
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A new ring that holds two of the largest frames. */
export function ringOf(): MarketRing {
  return new MarketRing(8, 65_536);
}

export type Row = {
  readonly kind: number;
  readonly instrument: number;
  readonly exchangeUs: number;
  readonly seqFirst: number;
  readonly seqLast: number;
  readonly seqPrevious: number;
  readonly flags: number;
  readonly bids: readonly (readonly [number, number])[];
  readonly asks: readonly (readonly [number, number])[];
};

/** The newest row of the ring, as an object that can be compared. */
export function rowOf(ring: MarketRing): Row {
  const row = ring.newest;
  const start = ring.levelStart[row] as number;
  const bidCount = ring.bidCount[row] as number;
  const askCount = ring.askCount[row] as number;
  const level = (i: number): [number, number] => [ring.ticks[i] as number, ring.lots[i] as number];
  return {
    kind: ring.kind[row] as number,
    instrument: ring.instrument[row] as number,
    exchangeUs: ring.exchangeUs[row] as number,
    seqFirst: ring.seqFirst[row] as number,
    seqLast: ring.seqLast[row] as number,
    seqPrevious: ring.seqPrevious[row] as number,
    flags: ring.tradeFlags[row] as number,
    bids: Array.from({ length: bidCount }, (_, i) => level(start + i)),
    asks: Array.from({ length: askCount }, (_, i) => level(start + bidCount + i)),
  };
}

/** Decimal text to whole steps by BigInt; undefined when it is none, or too large. */
export function naiveSteps(text: unknown, decimals: number, units: number): number | undefined {
  if (typeof text !== "string") return undefined;
  const match = /^([0-9]+)(?:\.([0-9]*))?$/.exec(text);
  if (match === null) return undefined;
  const fraction = (match[2] ?? "").padEnd(decimals, "0");
  if (/[1-9]/.test(fraction.slice(decimals))) return undefined;
  const total = BigInt(`${match[1]}${fraction.slice(0, decimals)}`);
  if (total > BigInt(Number.MAX_SAFE_INTEGER) || total % BigInt(units) !== 0n) return undefined;
  return Number(total / BigInt(units));
}

function naiveLevels(value: unknown, instrument: Instrument): [number, number][] | undefined {
  if (!Array.isArray(value)) return undefined;
  const levels: [number, number][] = [];
  for (const level of value as unknown[]) {
    if (!Array.isArray(level)) return undefined;
    const ticks = naiveSteps(level[0], instrument.priceDecimals, instrument.tickUnits);
    const lots = naiveSteps(level[1], instrument.quantityDecimals, instrument.lotUnits);
    if (ticks === undefined || lots === undefined) return undefined;
    levels.push([ticks, lots]);
  }
  return levels;
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** A depth frame of a known instrument by JSON.parse; undefined when it must be refused. */
export function naiveDepth(
  text: string,
  instruments: readonly Instrument[],
  venue: VenueId,
): Row | undefined {
  try {
    // Fractions, exponents and minus zero are no ids, whatever they are worth.
    if (/"[EUu]":(?:-?\d+[.eE]|-0)|"pu":(?:-?\d+[.eE]|-0)/.test(text)) return undefined;
    const { stream, data } = JSON.parse(text);
    const symbol = String(stream).split("@")[0]?.toUpperCase();
    const instrument = instruments.find((one) => one.symbol === symbol);
    if (instrument === undefined || String(data.s).toUpperCase() !== symbol) return undefined;
    const bids = naiveLevels(data.b, instrument);
    const asks = naiveLevels(data.a, instrument);
    const isUsdm = venue === "binance-usdm";
    const ids = [data.E, data.U, data.u, ...(isUsdm ? [data.pu] : [])];
    if (bids === undefined || asks === undefined || !ids.every(isId)) return undefined;
    return {
      kind: MARKET.bookDelta,
      instrument: instrument.index,
      exchangeUs: data.E * 1000,
      seqFirst: data.U,
      seqLast: data.u,
      seqPrevious: isUsdm ? data.pu : 0,
      flags: 0,
      bids,
      asks,
    };
  } catch {
    return undefined;
  }
}

export type DepthFields = {
  readonly symbol?: string;
  readonly named?: string;
  readonly eventMs?: string;
  readonly first?: string;
  readonly last?: string;
  readonly previous?: string;
  readonly bids?: string;
  readonly asks?: string;
  readonly extra?: readonly string[];
};

/** The fields of a depth frame as JSON text, in the venue's order. */
export function depthFields(venue: VenueId, fields: DepthFields = {}): string[] {
  const symbol = fields.symbol ?? "BTCUSDT";
  const previous = venue === "binance-usdm" ? [`"pu":${fields.previous ?? "100"}`] : [];
  return [
    '"e":"depthUpdate"',
    `"E":${fields.eventMs ?? "1700000000123"}`,
    `"s":"${fields.named ?? symbol}"`,
    `"U":${fields.first ?? "101"}`,
    `"u":${fields.last ?? "105"}`,
    ...previous,
    `"b":${fields.bids ?? '[["100.10","1.00000"]]'}`,
    `"a":${fields.asks ?? '[["100.20","0.00000"]]'}`,
    ...(fields.extra ?? []),
  ];
}

/** A whole frame of the combined stream. */
export function frameOf(stream: string, fields: readonly string[]): string {
  return `{"stream":"${stream}","data":{${fields.join(",")}}}`;
}

export function depthFrame(venue: VenueId, fields: DepthFields = {}): string {
  const symbol = fields.symbol ?? "BTCUSDT";
  return frameOf(`${symbol.toLowerCase()}@depth@100ms`, depthFields(venue, fields));
}

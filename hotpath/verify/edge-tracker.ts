/**
 * Station: three live books -> the edge of both directions at each state, exact.
 *
 * A state is what the books hold after a record that changed one of them, while all three are live. Its
 * gross edge is the product of the three best prices less one: what a unit that goes round comes back
 * with beyond itself. The net edge takes the fee out of what each leg yields. Both are fractions of
 * bigints; no double is anywhere near them.
 */
import type { VenueId } from "../../contracts/ids.ts";
import type { Book } from "../core/book/book.ts";
import { type Instrument, ticksToText } from "../core/instrument.ts";
import { parseAmount } from "../core/money/amount.ts";
import { divideRounded } from "../core/money/rounding.ts";
import type { PairTriangle } from "./assets.ts";
import { type RecordedLine, RecordingError } from "./recording.ts";

/** Places after the point of basis points as text; what follows is cut off toward the smaller number. */
export const BPS_DIGITS = 4;

/** An edge: a share of what is put in, in lowest terms. */
export type EdgeView = {
  readonly num: string;
  readonly den: string;
  /** Rounded down to `BPS_DIGITS` places. */
  readonly bps: string;
};

type Fraction = { readonly n: bigint; readonly d: bigint };

export type EdgeState = {
  /** From 1. */
  readonly state: number;
  /** Receive time of the record, in microseconds. */
  readonly recvUs: number;
  /** Which recording and which line of it, both from 1. */
  readonly file: number;
  readonly line: number;
  /** The instrument whose book changed, by a depth update or by a snapshot. */
  readonly symbol: string;
  readonly change: "update" | "snapshot";
  readonly seq: number;
  /** Best bid and ask of each book. */
  readonly touch: Readonly<Record<string, readonly [bid: string, ask: string]>>;
  readonly edges: Readonly<Record<string, { readonly gross: EdgeView; readonly net: EdgeView }>>;
};

/** The best state of a direction so far. */
export type BestEdge = EdgeView & {
  readonly state: number;
  readonly recvUs: number;
  readonly file: number;
  readonly line: number;
};

export type DirectionReport = {
  readonly direction: string;
  /** States whose edge was above zero. */
  readonly aboveZeroGross: number;
  readonly aboveZeroNet: number;
  readonly bestGross: BestEdge | null;
  readonly bestNet: BestEdge | null;
};

export type EdgesReport = {
  readonly venue: VenueId;
  readonly assets: readonly string[];
  readonly instruments: readonly {
    readonly symbol: string;
    readonly base: string;
    readonly quote: string;
    readonly tickSize: string;
  }[];
  readonly feeBps: string;
  readonly bpsDigits: number;
  readonly states: number;
  /** Of these, states made by depth updates; the others were made by snapshots. */
  readonly updates: number;
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  readonly directions: readonly DirectionReport[];
};

export type EdgesOptions = {
  /** Taker fee of a leg in basis points, decimal text. */
  readonly feeBps: string;
  /** Which triangle, by one of its directions, where the recordings form several. */
  readonly direction?: string;
  readonly onState?: (state: EdgeState) => void;
};

const BPS = 10_000n;
const WHOLE_BPS = 10n ** 18n * BPS;

/** Whether `text` can be a fee: a decimal of basis points from 0 to below 10,000. */
export function parseFeeBps(text: string): bigint | undefined {
  const amount = parseAmount(text);
  return amount !== undefined && amount >= 0n && amount < WHOLE_BPS ? amount : undefined;
}

/** Both directions through a triangle, told from its first asset. */
export function directionsOf({ assets: [a, b, c] }: PairTriangle): [string, string] {
  return [`${a}>${b}>${c}`, `${a}>${c}>${b}`];
}

/** Where the book of one pair of the triangle is kept. */
export type BookSeat = { readonly instrument: Instrument; readonly book: Book };

/** One pair of the triangle, and how its book stood before the current record. */
type Corner = BookSeat & {
  readonly symbol: string;
  readonly base: string;
  version: number;
};

type Step = { readonly corner: Corner; readonly isBuy: boolean };

type Best = { readonly edge: Fraction; readonly at: BestEdge };

type Direction = {
  readonly name: string;
  readonly steps: readonly Step[];
  aboveZeroGross: number;
  aboveZeroNet: number;
  bestGross: Best | undefined;
  bestNet: Best | undefined;
};

/** Follows three books through their records and measures every state. */
export class EdgeTracker {
  readonly #triangle: PairTriangle;
  readonly #venue: VenueId;
  readonly #corners: readonly Corner[];
  readonly #directions: readonly Direction[];
  readonly #feeBps: string;
  /** What is left of a unit after three fees. */
  readonly #kept: Fraction;
  readonly #onState: (state: EdgeState) => void;
  #states = 0;
  #updates = 0;
  #firstUs: number | null = null;
  #lastUs: number | null = null;

  constructor(
    triangle: PairTriangle,
    venue: VenueId,
    seats: readonly BookSeat[],
    options: Pick<EdgesOptions, "feeBps" | "onState">,
  ) {
    const fee = parseFeeBps(options.feeBps);
    if (fee === undefined) throw new RecordingError(`${options.feeBps} is no fee in basis points`);
    this.#triangle = triangle;
    this.#venue = venue;
    this.#feeBps = options.feeBps;
    this.#kept = { n: (WHOLE_BPS - fee) ** 3n, d: WHOLE_BPS ** 3n };
    this.#onState = options.onState ?? (() => undefined);
    this.#corners = triangle.pairs.map(({ symbol, base }, i): Corner => {
      const seat = seats[i] as BookSeat;
      return { symbol, base, ...seat, version: -1 };
    });
    const { assets } = triangle;
    const [forth, back] = directionsOf(triangle);
    this.#directions = [
      directionOf(forth, assets, this.#corners),
      directionOf(back, [assets[0], assets[2], assets[1]], [...this.#corners].reverse()),
    ];
  }

  /** Notes how the books stand before a record. */
  before(): void {
    for (const corner of this.#corners) corner.version = corner.book.version;
  }

  /** Looks at what the record has changed. */
  after(atUs: number, file: number, line: RecordedLine): void {
    if (this.#corners.some(({ book }) => book.state !== "live")) return;
    const changed = this.#corners.find(({ book, version }) => book.version !== version);
    if (changed === undefined) return;
    this.#states++;
    // A snapshot of the stream leaves its book waiting for the first delta after it.
    const isSnapshot = line.kind === "rest" || changed.book.isBridging;
    const change = isSnapshot ? "snapshot" : "update";
    if (change === "update") this.#updates++;
    this.#firstUs ??= atUs;
    this.#lastUs = atUs;
    const place = { state: this.#states, recvUs: atUs, file: file + 1, line: line.line };
    const edges = this.#directions.map((one) => [one.name, this.#measure(one, place)] as const);
    this.#onState({
      ...place,
      symbol: changed.symbol,
      change,
      seq: changed.book.seq,
      touch: Object.fromEntries(this.#corners.map(touchOf)),
      edges: Object.fromEntries(edges),
    });
  }

  #measure(
    direction: Direction,
    place: Omit<BestEdge, keyof EdgeView>,
  ): { readonly gross: EdgeView; readonly net: EdgeView } {
    let n = 1n;
    let d = 1n;
    for (const { corner, isBuy } of direction.steps) {
      const { priceDecimals, tickUnits } = corner.instrument;
      const { book } = corner;
      const ticks = isBuy ? book.asks.bestTicks : book.bids.bestTicks;
      const price = BigInt(ticks) * BigInt(tickUnits);
      const per = 10n ** BigInt(priceDecimals);
      n *= isBuy ? per : price;
      d *= isBuy ? price : per;
    }
    const gross = reduced({ n: n - d, d });
    const keptN = n * this.#kept.n;
    const keptD = d * this.#kept.d;
    const net = reduced({ n: keptN - keptD, d: keptD });
    const views = { gross: viewOf(gross), net: viewOf(net) };
    if (gross.n > 0n) direction.aboveZeroGross++;
    if (net.n > 0n) direction.aboveZeroNet++;
    if (isAbove(gross, direction.bestGross)) {
      direction.bestGross = { edge: gross, at: { ...views.gross, ...place } };
    }
    if (isAbove(net, direction.bestNet)) {
      direction.bestNet = { edge: net, at: { ...views.net, ...place } };
    }
    return views;
  }

  report(): EdgesReport {
    return {
      venue: this.#venue,
      assets: this.#triangle.assets,
      instruments: this.#triangle.pairs.map((pair, i) => ({
        ...pair,
        tickSize: this.#corners[i]?.instrument.tickSize ?? "",
      })),
      feeBps: this.#feeBps,
      bpsDigits: BPS_DIGITS,
      states: this.#states,
      updates: this.#updates,
      firstUs: this.#firstUs,
      lastUs: this.#lastUs,
      directions: this.#directions.map((one) => ({
        direction: one.name,
        aboveZeroGross: one.aboveZeroGross,
        aboveZeroNet: one.aboveZeroNet,
        bestGross: one.bestGross?.at ?? null,
        bestNet: one.bestNet?.at ?? null,
      })),
    };
  }
}

/** Walks the corners in order, each bought when its base is what comes next. */
function directionOf(
  name: string,
  assets: readonly string[],
  corners: readonly Corner[],
): Direction {
  const steps = corners.map((corner, i) => ({
    corner,
    isBuy: corner.base === assets[(i + 1) % assets.length],
  }));
  return {
    name,
    steps,
    aboveZeroGross: 0,
    aboveZeroNet: 0,
    bestGross: undefined,
    bestNet: undefined,
  };
}

function touchOf({ symbol, instrument, book }: Corner): [string, [string, string]] {
  const bid = ticksToText(instrument, book.bids.bestTicks);
  return [symbol, [bid, ticksToText(instrument, book.asks.bestTicks)]];
}

function isAbove(edge: Fraction, best: Best | undefined): boolean {
  return best === undefined || edge.n * best.edge.d > best.edge.n * edge.d;
}

function reduced({ n, d }: Fraction): Fraction {
  let a = n < 0n ? -n : n;
  let b = d;
  while (b > 0n) [a, b] = [b, a % b];
  return { n: n / a, d: d / a };
}

function viewOf({ n, d }: Fraction): EdgeView {
  const scaled = divideRounded(n * BPS * 10n ** BigInt(BPS_DIGITS), d, "floor");
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(BPS_DIGITS + 1, "0");
  const sign = scaled < 0n ? "-" : "";
  const bps = `${sign}${digits.slice(0, -BPS_DIGITS)}.${digits.slice(-BPS_DIGITS)}`;
  return { num: n.toString(), den: d.toString(), bps };
}

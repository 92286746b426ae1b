/**
 * What the screen is measured against, written here for the purpose: the same bookkeeping as an object
 * graph with a Map, and a re-score in the way that bots do it, from price texts and through every triangle
 * that the changed symbol is part of, for three sizes each.
 */
import type { Cycle } from "../../hotpath/core/detect/cycles.ts";
import type { Instrument } from "../../hotpath/core/instrument.ts";

type EdgeNode = { rate: number };

type CycleNode = { readonly edges: readonly EdgeNode[]; score: number };

/** Scores kept in objects: symbol -> its two edges -> their cycles. */
export class ObjectGraph {
  readonly #edges = new Map<string, { readonly edge: EdgeNode; readonly cycles: CycleNode[] }>();
  readonly #factor: number;

  constructor(cycles: readonly Cycle[], feePpb: number) {
    this.#factor = 1 - feePpb / 1e9;
    for (const { legs } of cycles) {
      const entries = legs.map(({ instrument, isBuy }) => this.#entry(`${instrument} ${isBuy}`));
      const node: CycleNode = { edges: entries.map(({ edge }) => edge), score: 0 };
      for (const { cycles: through } of entries) through.push(node);
    }
  }

  #entry(key: string): { readonly edge: EdgeNode; readonly cycles: CycleNode[] } {
    const known = this.#edges.get(key);
    if (known !== undefined) return known;
    const made = { edge: { rate: 0 }, cycles: [] };
    this.#edges.set(key, made);
    return made;
  }

  /** Sets both sides and re-scores their cycles; how many pay. */
  touch(instrument: number, bid: number, ask: number): number {
    let found = 0;
    for (const [key, rate] of [
      [`${instrument} true`, this.#factor / ask],
      [`${instrument} false`, this.#factor * bid],
    ] as const) {
      const entry = this.#edges.get(key);
      if (entry === undefined) continue;
      entry.edge.rate = rate;
      for (const cycle of entry.cycles) {
        cycle.score = cycle.edges.reduce((product, edge) => product * edge.rate, 1);
        if (cycle.score > 1e9) found++;
      }
    }
    return found;
  }
}

/** Quantities by price text, as such bots keep a side. */
type Side = Record<string, number>;

type Depth = { readonly bids: Side; readonly asks: Side };

type Relationship = {
  readonly id: string;
  readonly steps: readonly { readonly symbol: string; readonly method: "BUY" | "SELL" }[];
};

type Calculation = { readonly id: string; readonly size: number; readonly percent: number };

const SIZES = [0.01, 0.02, 0.03] as const;
/** The shallowest stream of levels that venues offer. */
const DEPTH = 5;

/**
 * A bot's way: for each update the depth of every related symbol is copied, every related triangle is
 * worked out for each size by walking price texts, and the results are sorted by gain.
 */
export class NaiveBot {
  readonly #depths: Record<string, Depth> = {};
  readonly #related: Record<string, Relationship[]> = {};
  readonly #symbols: readonly string[];

  constructor(cycles: readonly Cycle[], instruments: readonly Instrument[]) {
    this.#symbols = instruments.map(({ symbol }) => symbol);
    for (const { key, legs } of cycles) {
      const steps = legs.map(({ instrument, isBuy }) => ({
        symbol: this.#symbols[instrument] as string,
        method: isBuy ? ("BUY" as const) : ("SELL" as const),
      }));
      for (const { symbol } of steps) {
        this.#related[symbol] ??= [];
        this.#related[symbol]?.push({ id: key, steps });
      }
    }
  }

  setDepth(instrument: number, bid: number, ask: number): void {
    const bids: Side = {};
    const asks: Side = {};
    for (let i = 0; i < DEPTH; i++) {
      bids[(bid - i / 100).toFixed(2)] = 5;
      asks[(ask + i / 100).toFixed(2)] = 5;
    }
    this.#depths[this.#symbols[instrument] as string] = { bids, asks };
  }

  /** Works out every triangle of the symbol; how many pay. */
  update(instrument: number): number {
    const related = this.#related[this.#symbols[instrument] as string] ?? [];
    const symbols = new Set(related.flatMap(({ steps }) => steps.map(({ symbol }) => symbol)));
    const copies: Record<string, Depth> = {};
    for (const symbol of symbols) {
      const { bids = {}, asks = {} } = this.#depths[symbol] ?? {};
      copies[symbol] = { bids: { ...bids }, asks: { ...asks } };
    }
    const results = related.flatMap((one) => SIZES.map((size) => calculate(one, size, copies)));
    results.sort((a, b) => b.percent - a.percent);
    return results.filter(({ percent }) => percent > 1e9).length;
  }
}

function calculate(
  { id, steps }: Relationship,
  size: number,
  depths: Readonly<Record<string, Depth>>,
): Calculation {
  const earned = steps.reduce((amount, { symbol, method }) => {
    const { bids = {}, asks = {} } = depths[symbol] ?? {};
    return convert(amount, method === "BUY" ? asks : bids, method) * 0.999;
  }, size);
  return { id, size, percent: ((earned - size) / size) * 100 };
}

/** Walks a side until the amount is used up. */
function convert(amount: number, side: Side, method: "BUY" | "SELL"): number {
  let rest = amount;
  let earned = 0;
  for (const [text, quantity] of Object.entries(side)) {
    const price = Number.parseFloat(text);
    const here = Math.min(rest, method === "BUY" ? price * quantity : quantity);
    earned += method === "BUY" ? here / price : here * price;
    rest -= here;
    if (rest <= 0) return earned;
  }
  return earned;
}

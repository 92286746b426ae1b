/**
 * The sums of one day, fact by fact: what a page of history adds and what the report says in the end.
 *
 * Facts are not kept, only their numbers, so that a day of a million fills fits into a function. Which two assets
 * an instrument trades is learned from the legs of cycles and from spellings that leave no doubt; a fill of any
 * other instrument is counted, and stated as missing from the profit.
 */
import { shareOf, sumDecimals } from "../../contracts/decimal.ts";
import type {
  AlertFact,
  CycleFact,
  DenialFact,
  FillFact,
  LatencyFact,
  OrderFact,
  ResyncFact,
} from "../../contracts/history.ts";
import type { HistoryRecord } from "../../contracts/history-filter.ts";
import {
  type Finding,
  type LatencyReport,
  type ModeReport,
  negated,
  quantile,
  Sums,
  Tallies,
} from "./logic.ts";
import { ResyncTally } from "./slo.ts";

const RATE_PLACES = 4;
const BPS_PLACES = 4;
const MEDIAN = 0.5;
/** Orders in these states are over. */
const ENDED = ["filled", "canceled", "expired", "rejected", "notSent", "notAccepted"];
/** Quotes that no base ends in, the longer first. */
const QUOTES = ["FDUSD", "USDT", "USDC", "TUSD", "BUSD", "BTC", "ETH", "BNB", "EUR", "TRY", "USD"];

/** The two assets of an instrument. */
export type Pair = { readonly base: string; readonly quote: string };

type ModeTally = {
  fills: number;
  readonly volume: Sums;
  readonly fees: Sums;
  /** By instrument: base and quote that moved, fees by asset apart. */
  readonly moved: Map<string, { base: string; quote: string }>;
  readonly cycles: Tallies;
  readonly cycleProfit: Sums;
  readonly bps: Sums;
};

export class DayTally {
  readonly facts = new Tallies();
  readonly orders = new Tallies();
  readonly denials = new Tallies();
  readonly alerts = new Tallies();
  readonly resyncs = new ResyncTally();
  readonly #modes = new Map<string, ModeTally>();
  readonly #pairs = new Map<string, Pair>();
  readonly #latency: LatencyFact[] = [];

  /** Adds one fact. */
  add({ kind, venue, payload }: HistoryRecord): void {
    this.facts.add(kind);
    // Facts were held to their schema before they were put.
    switch (kind) {
      case "fill":
        this.#addFill(payload as unknown as FillFact);
        break;
      case "cycle":
        this.#addCycle(payload as unknown as CycleFact);
        break;
      case "order":
        this.orders.add((payload as unknown as OrderFact).state);
        break;
      case "denial":
        this.denials.add((payload as unknown as DenialFact).control);
        break;
      case "resync":
        this.resyncs.add(venue ?? "", payload as unknown as ResyncFact);
        break;
      case "alert":
        this.alerts.add((payload as unknown as AlertFact).kind);
        break;
      case "latency":
        this.#latency.push(payload as unknown as LatencyFact);
        break;
      default:
        // Counted; what they say is asked for where it is needed.
        break;
    }
  }

  /** The assets of an instrument, or undefined where its spelling leaves doubt. */
  pairOf(instrument: string): Pair | undefined {
    return this.#pairs.get(instrument) ?? spelledPair(instrument);
  }

  modes(): { readonly modes: readonly ModeReport[]; readonly findings: readonly Finding[] } {
    const findings: Finding[] = [];
    const modes = [...this.#modes].map(([mode, tally]): ModeReport => {
      const pnl = new Sums();
      for (const [asset, fee] of Object.entries(tally.fees.amounts())) pnl.add(asset, negated(fee));
      for (const [instrument, { base, quote }] of tally.moved) {
        const pair = this.pairOf(instrument);
        if (pair === undefined) {
          findings.push({
            kind: "unreadable",
            text: `the assets of ${instrument} are not known: its fills are missing from the profit`,
          });
          continue;
        }
        pnl.add(pair.base, base);
        pnl.add(pair.quote, quote);
      }
      const filled = String(tally.cycles.of("FILLED"));
      const bps = tally.bps.amounts();
      return {
        mode,
        fills: tally.fills,
        volume: tally.volume.amounts(),
        fees: tally.fees.amounts(),
        pnl: pnl.amounts(),
        cycles: tally.cycles.counts(),
        cycleProfit: tally.cycleProfit.amounts(),
        predictedBpsMean: shareOf(bps.predicted ?? "0", filled, BPS_PLACES),
        effectiveBpsMean: shareOf(bps.effective ?? "0", filled, BPS_PLACES),
      };
    });
    return { modes: modes.sort((a, b) => (a.mode < b.mode ? -1 : 1)), findings };
  }

  fillRate(): string {
    const ended = ENDED.reduce((sum, state) => sum + this.orders.of(state), 0);
    return shareOf(String(this.orders.of("filled")), String(ended), RATE_PLACES);
  }

  latency(): LatencyReport {
    const most = (of: (minute: LatencyFact) => number): number =>
      this.#latency.reduce((max, minute) => Math.max(max, of(minute)), 0);
    const medians = this.#latency.map(({ p50Us }) => p50Us).sort((a, b) => a - b);
    return {
      minutes: this.#latency.length,
      events: this.#latency.reduce((sum, { count }) => sum + count, 0),
      medianOfP50Us: quantile(medians, MEDIAN),
      worstP99Us: most(({ p99Us }) => p99Us),
      maxUs: most(({ maxUs }) => maxUs),
      tickMaxUs: most(({ tickMaxUs }) => tickMaxUs),
    };
  }

  #addFill(fill: FillFact): void {
    const { instrument, side, quantity, quote, fee, feeAsset } = fill;
    const tally = this.#modeOf(fill.mode);
    tally.fills++;
    tally.volume.add(instrument, quote);
    tally.fees.add(feeAsset, fee);
    const moved = tally.moved.get(instrument) ?? { base: "0", quote: "0" };
    const isBuy = side === "buy";
    moved.base = sumDecimals([moved.base, isBuy ? quantity : negated(quantity)]);
    moved.quote = sumDecimals([moved.quote, isBuy ? negated(quote) : quote]);
    tally.moved.set(instrument, moved);
  }

  #addCycle(cycle: CycleFact): void {
    const tally = this.#modeOf(cycle.mode);
    tally.cycles.add(cycle.ending);
    tally.cycleProfit.add(cycle.profitAsset, cycle.profit);
    if (cycle.ending === "FILLED") {
      tally.bps.add("predicted", cycle.predictedBps);
      tally.bps.add("effective", cycle.effectiveBps);
    }
    for (const { instrument, side, inputAsset, outputAsset } of cycle.legs) {
      if (inputAsset === "" || outputAsset === "") continue;
      const [base, quote] = side === "buy" ? [outputAsset, inputAsset] : [inputAsset, outputAsset];
      this.#pairs.set(instrument, { base, quote });
    }
  }

  #modeOf(mode: string): ModeTally {
    const known = this.#modes.get(mode);
    if (known !== undefined) return known;
    const made: ModeTally = {
      fills: 0,
      volume: new Sums(),
      fees: new Sums(),
      moved: new Map(),
      cycles: new Tallies(),
      cycleProfit: new Sums(),
      bps: new Sums(),
    };
    this.#modes.set(mode, made);
    return made;
  }
}

/** Some venues put a sign between the assets; at others a well-known quote ends the name. */
function spelledPair(instrument: string): Pair | undefined {
  const symbol = instrument.slice(instrument.indexOf(":") + 1);
  const [base = "", quote = ""] = symbol.split(/[-/]/);
  if (base !== "" && quote !== "") return { base, quote };
  const known = QUOTES.find((one) => symbol.endsWith(one) && symbol.length > one.length);
  return known === undefined ? undefined : { base: symbol.slice(0, -known.length), quote: known };
}

/**
 * Station: a cycle's record -> the one line that people and old scripts read.
 *
 * Its form is that of the KuCoin executor that came before, field by field, so that what parses its logs
 * parses these: `FILLED | corr=... | triangle=[...] | predicted_bps=... | ...`. The record itself, in
 * JSON, says the same and more. Pure.
 */
import type { Instrument } from "../core/instrument.ts";
import { lotsToText } from "../core/instrument.ts";
import type { CycleRecord, LegRecord } from "../core/trade/commands.ts";

const US_PER_MS = 1000;

/** The line of `cycle`, told at `atUs`; `instruments` are those of the world, by index. */
export function cycleLine(
  cycle: CycleRecord,
  instruments: readonly Instrument[],
  atUs: number,
): string {
  const legs = cycle.legs.filter(({ filledLots }) => filledLots > 0);
  const fields = [
    `${new Date(atUs / US_PER_MS).toISOString()} ${cycle.ending}`,
    `corr=${cycle.corr}`,
    `triangle=[${cycle.triangle.map((asset) => `'${asset}'`).join(",")}]`,
    `predicted_bps=${cycle.predictedBps}`,
    `effective_bps=${cycle.effectiveBps}`,
    `book_ts=${Math.trunc(cycle.bookTsUs / US_PER_MS)}`,
    `profit=${cycle.profit}`,
    `timings=[${[...cycle.legs.map(timingText), `total=${msText(cycle.totalUs)}`].join(", ")}]`,
    `fills=[${legs.map((leg) => fillText(leg, instruments)).join(", ")}]`,
    `books=[${cycle.books.join(" | ")}]`,
  ];
  if (cycle.ending === "FAILED") fields.push(`error=${cycle.reason}`);
  if (cycle.ending === "ABORTED") fields.push(`reason=${cycle.reason}`);
  return fields.join(" | ");
}

/** Times of a leg: when it was fired after the signal, and what came how long after that. */
function timingText({ leg, timings }: LegRecord): string {
  const { firedUs, ackUs, fillUs, endUs } = timings;
  const parts = [
    `fired=${msText(firedUs)}`,
    `ack=${msText(ackUs)}`,
    `fill=${msText(fillUs)}`,
    `end=${msText(endUs)}`,
  ];
  return `L${leg}:${parts.join("/")}`;
}

/** Such as `L0:buy FLUX-USDT USDT->FLUX 64.53@0.0774(fee=0 USDT lat=82.9ms)`. */
function fillText(leg: LegRecord, instruments: readonly Instrument[]): string {
  const instrument = instruments[leg.instrument];
  const name = nameOf(instrument);
  const quantity =
    instrument === undefined ? leg.filledLots : plainText(lotsToText(instrument, leg.filledLots));
  const way = `${leg.inputAsset}->${leg.outputAsset}`;
  const fees = Object.entries(leg.fees).map(([asset, fee]) => `${fee} ${asset}`);
  if (fees.length === 0) fees.push(`0 ${instrument?.quoteAsset ?? ""}`);
  const tail = `fee=${fees.join("+")} lat=${msText(leg.timings.fillUs)}`;
  return `L${leg.leg}:${leg.side} ${name} ${way} ${quantity}@${leg.averagePrice}(${tail})`;
}

/** Without the zeros that a lot's decimals bring. */
function plainText(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}

function nameOf(instrument: Instrument | undefined): string {
  if (instrument === undefined) return "?";
  const { baseAsset, quoteAsset, symbol } = instrument;
  return baseAsset === "" ? symbol : `${baseAsset}-${quoteAsset}`;
}

/** Milliseconds with one decimal, as the line has always had them; "-" for what never came. */
function msText(us: number): string {
  return us < 0 ? "-" : `${(us / US_PER_MS).toFixed(1)}ms`;
}

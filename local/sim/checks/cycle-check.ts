/**
 * Station: what the engine records of its cycles -> invariant 27: a cycle ends flat, or with a residual that
 * somebody was told of; and no leg passes on more than was received.
 *
 * Judged by the record's own amounts, so it holds whatever the venue does. Small cycles are left out: what they
 * leave may be below the least that a venue takes.
 */
import type { CycleRecord, TradeRecord } from "../../../hotpath/core/trade/commands.ts";

/** Dust of a cycle of usual size is far below this share of it. */
const RESIDUAL_SHARE_MAX = 0.2;
/** A fee in a third asset may take this much of what a leg has received. */
const SHORT_SHARE_MAX = 0.02;

export type CycleCheckParts = {
  /** What cycles begin with where nothing limits them, by asset. */
  readonly startAmounts: Readonly<Record<string, string>>;
  readonly onViolation: (invariant: number, sentence: string) => void;
};

export class CycleCheck {
  readonly #parts: CycleCheckParts;
  /** A cycle that has left something, and the tick in which somebody has to be told of it. */
  #untold: { readonly tick: number; readonly sentence: string } | undefined;

  constructor(parts: CycleCheckParts) {
    this.#parts = parts;
  }

  /** Another life tells nothing more of the ticks before it. */
  onLife(): void {
    this.#untold = undefined;
  }

  onRecord(record: TradeRecord, tick: number): void {
    if (this.#untold !== undefined && tick !== this.#untold.tick) this.#tell();
    if (record.type === "recordAlarm" && record.alarm.kind === "residual") this.#untold = undefined;
    if (record.type === "recordCycle") this.#onCycle(record.cycle, tick);
  }

  #tell(): void {
    const { sentence } = this.#untold ?? { sentence: "" };
    this.#untold = undefined;
    this.#parts.onViolation(27, sentence);
  }

  #onCycle(cycle: CycleRecord, tick: number): void {
    const { corr, residual, residualValue, startAmount, profitAsset } = cycle;
    for (const [asset, text] of Object.entries(residual)) {
      const received = receivedOf(cycle, asset);
      if (received > 0 && -Number(text) > received * SHORT_SHARE_MAX) {
        this.#parts.onViolation(27, `cycle ${corr} passed on more ${asset} than it got: ${text}`);
      }
    }
    const usual = Number(this.#parts.startAmounts[profitAsset] ?? Number.NaN);
    const isLarge = Number(startAmount) >= usual / 2;
    if (!isLarge || Number(residualValue) <= Number(startAmount) * RESIDUAL_SHARE_MAX) return;
    const left = JSON.stringify(residual);
    this.#untold = { tick, sentence: `cycle ${corr} ended with ${left}, and nobody was told` };
  }
}

/** Of one asset, by the legs before the exits. */
function receivedOf({ legs }: CycleRecord, asset: string): number {
  return legs
    .filter((leg) => leg.outputAsset === asset)
    .reduce((sum, leg) => sum + Number(leg.output), 0);
}

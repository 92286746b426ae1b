/**
 * Faults of the scene itself, beside those of the virtual AWS: what happens to messages, calls and people.
 */
import { Random } from "../../venues/market/random.ts";

/**
 * C16 poison. C18 a call that dies at an await. C20 two calls at once with the same messages. C22 a compaction
 * that dies while it writes. C28 a request sent again. C30 an engine that is deaf. C32 a channel that is down.
 */
export const SCENE_FAULT_CLASSES = ["C16", "C18", "C20", "C22", "C28", "C30", "C32"] as const;
export type SceneFaultClass = (typeof SCENE_FAULT_CLASSES)[number];

export type SceneRates = Partial<Readonly<Record<SceneFaultClass, number>>>;

export class SceneFaults {
  readonly #streams: ReadonlyMap<SceneFaultClass, Random>;
  readonly #counts = new Map<SceneFaultClass, number>();
  #rates: SceneRates = {};

  constructor(seed: number) {
    this.#streams = new Map(
      SCENE_FAULT_CLASSES.map((name) => [name, new Random(seed, `scene ${name}`)]),
    );
  }

  /** From now on these and no others; `{}` is a calm. */
  setRates(rates: SceneRates): void {
    this.#rates = rates;
  }

  /** Whether the class strikes here; counted when it does. */
  strikes(name: SceneFaultClass): boolean {
    const rate = this.#rates[name] ?? 0;
    if (rate === 0 || this.stream(name).next() >= rate) return false;
    this.count(name);
    return true;
  }

  count(name: SceneFaultClass): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** The draws of one class. */
  stream(name: SceneFaultClass): Random {
    return this.#streams.get(name) ?? new Random(0, name);
  }

  /** How often each class struck, by its name. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      SCENE_FAULT_CLASSES.map((name) => [name, this.#counts.get(name) ?? 0]),
    );
  }
}

/**
 * What may go wrong with the virtual AWS, by the classes of RELIABILITY section 2.5, and how often it did.
 *
 * A seed switches some classes on, each with a rate of its own; in the calm all are off. Each class draws from
 * a stream of its own, so that switching one on leaves the others' draws as they were. Services may also be
 * away altogether for a while.
 */
import type { Micros } from "../../../contracts/time.ts";
import { Random } from "../../venues/market/random.ts";

/**
 * C01 throttled. C02 a condition that did not hold (never drawn: others were there first). C03 done, and the
 * answer lost. C05 the past read. C06 tables away. C13 twice. C14 out of order. C15 late. C19 a batch taken
 * in part. C21 S3 busy. C35 queues away.
 */
export const CLOUD_FAULT_CLASSES = [
  "C01",
  "C02",
  "C03",
  "C05",
  "C06",
  "C13",
  "C14",
  "C15",
  "C19",
  "C21",
  "C35",
] as const;
export type CloudFaultClass = (typeof CLOUD_FAULT_CLASSES)[number];

export const SERVICES = ["tables", "queues", "objects", "secrets"] as const;
export type Service = (typeof SERVICES)[number];

export type FaultRates = Partial<Readonly<Record<CloudFaultClass, number>>>;

export class CloudFaults {
  readonly #streams: ReadonlyMap<CloudFaultClass, Random>;
  readonly #counts = new Map<CloudFaultClass, number>();
  readonly #awayUntilUs = new Map<Service, Micros>();
  #rates: FaultRates = {};

  constructor(seed: number) {
    this.#streams = new Map(
      CLOUD_FAULT_CLASSES.map((name) => [name, new Random(seed, `cloud ${name}`)]),
    );
  }

  /** From now on these and no others; `{}` is a calm, in which every service answers. */
  setRates(rates: FaultRates): void {
    this.#rates = rates;
    this.#awayUntilUs.clear();
  }

  /** Whether the class strikes here; counted when it does. */
  strikes(name: CloudFaultClass): boolean {
    const rate = this.#rates[name] ?? 0;
    if (rate === 0 || this.stream(name).next() >= rate) return false;
    this.count(name);
    return true;
  }

  /** The draws of one class. */
  stream(name: CloudFaultClass): Random {
    return this.#streams.get(name) ?? new Random(0, name);
  }

  count(name: CloudFaultClass): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** Nothing of `service` answers until `untilUs`. */
  takeAway(service: Service, untilUs: Micros): void {
    this.#awayUntilUs.set(service, untilUs);
  }

  isAway(service: Service, nowUs: Micros): boolean {
    if (nowUs >= (this.#awayUntilUs.get(service) ?? 0)) return false;
    this.count(AWAY_CLASS[service]);
    return true;
  }

  /** How often each class struck, by its name. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      CLOUD_FAULT_CLASSES.map((name) => [name, this.#counts.get(name) ?? 0]),
    );
  }
}

const AWAY_CLASS: Readonly<Record<Service, CloudFaultClass>> = {
  tables: "C06",
  queues: "C35",
  objects: "C21",
  secrets: "C35",
};

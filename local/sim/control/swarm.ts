/**
 * Which faults a seed has, and how often: each class is on in about every second seed, with a rate of its own, so
 * that rare combinations are met and no class hides another (swarm testing, RELIABILITY E10).
 */
import { Random } from "../../venues/market/random.ts";
import type { CloudFaultClass, FaultRates, Service } from "../aws/cloud-faults.ts";
import type { SceneFaultClass, SceneRates } from "./scene-faults.ts";

/** The highest rate of a class that is on. */
const CLOUD_MAX: Readonly<Partial<Record<CloudFaultClass, number>>> = {
  C01: 0.5,
  C03: 0.1,
  C05: 0.8,
  C13: 0.5,
  C14: 0.8,
  C15: 0.3,
  C19: 0.3,
  C21: 0.2,
};
const SCENE_MAX: Readonly<Partial<Record<SceneFaultClass, number>>> = {
  C16: 0.3,
  C18: 0.2,
  C20: 0.3,
  C22: 0.2,
  C28: 0.5,
  C32: 0.5,
};

export type Swarm = {
  readonly cloud: FaultRates;
  readonly scene: SceneRates;
  /** Outages, deaths and deafness to come, each once or a few times. */
  readonly outages: readonly Service[];
  readonly crashes: number;
  readonly deafness: number;
  readonly deletesSegments: boolean;
};

/** The faults of `seed`. Every twentieth seed has none: what is wrong in it is wrong by itself. */
export function swarmOf(seed: number): Swarm {
  const random = new Random(seed, "swarm");
  const isCalm = random.integer(20) === 0;
  const rates = <Name extends string>(most: Readonly<Partial<Record<Name, number>>>) =>
    Object.fromEntries(
      Object.entries<number | undefined>(most).map(([name, rate = 0]) => {
        const isOn = random.next() < 0.5;
        const share = random.next();
        return [name, isOn && !isCalm ? rate * share : 0];
      }),
    );
  const cloud = rates(CLOUD_MAX) as FaultRates;
  const scene = rates(SCENE_MAX) as SceneRates;
  const services: readonly Service[] = ["tables", "queues", "objects"];
  const outages = services.filter(() => random.next() < 0.35 && !isCalm);
  const crashes = isCalm ? 0 : random.integer(3);
  const deafness = isCalm ? 0 : random.integer(3);
  return { cloud, scene, outages, crashes, deafness, deletesSegments: random.next() < 0.5 };
}

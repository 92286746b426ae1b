/**
 * Station: a fault by people and their channels that is due -> kills, limits, and both once more.
 *
 * Whoever kills, changes limits, or delivers again what was delivered before, does it through the doors of the
 * engine's own operations. What came again must change nothing.
 */
import { assert } from "../../../contracts/assert.ts";
import { limitsFault, NUMBER_BOUNDS, type RiskLimits } from "../../../contracts/risk-limits.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { Random } from "../../venues/market/random.ts";
import { tradingOf } from "../checks/exposure-check.ts";
import type { Stricken } from "./stricken.ts";

/** Between an order and the kill that is to meet it on its way; there and back take 400 us at least. */
const CHASE_US: readonly [Micros, Micros] = [50, 900];
const CHASED_US: readonly [Micros, Micros] = [200_000, 2_000_000];
const AGAIN_US: Micros = 50_000;
const NAME = "simulated operator";
const EVERYTHING = { scope: "all", target: "", by: NAME, reason: "a drill" } as const;

/** Limits that bite and kill nothing; more than the last of each is no limit to a history. */
const CHANGES: readonly ((random: Random) => Partial<RiskLimits>)[] = [
  (random) => ({ openOrdersMax: 4 * (1 + random.integer(16)), openOrdersPerInstrumentMax: 4 }),
  (random) => ({ openOrdersPerInstrumentMax: 1 + random.integer(3) }),
  (random) => notionals(100 * (1 + random.integer(15)), 15),
  (random) => notionals(100, 1 + random.integer(10)),
  (random) => orderRates(1 + random.integer(20), 10_000),
  (random) => orderRates(10, 10 * (1 + random.integer(20))),
  (random) => ({ ...orderRates(10, 20), ordersPerDayMax: 20 * (1 + random.integer(40)) }),
];

function orderRates(ordersPerSecondMax: number, ordersPerMinuteMax: number): Partial<RiskLimits> {
  return { ordersPerSecondMax, ordersPerMinuteMax };
}

/** Of one order, and how many of them may be open at once. */
function notionals(order: number, count: number): Partial<RiskLimits> {
  const [one, all] = [String(order), String(order * count)];
  return { orderNotionalMax: one, legNotionalMax: one, openNotionalMax: all };
}

export class OperatorStrikes {
  readonly #world: Stricken;
  readonly #random: Random;
  #isChasing = false;
  /** The kill that holds was acknowledged, so it holds over a restart. */
  #isKept = false;

  constructor(world: Stricken, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  kill(lastsUs: Micros): boolean {
    const world = this.#world;
    const { host, kernel } = world;
    const { life } = host;
    if (life?.side === undefined || world.isKilled) return false;
    this.#isKept = false;
    kernel.runAs(life.process, () => {
      void life.operations?.kill(EVERYTHING).then(({ ok }) => {
        this.#isKept = ok;
      });
    });
    if (life.side.world.halted !== "") return false;
    world.isKilled = true;
    kernel.at(kernel.nowUs + lastsUs, kernel.world, () => {
      const now = host.life;
      if (now?.side === undefined) return;
      world.isKilled = false;
      kernel.runAs(now.process, () => void now.operations?.release(EVERYTHING));
    });
    return true;
  }

  /** The same kill is asked for again while it holds: it has one effect, and is told once. */
  killAgain(lastsUs: Micros): boolean {
    const { kernel, host } = this.#world;
    if (!this.#world.isKilled && !this.kill(lastsUs)) return false;
    kernel.at(kernel.nowUs + AGAIN_US, kernel.world, () => {
      const { life } = host;
      if (life?.side === undefined || !this.#world.isKilled) return;
      kernel.runAs(life.process, () => void life.operations?.kill(EVERYTHING));
    });
    return true;
  }

  /** The next order is followed by a kill, whose cancel races its fill. */
  chase(): void {
    this.#isChasing = true;
  }

  /** A kill that a disk refused is told as one that no restart keeps: whoever killed would kill again. */
  onLife(): void {
    if (!this.#isKept) this.#world.isKilled = false;
  }

  calm(): void {
    this.#isChasing = false;
  }

  /** In the turn in which an order is decided. */
  onIntent(): void {
    if (!this.#isChasing) return;
    this.#isChasing = false;
    const { kernel } = this.#world;
    const random = this.#random;
    const inUs = Math.round(random.between(CHASE_US[0], CHASE_US[1]));
    const lastsUs = Math.round(random.between(CHASED_US[0], CHASED_US[1]));
    kernel.at(kernel.nowUs + inUs, kernel.world, () => void this.kill(lastsUs));
  }

  changeLimits(): boolean {
    const { host, checks } = this.#world;
    const { life } = host;
    const trade = life?.side === undefined ? undefined : tradingOf(life.side.world);
    if (life?.plan?.trading === undefined || trade === undefined) return false;
    checks.onBegun(life);
    // Each change stands alone: many together would let nothing happen any more.
    const change = CHANGES[this.#random.integer(CHANGES.length)]?.(this.#random) ?? {};
    const limits = { ...life.plan.trading.limits, ...change };
    assert(limitsFault(limits) === undefined, "the drill's limits are sound");
    const version = trade.risk.limitsVersion + 1;
    checks.limits.onChanging(limits, version);
    this.#give(limits, version);
    if (trade.risk.limitsVersion !== version) {
      this.#world.violate(
        26,
        `limits ${version} were given, in force are ${trade.risk.limitsVersion}`,
      );
    }
    checks.limits.onChanged(limits, version);
    return true;
  }

  /** A version of before is delivered once more, some of them with other contents. */
  repeatLimits(): boolean {
    const { host, checks } = this.#world;
    const { life } = host;
    const old = checks.limits.versionBefore((count) => this.#random.integer(count));
    const trade = life?.side === undefined ? undefined : tradingOf(life.side.world);
    if (life?.plan?.trading === undefined || old === undefined || trade === undefined) return false;
    const { limits, limitsVersion } = trade.risk;
    const isForged = this.#random.integer(2) === 0;
    const openOrdersMax = NUMBER_BOUNDS.openOrdersMax.max;
    this.#give(isForged ? { ...old.limits, openOrdersMax } : old.limits, old.version);
    if (trade.risk.limits !== limits || trade.risk.limitsVersion !== limitsVersion) {
      const sentence = `limits ${old.version} came again and replaced ${limitsVersion}`;
      this.#world.violate(26, sentence);
    }
    return true;
  }

  #give(limits: RiskLimits, version: number): void {
    const { host, kernel } = this.#world;
    const { life } = host;
    if (life === undefined) return;
    const told = { type: "limitsChanged", version, limits, by: NAME, reason: "a drill" } as const;
    kernel.runAs(life.process, () => void life.operate(told));
  }
}

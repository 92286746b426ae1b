/**
 * Station: a seed -> two whole engines on one account of simulated venues, and whether they ever both traded.
 *
 * What the light histories (`split-brain.ts`) leave out is here: a market, cycles of several legs, recovery from
 * a disk, execute rooms and the venues' own desks. It is slower by far, and its faults are the coarse ones.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { leaseTimesOf } from "../../../hotpath/control/control-plan.ts";
import { Random } from "../../venues/market/random.ts";
import { isTrading } from "../../venues/trading-desk.ts";
import { VenueWatch } from "../checks/venue-watch.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import { Kernel } from "../kernel/kernel.ts";
import { runUntil } from "../kernel/run-kernel.ts";
import { VirtualGlobals } from "../kernel/virtual-globals.ts";
import { Network } from "../network/network.ts";
import { Weather } from "../network/weather.ts";
import { MemoryVenues } from "../venues/memory-venues.ts";
import { drawSettings, type Settings } from "../world/settings.ts";
import { EngineHost } from "./engine-host.ts";
import { noCounts } from "./lease-faults.ts";
import { LeaseTables, NO_TROUBLE } from "./lease-tables.ts";
import { Trace } from "./trace.ts";

export type WholeEnginesVerdict = {
  readonly seed: number;
  readonly traceHash: string;
  readonly steps: number;
  readonly simulatedUs: Micros;
  readonly takeovers: number;
  readonly pauses: number;
  /** Orders that the venues have accepted. */
  readonly accepted: number;
  readonly violations: readonly string[];
  /** What became of lives, in order. */
  readonly notes: readonly string[];
};

const TROUBLE_US = 150 * US_PER_S;
const CALM_US = 60 * US_PER_S;
const BETWEEN_US = 20 * US_PER_S;
const SKEW_US_MAX = 200 * US_PER_MS;
const SLOW_SHARE = 0.02;

/** Runs one seed. Nothing else may run in this thread meanwhile. */
export async function runWholeEngines(seed: number): Promise<WholeEnginesVerdict> {
  const kernel = new Kernel();
  const globals = new VirtualGlobals(kernel, new Random(seed, "math"));
  globals.install();
  try {
    return await new Scene(kernel, seed).run();
  } finally {
    globals.restore();
  }
}

class Scene {
  readonly #kernel: Kernel;
  readonly #seed: number;
  readonly #random: Random;
  readonly #settings: Settings;
  readonly #venues: MemoryVenues;
  readonly #weather: Weather;
  readonly #tables: LeaseTables;
  readonly #hosts: readonly EngineHost[];
  readonly #watches: VenueWatch[] = [];
  readonly #trace = new Trace();
  readonly #violations: string[] = [];
  readonly #notes: string[] = [];
  #takeovers = 0;
  #pauses = 0;

  constructor(kernel: Kernel, seed: number) {
    this.#kernel = kernel;
    this.#seed = seed;
    this.#random = new Random(seed, "whole engines");
    const settings = drawSettings(seed, "busy", new Random(seed, "settings"));
    this.#settings = settings;
    this.#weather = new Weather(new Random(seed, "weather"), () => undefined);
    const { options, venues, config } = settings;
    this.#venues = new MemoryVenues({ clock: () => kernel.nowUs, options, venues });
    const network = new Network({ kernel, weather: this.#weather, venues: this.#venues });
    this.#tables = new LeaseTables({
      kernel,
      random: new Random(seed, "tables"),
      counts: noCounts(),
      onWritten: ({ fence }) => this.#trace.note("written", kernel.nowUs, fence),
    });
    const addresses = Object.fromEntries(
      this.#venues.built.models.map(({ id, endpoints }) => [id, endpoints]),
    );
    this.#hosts = ["a", "b"].map((name) => {
      const random = new Random(seed, name);
      const skewUs = Math.round(random.between(-SKEW_US_MAX, SKEW_US_MAX));
      const place = {
        kernel,
        network,
        tables: this.#tables,
        config,
        addresses,
        disk: new VirtualDisk(),
      };
      const onNote = (host: string, note: string): void => this.#onNote(host, note);
      return new EngineHost({
        ...place,
        name,
        random,
        times: leaseTimesOf(config),
        skewUs,
        onNote,
      });
    });
    this.#watchVenues();
  }

  async run(): Promise<WholeEnginesVerdict> {
    const kernel = this.#kernel;
    const startUs = kernel.nowUs;
    // Keepers and claims wait for promises all the time.
    kernel.awaiting++;
    this.#tick();
    for (const host of this.#hosts) host.start();
    this.#weather.rates = { T02: SLOW_SHARE };
    this.#harmLater(startUs + TROUBLE_US);
    await runUntil(kernel, startUs + TROUBLE_US, () => undefined);
    this.#weather.rates = {};
    this.#tables.rates = NO_TROUBLE;
    this.#tables.downUntilUs = 0;
    for (const host of this.#hosts) host.cutUntilUs = 0;
    await runUntil(kernel, startUs + TROUBLE_US + CALM_US, () => undefined);
    const holders = this.#hosts.filter(({ isHolding }) => isHolding).length;
    if (holders !== 1) this.#violations.push(`in the calm ${holders} hold the lease`);
    this.#trace.note("end", kernel.steps);
    return {
      seed: this.#seed,
      traceHash: this.#trace.hex,
      steps: kernel.steps,
      simulatedUs: kernel.nowUs - startUs,
      takeovers: this.#takeovers,
      pauses: this.#pauses,
      accepted: this.#watches.reduce((sum, { orders }) => sum + orders, 0),
      violations: this.#violations,
      notes: this.#notes,
    };
  }

  #watchVenues(): void {
    for (const { id, trading } of this.#venues.built.models.filter(isTrading)) {
      const watch = new VenueWatch({
        venue: id,
        // Whether an intent was on a disk is judged with one engine (`local/sim/world`).
        hasIntent: () => true,
        onViolation: (invariant, sentence) =>
          this.#violations.push(`${this.#ms} ms: ${invariant}: ${sentence}`),
      });
      watch.onEvent = (executionId, clientId) => {
        this.#trace.note(clientId, this.#kernel.nowUs, executionId);
      };
      this.#watches.push(watch);
      trading.backEnd.watch((event) => watch.onExchangeEvent(event));
    }
  }

  #tick(): void {
    const kernel = this.#kernel;
    this.#venues.tick(kernel.nowUs);
    const nextUs = kernel.nowUs + this.#settings.tickMs * US_PER_MS;
    kernel.at(nextUs, kernel.world, () => this.#tick());
  }

  #onNote(host: string, note: string): void {
    if (note === "won") this.#takeovers++;
    this.#notes.push(`${this.#ms} ms: ${host} ${note}`);
  }

  get #ms(): number {
    return Math.round((this.#kernel.nowUs % (1000 * US_PER_S)) / US_PER_MS);
  }

  #harmLater(untilUs: Micros): void {
    const kernel = this.#kernel;
    const nextUs = kernel.nowUs + Math.round(this.#random.exponential(BETWEEN_US));
    if (nextUs >= untilUs) return;
    kernel.at(nextUs, kernel.world, () => {
      this.#harm(untilUs);
      this.#harmLater(untilUs);
    });
  }

  #harm(untilUs: Micros): void {
    const random = this.#random;
    const kernel = this.#kernel;
    const { ttlUs } = leaseTimesOf(this.#settings.config);
    const holder = this.#hosts.find(({ isHolding }) => isHolding);
    const target = holder ?? (this.#hosts[random.integer(this.#hosts.length)] as EngineHost);
    const longUs = Math.round(10 * ttlUs * random.next() ** 2);
    switch (random.integer(6)) {
      case 0:
      case 1:
        this.#pauses++;
        target.pause(Math.min(longUs, untilUs - kernel.nowUs));
        return;
      case 2:
        target.crash();
        return;
      case 3:
        target.cutUntilUs = kernel.nowUs + longUs;
        return;
      case 4:
        this.#tables.rates = { throttle: 0.2, lost: 0.2, slow: 0.1, doubled: 0.1 };
        return;
      default:
        this.#tables.remove();
        return;
    }
  }
}

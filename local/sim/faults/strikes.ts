/**
 * Station: a fault that is due -> the world as it is after it. What strikes is counted here, under its class.
 *
 * Faults of the market go to the venues' desk, faults of hosts and wires are done here. A strike that finds
 * nobody to hit is not counted.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { TradingFaultKind } from "../../venues/exchange/faults.ts";
import type { FaultKind } from "../../venues/fault-plan.ts";
import type { Random } from "../../venues/market/random.ts";
import { CRASH_MODELS, type CrashModel } from "../disk/crash-models.ts";
import { type EventKind, FAULT_CLASSES } from "./fault-classes.ts";
import type { StrikeTarget } from "./fault-driver.ts";
import { OperatorStrikes } from "./operator-strikes.ts";
import type { Stricken } from "./stricken.ts";

const SHORT_US: readonly [Micros, Micros] = [10_000, 900_000];
const LONG_US: readonly [Micros, Micros] = [1_000_000, 30_000_000];
const OUTAGE_US: readonly [Micros, Micros] = [1_000_000, 60_000_000];
const FLAP_US: Micros = 300_000;
const TRADING_IDS = new Map<TradingFaultKind, string>(
  FAULT_CLASSES.flatMap(({ id, source }) => (source.by === "trading" ? [[source.kind, id]] : [])),
);
const STEP_US: Micros = 3 * 3_600_000_000;
/** A recovery reads so many files at least. */
const READS = 4;

export class Strikes implements StrikeTarget {
  readonly #world: Stricken;
  readonly #random: Random;
  readonly operator: OperatorStrikes;
  /** The disk was made to fail: the engine may end for that, and only for that it may refuse to begin. */
  hasSpoiledDisk = false;

  constructor(world: Stricken, random: Random) {
    this.#world = world;
    this.#random = random;
    this.operator = new OperatorStrikes(world, random);
  }

  onTradingFault(kind: TradingFaultKind): void {
    this.#fire(TRADING_IDS.get(kind) ?? "");
    if (kind === "foreignOrder") this.#world.coverage.see("foreignOrderSeen");
  }

  /** A life has ended by itself, or would not begin. */
  onEnd(reason: string, isBegun: boolean): void {
    const { violate, coverage } = {
      violate: (sentence: string) => this.#world.violate(22, sentence),
      coverage: this.#world.coverage,
    };
    if (
      this.hasSpoiledDisk &&
      /disk|recorder|intent log|ENOSPC|EIO|space|short write/i.test(reason)
    ) {
      coverage.see("haltedByDisk");
      return;
    }
    // A plan that could not be read leaves out what has been halted since; the next start reads it.
    if (this.hasSpoiledDisk && !isBegun && /is not followed any more/.test(reason)) return;
    // Rules or clocks that cannot be had are the world's fault, and the next start tries again.
    if (!isBegun && !/journal|intent|fence|state of trading|threw|recovery/i.test(reason)) return;
    violate(isBegun ? `it halted: ${reason}` : `it does not begin: ${reason}`);
  }

  market(id: string, kind: FaultKind): void {
    const { venues } = this.#world;
    const { models, desk } = venues.built;
    const model = models[this.#random.integer(models.length)];
    if (model === undefined) return;
    if (desk.inject({ kind, venue: model.id }).kind !== "injected") return;
    this.#fire(id);
    if (kind === "frozenTimestamps") this.#world.onFrozen(model.id);
  }

  event(id: string, kind: EventKind): void {
    if (this.#strike(kind)) this.#fire(id);
  }

  /** Ends what would last beyond the faults' phase; a pause ends by itself. */
  calm(): void {
    this.operator.calm();
    for (const wire of this.#world.network.wires) if (wire.isClogged) wire.cut("closed 1006");
  }

  #fire(id: string): void {
    this.#world.coverage.fire(id, this.#world.kernel.nowUs);
    this.#world.trace.text(id);
  }

  #between([min, max]: readonly [Micros, Micros]): Micros {
    return Math.round(this.#random.between(min, max));
  }

  #strike(kind: EventKind): boolean {
    const { host } = this.#world;
    switch (kind) {
      case "crashProcess":
        return host.crashProcess();
      case "crashHost":
        return this.#crashHost();
      case "crashTwice":
        return this.#crashTwice();
      case "pauseShort":
        return this.#pause(SHORT_US);
      case "pauseLong":
        return this.#pause(LONG_US);
      case "shutdown":
        return host.shutDown();
      case "halfOpenWires":
        return this.#clog("both");
      case "deafWires":
        return this.#clog("down");
      case "muteWires":
        return this.#clog("up");
      case "swizzle":
        return this.#swizzle();
      case "venueOutage":
        return this.#outage(false);
      case "allOutage":
        return this.#outage(true);
      case "killSwitch":
        return this.operator.kill(this.#between(LONG_US));
      case "killFlap":
        return this.operator.kill(FLAP_US);
      case "killAgain":
        return this.operator.killAgain(this.#between(SHORT_US));
      case "killInFlight":
        // Counted when the cancel has met a fill (`SimWorld`).
        this.operator.chase();
        return false;
      case "limitsChange":
        return this.operator.changeLimits();
      case "oldLimits":
        return this.operator.repeatLimits();
      case "clockStep":
        return this.#stepClock();
      case "diskReadError":
        return this.#spoilRecovery();
      default:
        return this.#spoilDisk(kind);
    }
  }

  #crashHost(): boolean {
    const { host, settings } = this.#world;
    if (!settings.isDurable) return false;
    const losing = CRASH_MODELS.filter((model) => model !== "none");
    const model: CrashModel = losing[this.#random.integer(losing.length)] ?? "prefix";
    return host.crashHost(model);
  }

  /** Again within its recovery. */
  #crashTwice(): boolean {
    const { host, kernel } = this.#world;
    if (!host.crashProcess()) return false;
    const at = kernel.nowUs + this.#between([8_000_000, 9_000_000]);
    kernel.at(at, kernel.world, () => void host.crashProcess());
    return true;
  }

  #pause(span: readonly [Micros, Micros]): boolean {
    const { host, kernel } = this.#world;
    if (host.life === undefined || host.isStarting) return false;
    // What waits for the end of a pause waits until then: a shorter one would let what is newer go before it.
    const { process } = host.life;
    process.pausedUntilUs = Math.max(process.pausedUntilUs, kernel.nowUs + this.#between(span));
    return true;
  }

  #clog(way: "up" | "down" | "both"): boolean {
    const { wires } = this.#world.network;
    const wire = wires[this.#random.integer(Math.max(1, wires.length))];
    wire?.clog(way);
    return wire !== undefined;
  }

  /** Wires die one by one, and come to their ends in another order. */
  #swizzle(): boolean {
    const { network, kernel } = this.#world;
    const { wires } = network;
    for (const wire of wires) {
      kernel.at(kernel.nowUs + this.#between(SHORT_US), kernel.world, () => wire.clog("both"));
      const endsUs = kernel.nowUs + this.#between([1_000_000, 10_000_000]);
      kernel.at(endsUs, kernel.world, () => wire.cut("closed 1006"));
    }
    return wires.length > 0;
  }

  #outage(isOfAll: boolean): boolean {
    const { venues, settings, kernel } = this.#world;
    const one = settings.venues[this.#random.integer(settings.venues.length)];
    const lastsUs = this.#between(OUTAGE_US);
    for (const venue of settings.venues) {
      if (!isOfAll && venue !== one) continue;
      venues.goDown(venue);
      kernel.at(kernel.nowUs + lastsUs, kernel.world, () => venues.comeBack(venue));
    }
    return true;
  }

  /** The calendar of the host is set; what the engine does goes by other clocks. */
  #stepClock(): boolean {
    const { life } = this.#world.host;
    if (life === undefined) return false;
    life.process.wallShiftUs += this.#between([-STEP_US, STEP_US]);
    return true;
  }

  /** What the next life reads first cannot be read; it may refuse to begin, and the one after it reads. */
  #spoilRecovery(): boolean {
    const { host } = this.#world;
    if (!host.crashProcess()) return false;
    this.hasSpoiledDisk = true;
    host.disk.plant({ kind: "readError", after: this.#random.integer(READS) });
    return true;
  }

  #spoilDisk(kind: EventKind): boolean {
    const { host } = this.#world;
    if (host.life === undefined || host.isStarting) return false;
    this.hasSpoiledDisk = true;
    const { disk } = host;
    if (kind === "diskFull") disk.limitFreeBytes(this.#random.integer(4096));
    else if (kind === "diskShortWrite") disk.plant({ kind: "shortWrite", takesBytes: 7 });
    else if (kind === "diskSyncError") disk.plant({ kind: "syncError" });
    else disk.plant({ kind: "writeError" });
    return true;
  }
}

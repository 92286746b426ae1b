/**
 * Station: rings -> core -> commands. The duty cycle of the hot thread.
 *
 * Control before market, always; but after a burst of control events one market event is let through,
 * so that a control flood cannot starve the market. After a budget of events the loop returns to the
 * sockets and comes back by itself. Each event is recorded before it is applied.
 */
import { assert } from "../contracts/assert.ts";
import { BoundedRing } from "./core/bounded-ring.ts";
import type { CoreCommand } from "./core/commands.ts";
import { nextDueUs } from "./core/due.ts";
import { applyControl, applyMarket, concludeMarket } from "./core/engine.ts";
import type { ControlEvent } from "./core/events.ts";
import { CommandHash } from "./core/journal.ts";
import type { MarketRing } from "./core/market-ring.ts";
import type { World } from "./core/world.ts";
import { Histogram } from "./io/histogram.ts";

/** Market events are guaranteed one turn in so many control events (FEATURES A07). */
const CONTROL_BURST_MAX = 64;
/** Longer delays are counted as this: half an hour. */
const QUEUE_US_MAX = 1_800_000_000;

/** A tick above this is told of (FEATURES A13). */
const SLOW_TICK_US = 5000;

/** The loop's doors to the outside; the simulator has another set. */
export interface LoopPorts {
  readonly nowUs: () => number;
  /** Records a market row; false when the recorder has no room, and then the row is not applied. */
  readonly recordMarket: (row: number, tick: number) => boolean;
  readonly recordControl: (event: ControlEvent, tick: number, processUs: number) => void;
  readonly recordCommand: (text: string, tick: number, processUs: number) => void;
  /** The event of the tick and everything that it made is recorded. */
  readonly recordTickEnd: () => void;
  /** Carries a command out. */
  readonly execute: (command: CoreCommand) => void;
  /** Asks to be run again after the sockets have been served. */
  readonly yieldThen: (run: () => void) => void;
  /** Arms the one timer: a `timerFired` is wanted at `dueUs` (infinity: none). */
  readonly armTimer: (dueUs: number) => void;
}

export type LoopOptions = {
  readonly controlCapacity: number;
  readonly commandCapacity: number;
  readonly eventsPerTurnMax: number;
};

export class Loop {
  readonly #world: World;
  readonly #market: MarketRing;
  readonly #ports: LoopPorts;
  readonly #eventsPerTurnMax: number;
  readonly control: BoundedRing<ControlEvent>;
  readonly commands: BoundedRing<CoreCommand>;
  readonly commandHash = new CommandHash();
  /** How long market events waited between the socket and the core. */
  readonly queueDelays = new Histogram();
  /** How long the core and the writer were busy with one event. */
  readonly tickDurations = new Histogram();
  /** Told of every tick above `SLOW_TICK_US`, with its event's kind. */
  onSlowTick: ((kind: string, tick: number, durationUs: number) => void) | undefined = undefined;
  #tickStartUs = 0;
  #tickKind = "";
  #isRunning = false;
  #isYielding = false;
  readonly #run = (): void => {
    this.#isYielding = false;
    this.run();
  };

  constructor(world: World, market: MarketRing, ports: LoopPorts, options: LoopOptions) {
    this.#world = world;
    this.#market = market;
    this.#ports = ports;
    this.#eventsPerTurnMax = options.eventsPerTurnMax;
    this.control = new BoundedRing("controlEvents", options.controlCapacity);
    this.commands = new BoundedRing("outboundCommands", options.commandCapacity);
  }

  /** Puts a control event in its ring and runs. */
  emit(event: ControlEvent): void {
    this.control.push(event);
    this.run();
  }

  /** One turn within the budget. Re-entrant calls do nothing: the loop is in there already. */
  run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const isDirty = this.#drain();
    if (this.#tickStartUs > 0) this.#endTick(this.#ports.nowUs());
    this.#isRunning = false;
    if (isDirty) this.#ports.armTimer(nextDueUs(this.#world));
  }

  /** Takes events until the rings are empty or the budget is used up; whether deadlines may have moved. */
  #drain(): boolean {
    let isDirty = false;
    let burst = 0;
    for (let events = 0; events < this.#eventsPerTurnMax; events++) {
      const hasMarket = this.#market.depth > 0;
      if (this.control.depth > 0 && (burst < CONTROL_BURST_MAX || !hasMarket)) {
        this.#takeControl();
        isDirty = true;
        burst++;
      } else if (hasMarket) {
        if (this.#takeMarket()) isDirty = true;
        burst = 0;
      } else return isDirty;
    }
    this.#yield();
    return isDirty;
  }

  #yield(): void {
    if (this.#isYielding) return;
    this.#isYielding = true;
    this.#ports.yieldThen(this.#run);
  }

  /** Where one tick begins the one before ends: a busy loop reads the clock once for both. */
  #beginTick(kind: string): number {
    const nowUs = this.#ports.nowUs();
    if (this.#tickStartUs > 0) this.#endTick(nowUs);
    this.#tickStartUs = nowUs;
    this.#tickKind = kind;
    return nowUs;
  }

  #endTick(nowUs: number): void {
    const durationUs = Math.min(nowUs - this.#tickStartUs, QUEUE_US_MAX) | 0;
    this.#tickStartUs = 0;
    this.tickDurations.record(durationUs);
    if (durationUs > SLOW_TICK_US) {
      this.onSlowTick?.(this.#tickKind, this.#world.tick, durationUs);
    }
  }

  #takeControl(): void {
    const event = this.control.shift();
    assert(event !== undefined, "the ring said that it has an event");
    const processUs = this.#beginTick(event.type);
    this.#ports.recordControl(event, this.#world.tick + 1, processUs);
    applyControl(this.#world, event, processUs);
    this.#flush(processUs);
    this.#ports.recordTickEnd();
  }

  /** Whether anything left the core, so that deadlines may have changed. */
  #takeMarket(): boolean {
    const row = this.#market.oldest;
    const processUs = this.#beginTick("market");
    this.#market.processUs[row] = processUs;
    if (!this.#ports.recordMarket(row, this.#world.tick + 1)) {
      this.#declareGap(row);
      return true;
    }
    // As an int32, because a double would be boxed for the call: 16 bytes of garbage a message.
    const queueUs = processUs - (this.#market.recvUs[row] as number);
    this.queueDelays.record(Math.min(queueUs, QUEUE_US_MAX) | 0);
    applyMarket(this.#world, this.#market, row);
    this.#market.release();
    const isQuiet = this.#world.outbox.length === 0;
    if (!isQuiet) {
      this.#flush(processUs);
      concludeMarket(this.#world);
      this.#flush(processUs);
    }
    this.#ports.recordTickEnd();
    return !isQuiet;
  }

  /** What cannot be recorded is not applied: the book goes void instead, and says why. */
  #declareGap(row: number): void {
    const event: ControlEvent = {
      type: "gapDeclared",
      session: this.#market.session[row] as number,
      epoch: this.#market.epoch[row] as number,
      instrument: this.#market.instrument[row] as number,
      ring: "recorder",
    };
    this.#market.release();
    this.control.push(event);
  }

  /**
   * Takes the tick's commands out, records them, and has them carried out in the same turn. An order is
   * carried out before its record is written: its intent is on the disk by then, which is the record that
   * recovery goes by (docs/decisions/0016). The order of the records stays that of the commands.
   */
  #flush(processUs: number): void {
    const { outbox, tick } = this.#world;
    for (const command of outbox) this.commands.push(command);
    outbox.length = 0;
    for (
      let command = this.commands.shift();
      command !== undefined;
      command = this.commands.shift()
    ) {
      const isOrder = command.type === "placeOrder";
      if (isOrder) this.#ports.execute(command);
      this.#ports.recordCommand(this.commandHash.add(tick, command), tick, processUs);
      if (!isOrder) this.#ports.execute(command);
    }
  }
}

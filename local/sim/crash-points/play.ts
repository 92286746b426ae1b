/**
 * Station: a scenario, and where to crash -> the story told to its end, over as many lives as it takes.
 *
 * Each life of the engine is a process of its own on the disk that the one before has left. The story is
 * over when the opportunity was taken, what was to be done from outside is done, and nothing is under way
 * any more. What was right or wrong about it is for `verdict.ts` to say.
 */
import { assert } from "../../../contracts/assert.ts";
import { type Micros, US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { TriangleTrader } from "../../../hotpath/core/trade/trader.ts";
import type { Trading } from "../../../hotpath/core/trade/trading.ts";
import type { FromHotThread } from "../../../hotpath/hot-thread-messages.ts";
import { Random } from "../../venues/market/random.ts";
import type { CrashModel } from "../disk/crash-models.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import { EngineLife, type LifeStart } from "../engine/engine-life.ts";
import { Kernel } from "../kernel/kernel.ts";
import { settlePromises } from "../kernel/run-kernel.ts";
import { carryOut } from "./acts.ts";
import { type EffectKind, Effects, ProcessEnded, upToEnd } from "./effects.ts";
import { IntentWatch, intentsOn } from "./intent-watch.ts";
import { markJournal } from "./journal-mark.ts";
import { Stage } from "./stage.ts";
import { STORY_ROOT, storyConfig } from "./story-config.ts";
import {
  addProbe,
  addStart,
  type LifeRecord,
  type PlayOptions,
  type Recovered,
} from "./telling.ts";
import { underWay } from "./under-way.ts";

/** A container comes back after this. */
const RESTART_US: readonly [number, number] = [200 * US_PER_MS, 3 * US_PER_S];
/** Nothing may be under way for so long before a story counts as over. */
const QUIET_US: Micros = 400 * US_PER_MS;
/** Books are looked at for so long before the risk gate believes how they move. */
const SEEN_US: Micros = 600 * US_PER_MS;
const LOOK_US: Micros = 50 * US_PER_MS;
/** From the last crash on, everything has to be at its end within this. */
const BOUND_US: Micros = 90 * US_PER_S;
/** What is asked to stop ends its process this long after its last word. */
const EXIT_US: Micros = 100 * US_PER_MS;

export class Play {
  readonly options: PlayOptions;
  readonly kernel = new Kernel();
  readonly effects: Effects;
  readonly stage: Stage;
  readonly lives: LifeRecord[] = [];
  readonly violations: string[] = [];
  /** What was seen to happen: names that a campaign counts. */
  readonly probes = new Set<string>();
  /** Where the crashes of the plan happened. */
  readonly crashedAt: EffectKind[] = [];
  /** Numbers of the effects with which orders left. */
  readonly sentAt: number[] = [];
  /** Starts of lives after the first. */
  readonly recoveries: Recovered[] = [];
  /** Whether an operator was told that everything is killed. */
  isKilled = false;
  /** Whether a machine has died, and not only a process. */
  hasLostHost = false;
  disk = new VirtualDisk();
  life: EngineLife | undefined;
  #found: VirtualDisk | undefined;
  readonly #random: Random;
  readonly #intents: IntentWatch;
  #lifeCount = 0;
  #isStarting = false;
  #hasActed = false;
  #quietSinceUs: Micros = 0;
  /** The last record that was made before the story counted as over; 0 until it does. */
  #lastSeq = 0;
  #deadlineUs: Micros;
  #nextLookUs: Micros = 0;
  #isOver = false;

  constructor(options: PlayOptions) {
    this.options = options;
    const { scenario, venue, seed, intentSync, crashes } = options;
    this.#random = new Random(seed, "crashes");
    this.effects = new Effects(
      () => this.kernel.nowUs,
      (kind) => this.#onPlannedEnd(kind),
    );
    this.effects.endBefore = crashes[0]?.before ?? Number.POSITIVE_INFINITY;
    // The fence of the plan: a life asks about orders of earlier ones before its start is over.
    this.#intents = new IntentWatch(
      intentSync === "fdatasync",
      () => this.life?.plan?.trading?.fence ?? 0,
      this.violations,
      () => this.sentAt.push(this.effects.count),
    );
    this.stage = new Stage({
      kernel: this.kernel,
      effects: this.effects,
      scenario,
      venue,
      seed,
      onText: (text) => this.#intents.onText(text, this.disk),
    });
    this.#deadlineUs = this.kernel.nowUs + BOUND_US;
  }

  /** The state of trading of the life that runs; undefined while none does. */
  get trade(): Trading | undefined {
    const trader = this.life?.side?.world.trader;
    return trader instanceof TriangleTrader ? trader.trade : undefined;
  }

  /** Tells the story. The globals of this thread are virtual already. */
  async run(): Promise<void> {
    const { kernel } = this;
    this.stage.start();
    this.#begin();
    while (!this.#isOver) {
      upToEnd(() => kernel.step());
      await this.#settle();
      if (kernel.nowUs >= this.#nextLookUs) this.#look();
    }
  }

  async #settle(): Promise<void> {
    const { kernel } = this;
    if (kernel.awaiting > 0 || kernel.frozen !== undefined) await settlePromises(kernel);
  }

  // Lives.

  #begin(): void {
    const { kernel, disk, stage, options } = this;
    this.#lifeCount++;
    const name = `engine-${this.#lifeCount}`;
    const process = kernel.makeProcess(name);
    disk.onOperation = () => {
      if (!process.isAlive || !this.effects.begin("disk")) throw new ProcessEnded();
    };
    const { venue, intentSync, scenario } = options;
    const life = new EngineLife({
      kernel,
      network: stage.network,
      process,
      disk,
      config: storyConfig(venue, intentSync, scenario.segmentBytes),
      addresses: { [venue]: stage.model.endpoints },
      runId: `run-${String(this.#lifeCount).padStart(3, "0")}`,
      onMessage: (of, message) => this.#onMessage(of, message),
      onEnd: (of, reason) => {
        if (of.process.isAlive) this.violations.push(`${of.runId} ended by itself: ${reason}`);
        this.#isOver ||= of.process.isAlive;
      },
    });
    this.life = life;
    this.#isStarting = true;
    kernel.awaiting++;
    life.start().then(
      (start) => this.#onStarted(life, start),
      (error: unknown) =>
        this.#onStarted(life, { ok: false, reason: String(error), isOutside: false }),
    );
  }

  #onStarted(life: EngineLife, start: LifeStart): void {
    if (!life.process.isAlive || life !== this.life) return;
    this.#isStarting = false;
    this.kernel.awaiting--;
    if (!start.ok) {
      this.violations.push(`${life.runId} did not start: ${start.reason}`);
      this.#isOver = true;
      return;
    }
    const fence = life.plan?.trading?.fence ?? 0;
    this.lives.push({ runId: life.runId, fence, mark: undefined });
    this.#noteStart(life);
  }

  #noteStart({ plan, runId }: EngineLife): void {
    const found = this.#found;
    if (plan?.trading === undefined || found === undefined) return;
    this.recoveries.push({ runId, plan, found });
    addStart(this.probes, plan.trading);
  }

  #onMessage(life: EngineLife, message: FromHotThread): void {
    if (!life.process.isAlive) return;
    if (message.type === "trade") addProbe(this.probes, message.command);
    if (message.type === "drained") {
      this.kernel.at(this.kernel.nowUs, life.process, () => {
        life.side?.onMessage({ type: "shutdown" });
      });
    }
    if (message.type !== "stopped") return;
    this.kernel.at(this.kernel.nowUs + EXIT_US, this.kernel.world, () => {
      if (life === this.life && life.process.isAlive) this.#end("none");
    });
  }

  #onPlannedEnd(kind: EffectKind): void {
    const plan = this.options.crashes[this.crashedAt.length];
    assert(plan !== undefined, "a crash that happens was planned");
    this.crashedAt.push(kind);
    this.#end(plan.model);
    const next = this.options.crashes[this.crashedAt.length];
    if (next !== undefined) this.effects.endBefore = this.effects.count + next.before;
  }

  /** The process dies now, and its host with it unless the model is `none`; another life follows. */
  #end(model: CrashModel): void {
    const { kernel, life, disk } = this;
    assert(life !== undefined, "somebody lives to die");
    const record = this.lives.at(-1);
    if (record?.runId === life.runId) {
      record.mark = markJournal(disk, STORY_ROOT, { runId: life.runId, ackedSeq: life.ackedSeq });
    }
    kernel.kill(life.process);
    this.stage.network.drop(life.process, model === "none");
    if (this.#isStarting) kernel.awaiting--;
    this.#isStarting = false;
    this.life = undefined;
    this.disk = disk.crash(model, this.#random);
    if (intentsOn(this.disk).length < intentsOn(disk).length) this.probes.add("intent lost");
    this.#found = this.disk.clone();
    if (model !== "none") this.hasLostHost = true;
    const pauseUs = Math.round(this.#random.between(...RESTART_US));
    this.#deadlineUs = kernel.nowUs + pauseUs + BOUND_US;
    this.#quietSinceUs = 0;
    this.#lastSeq = 0;
    kernel.at(kernel.nowUs + pauseUs, kernel.world, () => this.#begin());
  }

  // The story.

  /** Every now and then: what the story wants to happen, and whether it is over. */
  #look(): void {
    const { kernel, stage, trade } = this;
    this.#nextLookUs = kernel.nowUs + LOOK_US;
    if (kernel.nowUs > this.#deadlineUs) {
      this.violations.push(`something is still under way: ${underWay(this)}`);
      this.#isOver = true;
      return;
    }
    if (trade === undefined || underWay(this) !== "") {
      this.#quietSinceUs = 0;
      this.#lastSeq = 0;
      this.#act();
      return;
    }
    if (!stage.isTold && trade.risk.kills.list().length === 0) {
      const readyUs = trade.accounts.find((each) => each !== undefined)?.readyUs ?? 0;
      if (kernel.nowUs >= readyUs + SEEN_US) stage.offer();
      return;
    }
    if (!this.#act()) return;
    if (this.#quietSinceUs === 0) this.#quietSinceUs = kernel.nowUs;
    if (kernel.nowUs - this.#quietSinceUs < QUIET_US) return;
    // What was recorded until now has to be on the disk, because that is what is judged.
    if (this.#lastSeq === 0) this.#lastSeq = this.life?.side?.journal.seq ?? 0;
    this.#isOver = (this.life?.ackedSeq ?? 0) >= this.#lastSeq;
  }

  /** Does what comes from outside once it is due; whether that is done, or nothing was to be done. */
  #act(): boolean {
    const { kernel, stage, life } = this;
    const { act, actAfterMs } = this.options.scenario;
    if (act === undefined || this.#hasActed) return true;
    // An order that was never accepted leads to nothing that could be acted upon.
    if (stage.acceptedUs === 0) return stage.isTold;
    if (kernel.nowUs < stage.acceptedUs + actAfterMs * US_PER_MS) return false;
    if (life?.side === undefined) return false;
    this.#hasActed = true;
    // The story ends that life itself: it is followed by another one.
    if (act === "crash") this.#end("none");
    else {
      carryOut(act, { kernel, life }, () => {
        this.isKilled = true;
      });
    }
    return act === "kill";
  }
}

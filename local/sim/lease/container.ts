/**
 * Station: a host with a disk -> lives of an engine on it, one after the other, each waiting for the lease,
 * trading under it, and ending as the production process ends.
 *
 * Claim, keeper, fence and core are the production's; what `main.ts`, the supervisor and its two threads do
 * with them is done here in the same order. The two threads are two processes of one clock, because either
 * may be held up while the other runs.
 */
import { assert } from "../../../contracts/assert.ts";
import type { LeaseTimes } from "../../../contracts/lease.ts";
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { type Claim, type Claimed, claimAccount } from "../../../hotpath/control/claim.ts";
import type { Log } from "../../../hotpath/io/log.ts";
import { knownFence, raiseFenceOf } from "../../../hotpath/recover.ts";
import type { Random } from "../../venues/market/random.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { LeaseCounts } from "./lease-faults.ts";
import type { LeaseJudge } from "./lease-judge.ts";
import { ACCOUNT, type LeaseTables, PREFIX } from "./lease-tables.ts";
import type { OrderDoor } from "./order-door.ts";
import { Sender } from "./sender.ts";
import type { SenderStock } from "./sender-world.ts";

const ROOT = "/data/journal";
const START_US: readonly [number, number] = [300 * US_PER_MS, 3 * US_PER_S];
const RESTART_US: readonly [number, number] = [US_PER_S, 8 * US_PER_S];
/** From one thread to the other. */
const MESSAGE_US: readonly [number, number] = [20, 2 * US_PER_MS];
/** The supervisor ends a process whose hot thread is deaf to the loss (`hotpath/control/control-side.ts`). */
const DEAF_US = US_PER_S;
const DRAIN_LOOK_US = 100 * US_PER_MS;
const DRAIN_US_MAX = 30 * US_PER_S;
/** Until an order is in the table of commands. */
const PUBLISH_US: readonly [number, number] = [200 * US_PER_MS, 2 * US_PER_S];

export type ContainerParts = {
  readonly name: string;
  readonly kernel: Kernel;
  readonly random: Random;
  readonly tables: LeaseTables;
  readonly door: OrderDoor;
  readonly judge: LeaseJudge;
  readonly counts: LeaseCounts;
  readonly stock: SenderStock;
  readonly times: LeaseTimes;
  readonly clockOffsetUsMax: Micros;
};

type Threads = { readonly supervisor: Process; readonly hot: Process };
export type Thread = keyof Threads;

/** One life: from its start as a standby to its end. */
type Life = Threads & {
  readonly runId: string;
  claimed: Claimed | undefined;
  sender: Sender | undefined;
  /** Its machine's clock stood still after it had won the lease. */
  hasSlept: boolean;
  isLeaving: boolean;
};

export class Container {
  readonly #parts: ContainerParts;
  #disk = new VirtualDisk();
  #life: Life | undefined;
  #lives = 0;
  /** Of its clock, to the true one. */
  skewUs: Micros;
  cutUntilUs: Micros = 0;

  constructor(parts: ContainerParts, skewUs: Micros) {
    this.#parts = parts;
    this.skewUs = skewUs;
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }

  /** The run id of the life that holds the lease by its own count; undefined for none. */
  get holder(): string | undefined {
    const { kernel } = this.#parts;
    const life = this.#life;
    if (life?.claimed === undefined) return undefined;
    const { keeper } = life.claimed;
    return kernel.runAs(life.supervisor, () => (keeper.remainingUs > 0 ? life.runId : undefined));
  }

  /** It holds the lease, and its venue was too slow to trade at. */
  get isCongested(): boolean {
    return this.#life?.sender?.isCongested === true;
  }

  start(): void {
    assert(this.#life === undefined, "a host runs one engine at a time");
    const { kernel, name, tables, times } = this.#parts;
    this.#lives++;
    const process = (thread: Thread): Process =>
      kernel.makeProcess(`${name}-${this.#lives}-${thread}`, this.skewUs);
    const life: Life = {
      supervisor: process("supervisor"),
      hot: process("hot"),
      runId: `${name}-${this.#lives}`,
      claimed: undefined,
      sender: undefined,
      hasSlept: false,
      isLeaving: false,
    };
    this.#life = life;
    const control = {
      prefix: PREFIX,
      bucketPlace: "",
      engine: "engine",
      account: ACCOUNT,
      times,
      isLocal: false,
    };
    const options = {
      control,
      runId: life.runId,
      root: ROOT,
      log: this.#logOf(),
      asked: new Promise<void>(() => undefined),
      disk: this.#disk,
    };
    kernel.at(kernel.nowUs, life.supervisor, () => {
      void claimAccount(options, tables.clientOf(this)).then((claim) => this.#onClaim(life, claim));
    });
  }

  /** Power off, or the process is killed: nothing of it happens any more. `isReplaced`: with its disk. */
  crash(isReplaced: boolean, downUs: Micros): void {
    const life = this.#life;
    if (isReplaced) this.#disk = new VirtualDisk();
    if (life !== undefined) this.#end(life, downUs);
  }

  /** Threads stand still while every clock goes on. */
  pause(threads: readonly Thread[], us: Micros): void {
    const { kernel } = this.#parts;
    const life = this.#life;
    if (life === undefined) return;
    for (const thread of threads) {
      const process = life[thread];
      process.pausedUntilUs = Math.max(process.pausedUntilUs, kernel.nowUs + us);
    }
  }

  /** The machine sleeps, and the monotonic clock with it. */
  suspend(us: Micros): void {
    const life = this.#life;
    if (life === undefined) return;
    this.pause(["supervisor", "hot"], us);
    this.skewUs -= us;
    life.hasSlept = true;
    life.supervisor.skewUs -= us;
    life.hot.skewUs -= us;
  }

  /** Its calendar is set; nothing that decides may look at it. */
  setCalendar(shiftUs: Micros): void {
    const life = this.#life;
    if (life === undefined) return;
    life.supervisor.wallShiftUs += shiftUs;
    life.hot.wallShiftUs += shiftUs;
  }

  /** It is asked to end in order: drained, and the lease given back. */
  leave(): void {
    const life = this.#life;
    const sender = life?.sender;
    if (life === undefined || sender === undefined || life.isLeaving) return;
    life.isLeaving = true;
    const { kernel } = this.#parts;
    const untilUs = kernel.nowUs + DRAIN_US_MAX;
    kernel.at(kernel.nowUs, life.hot, () => {
      sender.drain();
      this.#lookDrained(life, sender, untilUs);
    });
  }

  #lookDrained(life: Life, sender: Sender, untilUs: Micros): void {
    const { kernel } = this.#parts;
    if (sender.isDrained) {
      kernel.at(kernel.nowUs + this.#messageUs(), life.supervisor, () => this.#giveBack(life));
    } else if (kernel.nowUs >= untilUs) this.#end(life, this.#restartUs());
    else {
      const lookUs = kernel.nowUs + DRAIN_LOOK_US;
      kernel.at(lookUs, life.hot, () => this.#lookDrained(life, sender, untilUs));
    }
  }

  #giveBack(life: Life): void {
    const { claimed } = life;
    assert(claimed !== undefined, "whoever was drained had the lease");
    void claimed.keeper.giveBack().then(() => this.#end(life, this.#restartUs()));
  }

  #onClaim(life: Life, claim: Claim): void {
    if (this.#life !== life) return;
    const { kernel, counts } = this.#parts;
    if (claim.kind !== "claimed") {
      if (claim.kind === "refused" && claim.reason.startsWith("the fence")) counts.seen.floorHeld++;
      this.#end(life, this.#restartUs());
      return;
    }
    const { claimed } = claim;
    if (claimed.held.openFromUs > 0) counts.seen.takeover++;
    else counts.seen.handover++;
    // As `hotpath/prepare-trading.ts` takes it: refused where one as high was used here, then on the disk.
    const known = knownFence(ROOT, this.#disk);
    if (!known.ok || known.fence >= claimed.held.fence) {
      counts.seen.floorHeld++;
      void claimed.keeper.giveBack().then(() => this.#end(life, this.#restartUs()));
      return;
    }
    if (!raiseFenceOf(ROOT, claimed.held.fence, this.#disk).ok) {
      this.#end(life, this.#restartUs());
      return;
    }
    life.claimed = claimed;
    claimed.keeper.listen({ onHeld: () => undefined, onLost: (why) => this.#onLost(life, why) });
    const startUs = this.#draw(START_US);
    kernel.at(kernel.nowUs + startUs, life.supervisor, () => this.#beginSending(life, claimed));
  }

  #beginSending(life: Life, { keeper, held }: Claimed): void {
    const { kernel, random, door, counts, stock, times, clockOffsetUsMax } = this.#parts;
    const { hot, runId } = life;
    const tell = (run: (sender: Sender) => void): void => {
      kernel.at(kernel.nowUs + this.#messageUs(), hot, () => {
        if (life.sender !== undefined) run(life.sender);
      });
    };
    kernel.at(kernel.nowUs + this.#messageUs(), hot, () => {
      const nowUs = kernel.localUs;
      life.sender = new Sender({
        kernel,
        process: hot,
        holder: runId,
        random,
        door,
        counts,
        stock,
        terms: { fence: held.fence, times, clockOffsetUsMax, nowUs },
        onSigned: (order) => this.#onSigned(life, order),
        onHalt: () => this.#onHalt(life),
      });
    });
    keeper.listen({
      onHeld: (validUntilUs, openFromUs) => tell((each) => each.onLease(validUntilUs, openFromUs)),
      onLost: (reason) => {
        tell((each) => each.onLost(reason));
        this.#onLost(life, reason);
      },
    });
  }

  #onSigned(life: Life, order: Parameters<LeaseJudge["onSigned"]>[1]): void {
    const { kernel, judge, tables } = this.#parts;
    judge.onSigned(life.runId, order, !life.hasSlept);
    const publishUs = kernel.nowUs + this.#draw(PUBLISH_US);
    kernel.at(publishUs, life.supervisor, () => tables.record(order.clientId));
  }

  #onLost(life: Life, reason: string): void {
    const { kernel, counts } = this.#parts;
    if (reason.startsWith("it was not renewed")) counts.seen.lossByTime++;
    else counts.seen.lossByOther++;
    kernel.at(kernel.nowUs + DEAF_US, life.supervisor, () => this.#end(life, this.#restartUs()));
  }

  /** The hot thread has ended by its own count: the process exits. */
  #onHalt(life: Life): void {
    const { kernel, counts } = this.#parts;
    counts.seen.zombieEnded++;
    const endUs = kernel.nowUs + this.#messageUs();
    kernel.at(endUs, life.hot, () => this.#end(life, this.#restartUs()));
  }

  #end(life: Life, downUs: Micros): void {
    if (this.#life !== life) return;
    const { kernel } = this.#parts;
    this.#life = undefined;
    life.claimed?.keeper.stop();
    kernel.kill(life.supervisor);
    kernel.kill(life.hot);
    kernel.at(kernel.nowUs + downUs, kernel.world, () => {
      if (this.#life === undefined) this.start();
    });
  }

  #logOf(): Log {
    const { counts } = this.#parts;
    let isInDoubt = false;
    return {
      info: (sentence) => {
        if (sentence === "lease held" && isInDoubt) counts.seen.doubtResolved++;
      },
      warn: (sentence) => {
        if (sentence === "the lease cannot be written") isInDoubt = true;
      },
      error: () => undefined,
    };
  }

  #restartUs(): Micros {
    return this.#draw(RESTART_US);
  }

  #messageUs(): Micros {
    return this.#draw(MESSAGE_US);
  }

  #draw([least, most]: readonly [number, number]): Micros {
    return Math.round(this.#parts.random.between(least, most));
  }
}

/**
 * Station: the lease's machine <-> the table, for as long as the engine lives. Gives the machine its clock
 * and carries its wishes out one at a time.
 *
 * Who waits for the lease waits here, for as long as another engine holds it. The keeper tells of each
 * renewal and, once, of the loss; what then becomes of trading is decided in the loop, which counts for
 * itself and needs no word from here to stop.
 */
import type { LeaseItem, LeaseTimes } from "../../contracts/lease.ts";
import { type LeaseIdentity, LeaseMachine, type LeaseWish } from "../core/lease/lease-machine.ts";
import type { LeaseStore } from "../io/aws/lease-store.ts";
import type { Log } from "../io/log.ts";

export type LeaseKeeperOptions = {
  readonly store: LeaseStore;
  readonly identity: LeaseIdentity;
  readonly times: LeaseTimes;
  /** The highest fence that this folder has ever used. */
  readonly fenceFloor: number;
  /** The clock that all threads share. */
  readonly monotonicUs: () => number;
  readonly log: Log;
};

/** The right to trade, as it was won. Times are of the shared monotonic clock. */
export type HeldLease = {
  readonly fence: number;
  /** The fence of the holder before; 0 where there was none. */
  readonly fenceBefore: number;
  readonly validUntilUs: number;
  readonly openFromUs: number;
};

export type LeaseListener = {
  readonly onHeld: (validUntilUs: number, openFromUs: number) => void;
  readonly onLost: (reason: string) => void;
};

const US_PER_MS = 1000;
const GIVE_BACK_MS_MAX = 3000;
/** A wait that has lasted for so many looks is told of again. */
const LOOKS_PER_LINE = 30;

export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #machine: LeaseMachine;
  readonly #won = Promise.withResolvers<HeldLease>();
  readonly #over = Promise.withResolvers<void>();
  #listener: LeaseListener | undefined;
  #timer: NodeJS.Timeout | undefined;
  #fenceBefore = 0;
  #isWon = false;
  #isStopped = false;
  #toldUs = 0;
  #looks = 0;
  #failures = 0;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    const { identity, times, fenceFloor, monotonicUs } = options;
    this.#machine = new LeaseMachine({ identity, times, fenceFloor, nowUs: monotonicUs() });
  }

  /** Begins to look. Resolves when the lease is ours, however long another holds it. */
  acquire(): Promise<HeldLease> {
    this.#arm();
    return this.#won.promise;
  }

  /** From here on each renewal is told, the latest one at once. */
  listen(listener: LeaseListener): void {
    this.#listener = listener;
    this.#toldUs = 0;
    const { phase, reason } = this.#machine;
    if (phase === "lost") listener.onLost(reason);
    else this.#tell();
  }

  /** Time left by our own count, in microseconds; 0 when it is not held. */
  get remainingUs(): number {
    return Math.max(0, this.#machine.validUntilUs - this.#options.monotonicUs());
  }

  get fence(): number {
    return this.#machine.fence;
  }

  /**
   * Gives the lease back, so that a successor need not wait. Only for an engine that has sent its last and
   * knows the end of every order; whether the table knows is not promised. Kept while requests of the holder
   * before us may still come out: whoever comes next has to wait for those as well.
   */
  async giveBack(): Promise<void> {
    const { phase, openFromUs } = this.#machine;
    if (phase !== "held" || this.#options.monotonicUs() < openFromUs) return;
    this.#machine.giveBack(this.#options.monotonicUs());
    this.#arm();
    const deadline = new Promise<void>((resolve) => {
      setTimeout(resolve, GIVE_BACK_MS_MAX).unref();
    });
    await Promise.race([this.#over.promise, deadline]);
    this.#options.log.info("lease given back", { phase: this.#machine.phase });
  }

  /** Looks no more. A lease that is held is left to run out. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const dueUs = this.#machine.dueUs();
    if (this.#isStopped || dueUs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(0, Math.ceil((dueUs - this.#options.monotonicUs()) / US_PER_MS));
    this.#timer = setTimeout(() => void this.#look(), waitMs);
  }

  async #look(): Promise<void> {
    const { monotonicUs } = this.#options;
    const wish = this.#machine.next(monotonicUs());
    this.#tell();
    if (wish !== undefined) {
      this.#noteBefore(wish);
      await this.#carryOut(wish);
      this.#tell();
    }
    this.#arm();
  }

  async #carryOut(wish: LeaseWish): Promise<void> {
    const { store, monotonicUs } = this.#options;
    if (wish.kind === "read") {
      const reading = await store.read();
      if (reading.kind === "read") {
        this.#failures = 0;
        this.#machine.onRead(reading.item, monotonicUs());
        this.#tellWaiting(reading.item);
      } else {
        this.#tellFailure("the lease cannot be read", reading.reason);
        this.#machine.onReadFailed(monotonicUs());
      }
      return;
    }
    const writing = await store.put(wish.item, wish.after);
    switch (writing.kind) {
      case "written":
        this.#failures = 0;
        this.#machine.onWritten(monotonicUs());
        return;
      case "refused":
        this.#machine.onRefused(monotonicUs());
        return;
      case "unknown":
        this.#tellFailure("the lease cannot be written", writing.reason);
        this.#machine.onUnknown(monotonicUs());
        return;
    }
  }

  /** Whom we take it from, for whoever must know whether our own memory of the account is the newest. */
  #noteBefore(wish: LeaseWish): void {
    if (wish.kind === "put" && wish.after?.holder !== this.#options.identity.holder) {
      this.#fenceBefore = wish.after?.fence ?? 0;
    }
  }

  #tell(): void {
    const { phase, validUntilUs, openFromUs, fence, reason } = this.#machine;
    if (phase === "held") {
      if (!this.#isWon) {
        this.#isWon = true;
        this.#options.log.info("lease held", { fence, fenceBefore: this.#fenceBefore });
        this.#won.resolve({ fence, fenceBefore: this.#fenceBefore, validUntilUs, openFromUs });
      }
      if (validUntilUs === this.#toldUs) return;
      this.#toldUs = validUntilUs;
      this.#listener?.onHeld(validUntilUs, openFromUs);
    } else if ((phase === "lost" || phase === "released") && !this.#isStopped) {
      this.#isStopped = true;
      this.#over.resolve();
      if (phase === "lost") {
        this.#options.log.error("lease lost", { cause: reason });
        this.#listener?.onLost(reason);
      }
    }
  }

  #tellWaiting(item: LeaseItem | undefined): void {
    if (this.#isWon) return;
    if (this.#looks % LOOKS_PER_LINE === 0) {
      const { engine = "", fence = 0, holder = "" } = item ?? {};
      this.#options.log.info("standby: waiting for the lease", { engine, fence, holder });
    }
    this.#looks++;
  }

  #tellFailure(sentence: string, cause: string): void {
    // The first of a row, and then now and then: an outage of an hour is not worth a thousand lines.
    if (this.#failures % LOOKS_PER_LINE === 0) this.#options.log.warn(sentence, { cause });
    this.#failures++;
  }
}

/**
 * Station: what is read of the lease item, and what became of our writes -> who may trade, until when.
 *
 *   watching -> acquiring -> held -> lost | released
 *
 * Times are of one's own monotonic clock and are never compared with another machine's: a holder counts a
 * renewal from before it asked, a successor counts from when it saw the last one. Every write names the
 * item that it replaces, so of two writers one is refused. A life that was lost never comes back.
 */
import { assert } from "../../../contracts/assert.ts";
import {
  LEASE_SCHEMA_VERSION,
  type LeaseItem,
  type LeaseTimes,
  takeoverWaitUs,
} from "../../../contracts/lease.ts";

export type LeasePhase = "watching" | "acquiring" | "held" | "lost" | "released";

/** What the item says of its holder beside the fence. */
export type LeaseIdentity = Pick<
  LeaseItem,
  "account" | "engine" | "holder" | "imageDigest" | "schemaHash"
>;

export type LeaseOptions = {
  readonly identity: LeaseIdentity;
  readonly times: LeaseTimes;
  /** The highest fence that is known to have been used here; a lower one is never taken. */
  readonly fenceFloor: number;
  readonly nowUs: number;
};

export type LeaseWish =
  | { readonly kind: "read" }
  /** Replaces `after`, and only that; undefined where there must be no item. */
  | { readonly kind: "put"; readonly item: LeaseItem; readonly after: LeaseItem | undefined };

/** A write whose fate is not known yet. Its first asking counts, whichever of its tries has landed. */
type Target = {
  readonly item: LeaseItem;
  readonly after: LeaseItem | undefined;
  readonly firstAskedUs: number;
  askedUs: number;
  isInDoubt: boolean;
};

/** What a read has shown, since when it was seen without a change, and when it was last asked for. */
type Seen = {
  readonly item: LeaseItem | undefined;
  readonly sinceUs: number;
  readonly askedUs: number;
};

/** What failed is tried again after this part of the renewal's pace. */
const RETRY_PARTS = 4;

export class LeaseMachine {
  readonly #options: LeaseOptions;
  #phase: LeasePhase = "watching";
  #seen: Seen | undefined;
  #fenceMax: number;
  #target: Target | undefined;
  #isBusy = false;
  #nextUs: number;
  #readAskedUs = 0;
  #validUntilUs = 0;
  #openFromUs = 0;
  #isTakeover = false;
  #reason = "";
  #mustGiveBack = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#fenceMax = options.fenceFloor;
    this.#nextUs = options.nowUs;
  }

  get phase(): LeasePhase {
    return this.#phase;
  }

  /** Of the lease that is held; 0 while none is. */
  get fence(): number {
    return this.#phase === "held" ? (this.#seen?.item?.fence ?? 0) : 0;
  }

  /** When our right ends by our own clock; 0 unless it is held. */
  get validUntilUs(): number {
    return this.#phase === "held" ? this.#validUntilUs : 0;
  }

  /** Until then requests of the holder before may still come out of a venue's back end; 0 for none. */
  get openFromUs(): number {
    return this.#openFromUs;
  }

  /** Why the lease was lost, or "". */
  get reason(): string {
    return this.#reason;
  }

  /** When `next` has something to do. */
  dueUs(): number {
    if (this.#isBusy || this.#isOver) return Number.POSITIVE_INFINITY;
    return this.#phase === "held" ? Math.min(this.#nextUs, this.#validUntilUs) : this.#nextUs;
  }

  get #isOver(): boolean {
    return this.#phase === "lost" || this.#phase === "released";
  }

  /** What is to be asked now, if anything. The answer comes back by one of the `on` functions. */
  next(nowUs: number): LeaseWish | undefined {
    this.#expire(nowUs);
    if (this.#isBusy || this.#isOver || nowUs < this.#nextUs) return undefined;
    this.#isBusy = true;
    this.#readAskedUs = nowUs;
    if (this.#target?.isInDoubt === true || this.#seen === undefined) return { kind: "read" };
    const target = this.#target ?? this.#wanted(nowUs);
    if (target === undefined) return { kind: "read" };
    target.askedUs = nowUs;
    this.#target = target;
    return { kind: "put", item: target.item, after: target.after };
  }

  /** The write that is due now: to renew, to give back, to take. */
  #wanted(nowUs: number): Target | undefined {
    const item = this.#seen?.item;
    if (this.#phase === "held") {
      assert(item !== undefined, "a lease that is held has an item");
      const holder = this.#mustGiveBack ? "" : item.holder;
      return targetOf({ ...item, holder, renewals: item.renewals + 1 }, item, nowUs);
    }
    if (!this.#mayTake(nowUs)) return undefined;
    this.#phase = "acquiring";
    const { identity } = this.#options;
    // Taken again from ourselves, the predecessor is still the one before.
    if (item?.holder !== identity.holder) this.#isTakeover = !this.#isFree(item);
    const fence = this.#fenceMax + 1;
    const taken = { ...identity, schemaVersion: LEASE_SCHEMA_VERSION, fence, renewals: 0 };
    return targetOf(taken, item, nowUs);
  }

  /** A lease that was given back is free at once; any other, and none at all, only after the wait. */
  #mayTake(nowUs: number): boolean {
    const seen = this.#seen;
    if (seen === undefined || !this.#isInView(seen, nowUs)) return false;
    return this.#isFree(seen.item) || nowUs - seen.sinceUs >= takeoverWaitUs(this.#options.times);
  }

  /**
   * Where a higher fence was used the item has gone back to an older state, and that it was given back then
   * says nothing of whoever holds that fence.
   */
  #isFree(item: LeaseItem | undefined): boolean {
    return item?.holder === "" && item.fence >= this.#fenceMax;
  }

  /** The item as a consistent read shows it; undefined where there is none. */
  onRead(item: LeaseItem | undefined, nowUs: number): void {
    if (!this.#answered(nowUs)) return;
    this.#fenceMax = Math.max(this.#fenceMax, item?.fence ?? 0);
    const target = this.#target;
    if (target !== undefined && isSame(item, target.item)) {
      this.#landed(target, target.firstAskedUs, nowUs);
      return;
    }
    if (target !== undefined && isSame(item, target.after)) {
      // It has not landed, and may still: the same write is tried again, and one of the two is refused.
      target.isInDoubt = false;
      this.#nextUs = nowUs;
      return;
    }
    this.#target = undefined;
    if (this.#phase === "held") {
      if (!isSame(item, this.#seen?.item)) this.#lose(takenText(item));
      return;
    }
    this.#phase = "watching";
    this.#see(item, nowUs);
    this.#nextUs = this.#mayTake(nowUs) ? nowUs : this.#watchAgainUs(nowUs);
  }

  /**
   * Two looks that show the same do not prove that nothing was there between them: an item that is deleted
   * or restored a second time looks as it did after the first. So a wait is made of looks close together.
   */
  #see(item: LeaseItem | undefined, nowUs: number): void {
    const before = this.#seen;
    const isOneWait =
      before !== undefined && isSame(item, before.item) && this.#isInView(before, nowUs);
    const sinceUs = isOneWait ? before.sinceUs : nowUs;
    this.#seen = { item, sinceUs, askedUs: this.#readAskedUs };
  }

  #isInView({ askedUs }: Seen, nowUs: number): boolean {
    return nowUs - askedUs <= this.#options.times.ttlUs;
  }

  /** Nothing is known from a read that failed. */
  onReadFailed(nowUs: number): void {
    if (!this.#answered(nowUs)) return;
    this.#nextUs = nowUs + this.#retryUs;
  }

  onWritten(nowUs: number): void {
    const target = this.#target;
    if (!this.#answered(nowUs) || target === undefined) return;
    this.#landed(target, target.askedUs, nowUs);
  }

  /** The item was another one. It may be ours, if an earlier try of the same write landed unheard. */
  onRefused(nowUs: number): void {
    if (!this.#answered(nowUs)) return;
    this.#doubt(nowUs);
  }

  /** No answer: the write may have landed, and may still. */
  onUnknown(nowUs: number): void {
    if (!this.#answered(nowUs)) return;
    this.#doubt(nowUs + this.#retryUs);
  }

  /** From here on the lease is given back instead of renewed, as soon as nothing is under way. */
  giveBack(nowUs: number): void {
    this.#mustGiveBack = true;
    this.#nextUs = nowUs;
  }

  #answered(nowUs: number): boolean {
    this.#isBusy = false;
    this.#expire(nowUs);
    return !this.#isOver;
  }

  #doubt(nextUs: number): void {
    if (this.#target !== undefined) this.#target.isInDoubt = true;
    this.#nextUs = nextUs;
  }

  #landed({ item }: Target, askedUs: number, nowUs: number): void {
    const { times } = this.#options;
    this.#target = undefined;
    this.#fenceMax = Math.max(this.#fenceMax, item.fence);
    this.#seen = { item, sinceUs: nowUs, askedUs: this.#readAskedUs };
    if (item.holder === "") {
      this.#phase = "released";
      return;
    }
    const validUntilUs = askedUs + times.ttlUs;
    if (this.#phase === "acquiring") {
      // Too old to be of use, and nothing was done under it: taken once more, with a fence of its own. What
      // has landed that late may have landed on the absence of another's item, so it is waited for as well.
      if (validUntilUs <= nowUs) {
        this.#phase = "watching";
        this.#nextUs = this.#watchAgainUs(nowUs);
        return;
      }
      this.#phase = "held";
      if (this.#isTakeover) this.#openFromUs = nowUs + times.backEndUs;
    }
    this.#validUntilUs = validUntilUs;
    this.#nextUs = this.#mustGiveBack ? nowUs : askedUs + times.renewEveryUs;
  }

  /** A renewal that succeeds after this counts for nothing (RELIABILITY C09): the local view decides. */
  #expire(nowUs: number): void {
    if (this.#phase === "held" && nowUs >= this.#validUntilUs) {
      this.#lose("it was not renewed in time");
    }
  }

  #lose(reason: string): void {
    this.#phase = "lost";
    this.#reason = reason;
    this.#validUntilUs = 0;
  }

  get #retryUs(): number {
    return Math.round(this.#options.times.renewEveryUs / RETRY_PARTS);
  }

  #watchAgainUs(nowUs: number): number {
    const sinceUs = this.#seen?.sinceUs ?? nowUs;
    const freeUs = sinceUs + takeoverWaitUs(this.#options.times);
    return Math.min(nowUs + this.#options.times.renewEveryUs, Math.max(freeUs, nowUs));
  }
}

function targetOf(item: LeaseItem, after: LeaseItem | undefined, nowUs: number): Target {
  return { item, after, firstAskedUs: nowUs, askedUs: nowUs, isInDoubt: false };
}

/** Whether two items are the same state of the lease; two states never share all three. */
function isSame(a: LeaseItem | undefined, b: LeaseItem | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.fence === b.fence && a.renewals === b.renewals && a.holder === b.holder;
}

function takenText(item: LeaseItem | undefined): string {
  if (item === undefined) return "its item is gone";
  return `it is another's now: fence ${item.fence}, engine ${item.engine}`;
}

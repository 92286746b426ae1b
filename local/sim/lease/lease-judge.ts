/**
 * Station: what holders sign, what the table takes and what the venue accepts, in true time -> violations.
 *
 * It knows nothing of the lease's machine: it counts each holder's right by itself, from the writes that
 * really landed, and has the venue's order of acceptance for the last word (RELIABILITY 3, invariants 14, 15).
 */
import { type LeaseTimes, leaseMarginUs } from "../../../contracts/lease.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { PlaceOrder } from "../../../hotpath/core/trade/commands.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { fenceOf, holderOf, type LeaseWritten } from "./lease-tables.ts";
import type { Trace } from "./trace.ts";

/** One life of an engine as a holder, under its run id. */
type Holder = {
  fence: number;
  /** When its right ends by its own clock: the last write of it that landed, counted from its asking. */
  untilLocalUs: Micros;
  accepted: number;
};

const VIOLATIONS_MAX = 20;

export class LeaseJudge {
  readonly violations: string[] = [];
  accepted = 0;
  signed = 0;
  takeovers = 0;
  readonly #kernel: Kernel;
  readonly #times: LeaseTimes;
  readonly #trace: Trace;
  readonly #holders = new Map<string, Holder>();
  /** By fence, who has signed under it. */
  readonly #signers = new Map<number, string>();
  readonly #names = new Set<string>();
  #fenceAccepted = 0;
  #fenceSigned = 0;
  #holderAccepted = "";
  lastAcceptedUs: Micros = 0;

  constructor(kernel: Kernel, times: LeaseTimes, trace: Trace) {
    this.#kernel = kernel;
    this.#trace = trace;
    this.#times = times;
  }

  /** The holder whose order was accepted last. */
  get lastHolder(): string {
    return this.#holderAccepted;
  }

  /** A write of the lease has landed. */
  onWritten({ holder, fence, before, askedLocalUs }: LeaseWritten): void {
    this.#trace.note("written", this.#kernel.nowUs, fence);
    if (holder === "") return;
    const known = this.#holders.get(holder);
    if (known === undefined || holderOf(before) !== holder || fenceOf(before) !== fence) {
      this.takeovers++;
    }
    const untilLocalUs = askedLocalUs + this.#times.ttlUs;
    if (known === undefined) this.#holders.set(holder, { fence, untilLocalUs, accepted: 0 });
    else {
      known.untilLocalUs =
        known.fence === fence ? Math.max(known.untilLocalUs, untilLocalUs) : untilLocalUs;
      known.fence = fence;
    }
  }

  /** An order leaves. `isAwake` unless the machine's clock stood still since its lease was renewed. */
  onSigned(holder: string, order: PlaceOrder, isAwake: boolean): void {
    this.signed++;
    this.#trace.note("signed", this.#kernel.nowUs, order.fence, order.command);
    const known = this.#holders.get(holder);
    if (known === undefined || known.fence !== order.fence) {
      this.#blame(`${order.clientId} was signed under a fence that ${holder} does not hold`);
      return;
    }
    const leftUs = known.untilLocalUs - this.#kernel.localUs;
    const marginUs = leaseMarginUs({ ...this.#times, windowUs: order.windowUs });
    if (leftUs < marginUs) {
      this.#blame(`${order.clientId} was signed with ${leftUs} us left of ${marginUs}`);
    }
    if (order.fence < this.#fenceSigned && isAwake) {
      this.#blame(`${order.clientId} was signed after fence ${this.#fenceSigned}`);
    }
    const signer = this.#signers.get(order.fence) ?? holder;
    this.#signers.set(order.fence, signer);
    if (signer !== holder) this.#blame(`${signer} and ${holder} sign under fence ${order.fence}`);
    this.#fenceSigned = Math.max(this.#fenceSigned, order.fence);
  }

  /** The venue's matcher has taken an order. */
  onAccepted(holder: string, order: PlaceOrder): void {
    const { clientId, fence } = order;
    this.accepted++;
    this.#trace.note("accepted", this.#kernel.nowUs, fence, order.command);
    this.lastAcceptedUs = this.#kernel.nowUs;
    if (this.#names.has(clientId)) this.#blame(`${clientId} was accepted twice`);
    this.#names.add(clientId);
    if (fence < this.#fenceAccepted) {
      this.#blame(`${clientId} was accepted after fence ${this.#fenceAccepted}`);
    }
    this.#fenceAccepted = Math.max(this.#fenceAccepted, fence);
    const known = this.#holders.get(holder);
    if (holder !== this.#holderAccepted && known !== undefined && known.accepted > 0) {
      this.#blame(`the terms of ${holder} and ${this.#holderAccepted} overlap at ${clientId}`);
    }
    if (known !== undefined) known.accepted++;
    this.#holderAccepted = holder;
  }

  /** At the end of the calm there is one holder, and it trades, unless a slow venue keeps it from that. */
  onEnd(holders: readonly string[], sinceUs: Micros, isCongested: boolean): void {
    if (holders.length !== 1) this.#blame(`in the calm ${holders.length} hold the lease`);
    if (isCongested) return;
    if (this.#holderAccepted !== holders[0]) {
      this.#blame(`in the calm ${holders[0]} holds the lease and does not trade`);
    }
    if (this.lastAcceptedUs < sinceUs) this.#blame("in the calm nobody trades");
  }

  #blame(sentence: string): void {
    if (this.violations.length >= VIOLATIONS_MAX) return;
    const atMs = Math.round((this.#kernel.nowUs % 1e9) / 1000);
    this.violations.push(`${atMs} ms: ${sentence}`);
  }
}

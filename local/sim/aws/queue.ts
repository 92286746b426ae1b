/**
 * One queue of the simulator: messages that are hidden while somebody works on them, and moved to the dead
 * letters after too many deliveries.
 *
 * A standard queue gives out what it has in any order and perhaps twice; a FIFO queue keeps the order within a
 * group, gives out nothing of a group of which something is out, and takes a deduplication id once in five
 * minutes (SQS developer guide, FIFO delivery logic, 2026-11-21). It knows no names and no wire.
 */
import { type Micros, US_PER_S } from "../../../contracts/time.ts";
import type { CloudFaults } from "./cloud-faults.ts";

export type QueueSettings = {
  readonly name: string;
  readonly isFifo: boolean;
  visibilityUs: Micros;
  /** Undefined for a queue of dead letters. */
  readonly dead: VirtualQueue | undefined;
  readonly receivesMax: number;
};

export type Message = {
  readonly id: string;
  readonly body: string;
  readonly attributes: unknown;
  readonly group: string;
  readonly dedupId: string;
  readonly sentUs: Micros;
  readonly sequence: number;
  visibleUs: Micros;
  receives: number;
  /** Names the delivery that is out; "" before the first. */
  receipt: string;
};

export type Sending = Pick<Message, "body" | "attributes" | "group" | "dedupId">;

const DEDUP_US = 300 * US_PER_S;
/** A late message is late by seconds on the mean; by far more than anybody waits, now and then. */
const DELAY_US_MEAN = 8 * US_PER_S;
const DELAY_US_MAX = 180 * US_PER_S;

export class VirtualQueue {
  readonly settings: QueueSettings;
  readonly #faults: CloudFaults;
  #messages: Message[] = [];
  #dedup = new Map<string, { readonly id: string; readonly atUs: Micros }>();
  #sentCount = 0;
  #receiveCount = 0;
  /** Called when a message may have become visible. */
  onMessage: () => void = () => undefined;

  constructor(settings: QueueSettings, faults: CloudFaults) {
    this.settings = settings;
    this.#faults = faults;
  }

  /** Whatever lies here, visible or not. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** When the next hidden message shows itself; infinity where there is none. */
  nextVisibleUs(nowUs: Micros): Micros {
    let nextUs = Number.POSITIVE_INFINITY;
    for (const { visibleUs } of this.#messages) {
      if (visibleUs > nowUs) nextUs = Math.min(nextUs, visibleUs);
    }
    return nextUs;
  }

  /** Takes a message; the id it has here, which is the first one's where it came before. */
  send(sending: Sending, nowUs: Micros): string {
    const { isFifo, name } = this.settings;
    const known = isFifo ? this.#dedup.get(sending.dedupId) : undefined;
    if (known !== undefined && nowUs - known.atUs < DEDUP_US) return known.id;
    this.#sentCount += 1;
    const id = `${name}.${this.#sentCount}`;
    if (isFifo) this.#remember(sending.dedupId, id, nowUs);
    const isLate = this.#faults.strikes("C15");
    const lateUs = isLate ? this.#faults.stream("C15").exponential(DELAY_US_MEAN) : 0;
    const visibleUs = nowUs + Math.round(Math.min(lateUs, DELAY_US_MAX));
    const state = { id, sentUs: nowUs, visibleUs, receives: 0, receipt: "" };
    this.#messages.push({ ...sending, ...state, sequence: this.#sentCount });
    if (!isFifo && this.#faults.strikes("C13")) {
      this.#messages.push({ ...sending, ...state, sequence: this.#sentCount });
    }
    this.onMessage();
    return id;
  }

  /** Up to `count` messages, hidden from now on for `hiddenUs`. */
  receive(count: number, hiddenUs: Micros, nowUs: Micros): readonly Message[] {
    const given: Message[] = [];
    while (given.length < count) {
      const message = this.#choose(nowUs, given);
      if (message === undefined) break;
      if (this.#isDead(message)) {
        this.#bury(message, nowUs);
        continue;
      }
      this.#receiveCount += 1;
      message.receives += 1;
      message.receipt = `${message.id}.r${this.#receiveCount}`;
      message.visibleUs = nowUs + hiddenUs;
      given.push(message);
    }
    return given;
  }

  /** Takes away the message of a delivery; a receipt that is no more is passed over, as SQS does. */
  delete(receipt: string): void {
    this.#messages = this.#messages.filter((message) => message.receipt !== receipt);
    this.onMessage();
  }

  /** Takes away what fits, as whoever looks after a queue may. */
  remove(isMeant: (message: Message) => boolean): void {
    this.#messages = this.#messages.filter((message) => !isMeant(message));
  }

  /** Shows or hides the message of a delivery. Whether there is one. */
  hide(receipt: string, hiddenUs: Micros, nowUs: Micros): boolean {
    const message = this.#messages.find((each) => each.receipt === receipt);
    if (message === undefined || message.visibleUs <= nowUs) return false;
    message.visibleUs = nowUs + hiddenUs;
    this.onMessage();
    return true;
  }

  #choose(nowUs: Micros, given: readonly Message[]): Message | undefined {
    const { isFifo } = this.settings;
    const out = new Set<string>();
    const visible: Message[] = [];
    for (const message of this.#messages) {
      const isOut = message.visibleUs > nowUs || given.includes(message);
      // A delivery may hold several messages of a group, in their order.
      if (isFifo && out.has(message.group)) continue;
      if (isOut && !given.includes(message)) out.add(message.group);
      if (!isOut) visible.push(message);
    }
    if (!isFifo && visible.length > 1 && this.#faults.strikes("C14")) {
      return visible[this.#faults.stream("C14").integer(visible.length)];
    }
    return visible[0];
  }

  #isDead({ receives }: Message): boolean {
    const { dead, receivesMax } = this.settings;
    return dead !== undefined && receives >= receivesMax;
  }

  #bury(message: Message, nowUs: Micros): void {
    this.#messages = this.#messages.filter((each) => each !== message);
    this.settings.dead?.take(message, nowUs);
  }

  /** Takes a message over from the queue that it died in, with its id. */
  take(message: Message, nowUs: Micros): void {
    this.#messages.push({ ...message, visibleUs: nowUs, receives: 0, receipt: "" });
    this.onMessage();
  }

  #remember(dedupId: string, id: string, nowUs: Micros): void {
    this.#dedup.set(dedupId, { id, atUs: nowUs });
    for (const [old, { atUs }] of this.#dedup) {
      if (nowUs - atUs < DEDUP_US) return;
      this.#dedup.delete(old);
    }
  }
}

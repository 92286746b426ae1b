/**
 * Station: frames -> one connection; what a venue knows of one client's session.
 *
 * One life of one transport, seen from the venue. All a session does wrong on purpose lives here:
 * going silent, going half open, holding frames back, showing old times. It never decides which fault
 * happens, never encodes, and does not know what carries its connection.
 */
import type { Micros } from "../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../contracts/time.ts";
import type { Connection } from "./connection.ts";
import type { SessionFaultKind } from "./fault-plan.ts";
import { TextFrame } from "./socket-frame.ts";
import type { SessionTraffic } from "./venue-model.ts";

/** A reader this far behind is cut, as a venue does; it would otherwise grow our heap. */
const BACKLOG_BYTES_MAX = 64 * 1_024 * 1_024;

/** Which door of the venue a session came in by; streams of the other door stay silent. */
export type Entry = "any" | "public" | "market";

export type ChannelKind = "depth" | "bookTicker" | "trade" | "aggTrade" | "markPrice";

/** Frames leave when they are made plus `delayUs`, or all together when the hold ends. */
type Hold = {
  readonly kind: "delay" | "burst";
  readonly untilUs: Micros;
  readonly delayUs: Micros;
};

/** What leaves in order: a message, a ping, or the answer to one. */
type Sending =
  | { readonly kind: "text"; readonly frame: TextFrame }
  | { readonly kind: "ping" | "pong"; readonly payload: string };

/** What a session listens to, as far as the session must know it. */
export type Subscription = {
  readonly index: number;
  readonly kind: ChannelKind;
  readonly leave: (session: VenueSession) => void;
};

/** One client's session as the venue holds it. */
export class VenueSession {
  readonly connection: Connection;
  readonly entry: Entry;
  readonly subscriptions = new Set<Subscription>();
  /** Every stream asked for, also those that deliver nothing here. */
  readonly streamNames = new Set<string>();
  isCombined: boolean;
  /** Pings are answered, data is not sent (fault `silent`). */
  isSilent = false;
  /** Nothing is sent and nothing is read any more (fault `halfOpen`). */
  isHalfOpen = false;
  /** When not null, all data shows this event time (fault `frozenTimestamps`). */
  frozenUs: Micros | null = null;
  /** Text of the ping that waits for its pong, "" when none does. */
  pendingPing = "";
  readonly timers = new Set<NodeJS.Timeout>();
  readonly #clock: () => Micros;
  readonly #traffic: SessionTraffic;
  readonly #inboundUs: Micros[] = [];
  readonly #held: { sending: Sending; releaseUs: Micros }[] = [];
  #hold: Hold | null = null;
  #releaseTimer: NodeJS.Timeout | null = null;

  constructor(
    connection: Connection,
    door: { entry: Entry; isCombined: boolean },
    host: { clock: () => Micros; traffic: SessionTraffic },
  ) {
    this.connection = connection;
    this.entry = door.entry;
    this.isCombined = door.isCombined;
    this.#clock = host.clock;
    this.#traffic = host.traffic;
  }

  /** Sends a reply or a notice. */
  sendText(text: string): void {
    this.#sendFrame(new TextFrame(text));
  }

  /** Sends market data, whose frame several sessions may share. */
  sendData(frame: TextFrame): void {
    if (!this.isSilent) this.#sendFrame(frame);
  }

  /** The usual way, on which nothing is held: no object is made for it. */
  #sendFrame(frame: TextFrame): void {
    if (this.isHalfOpen || this.connection.isGone) return;
    if (this.#hold !== null) this.#keep({ kind: "text", frame });
    else if (this.#isTaken(frame.wireBytes)) this.connection.send(frame);
  }

  /** Sends a ping; its payload must come back. */
  sendPing(payload: string): void {
    if (this.pendingPing === "") this.pendingPing = payload;
    this.#send({ kind: "ping", payload });
  }

  /** Answers a ping of the client. */
  sendPong(payload: string): void {
    this.#send({ kind: "pong", payload });
  }

  /** Counts one inbound message; false when that is more than `max` within any one second. */
  mayReceive(max: number): boolean {
    const nowUs = this.#clock();
    const times = this.#inboundUs;
    while (times.length > 0 && nowUs - (times[0] ?? 0) >= US_PER_S) times.shift();
    times.push(nowUs);
    return times.length <= max;
  }

  /** Does to this session what a fault says; the spans matter to `delay` and `burst` only. */
  spoil(kind: SessionFaultKind, span: { durationUs: Micros; delayUs: Micros }): void {
    switch (kind) {
      case "cut":
        this.cut();
        break;
      case "halfOpen":
        this.#goHalfOpen();
        break;
      case "silent":
        this.isSilent = true;
        break;
      case "frozenTimestamps":
        this.frozenUs = this.#clock();
        break;
      case "delay":
      case "burst":
        this.#hold = { kind, untilUs: this.#clock() + span.durationUs, delayUs: span.delayUs };
        break;
    }
  }

  /** Stops reading and writing for good, and leaves the socket open. */
  #goHalfOpen(): void {
    this.isHalfOpen = true;
    this.#held.length = 0;
    // Neither age nor a missing pong ends it: the other side is gone and does not know.
    this.#clearTimers();
    this.connection.deafen();
  }

  /** Cuts the transport without a word. */
  cut(): void {
    this.release();
    this.connection.destroy();
  }

  /** Ends the session in the protocol's own way, then for certain. */
  close(code: number, reason: string): void {
    this.connection.close(code, reason);
  }

  /** Lets go of every timer and subscription. */
  release(): void {
    this.#clearTimers();
    this.#held.length = 0;
    for (const subscription of this.subscriptions) subscription.leave(this);
    this.subscriptions.clear();
  }

  #clearTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    if (this.#releaseTimer !== null) clearTimeout(this.#releaseTimer);
    this.#releaseTimer = null;
  }

  #send(sending: Sending): void {
    if (this.isHalfOpen || this.connection.isGone) return;
    if (this.#hold === null) this.#write(sending);
    else this.#keep(sending);
  }

  #keep(sending: Sending): void {
    const hold = this.#hold;
    if (hold === null) return;
    const nowUs = this.#clock();
    const lastUs = this.#held.at(-1)?.releaseUs ?? 0;
    const isActive = nowUs < hold.untilUs;
    const ownUs = hold.kind === "delay" ? nowUs + hold.delayUs : hold.untilUs;
    // After the hold a frame still waits for those before it: order is never broken.
    const releaseUs = Math.max(lastUs, isActive ? ownUs : nowUs);
    this.#held.push({ sending, releaseUs });
    this.#scheduleRelease();
  }

  #scheduleRelease(): void {
    const [first] = this.#held;
    if (first === undefined || this.#releaseTimer !== null) return;
    const waitMs = Math.max(0, Math.ceil((first.releaseUs - this.#clock()) / US_PER_MS));
    this.#releaseTimer = setTimeout(() => this.#releaseDue(), waitMs);
  }

  #releaseDue(): void {
    this.#releaseTimer = null;
    const nowUs = this.#clock();
    let count = 0;
    this.connection.cork();
    while (count < this.#held.length && (this.#held[count]?.releaseUs ?? 0) <= nowUs) {
      const held = this.#held[count];
      if (held !== undefined) this.#write(held.sending);
      count += 1;
    }
    this.connection.uncork();
    this.#held.splice(0, count);
    if (this.#held.length === 0 && this.#hold !== null && nowUs >= this.#hold.untilUs) {
      this.#hold = null;
    }
    this.#scheduleRelease();
  }

  #write(sending: Sending): void {
    const bytes = sending.kind === "text" ? sending.frame.wireBytes : sending.payload.length + 2;
    if (!this.#isTaken(bytes)) return;
    switch (sending.kind) {
      case "text":
        this.connection.send(sending.frame);
        break;
      case "ping":
        this.connection.ping(sending.payload);
        break;
      case "pong":
        this.connection.pong(sending.payload);
        break;
    }
  }

  /** Counts what is about to leave; false when the reader is too far behind, who is cut then. */
  #isTaken(bytes: number): boolean {
    if (this.connection.backlogBytes > BACKLOG_BYTES_MAX) {
      this.#traffic.backlogCuts += 1;
      this.cut();
      return false;
    }
    this.#traffic.framesSent += 1;
    this.#traffic.bytesSent += bytes;
    return true;
  }
}

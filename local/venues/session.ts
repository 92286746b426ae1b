/**
 * Station: encoded frames -> one socket; one socket's messages -> the server.
 *
 * One life of one transport, seen from the venue. All a session does wrong on purpose lives here:
 * going silent, going half open, holding frames back, showing old times. Frames are written ready-made
 * to the socket, past the library's own encoder, so that all sessions share one buffer a frame.
 * It never decides which fault happens, and never encodes.
 */
import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { Micros } from "../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../contracts/time.ts";
import type { SessionFaultKind } from "./fault-plan.ts";
import { pingFrame, pongFrame, textFrame } from "./socket-frame.ts";
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

/** What a session listens to, as far as the session must know it. */
export type Subscription = {
  readonly index: number;
  readonly kind: ChannelKind;
  readonly leave: (session: VenueSession) => void;
};

/** One client's session as the venue holds it. */
export class VenueSession {
  readonly socket: Socket;
  readonly webSocket: WebSocket;
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
  readonly #held: { frame: Buffer; releaseUs: Micros }[] = [];
  #hold: Hold | null = null;
  #releaseTimer: NodeJS.Timeout | null = null;

  constructor(
    transport: { socket: Socket; webSocket: WebSocket },
    door: { entry: Entry; isCombined: boolean },
    host: { clock: () => Micros; traffic: SessionTraffic },
  ) {
    this.socket = transport.socket;
    this.webSocket = transport.webSocket;
    this.entry = door.entry;
    this.isCombined = door.isCombined;
    this.#clock = host.clock;
    this.#traffic = host.traffic;
  }

  /** Sends a reply or a notice. */
  sendText(text: string): void {
    this.#send(textFrame(text));
  }

  /** Sends market data that was encoded already. */
  sendData(frame: Buffer): void {
    if (!this.isSilent) this.#send(frame);
  }

  /** Sends a ping; its payload must come back. */
  sendPing(payload: string): void {
    if (this.pendingPing === "") this.pendingPing = payload;
    this.#send(pingFrame(payload));
  }

  /** Answers a ping of the client. */
  sendPong(payload: Buffer): void {
    this.#send(pongFrame(payload));
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
    this.socket.removeAllListeners("data");
    // What the client still says is read and thrown away, or its bytes would stop in the kernel.
    this.socket.on("data", () => {});
    this.socket.resume();
  }

  /** Cuts the transport without a word. */
  cut(): void {
    this.release();
    this.socket.destroy();
  }

  /** Ends the session in the protocol's own way, then for certain. */
  close(code: number, reason: string): void {
    this.webSocket.close(code, reason);
    const timer = setTimeout(() => this.webSocket.terminate(), 1_000);
    timer.unref();
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

  #send(frame: Buffer): void {
    if (this.isHalfOpen || this.socket.destroyed) return;
    if (this.#hold === null) {
      this.#write(frame);
      return;
    }
    const nowUs = this.#clock();
    const lastUs = this.#held.at(-1)?.releaseUs ?? 0;
    const isActive = nowUs < this.#hold.untilUs;
    const ownUs = this.#hold.kind === "delay" ? nowUs + this.#hold.delayUs : this.#hold.untilUs;
    // After the hold a frame still waits for those before it: order is never broken.
    const releaseUs = Math.max(lastUs, isActive ? ownUs : nowUs);
    this.#held.push({ frame, releaseUs });
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
    this.socket.cork();
    while (count < this.#held.length && (this.#held[count]?.releaseUs ?? 0) <= nowUs) {
      const held = this.#held[count];
      if (held !== undefined) this.#write(held.frame);
      count += 1;
    }
    this.socket.uncork();
    this.#held.splice(0, count);
    if (this.#held.length === 0 && this.#hold !== null && nowUs >= this.#hold.untilUs) {
      this.#hold = null;
    }
    this.#scheduleRelease();
  }

  #write(frame: Buffer): void {
    if (this.socket.writableLength > BACKLOG_BYTES_MAX) {
      this.#traffic.backlogCuts += 1;
      this.cut();
      return;
    }
    this.socket.write(frame);
    this.#traffic.framesSent += 1;
    this.#traffic.bytesSent += frame.length;
  }
}

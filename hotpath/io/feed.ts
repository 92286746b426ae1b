/**
 * Station: commands of the core -> transports of one shard, and their fates back as control events.
 *
 * A feed holds at most one dial and a few transports by epoch (the current one, and its successor while
 * they change over). It keeps the venue's pace of control messages and counts the acknowledgements; it
 * decides nothing: when something ends, it says so.
 */
import { assert } from "../../contracts/assert.ts";
import type { Notice } from "../core/decode/decoder.ts";
import type { ControlEvent } from "../core/events.ts";
import { nowUs } from "./clock.ts";
import { clearTimers, isAsSafe, isLastAcknowledgement, type Life, newLife } from "./feed-life.ts";
import type { DialTarget, FeedProtocol, PingRule, SentMessage } from "./feed-protocol.ts";
import type { RestAnswer } from "./rest-client.ts";
import type { Dial, ReadStamp } from "./web-socket.ts";

export type FeedPorts = {
  readonly emit: (event: ControlEvent) => void;
  readonly onFrame: (session: number, epoch: number, frame: Uint8Array, stamp: ReadStamp) => void;
  /** What we send is recorded as well. */
  readonly onSent: (session: number, epoch: number, text: string) => void;
  /** Asks the venue for a ticket; only for protocols that want one. */
  readonly post?: (path: string, timeoutMs: number, onAnswer: (answer: RestAnswer) => void) => void;
  /** The venue's clock minus ours, as a ping has measured it, and by how much it may be off. */
  readonly onClock?: (offsetUs: number, errorUs: number) => void;
};

const US_PER_MS = 1000;

type Ticket = NonNullable<FeedProtocol["ticket"]>;

export class Feed {
  readonly #session: number;
  readonly #protocol: FeedProtocol;
  readonly #ports: FeedPorts;
  readonly #dialOut: Dial;
  readonly #lives = new Map<number, Life>();
  #nextMessageId = 1;

  constructor(session: number, protocol: FeedProtocol, dial: Dial, ports: FeedPorts) {
    this.#session = session;
    this.#protocol = protocol;
    this.#dialOut = dial;
    this.#ports = ports;
  }

  /** Transports that are alive, dialing or open. */
  get liveCount(): number {
    return this.#lives.size;
  }

  /** Dials; the answer is `sessionOpened` or `dialFailed`. */
  open(epoch: number, attempt: number, timeoutUs: number): void {
    const life = newLife(epoch, attempt);
    this.#lives.set(attempt, life);
    const { ticket, url, pings } = this.#protocol;
    const timeoutMs = timeoutUs / US_PER_MS;
    if (ticket === undefined) this.#dial(life, { url, pings }, timeoutMs);
    else this.#dialWithTicket(life, ticket, timeoutMs);
  }

  /** A ticket is good for one dial; one that cannot be had is a failed dial. */
  #dialWithTicket(life: Life, ticket: Ticket, timeoutMs: number): void {
    const { post } = this.#ports;
    assert(post !== undefined, "a protocol with tickets is given a way to ask for them");
    post(ticket.path, timeoutMs, (answer) => {
      // Given up meanwhile: nobody waits for it any more.
      if (this.#lives.get(life.attempt) === life) this.#onTicket(life, ticket, answer, timeoutMs);
    });
  }

  #onTicket(life: Life, ticket: Ticket, answer: RestAnswer, timeoutMs: number): void {
    if (answer.kind === "failed") {
      this.#onEnd(life, `no ticket: ${answer.code}`, false);
      return;
    }
    const dialName = `${this.#session}-${life.epoch}-${life.attempt}`;
    const target = answer.status === 200 ? ticket.targetOf(answer.body, dialName) : undefined;
    if (target === undefined) this.#onEnd(life, `no ticket: HTTP ${answer.status}`, false);
    else if (!isAsSafe(target.url, this.#protocol.url)) {
      this.#onEnd(life, "the ticket names an address without encryption", false);
    } else this.#dial(life, target, timeoutMs);
  }

  #dial(life: Life, { url, pings }: DialTarget, timeoutMs: number): void {
    const session = this.#session;
    const { epoch } = life;
    const { emit, onFrame } = this.#ports;
    life.pings = pings;
    life.transport = this.#dialOut(url, timeoutMs, {
      onOpen: () => {
        life.isOpen = true;
        if (this.#protocol.awaitsGreeting !== true) this.#tellOpened(life);
      },
      onFrame: (frame, stamp) => onFrame(session, epoch, frame, stamp),
      onEnd: (reason) => this.#onEnd(life, reason, life.isTold),
      onWriteFailure: (reason) => emit({ type: "writeFailed", session, epoch, reason }),
    });
  }

  #tellOpened(life: Life): void {
    if (life.isTold) return;
    life.isTold = true;
    const { epoch, attempt, pings } = life;
    if (pings !== undefined) {
      life.pingTimer = setInterval(() => this.#ping(life, pings), pings.intervalMs);
      if (pings.isAtOnce === true) this.#ping(life, pings);
    }
    this.#ports.emit({ type: "sessionOpened", session: this.#session, epoch, attempt });
  }

  /** A ping that is still unanswered has its own deadline; no second one is sent meanwhile. */
  #ping(life: Life, { text, timeoutMs }: PingRule): void {
    if (life.pongTimer !== undefined) return;
    life.pingId++;
    const words = text(life.pingId);
    const { epoch } = life;
    this.#ports.onSent(this.#session, epoch, words);
    life.pongTimer = setTimeout(() => {
      life.pongTimer = undefined;
      const reason = `no pong within ${timeoutMs} ms`;
      this.#ports.emit({ type: "writeFailed", session: this.#session, epoch, reason });
    }, timeoutMs);
    life.pingSentUs = nowUs();
    life.transport?.send(words);
  }

  #onEnd(life: Life, reason: string, wasOpen: boolean): void {
    clearTimers(life);
    if (!this.#lives.delete(life.attempt)) return;
    const session = this.#session;
    this.#ports.emit(
      wasOpen
        ? { type: "sessionClosed", session, epoch: life.epoch, reason }
        : { type: "dialFailed", session, attempt: life.attempt, reason },
    );
  }

  /** Sends every subscription of this shard; the answer is `subscriptionConfirmed`. */
  subscribe(epoch: number): void {
    const life = this.#lifeOf(epoch);
    if (life === undefined) {
      this.#drop(epoch, "subscribe");
      return;
    }
    const messages = this.#protocol.subscribeMessages(this.#nextMessageId);
    this.#nextMessageId += messages.length;
    for (const { id, acknowledgements = 1 } of messages) life.pending.set(id, acknowledgements);
    this.#sendInTurn(life, messages, 0);
  }

  /** Asks for one symbol's book anew; false when the transport is gone. `onRefused` is told once. */
  resubscribe(epoch: number, symbol: string, onRefused: (reason: string) => void): boolean {
    const life = this.#lifeOf(epoch);
    const { resubscribeMessages } = this.#protocol;
    assert(resubscribeMessages !== undefined, "only books of a stream are subscribed anew");
    if (life === undefined) return false;
    const id = this.#nextMessageId++;
    life.resubscribed.set(id, onRefused);
    for (const text of resubscribeMessages(symbol, id)) {
      this.#ports.onSent(this.#session, epoch, text);
      life.transport?.send(text);
    }
    return true;
  }

  /** Measures the venue's clock by a ping on each open transport; false when there is none. */
  ping(): boolean {
    let isSent = false;
    for (const life of this.#lives.values()) {
      if (!life.isTold || life.pings === undefined) continue;
      this.#ping(life, life.pings);
      isSent = true;
    }
    return isSent;
  }

  #sendInTurn(life: Life, messages: readonly SentMessage[], at: number): void {
    const message = messages[at];
    if (message === undefined) return;
    this.#ports.onSent(this.#session, life.epoch, message.text);
    life.transport?.send(message.text);
    if (at + 1 >= messages.length) return;
    life.timer = setTimeout(
      () => this.#sendInTurn(life, messages, at + 1),
      this.#protocol.messageGapMs,
    );
  }

  /** A frame of this feed that was no market data. */
  onNotice(epoch: number, notice: Notice): void {
    const session = this.#session;
    const life = this.#lifeOf(epoch);
    if (life === undefined) return;
    switch (notice.type) {
      case "subscribed":
        if (isLastAcknowledgement(life, notice.requestId)) {
          this.#ports.emit({ type: "subscriptionConfirmed", session, epoch });
        }
        return;
      case "refused":
        if (this.#isOfResubscription(life, notice.requestId, notice.reason)) return;
        this.#ports.emit({ type: "subscriptionRefused", session, epoch, reason: notice.reason });
        return;
      case "shutdownAnnounced":
        this.#ports.emit({ type: "shutdownAnnounced", session, epoch });
        return;
      case "greeted":
        this.#tellOpened(life);
        return;
      case "ponged":
        if (notice.pingId !== life.pingId) return;
        clearTimeout(life.pongTimer);
        life.pongTimer = undefined;
        this.#tellClock(life, notice.venueUs);
        return;
      case "unknown":
        return;
    }
  }

  /** The ping was read between its writing and our reading of the answer: half of that is the error. */
  #tellClock(life: Life, venueUs: number | undefined): void {
    if (venueUs === undefined) return;
    const halfUs = Math.ceil((nowUs() - life.pingSentUs) / 2);
    this.#ports.onClock?.(venueUs - (life.pingSentUs + halfUs), halfUs);
  }

  /** A refused book is its own affair: the other books of the transport are subscribed to all the same. */
  #isOfResubscription(life: Life, requestId: number | undefined, reason: string): boolean {
    const onRefused = requestId === undefined ? undefined : life.resubscribed.get(requestId);
    if (requestId === undefined || onRefused === undefined) return false;
    life.resubscribed.delete(requestId);
    onRefused(reason);
    return true;
  }

  /** Ends the transport of an epoch; its end is not reported, because the core asked for it. */
  close(epoch: number, cause: string): void {
    const life = this.#lifeOf(epoch);
    if (life === undefined) {
      this.#drop(epoch, "closeSession");
      return;
    }
    this.#end(life, cause);
  }

  /** Gives a dial up. */
  abandon(attempt: number): void {
    const life = this.#lives.get(attempt);
    if (life !== undefined) this.#end(life, "abandoned");
  }

  closeAll(): void {
    for (const life of [...this.#lives.values()]) this.#end(life, "shutdown");
  }

  #end(life: Life, reason: string): void {
    this.#lives.delete(life.attempt);
    clearTimers(life);
    life.transport?.close(reason);
  }

  #drop(epoch: number, command: string): void {
    this.#ports.emit({ type: "commandDropped", session: this.#session, epoch, command });
  }

  #lifeOf(epoch: number): Life | undefined {
    for (const life of this.#lives.values()) {
      if (life.epoch === epoch && life.isOpen) return life;
    }
    return undefined;
  }
}

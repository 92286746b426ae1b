/**
 * Station: commands of the core -> transports of one shard, and their fates back as control events.
 *
 * A feed holds at most one dial and a few transports by epoch (the current one, and its successor while
 * they change over). It keeps the venue's pace of control messages and counts the acknowledgements; it
 * decides nothing: when something ends, it says so.
 */
import type { Notice } from "../core/decode/decoder.ts";
import type { ControlEvent } from "../core/events.ts";
import type { Absence } from "./clock.ts";
import { type ReadStamp, Transport } from "./web-socket.ts";

/** How a venue wants to be spoken to. */
export type FeedProtocol = {
  readonly url: string;
  /** The subscribe messages, numbered from `firstId`; each is acknowledged under its id. */
  readonly subscribeMessages: (firstId: number) => readonly { id: number; text: string }[];
  /** Pause between two messages to the venue, milliseconds. */
  readonly messageGapMs: number;
};

export type FeedPorts = {
  readonly emit: (event: ControlEvent) => void;
  readonly onFrame: (session: number, epoch: number, frame: Uint8Array, stamp: ReadStamp) => void;
  /** What we send is recorded as well. */
  readonly onSent: (session: number, epoch: number, text: string) => void;
};

type Life = {
  readonly epoch: number;
  readonly attempt: number;
  readonly transport: Transport;
  readonly pending: Set<number>;
  timer: NodeJS.Timeout | undefined;
  isOpen: boolean;
};

const US_PER_MS = 1000;

export class Feed {
  readonly #session: number;
  readonly #protocol: FeedProtocol;
  readonly #ports: FeedPorts;
  readonly #absence: Absence;
  readonly #lives = new Map<number, Life>();
  #nextMessageId = 1;

  constructor(session: number, protocol: FeedProtocol, absence: Absence, ports: FeedPorts) {
    this.#session = session;
    this.#protocol = protocol;
    this.#absence = absence;
    this.#ports = ports;
  }

  /** Transports that are alive, dialing or open. */
  get liveCount(): number {
    return this.#lives.size;
  }

  /** Dials; the answer is `sessionOpened` or `dialFailed`. */
  open(epoch: number, attempt: number, timeoutUs: number): void {
    const session = this.#session;
    const { emit, onFrame } = this.#ports;
    const transport = new Transport(this.#protocol.url, timeoutUs / US_PER_MS, this.#absence, {
      onOpen: () => {
        life.isOpen = true;
        emit({ type: "sessionOpened", session, epoch, attempt });
      },
      onFrame: (frame, stamp) => onFrame(session, epoch, frame, stamp),
      onEnd: (reason, wasOpen) => this.#onEnd(life, reason, wasOpen),
      onWriteFailure: (reason) => emit({ type: "writeFailed", session, epoch, reason }),
    });
    const life: Life = {
      epoch,
      attempt,
      transport,
      pending: new Set(),
      timer: undefined,
      isOpen: false,
    };
    this.#lives.set(attempt, life);
  }

  #onEnd(life: Life, reason: string, wasOpen: boolean): void {
    clearTimeout(life.timer);
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
    for (const { id } of messages) life.pending.add(id);
    this.#sendInTurn(life, messages, 0);
  }

  #sendInTurn(life: Life, messages: readonly { id: number; text: string }[], at: number): void {
    const message = messages[at];
    if (message === undefined) return;
    this.#ports.onSent(this.#session, life.epoch, message.text);
    life.transport.send(message.text);
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
        if (life.pending.delete(notice.requestId) && life.pending.size === 0) {
          this.#ports.emit({ type: "subscriptionConfirmed", session, epoch });
        }
        return;
      case "refused":
        this.#ports.emit({ type: "subscriptionRefused", session, epoch, reason: notice.reason });
        return;
      case "shutdownAnnounced":
        this.#ports.emit({ type: "shutdownAnnounced", session, epoch });
        return;
      case "unknown":
        return;
    }
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
    clearTimeout(life.timer);
    life.transport.close(reason);
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

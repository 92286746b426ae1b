/**
 * Station: requests of the desk <-> one life of its private connection to Kraken.
 *
 * Opens (token, dial, both channels with their snapshots), matches answers by their ids, and says what
 * became of each request exactly once: answered, refused, or lost. An answer that comes after it was given
 * up is still handed over: an order may be accepted late. A gap in a channel's sequence is told, and the
 * channel begun anew. Sans-io: time and sockets belong to the ports.
 */
import { assert } from "../../../../contracts/assert.ts";
import { parseExactJson } from "../../../core/decode/exact-json.ts";
import type { DeskPorts } from "../../execution.ts";
import { countOf, type Fields } from "./executions.ts";
import { channelText, pingText } from "./order-frames.ts";
import { fieldsOf } from "./reads.ts";

export const CONNECTION = 0;

const CHANNELS = ["executions", "balances"] as const;
export type PrivateChannel = (typeof CHANNELS)[number];

const HEARD_US = 1_000_000;
/** A connection without a word from the client is closed after about a minute. */
const PING_US = 20_000_000;

/** Who wants to know what became of a request. */
export type Asker = {
  readonly timeoutUs: number;
  readonly onResult: (result: Fields, recvUs: number) => void;
  readonly onRefused: (error: string, recvUs: number) => void;
  /** "timeout" or "closed": no answer came, and it may have been carried out. */
  readonly onLost: (code: "timeout" | "closed") => void;
};

export type SessionListener = {
  /** Asks for a token; the answer goes to `onToken`. */
  readonly wantToken: () => void;
  readonly onReady: (recvUs: number) => void;
  /** Once for each `open` that ends, whoever ended it. */
  readonly onEnded: (reason: string) => void;
  readonly onEntries: (
    channel: PrivateChannel,
    isSnapshot: boolean,
    entries: readonly Fields[],
    recvUs: number,
  ) => void;
  readonly onHeard: (recvUs: number) => void;
  readonly onGap: (reason: string, recvUs: number) => void;
  readonly onContradiction: (reason: string, recvUs: number) => void;
};

type Pending = Asker & { readonly dueUs: number; isGivenUp: boolean };

export class PrivateSession {
  readonly #ports: DeskPorts;
  readonly #url: string;
  readonly #listener: SessionListener;
  readonly #pending = new Map<number, Pending>();
  /** The last sequence of each channel; undefined until its snapshot. */
  readonly #sequences = new Map<PrivateChannel, number>();
  #state: "closed" | "token" | "dialing" | "opening" | "ready" = "closed";
  #token = "";
  #openDueUs = Number.POSITIVE_INFINITY;
  #pingDueUs = Number.POSITIVE_INFINITY;
  #toldHeardUs = 0;
  #nextId = 1;

  constructor(ports: DeskPorts, url: string, listener: SessionListener) {
    this.#ports = ports;
    this.#url = url;
    this.#listener = listener;
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  get token(): string {
    return this.#token;
  }

  /** Begins with a token, fresh for each connection; ends in `onReady` or `onEnded`. */
  open(timeoutUs: number): void {
    if (this.#state !== "closed") this.end("replaced");
    this.#state = "token";
    this.#openDueUs = this.#ports.nowUs() + timeoutUs;
    this.#wake();
    this.#listener.wantToken();
  }

  /** The token has come: it is used at once, and kept for the life of the connection. */
  onToken(token: string): void {
    if (this.#state !== "token") return;
    this.#token = token;
    this.#state = "dialing";
    this.#ports.dial(CONNECTION, this.#url);
  }

  onOpen(): void {
    if (this.#state !== "dialing") return;
    this.#state = "opening";
    this.#pingDueUs = this.#ports.nowUs() + PING_US;
    for (const channel of CHANNELS) this.#subscribe(channel);
    this.#wake();
  }

  #subscribe(channel: PrivateChannel): void {
    this.#sequences.delete(channel);
    const text = (id: number): string => channelText("subscribe", channel, this.#token, id);
    this.#write(text, {
      // Bounded by the opening itself; later by nothing, because its snapshot is the answer.
      timeoutUs: Number.POSITIVE_INFINITY,
      onResult: () => undefined,
      onRefused: (error) => this.end(`${channel}: ${error}`),
      onLost: () => undefined,
    });
  }

  /** A message of the channel was lost: what it said is not known, and it begins anew. */
  #restart(channel: PrivateChannel): void {
    const text = (id: number): string => channelText("unsubscribe", channel, this.#token, id);
    const ignore = (): void => undefined;
    this.#write(text, {
      timeoutUs: Number.POSITIVE_INFINITY,
      onResult: ignore,
      onRefused: ignore,
      onLost: ignore,
    });
    this.#subscribe(channel);
  }

  /** Ends this life from our side. */
  end(reason: string): void {
    if (this.#state === "closed") return;
    this.#ports.hangUp(CONNECTION);
    this.onClosed(reason);
  }

  /** It has ended: everything unanswered is lost, and told so before the end itself. */
  onClosed(reason: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#token = "";
    this.#openDueUs = Number.POSITIVE_INFINITY;
    this.#pingDueUs = Number.POSITIVE_INFINITY;
    const lost = [...this.#pending.values()].filter(({ isGivenUp }) => !isGivenUp);
    this.#pending.clear();
    this.#sequences.clear();
    for (const { onLost } of lost) onLost("closed");
    this.#listener.onEnded(reason);
    this.#wake();
  }

  /** Writes one request; false when nothing has left. */
  ask(text: (requestId: number) => string, asker: Asker): boolean {
    if (this.#state !== "ready") return false;
    return this.#write(text, asker);
  }

  #write(text: (requestId: number) => string, asker: Asker): boolean {
    const id = this.#nextId++;
    if (!this.#ports.send(CONNECTION, text(id))) return false;
    const dueUs = this.#ports.nowUs() + asker.timeoutUs;
    this.#pending.set(id, { ...asker, dueUs, isGivenUp: false });
    this.#wake();
    return true;
  }

  onText(frame: Uint8Array, recvUs: number): void {
    if (this.#state === "closed") return;
    if (recvUs - this.#toldHeardUs >= HEARD_US && this.#state === "ready") {
      this.#toldHeardUs = recvUs;
      this.#listener.onHeard(recvUs);
    }
    const message = parseExactJson(frame);
    if (message === undefined) {
      this.#listener.onGap("a private frame that cannot be read", recvUs);
      return;
    }
    const channel = CHANNELS.find((name) => name === message.channel);
    if (channel !== undefined) this.#onChannel(channel, message, recvUs);
    else if (typeof message.method === "string") this.#onReply(message, recvUs);
  }

  #onChannel(channel: PrivateChannel, message: Fields, recvUs: number): void {
    const isSnapshot = message.type === "snapshot";
    const last = this.#sequences.get(channel);
    const sequence = countOf(message.sequence);
    if (last === undefined && !isSnapshot) return;
    if (isSnapshot) this.#sequences.set(channel, sequence ?? 1);
    else {
      assert(last !== undefined, "an update behind a snapshot has one before it");
      if (sequence !== last + 1) {
        this.#listener.onGap(`${channel}: ${sequence ?? "none"} follows ${last}`, recvUs);
        this.#restart(channel);
        return;
      }
      this.#sequences.set(channel, sequence);
    }
    const rows = Array.isArray(message.data) ? (message.data as readonly unknown[]) : [];
    const entries = rows.map(fieldsOf).filter((row) => row !== undefined);
    if (entries.length < rows.length || !Array.isArray(message.data)) {
      // It may have been a fill of ours.
      this.#listener.onGap(`${channel}: entries that cannot be read`, recvUs);
    }
    this.#listener.onEntries(channel, isSnapshot, entries, recvUs);
    this.#becomeReady(recvUs);
  }

  /** Both snapshots are here: whatever was open before is known, and orders may be placed. */
  #becomeReady(recvUs: number): void {
    if (this.#state !== "opening" || this.#sequences.size < CHANNELS.length) return;
    this.#state = "ready";
    this.#openDueUs = Number.POSITIVE_INFINITY;
    this.#toldHeardUs = recvUs;
    this.#listener.onReady(recvUs);
    this.#wake();
  }

  #onReply(message: Fields, recvUs: number): void {
    const id = countOf(message.req_id);
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (id === undefined || pending === undefined) {
      // A pong of ours, or one more of the answers that a list of cancels gets.
      const isOurs = message.method === "pong" || (id !== undefined && id < this.#nextId);
      if (!isOurs) this.#listener.onContradiction("an answer to nothing that was asked", recvUs);
      return;
    }
    this.#pending.delete(id);
    if (message.success === true) pending.onResult(fieldsOf(message.result) ?? {}, recvUs);
    else pending.onRefused(typeof message.error === "string" ? message.error : "", recvUs);
  }

  /** Time has passed: an opening that takes too long, requests without an answer, a ping. */
  onDue(nowUs: number): void {
    if (this.#state === "closed") return;
    if (nowUs >= this.#openDueUs) {
      this.end("not ready in time");
      return;
    }
    for (const pending of [...this.#pending.values()]) {
      if (pending.isGivenUp || nowUs < pending.dueUs) continue;
      pending.isGivenUp = true;
      pending.onLost("timeout");
    }
    if (nowUs >= this.#pingDueUs) {
      this.#pingDueUs = nowUs + PING_US;
      this.#ports.send(CONNECTION, pingText(this.#nextId++));
    }
    this.#wake();
  }

  #wake(): void {
    let dueUs = Math.min(this.#openDueUs, this.#pingDueUs);
    for (const pending of this.#pending.values()) {
      if (!pending.isGivenUp) dueUs = Math.min(dueUs, pending.dueUs);
    }
    this.#ports.wakeAt(dueUs);
  }
}

/**
 * Station: requests of the desk <-> one life of its connection to the WebSocket API of Binance spot.
 *
 * Opens (time, logon, user data), matches answers to what was asked by their ids, and says what became of
 * each question exactly once: answered, refused, or lost. An answer that comes after it was given up is
 * still handed over where the question wants that: an order may be accepted late. Sans-io: time and
 * sockets belong to the ports.
 */

import { assert } from "../../../../contracts/assert.ts";
import { wordOf } from "../../../../contracts/word-of.ts";
import type { Refusal } from "../../../core/trade/events.ts";
import type { DeskPorts } from "../../execution.ts";
import { type Param, requestFrame, type Signing } from "./frames.ts";
import { type Fields, fieldsOf, idOf, listOf, numberOf, textOf } from "./json.ts";
import { refusalOf } from "./refusals.ts";

/** What is asked, and who wants to know. */
export type Question = {
  readonly method: string;
  readonly params: readonly Param[];
  /** Signed requests get the time and, on a session that is not logged on, key and signature. */
  readonly isSigned: boolean;
} & Asker;

export type Asker = {
  readonly timeoutUs: number;
  /** Whether an answer is still wanted after `onLost`. */
  readonly wantsLate: boolean;
  readonly onResult: (result: unknown, recvUs: number) => void;
  readonly onRefused: (refusal: Refusal, recvUs: number) => void;
  /** No answer came: "timeout" or "closed"; or there was nothing to ask over: "notOpen", "silenced". */
  readonly onLost: (reason: string) => void;
};

export type SessionListener = {
  readonly onReady: (recvUs: number) => void;
  /** Once for each `open` that ends, whoever ended it. */
  readonly onEnded: (reason: string) => void;
  readonly onUserEvent: (event: Fields, recvUs: number) => void;
  readonly onUsage: (limits: readonly Fields[], recvUs: number) => void;
  readonly onSilenced: (untilUs: number, isBan: boolean, recvUs: number) => void;
  readonly onHeard: (recvUs: number) => void;
  readonly onGap: (reason: string, recvUs: number) => void;
  readonly onContradiction: (reason: string, recvUs: number) => void;
};

type Pending = Asker & { readonly dueUs: number; isGivenUp: boolean };

export const CONNECTION = 0;

const US_PER_MS = 1000;
const HEARD_US = 1_000_000;
const ASK_TIMEOUT_US = 5_000_000;
/** How long answers that are on their way are waited for after the venue announced its shutdown. */
const SHUTDOWN_WAIT_US = 1_000_000;
/** The venue's shortest ban, and a guess for a limit without a time. */
const BANNED_US = 120_000_000;
const LIMITED_US = 5_000_000;
/** Its longest: "from 2 minutes to 3 days" (rest-api.md "IP Limits", 2026-07-21). More is a mistake or a trick. */
const SILENCE_US_MAX = 259_200_000_000;
const STATUS_OK = 200;
const STATUS_LIMITED = 429;
const STATUS_BANNED = 418;
/** Ids of requests that were answered, kept so that a second answer is told from a foreign one. */
const ANSWERED_MAX = 4096;

export class OrderSession {
  readonly #ports: DeskPorts;
  readonly #url: string;
  readonly #signing: Signing;
  readonly #listener: SessionListener;
  readonly #pending = new Map<string, Pending>();
  readonly #answered = new Set<string>();
  #state: "closed" | "dialing" | "opening" | "ready" = "closed";
  #isLoggedOn = false;
  #openDueUs = Number.POSITIVE_INFINITY;
  #endDueUs = Number.POSITIVE_INFINITY;
  #pingDueUs = Number.POSITIVE_INFINITY;
  #wokenAtUs = Number.POSITIVE_INFINITY;
  #subscription: number | undefined;
  #heardUs = 0;
  #toldHeardUs = 0;
  #silencedUntilUs = 0;
  #later: readonly { readonly dueUs: number; readonly act: () => void }[] = [];
  /** The venue's clock less ours, by its answer to `time`; for the stamps of reads. */
  #offsetUs = 0;
  #nextId = 1;

  constructor(ports: DeskPorts, url: string, signing: Signing, listener: SessionListener) {
    this.#ports = ports;
    this.#url = url;
    this.#signing = signing;
    this.#listener = listener;
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  get isLoggedOn(): boolean {
    return this.#isLoggedOn;
  }

  /** The venue's time as well as we know it; for stamps of what the core gave none. */
  get venueNowUs(): number {
    return this.#ports.nowUs() + this.#offsetUs;
  }

  /** Dials; ends in `onReady` or `onEnded`. */
  open(timeoutUs: number): void {
    if (this.#state !== "closed") this.end("replaced");
    this.#state = "dialing";
    this.#openDueUs = this.#ports.nowUs() + timeoutUs;
    this.#ports.dial(CONNECTION, this.#url);
    this.#wake();
  }

  /** Ends the connection from here. */
  end(reason: string): void {
    if (this.#state === "closed") return;
    this.#ports.hangUp(CONNECTION);
    this.onClosed(reason);
  }

  onOpen(): void {
    if (this.#state !== "dialing") return;
    this.#state = "opening";
    const askedUs = this.#ports.nowUs();
    this.ask({
      ...this.#opening((result, recvUs) => {
        const serverMs = numberOf(fieldsOf(result)?.serverTime);
        // The venue read its clock somewhere between question and answer.
        const middleUs = (askedUs + recvUs) / 2;
        if (Number.isSafeInteger(serverMs)) {
          this.#offsetUs = Math.round(serverMs * US_PER_MS - middleUs);
        }
        this.#logOn();
      }),
      method: "time",
      params: [],
      isSigned: false,
    });
  }

  /** Ed25519 keys log the session on, so that orders need no signature; others sign each request. */
  #logOn(): void {
    if (!this.#signing.signer.canLogOn) {
      this.#subscribe("userDataStream.subscribe.signature", true);
      return;
    }
    this.ask({
      ...this.#opening(() => {
        this.#isLoggedOn = true;
        this.#subscribe("userDataStream.subscribe", false);
      }),
      method: "session.logon",
      params: [],
      isSigned: true,
    });
  }

  #subscribe(method: string, isSigned: boolean): void {
    const onResult = (result: unknown, recvUs: number): void => {
      const subscription = numberOf(fieldsOf(result)?.subscriptionId);
      // Older answers of the logged-on form are empty; then any subscription is taken for ours.
      this.#subscription = Number.isSafeInteger(subscription) ? subscription : undefined;
      this.#state = "ready";
      this.#openDueUs = Number.POSITIVE_INFINITY;
      this.#pingDueUs = recvUs + HEARD_US;
      this.#toldHeardUs = recvUs;
      this.#listener.onReady(recvUs);
      this.#wake();
    };
    this.ask({ ...this.#opening(onResult), method, params: [], isSigned });
  }

  #opening(onResult: Asker["onResult"]): Asker {
    return {
      timeoutUs: ASK_TIMEOUT_US,
      wantsLate: false,
      onResult,
      onRefused: ({ class: meaning, code, text }) => this.end(`${meaning}: ${code} ${text}`),
      onLost: (reason) => this.end(reason),
    };
  }

  /** Asks; the answer comes to the asker. */
  ask(question: Question): void {
    const nowUs = this.#ports.nowUs();
    if (nowUs < this.#silencedUntilUs) {
      question.onLost("silenced");
      return;
    }
    const id = `q${this.#nextId++}`;
    if (!this.write(id, this.#textOf(id, question, nowUs), question)) question.onLost("notOpen");
  }

  #textOf(id: string, { method, params, isSigned }: Question, nowUs: number): string {
    if (!isSigned) return requestFrame(id, method, params, undefined);
    // The commands that name a time of their own carry it in their params already.
    const hasStamp = params.some(([name]) => name === "timestamp");
    const stampMs = Math.floor((nowUs + this.#offsetUs) / US_PER_MS);
    const stamped: readonly Param[] = hasStamp ? params : [...params, ["timestamp", stampMs]];
    return requestFrame(id, method, stamped, this.#isLoggedOn ? undefined : this.#signing);
  }

  /** Does it then, unless the connection has ended by that time. */
  later(delayUs: number, act: () => void): void {
    this.#later = [...this.#later, { dueUs: this.#ports.nowUs() + delayUs, act }];
    this.#wake();
  }

  /** Writes a request made by the caller; false when nothing has left. */
  write(id: string, text: string, asker: Asker): boolean {
    assert(!this.#pending.has(id), "an id names one request of a connection");
    if (this.#state === "closed" || !this.#ports.send(CONNECTION, text)) return false;
    const dueUs = this.#ports.nowUs() + asker.timeoutUs;
    this.#pending.set(id, {
      timeoutUs: asker.timeoutUs,
      wantsLate: asker.wantsLate,
      onResult: asker.onResult,
      onRefused: asker.onRefused,
      onLost: asker.onLost,
      dueUs,
      isGivenUp: false,
    });
    if (dueUs < this.#wokenAtUs) this.#wakeAt(dueUs);
    return true;
  }

  onFrame(frame: Fields | undefined, recvUs: number): void {
    if (this.#state === "closed") return;
    this.#heardUs = recvUs;
    if (frame === undefined) {
      this.#listener.onGap("a frame that is no JSON object", recvUs);
    } else if (frame.event !== undefined) this.#onEvent(frame, recvUs);
    else this.#onAnswer(frame, recvUs);
    if (this.#state !== "ready") return;
    if (recvUs - this.#toldHeardUs < HEARD_US) return;
    this.#toldHeardUs = recvUs;
    this.#listener.onHeard(recvUs);
  }

  #onEvent(frame: Fields, recvUs: number): void {
    const event = fieldsOf(frame.event);
    if (event === undefined) {
      this.#listener.onGap("an event that is no object", recvUs);
    } else if (event.e === "serverShutdown") {
      this.#endDueUs = recvUs + (this.#pending.size === 0 ? 0 : SHUTDOWN_WAIT_US);
      this.#wake();
    } else if (event.e === "eventStreamTerminated") {
      this.end("eventStreamTerminated");
    } else if (this.#subscription !== undefined && frame.subscriptionId !== this.#subscription) {
      const subscription = wordOf(frame.subscriptionId);
      this.#listener.onContradiction(`an event of subscription ${subscription}`, recvUs);
    } else this.#listener.onUserEvent(event, recvUs);
  }

  #onAnswer(frame: Fields, recvUs: number): void {
    const limits = listOf(frame.rateLimits);
    if (limits !== undefined) this.#listener.onUsage(limits, recvUs);
    const status = numberOf(frame.status);
    const refusal = status === STATUS_OK ? undefined : this.#refusalIn(frame, status, recvUs);
    const { id } = frame;
    if (id === null && refusal !== undefined) {
      // Not about one request: the key is no longer good, or what we wrote could not be read.
      this.end(`${refusal.class}: ${refusal.code} ${refusal.text}`);
      return;
    }
    const pending = typeof id === "string" ? this.#pending.get(id) : undefined;
    if (pending === undefined || typeof id !== "string") {
      if (typeof id === "string" && this.#answered.has(id)) return;
      this.#listener.onContradiction(`an answer to ${wordOf(id)}, which was not asked`, recvUs);
      return;
    }
    this.#pending.delete(id);
    this.#remember(id);
    if (pending.isGivenUp && !pending.wantsLate) return;
    if (refusal === undefined) pending.onResult(frame.result, recvUs);
    else pending.onRefused(refusal, recvUs);
  }

  #refusalIn(frame: Fields, status: number, recvUs: number): Refusal {
    const error = fieldsOf(frame.error) ?? {};
    if (status === STATUS_LIMITED || status === STATUS_BANNED) {
      const isBan = status === STATUS_BANNED;
      const data = fieldsOf(error.data);
      const retryMs = numberOf(data?.retryAfter) - numberOf(data?.serverTime);
      const usualUs = isBan ? BANNED_US : LIMITED_US;
      const restUs = Number.isFinite(retryMs) ? Math.ceil(retryMs * US_PER_MS) : usualUs;
      this.#silencedUntilUs = recvUs + Math.min(SILENCE_US_MAX, Math.max(0, restUs));
      this.#listener.onSilenced(this.#silencedUntilUs, isBan, recvUs);
    }
    return refusalOf(status, idOf(error.code) || `HTTP ${status}`, textOf(error.msg));
  }

  #remember(id: string): void {
    this.#answered.add(id);
    if (this.#answered.size <= ANSWERED_MAX) return;
    for (const oldest of this.#answered) {
      this.#answered.delete(oldest);
      return;
    }
  }

  onClosed(reason: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#isLoggedOn = false;
    this.#subscription = undefined;
    this.#openDueUs = Number.POSITIVE_INFINITY;
    this.#endDueUs = Number.POSITIVE_INFINITY;
    this.#pingDueUs = Number.POSITIVE_INFINITY;
    const lost = [...this.#pending.values()].filter(({ isGivenUp }) => !isGivenUp);
    this.#pending.clear();
    this.#answered.clear();
    this.#later = [];
    for (const pending of lost) pending.onLost("closed");
    this.#listener.onEnded(reason);
  }

  /** Gives up what is overdue, and sees to it that a quiet connection is heard. */
  onDue(nowUs: number): void {
    this.#wokenAtUs = Number.POSITIVE_INFINITY;
    if (nowUs >= this.#openDueUs) this.end("not open in time");
    else if (nowUs >= this.#endDueUs) this.end("serverShutdown");
    for (const pending of [...this.#pending.values()]) {
      if (pending.isGivenUp || nowUs < pending.dueUs) continue;
      pending.isGivenUp = true;
      pending.onLost("timeout");
    }
    const isDue = ({ dueUs }: { readonly dueUs: number }): boolean => nowUs >= dueUs;
    const due = this.#later.filter(isDue);
    this.#later = this.#later.filter((each) => !isDue(each));
    for (const { act } of due) act();
    if (nowUs >= this.#pingDueUs) this.#ping(nowUs);
    this.#wake();
  }

  /** A user who does nothing is sent nothing: a cheap question keeps the silence from meaning anything. */
  #ping(nowUs: number): void {
    this.#pingDueUs = Math.max(this.#heardUs, nowUs - HEARD_US) + HEARD_US;
    if (nowUs < this.#pingDueUs) return;
    this.#pingDueUs = nowUs + HEARD_US;
    this.ask({
      method: "ping",
      params: [],
      isSigned: false,
      timeoutUs: ASK_TIMEOUT_US,
      wantsLate: false,
      onResult: () => undefined,
      onRefused: () => undefined,
      onLost: () => undefined,
    });
  }

  #wake(): void {
    let dueUs = Math.min(this.#openDueUs, this.#endDueUs, this.#pingDueUs);
    for (const each of this.#later) dueUs = Math.min(dueUs, each.dueUs);
    for (const pending of this.#pending.values()) {
      if (!pending.isGivenUp) dueUs = Math.min(dueUs, pending.dueUs);
    }
    this.#wakeAt(dueUs);
  }

  #wakeAt(dueUs: number): void {
    this.#wokenAtUs = dueUs;
    this.#ports.wakeAt(dueUs);
  }
}

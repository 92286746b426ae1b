/**
 * Station: openAccount -> time, ticket, private stream, order entry -> ready; or one reason why not.
 *
 * ```text
 *   time ──▶ ticket ──▶ stream: dial, welcome, topics ──▶ order entry: dial, challenge, welcome ──▶ ready
 * ```
 * Both connections are one account: the end of either, or a deadline missed, ends both.
 */
import type { AccountKeys, DeskPorts } from "../../execution.ts";
import { type Fields, numberOf, parseFields } from "./json.ts";
import { CONNECTION, type LinkPorts } from "./link.ts";
import { OrderLink } from "./order-link.ts";
import type { Rest } from "./rest.ts";
import { StreamLink } from "./stream-link.ts";
import { targetOf } from "./ticket.ts";

export type AccountLinksEvents = {
  readonly onReady: () => void;
  readonly onEnded: (reason: string) => void;
  readonly onPush: (fields: Fields, recvUs: number) => void;
  readonly onOrderAnswer: (fields: Fields, recvUs: number) => void;
  /** The venue's clock minus ours was measured. */
  readonly onOffset: (offsetUs: number) => void;
};

export type AccountLinksOptions = {
  readonly ports: DeskPorts;
  readonly keys: AccountKeys;
  /** Address of order entry; "" where orders go over REST. */
  readonly orders: string;
  readonly rest: Rest;
};

const US_PER_MS = 1000;
const TIMEOUT_MS = 5000;

export class AccountLinks {
  readonly #options: AccountLinksOptions;
  readonly #events: AccountLinksEvents;
  readonly #stream: StreamLink;
  readonly #orders: OrderLink | undefined;
  #isOpen = false;
  #isReady = false;
  #deadlineUs = Number.POSITIVE_INFINITY;
  #offsetUs = 0;
  #count = 0;

  constructor(options: AccountLinksOptions, events: AccountLinksEvents) {
    this.#options = options;
    this.#events = events;
    const { keys, orders } = options;
    const onFailed = (reason: string): void => this.#fail(reason);
    this.#stream = new StreamLink(this.#portsOf(CONNECTION.stream), {
      onReady: () => this.#onStreamReady(),
      onFailed,
      onMessage: events.onPush,
    });
    if (orders === "") return;
    this.#orders = new OrderLink(orders, keys, this.#portsOf(CONNECTION.orders), {
      onReady: () => this.#onAllReady(),
      onFailed,
      onMessage: events.onOrderAnswer,
    });
  }

  #portsOf(connection: number): LinkPorts {
    const { ports } = this.#options;
    return {
      dial: (url) => ports.dial(connection, url),
      hangUp: () => ports.hangUp(connection),
      send: (text) => ports.send(connection, text),
      nowUs: () => ports.nowUs(),
    };
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get dueUs(): number {
    const ordersDueUs = this.#orders?.dueUs ?? Number.POSITIVE_INFINITY;
    return Math.min(this.#deadlineUs, this.#stream.dueUs, ordersDueUs);
  }

  /** Writes one frame of order entry; false when nothing has left. */
  sendOrder(text: string): boolean {
    return this.#orders?.send(text) ?? false;
  }

  open(timeoutUs: number): void {
    const { ports, rest } = this.#options;
    this.#isOpen = true;
    this.#deadlineUs = ports.nowUs() + timeoutUs;
    const askedUs = ports.nowUs();
    rest.ask({
      method: "GET",
      target: "/api/v1/timestamp",
      kind: "read",
      timeoutMs: TIMEOUT_MS,
      timeMs: undefined,
      onDone: (outcome, recvUs) => {
        const fields = outcome.kind === "ok" ? parseFields(outcome.body) : undefined;
        const venueMs = numberOf(fields?.data);
        if (!Number.isSafeInteger(venueMs)) {
          this.#fail("the venue does not tell its time");
          return;
        }
        // It was told about half way between question and answer.
        this.#offsetUs = Math.round(venueMs * US_PER_MS - (askedUs + recvUs) / 2);
        this.#events.onOffset(this.#offsetUs);
        this.#fetchTicket();
      },
    });
  }

  get #venueNowUs(): number {
    return this.#options.ports.nowUs() + this.#offsetUs;
  }

  #fetchTicket(): void {
    this.#count++;
    const dialName = `rk-${this.#count}`;
    this.#options.rest.ask({
      method: "POST",
      target: "/api/v1/bullet-private",
      kind: "read",
      timeoutMs: TIMEOUT_MS,
      timeMs: Math.floor(this.#venueNowUs / US_PER_MS),
      onDone: (outcome) => {
        if (outcome.kind !== "ok") {
          const { code, text } = outcome.refusal;
          this.#fail(`no ticket for the private stream: ${code} ${text}`.trim());
          return;
        }
        const target = targetOf(outcome.body, dialName);
        if (target === undefined) this.#fail("the ticket for the private stream is none");
        else this.#stream.open(target);
      },
    });
  }

  #onStreamReady(): void {
    if (this.#orders === undefined) this.#onAllReady();
    else this.#orders.open(this.#venueNowUs);
  }

  #onAllReady(): void {
    this.#isReady = true;
    this.#deadlineUs = Number.POSITIVE_INFINITY;
    this.#events.onReady();
  }

  onFrame(connection: number, frame: Uint8Array, recvUs: number): void {
    if (connection === CONNECTION.stream) this.#stream.onFrame(frame, recvUs);
    else this.#orders?.onFrame(frame, recvUs);
  }

  onClosed(connection: number, reason: string): void {
    const name = connection === CONNECTION.stream ? "the private stream" : "order entry";
    if (connection === CONNECTION.stream) this.#stream.onClosed();
    else this.#orders?.onClosed();
    this.#fail(`${name} ended: ${reason}`);
  }

  onDue(nowUs: number): void {
    if (nowUs >= this.#deadlineUs) this.#fail("the account was not ready in time");
    if (!this.#isOpen) return;
    this.#stream.onDue(nowUs);
    this.#orders?.onDue(nowUs);
  }

  /** Ends both without a word. */
  close(): void {
    this.#isOpen = false;
    this.#isReady = false;
    this.#deadlineUs = Number.POSITIVE_INFINITY;
    this.#stream.close();
    this.#orders?.close();
  }

  #fail(reason: string): void {
    if (!this.#isOpen) return;
    this.close();
    this.#events.onEnded(reason);
  }
}

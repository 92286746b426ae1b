/**
 * Station: connection 1, order entry: a challenge that is signed as it came, a welcome, pings, answers.
 *
 * ```text
 *   dialing ── {"sessionId":...,"timestamp":...} ──▶ challenged ── {"data":"welcome",...} ──▶ ready
 * ```
 * The answer to the challenge is the bare signature of the very bytes of its frame (docs-new/3470133w0).
 */
import type { AccountKeys } from "../../execution.ts";
import { Heartbeat, paceOf } from "./heartbeat.ts";
import { type Fields, numberOf, parseFields, textOf } from "./json.ts";
import type { LinkEvents, LinkPorts } from "./link.ts";
import { orderSocketUrl, sign } from "./signing.ts";

type State = "down" | "dialing" | "challenged" | "ready";

const US_PER_MS = 1000;

export class OrderLink {
  readonly #ports: LinkPorts;
  readonly #events: LinkEvents;
  readonly #orders: string;
  readonly #keys: AccountKeys;
  readonly #decoder = new TextDecoder();
  #state: State = "down";
  #heartbeat: Heartbeat | undefined;

  constructor(orders: string, keys: AccountKeys, ports: LinkPorts, events: LinkEvents) {
    this.#orders = orders;
    this.#keys = keys;
    this.#ports = ports;
    this.#events = events;
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  get dueUs(): number {
    return this.#heartbeat?.dueUs ?? Number.POSITIVE_INFINITY;
  }

  /** `venueNowUs` is the venue's time by our measure. */
  open(venueNowUs: number): void {
    this.#state = "dialing";
    const timeMs = Math.floor(venueNowUs / US_PER_MS);
    this.#ports.dial(orderSocketUrl(this.#orders, this.#keys, timeMs));
  }

  close(): void {
    if (this.#state !== "down") this.#ports.hangUp();
    this.onClosed();
  }

  onClosed(): void {
    this.#state = "down";
    this.#heartbeat = undefined;
  }

  /** Whether the text was written: only while the session is logged on. */
  send(text: string): boolean {
    return this.#state === "ready" && this.#ports.send(text);
  }

  onFrame(frame: Uint8Array, recvUs: number): void {
    const fields = parseFields(frame);
    if (fields === undefined) {
      this.#events.onFailed("order entry sent what is no message");
      return;
    }
    if (this.#state !== "ready") this.#onHandshake(frame, fields);
    else if (textOf(fields.op) === "pong") this.#heartbeat?.onPong();
    else this.#events.onMessage(fields, recvUs);
  }

  #onHandshake(frame: Uint8Array, fields: Fields): void {
    const code = textOf(fields.code);
    if (code !== "" && code !== "200000") {
      this.#events.onFailed(`order entry refuses: ${code} ${textOf(fields.msg)}`);
    } else if (this.#state === "challenged" && textOf(fields.data) === "welcome") {
      this.#state = "ready";
      const pace = paceOf(numberOf(fields.pingInterval), numberOf(fields.pingTimeout));
      this.#heartbeat = new Heartbeat(pace, this.#ports.nowUs());
      this.#events.onReady();
    } else if (this.#state === "dialing" && textOf(fields.sessionId) !== "") {
      this.#state = "challenged";
      this.#ports.send(sign(this.#keys.secret, this.#decoder.decode(frame)));
    } else this.#events.onFailed("order entry speaks out of turn");
  }

  onDue(nowUs: number): void {
    const due = this.#heartbeat?.onDue(nowUs);
    if (due === undefined) return;
    if (due === "dead") {
      this.#events.onFailed("order entry does not answer its ping");
      return;
    }
    const timestamp = Math.floor(nowUs / US_PER_MS);
    this.#ports.send(JSON.stringify({ id: due, op: "ping", timestamp }));
  }
}

/**
 * Station: connection 0, the private stream: welcome, two topics, pings, and then pushes.
 *
 * Its address comes with a ticket that the desk fetches. Nothing is said before the welcome.
 */
import type { DialTarget } from "../../../io/feed-protocol.ts";
import { STREAM_TOPICS, subscribeFrame } from "./frames.ts";
import { Heartbeat } from "./heartbeat.ts";
import { parseFields, textOf } from "./json.ts";
import type { LinkEvents, LinkPorts } from "./link.ts";

type State = "down" | "dialing" | "subscribing" | "ready";

export class StreamLink {
  readonly #ports: LinkPorts;
  readonly #events: LinkEvents;
  #state: State = "down";
  #pace: DialTarget["pings"];
  #heartbeat: Heartbeat | undefined;
  readonly #unacknowledged = new Set<string>();

  constructor(ports: LinkPorts, events: LinkEvents) {
    this.#ports = ports;
    this.#events = events;
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  get dueUs(): number {
    return this.#heartbeat?.dueUs ?? Number.POSITIVE_INFINITY;
  }

  open({ url, pings }: DialTarget): void {
    this.#pace = pings;
    this.#state = "dialing";
    this.#ports.dial(url);
  }

  close(): void {
    if (this.#state !== "down") this.#ports.hangUp();
    this.onClosed();
  }

  onClosed(): void {
    this.#state = "down";
    this.#heartbeat = undefined;
    this.#unacknowledged.clear();
  }

  onFrame(frame: Uint8Array, recvUs: number): void {
    const fields = parseFields(frame);
    if (fields === undefined) {
      this.#events.onFailed("the private stream sent what is no message");
      return;
    }
    switch (textOf(fields.type)) {
      case "welcome":
        if (this.#state === "dialing") this.#subscribe();
        return;
      case "ack":
        this.#onAcknowledged(textOf(fields.id));
        return;
      case "pong":
        this.#heartbeat?.onPong();
        return;
      case "error":
        this.#events.onFailed(`the private stream refuses: ${textOf(fields.data)}`);
        return;
      default:
        this.#events.onMessage(fields, recvUs);
    }
  }

  #subscribe(): void {
    this.#state = "subscribing";
    if (this.#pace !== undefined) this.#heartbeat = new Heartbeat(this.#pace, this.#ports.nowUs());
    for (const [index, topic] of STREAM_TOPICS.entries()) {
      const id = String(index + 1);
      this.#unacknowledged.add(id);
      this.#ports.send(subscribeFrame(id, topic));
    }
  }

  #onAcknowledged(id: string): void {
    const wasLast = this.#unacknowledged.delete(id) && this.#unacknowledged.size === 0;
    if (this.#state !== "subscribing" || !wasLast) return;
    this.#state = "ready";
    this.#events.onReady();
  }

  onDue(nowUs: number): void {
    const due = this.#heartbeat?.onDue(nowUs);
    if (due === undefined) return;
    if (due === "dead") this.#events.onFailed("the private stream does not answer its ping");
    else this.#ports.send(JSON.stringify({ id: due, type: "ping" }));
  }
}

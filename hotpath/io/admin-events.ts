/**
 * Station: what the engine tells of itself -> numbered events, kept for a while, as a stream on the admin port.
 *
 * Whoever listens hears each transition when it happens; whoever was away comes back with the last number
 * and hears what came meanwhile, or is told that it was too long ago. Numbers begin anew with each run,
 * so an id carries the run. A listener that does not read is let go: it comes back by itself.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html (read 2026-11-21)
 */
import type { ServerResponse } from "node:http";

/** Events that are kept for those who come back. */
export const EVENTS_KEPT = 2_048;
export const LISTENERS_MAX = 16;
const RETRY_MS = 1_000;
/** A proxy or a sleeping laptop is noticed by it. */
const COMMENT_EVERY_MS = 15_000;
/** What may wait in a listener's socket. */
const UNREAD_BYTES_MAX = 1_000_000;

type Kept = { readonly seq: number; readonly text: string };

export class AdminEvents {
  readonly #run: string;
  readonly #commentEveryMs: number;
  readonly #listeners = new Set<ServerResponse>();
  #kept: Kept[] = [];
  #seq = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(runId: string, commentEveryMs = COMMENT_EVERY_MS) {
    this.#run = runId;
    this.#commentEveryMs = commentEveryMs;
  }

  /** Tells everybody; `data` is JSON. */
  add(name: string, data: unknown): void {
    this.#seq += 1;
    // JSON holds no line break, so one line of data is enough.
    const text = `id: ${this.#run}:${this.#seq}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#kept.push({ seq: this.#seq, text });
    // Cut by halves, so that most events cost no copy.
    if (this.#kept.length >= 2 * EVENTS_KEPT) this.#kept = this.#kept.slice(-EVENTS_KEPT);
    for (const listener of this.#listeners) this.#write(listener, text);
  }

  /** Begins to tell `response` what came after `lastId`; false where there are too many listeners. */
  listen(response: ServerResponse, lastId: string): boolean {
    if (this.#listeners.size >= LISTENERS_MAX) return false;
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
    });
    response.write(`retry: ${RETRY_MS}\n\n${this.#since(lastId)}`);
    this.#listeners.add(response);
    response.on("close", () => this.#forget(response));
    this.#timer ??= setInterval(() => this.#comment(), this.#commentEveryMs).unref();
    return true;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  #since(lastId: string): string {
    const here = `id: ${this.#run}:${this.#seq}\n`;
    if (lastId === "") return `${here}\n`;
    const seq = this.#seqOf(lastId);
    const firstSeq = this.#seq - Math.min(this.#kept.length, EVENTS_KEPT) + 1;
    const isKnown = seq !== undefined && seq <= this.#seq && seq + 1 >= firstSeq;
    if (!isKnown) return `${here}event: reset\ndata: {}\n\n`;
    return this.#kept
      .filter((each) => each.seq > seq)
      .map(({ text }) => text)
      .join("");
  }

  /** The number in an id of this run. */
  #seqOf(id: string): number | undefined {
    const mark = id.lastIndexOf(":");
    const digits = id.slice(mark + 1);
    if (id.slice(0, mark) !== this.#run || !/^\d{1,15}$/.test(digits)) return undefined;
    return Number(digits);
  }

  #comment(): void {
    for (const listener of this.#listeners) this.#write(listener, ": still here\n\n");
  }

  #write(listener: ServerResponse, text: string): void {
    listener.write(text);
    if (listener.writableLength <= UNREAD_BYTES_MAX) return;
    this.#forget(listener);
    listener.destroy();
  }

  #forget(listener: ServerResponse): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

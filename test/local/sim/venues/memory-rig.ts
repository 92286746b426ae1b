/**
 * Simulated venues in memory under a time that tests move by hand, and a plain client that keeps what it
 * heard. Timers are the test runner's false ones, so whatever waited for the host's would wait for ever.
 */
import { createHash } from "node:crypto";
import { vi } from "vitest";
import type { VenueId } from "../../../../contracts/ids.ts";
import type { MemoryClient, MemoryLink } from "../../../../local/sim/venues/memory-link.ts";
import type { MemoryRequest } from "../../../../local/sim/venues/memory-transport.ts";
import { MemoryVenues } from "../../../../local/sim/venues/memory-venues.ts";
import type { VenuesOptions } from "../../../../local/venues/options.ts";
import type { HttpAnswer } from "../../../../local/venues/transport.ts";

export type Message = Readonly<Record<string, unknown>>;

/** A round moment of 2026. */
export const START_US = 1_795_000_000_000_000;
export const ADDRESS = "10.0.0.7";

/** One session of a client, and everything it was told, in order. */
export class MemorySession implements MemoryClient {
  readonly texts: string[] = [];
  readonly notes: string[] = [];
  link: MemoryLink | undefined;
  backlog = 0;
  /** What the client does at once when its dial is answered. */
  atOpen: (() => void) | null = null;
  answersClose = true;
  readonly #note: (what: string) => void;

  constructor(note: (what: string) => void) {
    this.#note = (what) => {
      this.notes.push(what);
      note(what);
    };
  }

  readonly onOpen = (link: MemoryLink) => {
    this.link = link;
    this.#note("open");
    this.atOpen?.();
  };
  readonly onRefused = (status: number, headers: string) => {
    this.#note(`refused ${status} ${headers.trim()}`.trim());
  };
  readonly onText = (payload: Uint8Array) => {
    const text = Buffer.from(payload).toString("latin1");
    this.texts.push(text);
    this.#note(`text ${text}`);
  };
  readonly onPing = (payload: string) => {
    this.#note(`ping ${payload}`);
    this.link?.receivePong(payload);
  };
  readonly onPong = (payload: string) => this.#note(`pong ${payload}`);
  readonly onClose = (code: number, reason: string) => {
    this.#note(`close ${code} ${reason}`.trim());
    if (this.answersClose) this.link?.receiveClose();
  };
  readonly onEnd = (isReset: boolean) => this.#note(isReset ? "reset" : "end");
  readonly backlogBytes = () => this.backlog;

  /** Whatever was told besides texts. */
  get events(): string[] {
    return this.notes.filter((note) => !note.startsWith("text "));
  }

  say(message: object | string): void {
    this.link?.receiveText(typeof message === "string" ? message : JSON.stringify(message));
  }

  messages(): Message[] {
    return this.texts.map((text) => JSON.parse(text) as Message);
  }

  last(): Message {
    return JSON.parse(this.texts.at(-1) ?? "{}") as Message;
  }
}

/** A world of venues and its time. */
export class MemoryRig {
  readonly venues: MemoryVenues;
  nowUs = START_US;
  readonly #hash = createHash("sha256");

  constructor(options: Partial<VenuesOptions> = {}, venues?: readonly VenueId[]) {
    this.venues = new MemoryVenues({
      clock: () => this.nowUs,
      options: { levelsPerSide: 100, diffsPerSecond: 200, ...options },
      ...(venues === undefined ? {} : { venues }),
    });
  }

  /** Lets so many milliseconds pass, in steps of one. */
  run(ms: number): void {
    for (let at = 0; at < ms; at += 1) {
      this.nowUs += 1_000;
      vi.advanceTimersByTime(1);
      this.venues.tick(this.nowUs);
    }
  }

  /** A session that is not dialed yet. */
  session(): MemorySession {
    return new MemorySession((what) => this.#hash.update(`${this.nowUs} ${what}\n`));
  }

  /** Dials `path` of the venue's streams, or a whole URL. */
  dial(venue: VenueId, path: string, session = this.session()): MemorySession {
    const { ws } = this.venues.model(venue).endpoints;
    const url = path.startsWith("ws:") ? path : ws + path;
    session.link = this.venues.accept(venue, { url, address: ADDRESS }, session);
    return session;
  }

  /** Asks, and gives what came back at once; undefined while nothing has. */
  ask(
    venue: VenueId,
    route: string,
    more: Partial<MemoryRequest> = {},
  ): { readonly answers: (HttpAnswer | null)[]; readonly isTaken: boolean } {
    const [method = "", target = ""] = route.split(" ");
    const answers: (HttpAnswer | null)[] = [];
    const request = { method, target, headers: {}, body: "", address: ADDRESS, ...more };
    const pending = this.venues.request(venue, request, (answer) => {
      answers.push(answer);
      this.#hash.update(`${this.nowUs} answer ${JSON.stringify(answer)}\n`);
    });
    return { answers, isTaken: pending !== undefined };
  }

  /** The body of an answer that came at once. */
  body(venue: VenueId, route: string, more: Partial<MemoryRequest> = {}): Message {
    const { answers } = this.ask(venue, route, more);
    return JSON.parse(answers[0]?.body ?? "null") as Message;
  }

  /** The hash of all that every client was told so far, with its times. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}

/**
 * Station: dials and requests of virtual processes -> one venue's desks, and the answers back.
 *
 * The simulator's counterpart of two loopback ports. It goes down and comes back at once, and what was
 * under way when it went is cut. Requests that the venue never answers stay open until it goes down or
 * the client gives them up. It delays nothing and loses nothing.
 */
import { assert } from "../../../contracts/assert.ts";
import type { HttpAnswer, VenueHost, VenueTransport } from "../../venues/transport.ts";
import { type MemoryClient, MemoryLink } from "./memory-link.ts";

/** One HTTP request as a client makes it; header names in any case. */
export type MemoryRequest = {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** "" for none. */
  readonly body: string;
  readonly address: string;
};

/** Called at most once; null when the connection was cut instead. */
export type AnswerMemory = (answer: HttpAnswer | null) => void;

/** A request under way. */
export class PendingRequest {
  readonly #answer: AnswerMemory;
  readonly #all: Set<PendingRequest>;

  constructor(answer: AnswerMemory, all: Set<PendingRequest>) {
    this.#answer = answer;
    this.#all = all;
    all.add(this);
  }

  /** The client waits no longer; an answer that still comes is not handed over. */
  abandon(): void {
    this.#all.delete(this);
  }

  /** Ends it; a second answer has no place in HTTP. */
  end(answer: HttpAnswer | null): void {
    if (this.#all.delete(this)) this.#answer(answer);
  }
}

function headerOf(headers: Readonly<Record<string, string>>): (name: string) => string {
  return (name) => {
    const wanted = name.toLowerCase();
    const found = Object.keys(headers).find((one) => one.toLowerCase() === wanted);
    return found === undefined ? "" : (headers[found] ?? "");
  };
}

/** What carries one venue in memory. */
export class MemoryTransport implements VenueTransport {
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly #links = new Set<MemoryLink>();
  readonly #pending = new Set<PendingRequest>();
  #host: VenueHost | null = null;
  #isUp = true;

  constructor(urls: { readonly restUrl: string; readonly wsUrl: string }) {
    this.restUrl = urls.restUrl;
    this.wsUrl = urls.wsUrl;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  serve(host: VenueHost): void {
    assert(this.#host === null, "a transport serves one venue");
    this.#host = host;
  }

  goDown(): void {
    this.#isUp = false;
    for (const link of this.#links) link.destroy();
    for (const pending of this.#pending) pending.end(null);
  }

  comeBack(done: () => void): void {
    this.#isUp = true;
    done();
  }

  /** Dials; undefined when nobody listens, as a refused connection. */
  dial(
    dialed: { readonly target: string; readonly address: string },
    client: MemoryClient,
  ): MemoryLink | undefined {
    if (!this.#isUp) return undefined;
    const link = new MemoryLink(dialed, client, (ended) => this.#links.delete(ended));
    this.#links.add(link);
    this.#served().onDial(link);
    return link;
  }

  /** Asks; undefined when nobody listens, and then `answer` is never called. */
  request(asked: MemoryRequest, answer: AnswerMemory): PendingRequest | undefined {
    if (!this.#isUp) return undefined;
    const { method, target, headers, body, address } = asked;
    const pending = new PendingRequest(answer, this.#pending);
    const request = { method, target, header: headerOf(headers), body, address };
    this.#served().onRequest(request, (said) => pending.end(said));
    return pending;
  }

  #served(): VenueHost {
    assert(this.#host !== null, "a venue is there before anybody dials it");
    return this.#host;
  }
}

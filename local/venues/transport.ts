/**
 * Station: none; how a simulated venue is reached, whatever carries it.
 *
 * Two loopback ports in a process of their own (`ports.ts`), or memory in the deterministic simulator.
 * Requests are answered by a call back, at once, later or never, and no promise stands between.
 */
import type { Dial } from "./connection.ts";

/** One HTTP request, read whole. */
export type HttpRequest = {
  readonly method: string;
  /** Path and query, as they were sent and perhaps signed. */
  readonly target: string;
  /** A header by its name in any case, "" when it is absent. */
  readonly header: (name: string) => string;
  readonly body: string;
  readonly address: string;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Called once, twice or never; only the first call has an effect. */
export type AnswerHttp = (answer: HttpAnswer) => void;

/** What a transport hands over. */
export type VenueHost = {
  readonly onDial: (dial: Dial) => void;
  readonly onRequest: (request: HttpRequest, answer: AnswerHttp) => void;
};

/** What carries one venue to its clients. */
export interface VenueTransport {
  /** Where REST is reached, `http://...` without a path. */
  readonly restUrl: string;
  /** Where WebSockets are dialed, `ws://...` without a path. */
  readonly wsUrl: string;
  /** Hands over what comes in from now on; called once. */
  serve(host: VenueHost): void;
  /** Takes nothing any more, and cuts what is under way. */
  goDown(): void;
  /** Takes dials and requests again, at the same addresses; `done` when it does. */
  comeBack(done: () => void): void;
}

/** The path of a target, without its query. */
export function pathOf(target: string): string {
  const end = target.indexOf("?");
  return end === -1 ? target : target.slice(0, end);
}

/** The query of a target, without the question mark; "" for none. */
export function queryOf(target: string): string {
  return target.split("?")[1] ?? "";
}

/**
 * Station: one engine's requests to one venue -> the venue's answers, through the weather.
 *
 * Each request ends once, as at a real pool: with an answer, or with a failure that says whether a byte had
 * left. What became of it at the venue is the venue's affair.
 */

import type { VenueId } from "../../../contracts/ids.ts";
import { type Micros, US_PER_MS } from "../../../contracts/time.ts";
import type {
  HttpAnswer,
  HttpListener,
  HttpRequest,
  HttpSide,
} from "../../../hotpath/io/http-side.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { MemoryVenues } from "../venues/memory-venues.ts";
import type { Weather } from "./weather.ts";

export type HttpParts = {
  readonly kernel: Kernel;
  readonly weather: Weather;
  readonly client: Process;
  readonly venue: Process;
  readonly venueId: VenueId;
  readonly venues: MemoryVenues;
};

/** Once a connection is refused, the word of it is back at once. */
export const REFUSED_US: Micros = 500;
const HTML_502 = "<html><body><h1>502 Bad Gateway</h1></body></html>";
const TEXT = new TextEncoder();

export class VirtualHttp implements HttpSide {
  readonly #parts: HttpParts;
  #isClosed = false;

  constructor(parts: HttpParts) {
    this.#parts = parts;
  }

  request(request: HttpRequest, timeoutMs: number, listener: HttpListener): void {
    const { kernel, client } = this.#parts;
    let isOver = false;
    const end = (act: () => void): void => {
      if (isOver || this.#isClosed) return;
      isOver = true;
      act();
    };
    const fail = (code: string, wasSent: boolean, afterUs: Micros): void => {
      kernel.at(kernel.nowUs + afterUs, client, () =>
        end(() => listener.onFailed({ code, reason: code, wasSent })),
      );
    };
    const isSent = this.#send(request, fail, (answer) => end(() => listener.onAnswer(answer)));
    fail("timeout", isSent, Math.max(0, Math.round(timeoutMs * US_PER_MS)));
  }

  /** Whether its bytes have left. */
  #send(
    request: HttpRequest,
    fail: (code: string, wasSent: boolean, afterUs: Micros) => void,
    tell: (answer: HttpAnswer) => void,
  ): boolean {
    const { kernel, weather, client, venue, venueId, venues } = this.#parts;
    if (!venues.isUp(venueId) || weather.hits("T15") || weather.hits("T27")) {
      fail("ECONNREFUSED", false, REFUSED_US);
      return false;
    }
    if (weather.hits("T13")) {
      // The bytes have left; whether the venue has read them is anybody's guess.
      fail("ECONNRESET", true, weather.latencyUs());
      if (weather.draw(2) === 0) return true;
    }
    const { method, path: target, headers, body } = request;
    const asked = { method, target, headers, body, address: hostOf(client) };
    kernel.at(kernel.nowUs + weather.latencyUs(), venue, () => {
      const pending = venues.request(venueId, asked, (answer) => {
        const backUs = weather.latencyUs();
        if (answer === null) fail("ECONNRESET", true, backUs);
        else kernel.at(kernel.nowUs + backUs, client, () => tell(shown(answer, weather)));
      });
      if (pending === undefined) fail("ECONNRESET", true, REFUSED_US);
    });
    return true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }
}

type VenueAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Lives of one engine are of one host, and venues count what comes from its address: "engine-00002" is of "engine". */
export function hostOf({ name }: Process): string {
  return name.replace(/-\d+$/, "");
}

/** What arrives: the venue's answer, or a page of something that stands before it. */
function shown(answer: VenueAnswer, weather: Weather): HttpAnswer {
  const { status, headers, body } = weather.hits("T26")
    ? { status: 502, headers: {}, body: HTML_502 }
    : answer;
  const byName = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    kind: "body",
    status,
    header: (name) => byName.get(name.toLowerCase()),
    body: TEXT.encode(body),
  };
}

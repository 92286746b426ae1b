/**
 * Station: one session of the WebSocket API -> its logon, its user data streams, its answers.
 *
 * A session begins with no name; it may log on once with an Ed25519 key, and listen to the events of
 * its account under a subscription id of its own (web-socket-api.md, read 2026-11-20). Answers go out as
 * the venue writes them, rate limits included unless the session declined them.
 */
import type { Micros } from "../../../../contracts/time.ts";
import { US_PER_MS } from "../../../../contracts/time.ts";
import type { VenueSession } from "../../session.ts";
import { TextFrame } from "../../socket-frame.ts";
import { wireMs } from "../wire.ts";
import type { ApiAnswer, ApiHost } from "./api.ts";
import type { FrameId } from "./api-frame.ts";
import type { ApiError } from "./errors.ts";
import type { ApiKey } from "./keys.ts";
import { type RulesOf, userDataEvents } from "./messages.ts";

/** Texts of clients come back in ids and errors; the wire of this venue is ASCII. */
function ascii(text: string): string {
  return text.replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** One session of the WebSocket API. */
export class ApiSession {
  readonly venueSession: VenueSession;
  readonly connectedUs: Micros;
  readonly address: string;
  returnsRateLimits: boolean;
  key: ApiKey | null = null;
  authorizedUs: Micros = 0;
  readonly #host: ApiHost;
  readonly #rulesOf: RulesOf;
  readonly #subscriptions = new Map<number, { accountId: string; stop: () => void }>();
  #nextSubscriptionId = 0;

  constructor(
    venueSession: VenueSession,
    options: { host: ApiHost; rulesOf: RulesOf; address: string; returnsRateLimits: boolean },
  ) {
    this.venueSession = venueSession;
    this.#host = options.host;
    this.#rulesOf = options.rulesOf;
    this.address = options.address;
    this.returnsRateLimits = options.returnsRateLimits;
    this.connectedUs = options.host.clock();
  }

  /** Listens to an account; undefined when this session does so already. */
  subscribe(accountId: string): number | undefined {
    for (const one of this.#subscriptions.values()) {
      if (one.accountId === accountId) return undefined;
    }
    const subscriptionId = this.#nextSubscriptionId;
    this.#nextSubscriptionId += 1;
    const stop = this.#host.side.backEnd.listen(accountId, {
      onEvent: (event) => {
        for (const one of userDataEvents(this.#rulesOf, event)) this.#push(subscriptionId, one);
      },
      onCut: () => this.venueSession.cut(),
    });
    this.#subscriptions.set(subscriptionId, { accountId, stop });
    return subscriptionId;
  }

  /** Stops one subscription, or all (null); each end is announced as the venue does. */
  unsubscribe(subscriptionId: number | null): void {
    for (const [id, one] of this.#subscriptions) {
      if (subscriptionId !== null && id !== subscriptionId) continue;
      one.stop();
      this.#subscriptions.delete(id);
      this.#push(id, { e: "eventStreamTerminated", E: wireMs(this.#host.clock()) });
    }
  }

  /** Tells something that is no event of the exchange, where the account is heard. */
  tell(accountId: string, event: object): void {
    for (const [id, one] of this.#subscriptions) {
      if (one.accountId === accountId) this.#push(id, event);
    }
  }

  get isListening(): boolean {
    return this.#subscriptions.size > 0;
  }

  /** Lets go of everything when the transport is gone. */
  release(): void {
    for (const one of this.#subscriptions.values()) one.stop();
    this.#subscriptions.clear();
    this.venueSession.release();
  }

  /** Sends one answer. */
  answer(id: FrameId, answer: ApiAnswer, params: { accountId: string | null }): void {
    const head = `{"id":${JSON.stringify(id)}`;
    const limits = this.returnsRateLimits ? `,"rateLimits":${this.#limits(answer, params)}` : "";
    const body =
      answer.kind === "result"
        ? `,"status":200,"result":${answer.json}`
        : `,"status":${answer.error.status},"error":${this.#error(answer.error)}`;
    this.venueSession.sendText(ascii(`${head}${body}${limits}}`));
  }

  #error(error: ApiError): string {
    const { code, msg, retryAfterMs } = error;
    if (retryAfterMs === undefined) return JSON.stringify({ code, msg });
    const serverTime = wireMs(this.#host.clock());
    return JSON.stringify({
      code,
      msg,
      data: { serverTime, retryAfter: serverTime + retryAfterMs },
    });
  }

  #limits(answer: ApiAnswer, params: { accountId: string | null }): string {
    const { limiter, orderCounts, clock } = this.#host;
    const verdict = limiter.charge(this.address, 0, clock());
    const count = verdict.kind === "banned" ? limiter.limitPerMinute : verdict.usedWeight;
    const weight = {
      rateLimitType: "REQUEST_WEIGHT",
      interval: "MINUTE",
      intervalNum: 1,
      limit: limiter.limitPerMinute,
      count,
    };
    const isOrder = answer.kind === "result" && answer.isOrder;
    if (!isOrder || params.accountId === null) return JSON.stringify([weight]);
    const orders = orderCounts
      .states(params.accountId, clock())
      .map((state) => ({ rateLimitType: "ORDERS", ...state }));
    return JSON.stringify([...orders, weight]);
  }

  #push(subscriptionId: number, event: object): void {
    const text = JSON.stringify({ subscriptionId, event });
    this.venueSession.sendData(new TextFrame(text));
  }

  /** What the venue tells of the session. */
  describe(): object {
    return {
      apiKey: this.key?.apiKey ?? null,
      authorizedSince: this.key === null ? null : wireMs(this.authorizedUs),
      connectedSince: wireMs(this.connectedUs),
      returnRateLimits: this.returnsRateLimits,
      serverTime: Math.floor(this.#host.clock() / US_PER_MS),
      userDataStream: this.isListening,
    };
  }
}

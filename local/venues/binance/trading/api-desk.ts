/**
 * Station: dials of `/ws-api/v3` -> sessions; their requests -> methods and answers.
 *
 * The WebSocket API door. Requests of a session are answered in whatever order their answers come. It
 * keeps the sessions, and leaves every decision about orders to the methods.
 */
import type { Connection, Dial } from "../../connection.ts";
import type { Delays } from "../../delays.ts";
import { DialDoor, type DialLimiter } from "../../dial-door.ts";
import { VenueSession } from "../../session.ts";
import { pathOf } from "../../transport.ts";
import { type SessionRules, startSessionTimers } from "../session-timers.ts";
import { wireMs } from "../wire.ts";
import { type ApiHost, type ApiRequest, authorize, charge, fail, ok, runSigned } from "./api.ts";
import { type ApiFrame, parseFrame } from "./api-frame.ts";
import { ApiSession } from "./api-session.ts";
import { type ApiError, ERRORS } from "./errors.ts";
import type { RulesOf } from "./messages.ts";
import { signedMethod } from "./methods.ts";

/** Where the WebSocket API is dialed. */
export const API_PATH = "/ws-api/v3";
const INBOUND_BYTES_MAX = 256 * 1_024;
/** "Connecting costs 2 weight", and so does a subscription (web-socket-api.md, read 2026-11-20). */
const DIAL_WEIGHT = 2;

export type ApiDeskHost = {
  readonly api: ApiHost;
  readonly rulesOf: RulesOf;
  readonly delays: Delays;
  readonly dials: DialLimiter;
  readonly rules: SessionRules;
};

type Request = ApiFrame & { kind: "request" };

/** The sessions of the WebSocket API of one venue. */
export class ApiDesk extends DialDoor {
  readonly sessions = new Map<VenueSession, ApiSession>();
  readonly #host: ApiDeskHost;

  constructor(host: ApiDeskHost) {
    const { delays, dials, api } = host;
    super(
      { delays, dials, clock: api.clock },
      { inboundBytesMax: INBOUND_BYTES_MAX, tellsWait: true },
    );
    this.#host = host;
  }

  /** Whether a dial is for this door. */
  static isDialed(dial: Dial): boolean {
    return pathOf(dial.target) === API_PATH;
  }

  /** Takes one dial, which costs weight too. */
  onDial(dial: Dial): void {
    const { api } = this.#host;
    const { address } = dial;
    const query = new URL(dial.target, "ws://127.0.0.1").searchParams;
    const returnsRateLimits = query.get("returnRateLimits") !== "false";
    const open = (connection: Connection) => this.#open(connection, { address, returnsRateLimits });
    this.take(dial, open, () => charge(api, address, DIAL_WEIGHT) === null);
  }

  /** Tells something to every session that hears an account. */
  tell(accountId: string, event: object): void {
    for (const session of this.sessions.values()) session.tell(accountId, event);
  }

  /** Cuts every session. */
  cutAll(): void {
    for (const session of this.sessions.keys()) session.cut();
  }

  #open(connection: Connection, from: { address: string; returnsRateLimits: boolean }): void {
    const { api, rulesOf, rules } = this.#host;
    const door = { entry: "any", isCombined: false } as const;
    const host = { clock: api.clock, traffic: this.traffic };
    const venueSession = new VenueSession(connection, door, host);
    const session = new ApiSession(venueSession, { host: api, rulesOf, ...from });
    this.sessions.set(venueSession, session);
    connection.listen({
      onText: (text) => {
        if (!venueSession.isHalfOpen) this.#onMessage(session, text);
      },
      onPing: (payload) => venueSession.sendPong(payload),
      onPong: (payload) => {
        if (payload === venueSession.pendingPing) venueSession.pendingPing = "";
      },
      onClosed: () => {
        session.release();
        this.sessions.delete(venueSession);
      },
    });
    const announce = () => this.announce(venueSession);
    startSessionTimers(venueSession, { rules, clock: api.clock, announce });
  }

  /** Announces the end of a session, in the shape of this door. */
  announce(session: VenueSession): void {
    const event = { e: "serverShutdown", E: wireMs(this.#host.api.clock()) };
    session.sendText(JSON.stringify({ event }));
  }

  #onMessage(session: ApiSession, text: string): void {
    const frame = parseFrame(text);
    if (frame.kind === "bad") {
      const error = { ...ERRORS.invalidJson, msg: frame.msg };
      session.answer(frame.id, fail(error), { accountId: null });
      return;
    }
    const method = signedMethod(frame.method);
    if (method === undefined || frame.method.startsWith("sapi.")) {
      this.#onSessionMethod(session, frame);
      return;
    }
    const { api } = this.#host;
    const apiKey = frame.params.get("apiKey") ?? session.key?.apiKey ?? "";
    const accountId = api.keys.find(apiKey)?.accountId ?? null;
    runSigned(api, method, requestOf(session, frame), (answer) => {
      session.answer(frame.id, answer, { accountId });
    });
  }

  /** Methods of the session itself and public ones. */
  #onSessionMethod(session: ApiSession, frame: Request): void {
    const { api } = this.#host;
    const reply = (json: string) => session.answer(frame.id, ok(json), { accountId: null });
    const refuse = (error: ApiError) => session.answer(frame.id, fail(error), { accountId: null });
    const weight = frame.method === "exchangeInfo" ? 20 : 2;
    const isLight = ["ping", "time"].includes(frame.method);
    const charged = charge(api, session.address, isLight ? 1 : weight);
    if (charged !== null) {
      refuse(charged);
      return;
    }
    switch (frame.method) {
      case "ping":
        reply("{}");
        break;
      case "time":
        reply(`{"serverTime":${wireMs(api.clock())}}`);
        break;
      case "exchangeInfo": {
        const symbol = frame.params.get("symbol");
        const info = api.exchangeInfo(symbol === undefined ? [] : [symbol]);
        if (info === undefined) refuse(ERRORS.symbol);
        else reply(info);
        break;
      }
      case "session.logon":
      case "session.status":
      case "session.logout":
        this.#onLogon(session, frame, { reply, refuse });
        break;
      default:
        this.#onUserData(session, frame, { reply, refuse });
    }
  }

  #onLogon(session: ApiSession, frame: Request, to: Replies): void {
    if (frame.method === "session.logon") {
      const caller = authorize(this.#host.api, requestOf(session, frame));
      if ("code" in caller) {
        to.refuse(caller);
        return;
      }
      if (caller.key.verifier.kind !== "ed25519") {
        to.refuse(ERRORS.unsupported);
        return;
      }
      session.key = caller.key;
      session.authorizedUs = this.#host.api.clock();
    }
    if (frame.method === "session.logout") session.key = null;
    to.reply(JSON.stringify(session.describe()));
  }

  #onUserData(session: ApiSession, frame: Request, to: Replies): void {
    switch (frame.method) {
      case "userDataStream.subscribe.signature": {
        const caller = authorize(this.#host.api, requestOf(session, frame));
        if ("code" in caller) to.refuse(caller);
        else subscribe(session, caller.accountId, to);
        break;
      }
      case "userDataStream.subscribe":
        if (session.key === null) to.refuse(ERRORS.notLoggedOn);
        else subscribe(session, session.key.accountId, to);
        break;
      case "userDataStream.unsubscribe": {
        const id = frame.params.get("subscriptionId");
        to.reply("{}");
        session.unsubscribe(id === undefined ? null : Number(id));
        break;
      }
      default:
        to.refuse({ ...ERRORS.unsupported, msg: `Unknown method '${frame.method}'.` });
    }
  }
}

type Replies = {
  readonly reply: (json: string) => void;
  readonly refuse: (error: ApiError) => void;
};

function subscribe(session: ApiSession, accountId: string, to: Replies): void {
  const subscriptionId = session.subscribe(accountId);
  if (subscriptionId === undefined) to.refuse(ERRORS.alreadySubscribed);
  else to.reply(JSON.stringify({ subscriptionId }));
}

function requestOf(session: ApiSession, frame: Request): ApiRequest {
  const { method, params, payload } = frame;
  return { method, params, payload, address: session.address, sessionKey: session.key };
}

/**
 * Station: dials and control messages -> sessions that listen to topics.
 *
 * Everything a client may do on the push side, under the venue's rules: tickets, the welcome, limits of
 * dials, messages and topics, pings that must come, the age at which a session ends. It never makes market
 * data and never decides a fault.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS } from "../../../contracts/time.ts";
import type { Connection, Dial } from "../connection.ts";
import { DialDoor, type DoorHost } from "../dial-door.ts";
import { VenueSession } from "../session.ts";
import {
  errorText,
  parseControlMessage,
  replyText,
  TOPICS_PER_SESSION_MAX,
} from "./control-messages.ts";
import type { Feed } from "./feed.ts";
import { MessageLimiter } from "./limits.ts";
import type { TicketKind, Tickets } from "./tickets.ts";

/** What a client may say in one message; a hundred topics fit many times. */
const INBOUND_BYTES_MAX = 64 * 1_024;
/** WebSocket close codes (RFC 6455, section 7.4.1). */
const CLOSE_GOING_AWAY = 1_001;
const CLOSE_POLICY = 1_008;
const PRIVATE_TOPIC = /^\/(?:spotMarket\/(?:tradeOrders|advancedOrders)|account\/balance)/;

export type StreamRules = {
  readonly pingMs: number;
  readonly pongTimeoutMs: number;
  readonly sessionLifeMs: number;
};

/** The private topics, where there is an account. */
export type PrivateTopics = {
  /** Begins to tell a session of a topic; what is returned ends it. Undefined for no such topic. */
  readonly join: (
    topic: string,
    session: { readonly tell: (text: string) => void; readonly cut: () => void },
  ) => (() => void) | undefined;
};

export type StreamHost = DoorHost & {
  readonly feed: Feed;
  readonly rules: StreamRules;
  readonly tickets: Tickets;
  readonly privateTopics: PrivateTopics;
};

/** What the desk knows of one session beside the session itself. */
type Client = {
  readonly session: VenueSession;
  readonly connectId: string;
  readonly kind: TicketKind;
  readonly messages: MessageLimiter;
  readonly leaves: Map<string, () => void>;
  isWelcome: boolean;
  heardUs: Micros;
};

/** Every push session of the venue. */
export class StreamDesk extends DialDoor {
  readonly sessions = new Set<VenueSession>();
  readonly #host: StreamHost;

  constructor(host: StreamHost) {
    super(host, { inboundBytesMax: INBOUND_BYTES_MAX, tellsWait: false });
    this.#host = host;
  }

  /** Takes one dial, whatever its token: a bad one is told after the handshake. */
  onDial(dial: Dial): void {
    const { pathname, searchParams } = new URL(dial.target, "ws://127.0.0.1");
    const open = (connection: Connection) => this.#open(searchParams, connection);
    this.take(dial, pathname === "/" ? open : undefined);
  }

  /** Lets go of every session and timer. */
  cutAll(): void {
    for (const session of this.sessions) session.cut();
    this.sessions.clear();
  }

  #open(query: URLSearchParams, connection: Connection): void {
    const { clock, tickets } = this.#host;
    const connectId = query.get("connectId") ?? "";
    const kind = tickets.kindOf(query.get("token") ?? "", clock());
    const door = { entry: "any", isCombined: false } as const;
    const session = new VenueSession(connection, door, { clock, traffic: this.traffic });
    if (kind === undefined) {
      session.sendText(errorText(connectId, 401, "token is invalid"));
      session.close(CLOSE_POLICY, "token is invalid");
      return;
    }
    const client: Client = {
      session,
      connectId,
      kind,
      messages: new MessageLimiter(),
      leaves: new Map(),
      isWelcome: false,
      heardUs: clock(),
    };
    this.sessions.add(session);
    connection.listen({
      onText: (text) => {
        if (!session.isHalfOpen) this.#onMessage(client, text);
      },
      onClosed: () => {
        for (const leave of client.leaves.values()) leave();
        session.release();
        this.sessions.delete(session);
      },
    });
    this.#later(session, 0, () => {
      client.isWelcome = true;
      session.sendText(replyText(connectId, "welcome"));
    });
    this.#startTimers(client);
  }

  #startTimers(client: Client): void {
    const { rules, clock } = this.#host;
    const { session } = client;
    const silenceMs = rules.pingMs + rules.pongTimeoutMs;
    const look = (): void => {
      const quietMs = (clock() - client.heardUs) / US_PER_MS;
      if (quietMs < silenceMs) {
        this.#later(session, silenceMs - quietMs, look);
        return;
      }
      session.sendText(errorText(client.connectId, 400, "ping timeout"));
      session.close(CLOSE_POLICY, "ping timeout");
    };
    this.#later(session, silenceMs, look);
    this.#later(session, rules.sessionLifeMs, () => {
      session.close(CLOSE_GOING_AWAY, "token is expired");
    });
  }

  #later(session: VenueSession, ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      session.timers.delete(timer);
      action();
    }, Math.ceil(ms));
    session.timers.add(timer);
  }

  #onMessage(client: Client, text: string): void {
    const { session, connectId } = client;
    const nowUs = this.#host.clock();
    client.heardUs = nowUs;
    if (!client.isWelcome || !client.messages.mayReceive(nowUs)) {
      session.sendText(errorText(connectId, 509, "exceed max message count or not welcome yet"));
      session.close(CLOSE_POLICY, "too many messages");
      return;
    }
    const message = parseControlMessage(text);
    switch (message.kind) {
      case "error":
        session.sendText(message.reply);
        return;
      case "ping":
        session.sendText(replyText(message.id, "pong"));
        return;
      case "unsubscribe":
        for (const topic of message.topics) this.#leave(client, topic);
        if (message.wantsAck) session.sendText(replyText(message.id, "ack"));
        return;
      case "subscribe":
        this.#subscribe(client, message);
        return;
    }
  }

  /** Reply and data both wait for the injected delay: until then the topics do not exist. */
  #subscribe(
    client: Client,
    asked: { id: string; topics: readonly string[]; isPrivate: boolean; wantsAck: boolean },
  ): void {
    const { session } = client;
    const refusal = this.#refusalOf(client, asked.topics);
    if (refusal !== undefined) {
      session.sendText(errorText(asked.id, refusal.code, refusal.text));
      return;
    }
    const begin = () => {
      if (asked.wantsAck) session.sendText(replyText(asked.id, "ack"));
      for (const topic of asked.topics) this.#join(client, topic);
    };
    const delayMs = this.#host.delays.draw("subscribeMs");
    if (delayMs === 0) begin();
    else this.#later(session, delayMs, begin);
  }

  #refusalOf(
    { session, kind }: Client,
    topics: readonly string[],
  ): { readonly code: number; readonly text: string } | undefined {
    const wanted = new Set([...session.streamNames, ...topics]);
    if (wanted.size > TOPICS_PER_SESSION_MAX) {
      const text = `exceed max subscription count limitation of ${TOPICS_PER_SESSION_MAX} per session`;
      return { code: 509, text };
    }
    for (const topic of topics) {
      if (PRIVATE_TOPIC.test(topic)) {
        if (kind !== "private") return { code: 403, text: `topic ${topic} requires login` };
      } else if (this.#host.feed.channel(topic) === undefined) {
        return { code: 404, text: `topic ${topic} is not found` };
      }
    }
    return undefined;
  }

  #join(client: Client, topic: string): void {
    const { session, leaves } = client;
    if (session.streamNames.has(topic)) return;
    session.streamNames.add(topic);
    const channel = this.#host.feed.channel(topic);
    if (channel !== undefined) {
      channel.join(session);
      leaves.set(topic, () => channel.leave(session));
      return;
    }
    const leave = this.#host.privateTopics.join(topic, {
      tell: (text) => session.sendText(text),
      cut: () => session.cut(),
    });
    if (leave !== undefined) leaves.set(topic, leave);
  }

  #leave({ session, leaves }: Client, topic: string): void {
    session.streamNames.delete(topic);
    leaves.get(topic)?.();
    leaves.delete(topic);
  }
}

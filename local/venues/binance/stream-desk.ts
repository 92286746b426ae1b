/**
 * Station: dials and control messages -> sessions that listen to channels.
 *
 * Everything a client may do on the stream side, under the venue's rules: the doors, the limits of
 * dials, messages and streams, pings and their pongs, the age at which a session ends. It never makes
 * market data and never decides a fault.
 */
import type { Connection, Dial } from "../connection.ts";
import { DialDoor, type DoorHost } from "../dial-door.ts";
import { type Entry, VenueSession } from "../session.ts";
import { parseControlMessage, resultReply } from "./control-messages.ts";
import { type Dialect, STREAMS_PER_SESSION_MAX } from "./dialect.ts";
import type { Feed } from "./feed.ts";
import { type SessionRules, startSessionTimers } from "./session-timers.ts";
import { serverShutdownText } from "./wire.ts";

/** What a client may say in one message; a request for 1024 streams fits several times. */
const INBOUND_BYTES_MAX = 256 * 1_024;
/** WebSocket close code (RFC 6455, section 7.4.1). */
const CLOSE_POLICY = 1_008;

export type StreamHost = DoorHost & {
  readonly dialect: Dialect;
  readonly feed: Feed;
  readonly rules: SessionRules;
};

type Door = { readonly entry: Entry; readonly isCombined: boolean; readonly names: string[] };

/** The door and the streams that a dialed path names, or undefined when there is no such door. */
export function doorOf(dialect: Dialect, target: string): Door | undefined {
  const url = new URL(target, "ws://127.0.0.1");
  for (const [root, door] of dialect.doors) {
    if (url.pathname === root) {
      const names = door.isCombined ? (url.searchParams.get("streams") ?? "") : "";
      return { ...door, names: names.split("/").filter((name) => name !== "") };
    }
    if (!door.isCombined && url.pathname.startsWith(`${root}/`)) {
      const names = decodeURIComponent(url.pathname.slice(root.length + 1));
      return { ...door, names: names.split("/").filter((name) => name !== "") };
    }
  }
  return undefined;
}

/** Every session of one venue. */
export class StreamDesk extends DialDoor {
  readonly sessions = new Set<VenueSession>();
  readonly #host: StreamHost;

  constructor(host: StreamHost) {
    super(host, { inboundBytesMax: INBOUND_BYTES_MAX, tellsWait: true });
    this.#host = host;
  }

  /** Takes one dial to one of the doors of the streams. */
  onDial(dial: Dial): void {
    const door = doorOf(this.#host.dialect, dial.target);
    const open = (connection: Connection) => {
      if (door !== undefined) this.#open(door, connection);
    };
    this.take(dial, door === undefined ? undefined : open);
  }

  /** Lets go of every session and timer. */
  cutAll(): void {
    for (const session of this.sessions) session.cut();
    this.sessions.clear();
  }

  /** Announces the end of a session where the venue does that. */
  announceShutdown(session: VenueSession): void {
    session.sendText(serverShutdownText(this.#host.clock(), session.isCombined));
  }

  #open(door: Door, connection: Connection): void {
    const { clock, dialect } = this.#host;
    const session = new VenueSession(connection, door, { clock, traffic: this.traffic });
    this.sessions.add(session);
    connection.listen({
      onText: (text) => this.#onMessage(session, text),
      onPing: (payload) => {
        if (this.#mayReceive(session)) session.sendPong(payload);
      },
      onPong: (payload) => {
        if (this.#mayReceive(session) && payload === session.pendingPing) session.pendingPing = "";
      },
      onClosed: () => {
        session.release();
        this.sessions.delete(session);
      },
    });
    startSessionTimers(session, {
      rules: this.#host.rules,
      clock,
      announce: dialect.hasServerShutdown ? () => this.announceShutdown(session) : null,
    });
    if (door.names.length > 0) this.#subscribe(session, door.names, () => {});
  }

  #mayReceive(session: VenueSession): boolean {
    if (session.isHalfOpen) return false;
    if (session.mayReceive(this.#host.dialect.inboundPerSecondMax)) return true;
    session.close(CLOSE_POLICY, "Too many requests");
    return false;
  }

  #onMessage(session: VenueSession, text: string): void {
    if (!this.#mayReceive(session)) return;
    const message = parseControlMessage(text);
    switch (message.kind) {
      case "error":
        session.sendText(message.reply);
        break;
      case "subscribe":
        this.#subscribe(session, message.names, () => {
          session.sendText(resultReply(null, message.id));
        });
        break;
      case "unsubscribe":
        this.#unsubscribe(session, message.names);
        session.sendText(resultReply(null, message.id));
        break;
      case "list":
        session.sendText(resultReply([...session.streamNames], message.id));
        break;
      case "getCombined":
        session.sendText(resultReply(session.isCombined, message.id));
        break;
      case "setCombined":
        session.isCombined = message.isCombined;
        session.sendText(resultReply(null, message.id));
        break;
    }
  }

  /** Reply and data both wait for the injected delay: until then the streams do not exist. */
  #subscribe(session: VenueSession, names: readonly string[], reply: () => void): void {
    const wanted = new Set([...session.streamNames, ...names]);
    // The venue states the limit and not what breaking it looks like; like the rate, it disconnects.
    if (wanted.size > STREAMS_PER_SESSION_MAX) {
      session.close(CLOSE_POLICY, "Too many streams");
      return;
    }
    const begin = () => {
      reply();
      for (const name of names) this.#listen(session, name);
    };
    const delayMs = this.#host.delays.draw("subscribeMs");
    if (delayMs === 0) {
      begin();
      return;
    }
    const timer = setTimeout(() => {
      session.timers.delete(timer);
      begin();
    }, delayMs);
    session.timers.add(timer);
  }

  /** An unknown stream, or one of the other entry, is accepted and stays silent, as at the venue. */
  #listen(session: VenueSession, name: string): void {
    session.streamNames.add(name);
    const channel = this.#host.feed.channel(name);
    if (channel === undefined || channel.rule.entry !== session.entry) return;
    channel.join(session);
  }

  #unsubscribe(session: VenueSession, names: readonly string[]): void {
    for (const name of names) {
      session.streamNames.delete(name);
      this.#host.feed.channel(name)?.leave(session);
    }
  }
}

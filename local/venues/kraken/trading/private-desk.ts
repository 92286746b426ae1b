/**
 * Station: dials and requests of `ws-auth` -> the back end -> acknowledgements, executions, balances.
 *
 * Every request bears a token. Each subscription counts its own messages from one; what an account hears
 * goes to all of its sessions. Faults are the back end's: an answer may never come, or twice.
 */
import type { Connection, Dial } from "../../connection.ts";
import { DialDoor, type DoorHost } from "../../dial-door.ts";
import { VenueSession } from "../../session.ts";
import { pathOf } from "../../transport.ts";
import { HEARTBEAT_TEXT, statusText } from "../wire-text.ts";
import type { PrivateHost } from "./private-rest.ts";
import { PrivateSession } from "./private-session.ts";

/** The door of the private stream, on the port of the public one. */
export const PRIVATE_PATH = "/private/v2";

const INBOUND_BYTES_MAX = 256 * 1_024;
const HEARTBEAT_MS = 1_000;
const CLOSE_GOING_AWAY = 1_001;

export type PrivateDeskHost = PrivateHost &
  DoorHost & {
    readonly sessionLifeMs: number;
  };

/** Every private session of the venue. */
export class PrivateDesk extends DialDoor {
  readonly sessions = new Map<VenueSession, PrivateSession>();
  readonly #host: PrivateDeskHost;

  constructor(host: PrivateDeskHost) {
    super(host, { inboundBytesMax: INBOUND_BYTES_MAX, tellsWait: false });
    this.#host = host;
  }

  static isDialed(dial: Dial): boolean {
    return pathOf(dial.target) === PRIVATE_PATH;
  }

  onDial(dial: Dial): void {
    this.take(dial, (connection) => this.#open(connection));
  }

  /** Cuts every session. */
  cutAll(): void {
    for (const session of [...this.sessions.keys()]) session.cut();
  }

  #open(connection: Connection): void {
    const { clock, sessionLifeMs } = this.#host;
    const door = { entry: "any", isCombined: false } as const;
    const session = new VenueSession(connection, door, { clock, traffic: this.traffic });
    const own = new PrivateSession(session, this.#host);
    this.sessions.set(session, own);
    connection.listen({
      onText: (text) => {
        if (!session.isHalfOpen) own.onText(text);
      },
      onClosed: () => {
        own.release();
        session.release();
        this.sessions.delete(session);
      },
    });
    const beat = setInterval(() => {
      if (own.isSubscribed) session.sendText(HEARTBEAT_TEXT);
    }, HEARTBEAT_MS);
    const end = () => session.close(CLOSE_GOING_AWAY, "Session expired");
    const life = setTimeout(end, Math.min(sessionLifeMs, 2 ** 31 - 1));
    session.timers.add(beat).add(life);
    session.sendText(statusText("online"));
  }
}

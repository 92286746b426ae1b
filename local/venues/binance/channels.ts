/**
 * Station: stream names -> channels with their listeners; texts -> every listener's frame.
 *
 * One channel for each stream of each instrument. A channel encodes a message at most twice (raw and
 * combined) however many sessions listen, and remembers how far it has told its instrument's story.
 * It never decides what a message says.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { ChannelKind, VenueSession } from "../session.ts";
import { TextFrame } from "../socket-frame.ts";
import type { StreamRule } from "./dialect.ts";
import { combinedText } from "./wire.ts";

/** One stream of one instrument. */
export class Channel {
  readonly name: string;
  readonly rule: StreamRule;
  readonly index: number;
  readonly intervalUs: Micros;
  readonly sessions = new Set<VenueSession>();
  dueUs: Micros;
  /** Position in the instrument's log up to which this stream has told everything. */
  logPosition = 0;
  /** Last update id told. */
  lastSeq: number;

  constructor(
    stream: { name: string; rule: StreamRule; index: number },
    start: { intervalUs: Micros; dueUs: Micros; seq: number },
  ) {
    this.name = stream.name;
    this.rule = stream.rule;
    this.index = stream.index;
    this.intervalUs = start.intervalUs;
    this.dueUs = start.dueUs;
    this.lastSeq = start.seq;
  }

  get kind(): ChannelKind {
    return this.rule.kind;
  }

  /** Begins to tell a session. */
  join(session: VenueSession): void {
    this.sessions.add(session);
    session.subscriptions.add(this);
  }

  /** Ceases to tell a session. */
  leave(session: VenueSession): void {
    this.sessions.delete(session);
    session.subscriptions.delete(this);
  }

  /** Whether a message sent now would reach anybody. */
  hasListeners(): boolean {
    for (const session of this.sessions) {
      if (!(session.isSilent || session.isHalfOpen)) return true;
    }
    return false;
  }

  /**
   * Sends one message to every listener. `encode` makes its text for an event time; it runs once for
   * all sessions except those whose time stands still. `spoil` may damage the finished text.
   */
  emit(nowUs: Micros, encode: (eventUs: Micros) => string, spoil?: (text: string) => string): void {
    let data = "";
    let raw: TextFrame | null = null;
    let combined: TextFrame | null = null;
    for (const session of this.sessions) {
      if (session.frozenUs !== null) {
        session.sendData(this.#frame(encode(session.frozenUs), session.isCombined, spoil));
        continue;
      }
      if (data === "") data = encode(nowUs);
      if (session.isCombined) {
        combined ??= this.#frame(data, true, spoil);
        session.sendData(combined);
      } else {
        raw ??= this.#frame(data, false, spoil);
        session.sendData(raw);
      }
    }
  }

  #frame(data: string, isCombined: boolean, spoil?: (text: string) => string): TextFrame {
    const text = isCombined ? combinedText(this.name, data) : data;
    return new TextFrame(spoil === undefined ? text : spoil(text));
  }
}

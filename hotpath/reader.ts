/**
 * Station: socket callback -> market ring. The reader's role on the hot thread.
 *
 * Records the frame byte for byte, decodes it in place, and lets the loop run in the same turn. It
 * mutates nothing else, decides nothing and never dials: what it cannot use it reports, once.
 */
import type { BoundedRing } from "./core/bounded-ring.ts";
import {
  DECODED,
  type Decoded,
  type FrameDecoder,
  type FrameStamp,
} from "./core/decode/decoder.ts";
import type { ControlEvent, FrameRefusal } from "./core/events.ts";
import type { MarketRing } from "./core/market-ring.ts";
import type { Feed } from "./io/feed.ts";
import type { RawSource } from "./io/journal-feed.ts";
import type { ReadStamp } from "./io/web-socket.ts";

/** What the reader knows of one session. */
export type ReaderSession = {
  readonly decoder: FrameDecoder;
  readonly source: RawSource;
  feed: Feed | undefined;
};

export type ReaderPorts = {
  /** Journal sequence of the frame; 0 when nothing records, -1 when the recorder has no room. */
  readonly recordFrame: (source: RawSource, frame: Uint8Array) => number;
  readonly run: () => void;
};

export class Reader {
  readonly #sessions: readonly ReaderSession[];
  readonly #market: MarketRing;
  readonly #control: BoundedRing<ControlEvent>;
  readonly #ports: ReaderPorts;
  readonly #stamp: FrameStamp = { session: 0, epoch: 0, recvUs: 0, awayUs: 0, rawSeq: 0 };
  frames = 0;
  bytes = 0;
  ignored = 0;

  constructor(
    sessions: readonly ReaderSession[],
    market: MarketRing,
    control: BoundedRing<ControlEvent>,
    ports: ReaderPorts,
  ) {
    this.#sessions = sessions;
    this.#market = market;
    this.#control = control;
    this.#ports = ports;
  }

  /** One frame, as the transport hands it over. */
  onFrame(session: number, epoch: number, frame: Uint8Array, read: ReadStamp): void {
    const from = this.#sessions[session] as ReaderSession;
    this.frames++;
    this.bytes += frame.length;
    const { source } = from;
    source.epoch = epoch;
    source.recvUs = read.recvUs;
    source.awayUs = read.awayUs;
    const rawSeq = this.#ports.recordFrame(source, frame);
    const stamp = this.#stamp;
    stamp.session = session;
    stamp.epoch = epoch;
    stamp.recvUs = read.recvUs;
    stamp.awayUs = read.awayUs;
    stamp.rawSeq = rawSeq;
    const decoded = this.#decode(from.decoder, frame, stamp);
    if (decoded !== DECODED.event) this.#report(from, session, epoch, frame, decoded);
    else if (rawSeq < 0) this.#dropUnrecorded(session, epoch);
    this.#ports.run();
  }

  /** A decoder that throws is our fault, and no reason to stop hearing the venue. */
  #decode(decoder: FrameDecoder, frame: Uint8Array, stamp: FrameStamp): Decoded | "threw" {
    try {
      return decoder.decode(frame, stamp, this.#market);
    } catch {
      // The frame is refused and counted like any other that we cannot read.
      return "threw";
    }
  }

  /** The frame did not fit the recorder, so what it said must not be applied either. */
  #dropUnrecorded(session: number, epoch: number): void {
    const row = this.#market.newest;
    const instrument = this.#market.instrument[row] as number;
    this.#market.retract();
    this.#control.push({ type: "gapDeclared", session, epoch, instrument, ring: "recorder" });
  }

  #report(
    from: ReaderSession,
    session: number,
    epoch: number,
    frame: Uint8Array,
    decoded: Decoded | "threw",
  ): void {
    const { decoder, feed } = from;
    if (decoded === DECODED.notice) feed?.onNotice(epoch, decoder.parseNotice(frame));
    else if (decoded === DECODED.ignored) this.ignored++;
    else if (decoded === DECODED.ringFull) {
      const instrument = decoder.lastInstrument;
      this.#control.push({ type: "gapDeclared", session, epoch, instrument, ring: "marketEvents" });
    } else {
      const reason = reasonOf(decoded);
      const { lastInstrument: instrument, lastIsDelta: isDelta } = decoder;
      this.#control.push({ type: "frameRefused", session, epoch, instrument, isDelta, reason });
    }
  }
}

function reasonOf(decoded: Decoded | "threw"): FrameRefusal {
  switch (decoded) {
    case DECODED.offStep:
      return "offStep";
    case DECODED.range:
      return "range";
    case DECODED.tooManyLevels:
      return "tooManyLevels";
    case DECODED.wrongSymbol:
      return "wrongSymbol";
    case "threw":
      return "threw";
    default:
      return "malformed";
  }
}

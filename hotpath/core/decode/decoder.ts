/**
 * Station: the port between a venue's normalizer and whoever feeds it frames.
 *
 * The reader, replay and verify all call the same `decode`; what it answers is one small integer, so
 * that nothing is allocated for a frame.
 */

import type { Instrument } from "../instrument.ts";
import type { MarketRing } from "../market-ring.ts";

/** What became of a frame. Positive: one market event was committed to the ring. */
export const DECODED = {
  event: 1,
  /** Not market data: an acknowledgement, an error reply, a shutdown notice. `parseNotice` reads it. */
  notice: 2,
  /** Well-formed and of no use here: a stream or an instrument nobody asked for. */
  ignored: 3,
  /** Refused; the reasons, each with its counter. */
  malformed: -1,
  offStep: -2,
  range: -3,
  tooManyLevels: -4,
  wrongSymbol: -5,
  /** Good, but the market ring was full: the book of the event's instrument has a declared gap. */
  ringFull: -6,
} as const;

export type Decoded = (typeof DECODED)[keyof typeof DECODED];

/** Times and identity that the reader knows about a frame; the same object is reused for each. */
export type FrameStamp = {
  session: number;
  epoch: number;
  recvUs: number;
  awayUs: number;
  /** Journal sequence of the raw frame; 0 when nothing records. */
  rawSeq: number;
};

/** A message of a venue that is not market data. */
export type Notice =
  | { readonly type: "subscribed"; readonly requestId: number }
  | { readonly type: "refused"; readonly requestId: number | undefined; readonly reason: string }
  | { readonly type: "shutdownAnnounced" }
  /** The venue's first word, where it must be waited for before anything may be said. */
  | { readonly type: "greeted" }
  /** The answer to a ping of ours; it says nothing about the market. */
  | {
      readonly type: "ponged";
      readonly pingId: number;
      /** The venue's time when it read the ping, microseconds; where it says so. */
      readonly venueUs?: number;
    }
  | { readonly type: "unknown"; readonly text: string };

/** What a REST snapshot says, before it is a book: levels in ticks and lots, bids first. */
export type SnapshotLevels = {
  seq: number;
  /** 0 where the venue sends none. */
  exchangeUs: number;
  ticks: Float64Array;
  lots: Float64Array;
  bidCount: number;
  askCount: number;
};

export interface FrameDecoder {
  /** Decodes one frame into the ring, or says why not. */
  decode(frame: Uint8Array, stamp: FrameStamp, ring: MarketRing): Decoded;
  /** The instrument of the last frame that got as far as naming one; -1 when none did. */
  readonly lastInstrument: number;
  /** Whether that frame was to be a delta of its book. */
  readonly lastIsDelta: boolean;
  /** Frames that the byte scanner did not recognise and the generic decoder did. */
  readonly fallbacks: number;
  parseNotice(frame: Uint8Array): Notice;
  /** Decodes a REST depth body; undefined when it is none, and nothing of it is used. */
  decodeSnapshot(body: Uint8Array, instrument: Instrument): SnapshotLevels | undefined;
}

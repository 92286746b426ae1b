/**
 * Station: everything that can come into the core except market events, which are rows of numbers
 * (`market-ring.ts`). A closed union: a new variant fails to compile wherever it must be thought about.
 *
 * Control events are few (a session's life, snapshots, timers), so they are plain objects, and they are
 * journaled as JSON. `recvUs` is when the fact reached us; when the loop takes it is passed beside it.
 */
import type { ResyncCause } from "../../contracts/resync.ts";
import type { SnapshotLevels } from "./decode/decoder.ts";
import type { TradeEvent } from "./trade/events.ts";

/** What befalls the transports of a session. */
export type SessionEvent =
  /** A dial succeeded; the transport's frames will carry `epoch`. */
  | {
      readonly type: "sessionOpened";
      readonly session: number;
      readonly epoch: number;
      readonly attempt: number;
    }
  | {
      readonly type: "dialFailed";
      readonly session: number;
      readonly attempt: number;
      readonly reason: string;
    }
  | {
      readonly type: "sessionClosed";
      readonly session: number;
      readonly epoch: number;
      readonly reason: string;
    }
  | { readonly type: "subscriptionConfirmed"; readonly session: number; readonly epoch: number }
  | {
      readonly type: "subscriptionRefused";
      readonly session: number;
      readonly epoch: number;
      readonly reason: string;
    }
  /** The venue said that it will cut this session soon. */
  | { readonly type: "shutdownAnnounced"; readonly session: number; readonly epoch: number }
  | {
      readonly type: "writeFailed";
      readonly session: number;
      readonly epoch: number;
      readonly reason: string;
    };

export type ControlEvent =
  | SessionEvent
  /** The engine's first tick: sessions are dialed. */
  | { readonly type: "started" }
  /** The writer met a command of an epoch that is gone, and did not write it. */
  | {
      readonly type: "commandDropped";
      readonly session: number;
      readonly epoch: number;
      readonly command: string;
    }
  /** A frame was refused. `instrument` is -1 when it got nowhere near naming one. */
  | {
      readonly type: "frameRefused";
      readonly session: number;
      readonly epoch: number;
      readonly instrument: number;
      readonly isDelta: boolean;
      readonly reason: FrameRefusal;
    }
  /** A good delta was dropped on purpose, because a ring was full: its book is void from here. */
  | {
      readonly type: "gapDeclared";
      readonly session: number;
      readonly epoch: number;
      readonly instrument: number;
      readonly ring: "marketEvents" | "recorder";
    }
  | {
      readonly type: "snapshotReceived";
      readonly instrument: number;
      readonly requestId: number;
      /** When the last byte of the body was read. */
      readonly recvUs: number;
      /** Request weight that the venue says we used in this window; -1 when it did not say. */
      readonly weightUsed: number;
      /** Journal sequence of the body; 0 when nothing records. */
      readonly rawSeq: number;
      readonly levels: SnapshotLevels;
    }
  | {
      readonly type: "snapshotFailed";
      readonly instrument: number;
      readonly requestId: number;
      readonly reason: string;
      /** How long the venue told us to stay silent; 0 when it did not. */
      readonly retryAfterUs: number;
      readonly weightUsed: number;
    }
  | {
      readonly type: "clockMeasured";
      readonly venue: number;
      /** Venue's clock minus ours. */
      readonly offsetUs: number;
      /** Half of the round trip: the offset is off by at most this. */
      readonly errorUs: number;
      readonly weightUsed: number;
    }
  | {
      readonly type: "clockFailed";
      readonly venue: number;
      readonly reason: string;
      /** As with a snapshot. */
      readonly retryAfterUs: number;
    }
  /** The loop's timer for the world's next deadline; which deadline it was, the world knows. */
  | { readonly type: "timerFired" }
  /** The loop hands the next stage of a resync its own time stamp. */
  | { readonly type: "resyncStepped"; readonly instrument: number; readonly resyncId: number }
  /** The hot thread came back after being away from its sockets for longer than the limit. */
  | { readonly type: "loopStalled"; readonly stalledUs: number }
  /** An operator (or a drill) asks for a resync; instrument -1 means all. */
  | {
      readonly type: "resyncRequested";
      readonly instrument: number;
      readonly cause: ResyncCause;
    }
  | { readonly type: "shutdownRequested" }
  | TradeEvent;

/** `threw` is the reader's own fault: the frame is refused all the same, and the process lives. */
export type FrameRefusal =
  | "malformed"
  | "offStep"
  | "range"
  | "tooManyLevels"
  | "wrongSymbol"
  | "threw";

/**
 * Station: everything that can leave the core. A closed union; the edge obeys and reports back by events.
 *
 * Commands that touch a session carry its epoch, so that a command queued before a replacement is never
 * carried out on the replacement (the writer answers `commandDropped`).
 */
import type { ResyncCause, ResyncRecord } from "../../contracts/resync.ts";
import type { Mode } from "../../contracts/status.ts";
import type { TradeCommand } from "./trade/commands.ts";

/** State changes worth telling: journaled, and one log line each. */
export type ChangeCommand =
  | {
      readonly type: "recordVoid";
      readonly instrument: number;
      readonly cause: ResyncCause;
      readonly epoch: number;
      readonly seq: number;
    }
  | {
      readonly type: "recordMode";
      readonly venue: number;
      readonly from: Mode;
      readonly to: Mode;
      readonly reason: string;
    }
  | {
      readonly type: "recordSession";
      readonly session: number;
      readonly epoch: number;
      readonly change: string;
      readonly reason: string;
    };

export type CoreCommand =
  | ChangeCommand
  | TradeCommand
  | {
      readonly type: "openSession";
      readonly session: number;
      /** The epoch that the new session will have if the dial succeeds. */
      readonly epoch: number;
      readonly attempt: number;
      readonly timeoutUs: number;
    }
  | {
      readonly type: "closeSession";
      readonly session: number;
      readonly epoch: number;
      readonly cause: SessionEnd;
    }
  /** Ends a dial that is still under way. */
  | { readonly type: "abandonDial"; readonly session: number; readonly attempt: number }
  | { readonly type: "subscribe"; readonly session: number; readonly epoch: number }
  | {
      readonly type: "fetchSnapshot";
      readonly instrument: number;
      readonly requestId: number;
      readonly depthLimit: number;
      readonly timeoutUs: number;
    }
  | { readonly type: "measureClock"; readonly venue: number }
  | { readonly type: "stepResync"; readonly instrument: number; readonly resyncId: number }
  | { readonly type: "recordResync"; readonly record: ResyncRecord }
  | { readonly type: "halt"; readonly reason: string };

/** Why we end a session ourselves. */
export type SessionEnd = ResyncCause | "superseded" | "rotation" | "shutdown";

/** A command and the tick that caused it. */
export type EmittedCommand = { readonly tick: number; readonly command: CoreCommand };

/**
 * What an operator may ask of an engine through the control plane, and what becomes of it.
 *
 * The control API writes the record, then the message; the engine carries the command out once and writes
 * the outcome into the same record, which is never deleted: whoever asks again reads the recorded outcome.
 * Limits are not part of the message. It names a version, and the engine reads that version itself.
 */
import type { InstrumentId, VenueId } from "./ids.ts";
import type { Mode } from "./status.ts";
import type { Micros } from "./time.ts";
import type { KillScope, ShutdownPolicy } from "./trade.ts";

export const OPERATOR_COMMAND_SCHEMA_VERSION = 1;

/** What is asked. */
export type OperatorAction =
  | { readonly kind: "applyLimits"; readonly version: number }
  | { readonly kind: "kill"; readonly scope: KillScope; readonly target: string }
  | { readonly kind: "release"; readonly scope: KillScope; readonly target: string }
  /** The loosest mode the engine may be in, whatever its own confidence would allow. */
  | { readonly kind: "setMode"; readonly mode: Mode }
  /** `setMode` under the words that operators use: nothing new is opened; back to the engine's own mode. */
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  /** Finish or unwind what is under way; `flatten` also sells what is held. */
  | { readonly kind: "drain"; readonly policy: ShutdownPolicy }
  | { readonly kind: "flatten" }
  /** Cancels every open order of ours, at one venue or (`""`) at all. */
  | { readonly kind: "cancelAll"; readonly venue: VenueId | "" }
  /** Makes one book anew, or (`""`) all. */
  | { readonly kind: "resync"; readonly instrument: InstrumentId | "" };

export type OperatorActionKind = OperatorAction["kind"];

/** Body of the message, and part of the record. Times are the API's clock. */
export type OperatorCommand = {
  readonly schemaVersion: number;
  /** Derived from engine, asker and idempotency key: asking twice is asking once. */
  readonly commandId: string;
  readonly engine: string;
  readonly action: OperatorAction;
  readonly by: string;
  readonly reason: string;
  readonly askedUs: Micros;
  /** Later than this it is not carried out any more. A kill never expires. */
  readonly expiresUs: Micros;
};

/** `queued` until an engine takes it; the last three are terminal. */
export const COMMAND_STATES = ["queued", "taken", "done", "refused", "expired"] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/** The record in the table of commands. */
export type OperatorCommandRecord = OperatorCommand & {
  readonly state: CommandState;
  /** When the state last changed. */
  readonly changedUs: Micros;
  /** Tick of the loop that took it; -1 while none has. */
  readonly tick: number;
  /** Why it was refused, or "". */
  readonly outcome: string;
};

/** How long a command may wait for its engine. */
export const COMMAND_LIFE_US = 60_000_000;

/** Whether a record in `state` will not change any more. */
export function isCommandOver(state: CommandState): boolean {
  return state === "done" || state === "refused" || state === "expired";
}

/** The engine's last word on itself, written every few seconds. */
export type Heartbeat = {
  readonly engine: string;
  readonly runId: string;
  readonly fence: number;
  readonly atUs: Micros;
  readonly startedUs: Micros;
  readonly halted: string;
  readonly isReady: boolean;
  readonly limitsVersion: number;
  /** The last journal record that is safe, and the last that has been published. */
  readonly ackedSeq: number;
  readonly publishedSeq: number;
  /** `EngineStatus` as JSON text, without the lists that have an end point of their own. */
  readonly statusJson: string;
};

/** Life of an order as the table of commands keeps it; it only moves to the right. */
export const ORDER_RECORD_STATES = ["accepted", "sent", "acked", "unknown", "terminal"] as const;
export type OrderRecordState = (typeof ORDER_RECORD_STATES)[number];

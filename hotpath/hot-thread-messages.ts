/**
 * Station: supervisor <-> hot thread. The closed unions of what they tell each other; none of it is on
 * the hot path.
 */
import type { VenueId } from "../contracts/ids.ts";
import type { ResyncRecord } from "../contracts/resync.ts";
import type { EngineStatus } from "../contracts/status.ts";
import type { ChangeCommand } from "./core/commands.ts";
import type { ControlEvent } from "./core/events.ts";
import type { TradeRecord } from "./core/trade/commands.ts";
import type { TradeEvent } from "./core/trade/events.ts";
import type { HotPlan } from "./plan.ts";
import type { AccountKeys } from "./venues/execution.ts";
import type { BookCopy, WorldStatus } from "./world-status.ts";

export type HotThreadData = {
  readonly plan: HotPlan;
  /** Keys of the accounts that trade. Beside the plan, because the plan is journaled. */
  readonly keys: Readonly<Partial<Record<VenueId, AccountKeys>>>;
  /** Where intents are written before orders; "" where nothing trades. */
  readonly intentFolder: string;
  /** Whether each intent is on the disk before its order leaves. */
  readonly isIntentSynced: boolean;
  /** Memory of the ring to the recorder. */
  readonly ringMemory: SharedArrayBuffer;
  /** One number: when the hot thread was last seen alive, in microseconds. */
  readonly heartbeat: SharedArrayBuffer;
};

/** What a person (or a file, or a signal) asks of trading. */
export type OperatorEvent = Extract<
  TradeEvent,
  {
    readonly type:
      | "killRequested"
      | "killReleased"
      | "limitsChanged"
      | "drainRequested"
      | "modeRequested"
      | "cancelAllRequested"
      | "flattenRequested";
  }
>;

/** What is asked and answered: an operator's wishes for trading and for books. */
export type AskedEvent =
  | OperatorEvent
  | Extract<ControlEvent, { readonly type: "resyncRequested" }>;

export type ToHotThread =
  | { readonly type: "status"; readonly requestId: number }
  | { readonly type: "book"; readonly requestId: number; readonly instrument: string }
  | { readonly type: "control"; readonly event: ControlEvent }
  /** As `control`, and answered by `taken` when the loop has applied it. */
  | { readonly type: "operator"; readonly requestId: number; readonly event: AskedEvent }
  /** A renewal of the lease. Times are of the monotonic clock that all threads share. */
  | { readonly type: "lease"; readonly validUntilUs: number; readonly openFromUs: number }
  | { readonly type: "leaseLost"; readonly reason: string }
  | { readonly type: "stall"; readonly stallUs: number }
  | { readonly type: "shutdown" };

export type FromHotThread =
  | { readonly type: "started" }
  | {
      readonly type: "status";
      readonly requestId: number;
      readonly status: WorldStatus;
      readonly rings: Omit<EngineStatus["rings"], "recorder">;
      readonly loopMinutes: EngineStatus["loopMinutes"];
    }
  | { readonly type: "book"; readonly requestId: number; readonly book: BookCopy | undefined }
  | { readonly type: "resync"; readonly record: ResyncRecord }
  | {
      readonly type: "slowTick";
      readonly kind: string;
      readonly tick: number;
      readonly durationUs: number;
    }
  | {
      readonly type: "change";
      readonly tick: number;
      readonly atUs: number;
      readonly command: ChangeCommand;
    }
  | { readonly type: "taken"; readonly requestId: number; readonly tick: number }
  | {
      readonly type: "trade";
      readonly tick: number;
      readonly atUs: number;
      readonly command: TradeRecord;
    }
  /** The trading part of the world as text, as it was after the journal's record `seq`. */
  | {
      readonly type: "state";
      readonly tick: number;
      readonly seq: number;
      readonly text: string;
    }
  /** After a drain: nothing of ours is open any more, as far as its policy wants that. */
  | { readonly type: "drained" }
  | {
      readonly type: "halted";
      readonly reason: string;
      readonly stack: string;
      readonly status: WorldStatus;
    }
  | {
      readonly type: "stopped";
      readonly status: WorldStatus;
      readonly stateHash: string;
      readonly commandHash: string;
      readonly journalSeq: number;
    };

/**
 * The matrix of a reading: what we hold of an order, against what the venue shows of it. Each case has one
 * right answer, and this is the only place where it is written down in code; docs/RECOVERY.md says why.
 */

/** What is done about a case, in this order. Everything but cancel and alarm is done already. */
export type ReconcileAction =
  /** State and fills were brought to the venue's truth. */
  | "apply"
  /** The venue is asked about the order; `takeDue` offers it. */
  | "query"
  /** The caller sends a cancel; the order is marked as being canceled. */
  | "cancel"
  /** The venue takes no orders of ours until the reason is gone. */
  | "block"
  | "release"
  | "alarm";

export type CaseRule = {
  readonly actions: readonly ReconcileAction[];
  /** Of the alarm; 0 where there is none. */
  readonly severity: 0 | 1 | 2 | 3;
};

const APPLY: CaseRule = { actions: ["apply"], severity: 0 };
const ASK: CaseRule = { actions: ["query"], severity: 0 };

/** The twenty-four. Left of the word is ours, right of it the venue's. */
export const CASES = {
  sentOpen: APPLY,
  sentFilled: APPLY,
  /** Sent long enough ago, and neither listed nor traded: unknown from now on. */
  sentAbsent: ASK,
  /** Trades of a listed order that we had not counted. */
  openPartial: APPLY,
  /** The venue says more is filled than there are trades. */
  fillsUnread: ASK,
  openFilled: APPLY,
  /** Traded in part and no longer listed: canceled or expired, the venue has to say which. */
  endedPart: { actions: ["apply", "query"], severity: 0 },
  openAbsent: ASK,
  /** It existed, is not listed, was not found twice, and left no trade. */
  vanished: { actions: ["apply", "alarm"], severity: 2 },
  unknownOpen: APPLY,
  unknownFilled: APPLY,
  /** A trade of an order at its end, which the stream has never told. */
  endedFillMissing: { actions: ["apply", "alarm"], severity: 3 },
  /** Ended for us, listed by the venue: it lives again, and nobody waits for it. */
  endedOpen: { actions: ["apply", "cancel", "alarm"], severity: 2 },
  neverOpen: { actions: ["apply", "cancel", "alarm"], severity: 1 },
  neverFilled: { actions: ["apply", "query", "alarm"], severity: 1 },
  /** Our own name and fence, and nothing with us. */
  lostOpen: { actions: ["apply", "cancel", "alarm"], severity: 1 },
  olderFenceOpen: { actions: ["apply", "cancel"], severity: 0 },
  /** Somebody else owns this account now. */
  newerFenceOpen: { actions: ["block", "alarm"], severity: 1 },
  lostFill: { actions: ["apply", "alarm"], severity: 1 },
  foreignOpen: { actions: ["apply", "alarm"], severity: 2 },
  foreignFill: { actions: ["apply", "alarm"], severity: 2 },
  /** Listed with another size, side, instrument or id than the one we sent. */
  openDiffers: { actions: ["block", "alarm"], severity: 1 },
  balanceDiffers: { actions: ["block", "alarm"], severity: 1 },
  balanceExplained: { actions: ["release"], severity: 0 },
} as const satisfies Readonly<Record<string, CaseRule>>;

export type ReconcileCase = keyof typeof CASES;

/**
 * Station: none; the twelve short stories whose every effect is a place to crash at.
 *
 * Each is one venue, one opportunity and what the venue, the crowd or an operator makes of it. The engine
 * sends orders that end at once, so an order that rests is one that its venue left resting. Types and data
 * only: `stage.ts` plays them.
 */
import type { TradingFaultKind } from "../../venues/exchange/faults.ts";

/**
 * What the crowd leaves for an order that arrives, and what becomes of its rest: `asIs` the book as it is,
 * `none` nothing up to the limit, `half` half of its lots; after `Rests` the venue leaves the rest open.
 */
export type Offer = "asIs" | "none" | "half" | "noneRests" | "halfRests";

/** What happens from outside, some time after the first order was accepted. */
export type Act = "kill" | "crash" | "drain";

export type Scenario = {
  readonly name: string;
  /** Faults of the venue, used up one by one from the first order on. */
  readonly faults: readonly TradingFaultKind[];
  /** By the number of the order; what is beyond the list is `asIs`. */
  readonly offers: readonly Offer[];
  /** The account's stream tells nothing for so long from the opportunity on; 0 for never. */
  readonly deafMs: number;
  readonly act: Act | undefined;
  /** From the first acceptance of an order to the act. */
  readonly actAfterMs: number;
  readonly segmentBytes: number;
};

const KIB = 1024;
/** More than any story writes. */
export const SEGMENT_BYTES = 16 * KIB * KIB;
const PLAIN = {
  faults: [],
  offers: [],
  deafMs: 0,
  act: undefined,
  actAfterMs: 0,
  segmentBytes: SEGMENT_BYTES,
} as const satisfies Omit<Scenario, "name">;

export const SCENARIOS: readonly Scenario[] = [
  { ...PLAIN, name: "filled at once, second leg in part", offers: ["asIs", "half"] },
  { ...PLAIN, name: "resting order canceled", offers: ["noneRests"] },
  { ...PLAIN, name: "partial fill, then cancel", offers: ["halfRests"] },
  {
    ...PLAIN,
    name: "answer lost, found by query",
    faults: ["ackLost"],
    deafMs: 4000,
  },
  { ...PLAIN, name: "fill before answer", faults: ["fillBeforeAck"] },
  { ...PLAIN, name: "unknown order proven not accepted", faults: ["requestLost"] },
  { ...PLAIN, name: "three legs filled" },
  { ...PLAIN, name: "second leg fails and unwinds", offers: ["asIs", "none"] },
  {
    ...PLAIN,
    name: "killed with an open order",
    offers: ["noneRests"],
    act: "kill",
    actAfterMs: 120,
  },
  {
    ...PLAIN,
    name: "restarted with an open order",
    offers: ["halfRests"],
    act: "crash",
    actAfterMs: 120,
  },
  { ...PLAIN, name: "journal rotates in the middle", segmentBytes: 24 * KIB },
  { ...PLAIN, name: "drained and shut down", act: "drain", actAfterMs: 1 },
];

/**
 * Station: none; what running simulated venues offer to whoever started them.
 *
 * The words that the composition root and the control port share. Types only.
 */
import type { VenueId } from "../../contracts/ids.ts";
import type { DelayRanges } from "./delays.ts";
import type { FaultRecord, Injection } from "./fault-desk.ts";
import type { FaultRequest, ForeignBookRequest } from "./fault-plan.ts";
import type { Comparison } from "./market/truth.ts";
import type { VenueStats } from "./stats.ts";
import type { TradingDesk } from "./trading-desk.ts";
import type { KeyChange, VenueEndpoints } from "./venue-model.ts";

/** The one line of JSON that says where everything is. */
export type VenuesEndpoints = Readonly<Partial<Record<VenueId, VenueEndpoints>>> & {
  readonly "binance-spot": VenueEndpoints;
  readonly "binance-usdm": VenueEndpoints;
  readonly control: string;
};

export type VenuesStats = {
  readonly uptimeUs: number;
  readonly diffsPerSecond: number;
  readonly faultCount: number;
  readonly skippedFaultCount: number;
  readonly venues: Readonly<Record<string, VenueStats>>;
};

/** Running venues, seen from the process that started them. */
export type VenuesHandle = {
  readonly endpoints: VenuesEndpoints;
  readonly inject: (fault: FaultRequest) => Injection;
  readonly faults: () => readonly FaultRecord[];
  readonly compare: (book: ForeignBookRequest) => Comparison | undefined;
  readonly delays: () => DelayRanges;
  readonly setDelays: (ranges: DelayRanges) => void;
  /** Faults and truth of the venues that trade. */
  readonly trading: TradingDesk;
  /** Lets a venue's keys lie about their rights, or revokes them; false where there are none. */
  readonly changeKeys: (venue: VenueId, change: KeyChange) => boolean;
  readonly stats: () => VenuesStats;
  readonly stop: () => Promise<void>;
  /** Settles when the venues have stopped, whoever asked for it. */
  readonly stopped: Promise<void>;
};

/**
 * Station: configuration -> everything the hot thread and a replay are built from.
 *
 * A plan is plain data: it is handed to the hot thread, and it is the header of every journal, so that
 * a replay builds the same world from the journal alone.
 */
import { assert } from "../contracts/assert.ts";
import type { VenueId } from "../contracts/ids.ts";
import type { FrameDecoder } from "./core/decode/decoder.ts";
import type { Instrument } from "./core/instrument.ts";
import type { CoreLimits, VenueRules } from "./core/limits.ts";
import type { TradingPlan } from "./core/trade/plan.ts";
import type { SessionPlan, WorldPlan } from "./core/world.ts";
import type { LoopOptions } from "./loop.ts";
import type { AccountAddresses } from "./venues/execution.ts";
import { VENUES } from "./venues/registry.ts";
import type { ShardPlan, StreamChoice, VenueAddresses } from "./venues/venue.ts";

/** Raised when an older journal's header would be misread. */
export const PLAN_VERSION = 1;

export type VenueShare = {
  readonly id: VenueId;
  readonly addresses: VenueAddresses;
  /** Where its account lives; absent where it does not trade. */
  readonly account?: AccountAddresses;
  readonly rules: VenueRules;
  readonly streams: StreamChoice;
  readonly streamsPerConnectionMax: number;
};

export type HotPlan = {
  readonly version: number;
  readonly limits: CoreLimits;
  readonly loop: LoopOptions;
  readonly marketRingSlots: number;
  readonly venues: readonly VenueShare[];
  /** Of all venues, in one numbering. */
  readonly instruments: readonly Instrument[];
  /** Absent where no account trades, and in journals older than trading. */
  readonly trading?: TradingPlan;
};

/** One session of the plan with what it takes to open it. */
export type PlannedSession = SessionPlan & { readonly shardPlan: ShardPlan };

/** The sessions of a plan, in the order in which the world numbers them. */
export function sessionsOf(plan: HotPlan): PlannedSession[] {
  return plan.venues.flatMap((share, venue) => {
    const own = instrumentsOf(plan, share.id);
    const shards = VENUES[share.id].planShards(
      share.addresses.ws,
      own.map(({ symbol }) => symbol),
      share.streams,
      share.streamsPerConnectionMax,
    );
    return shards.map((shardPlan) => ({
      venue,
      shard: shardPlan.shard,
      books: shardPlan.books.map((position) => indexAt(own, position)),
      shardPlan,
    }));
  });
}

function indexAt(instruments: readonly Instrument[], position: number): number {
  const instrument = instruments[position];
  assert(instrument !== undefined, "a shard's books are instruments of its venue");
  return instrument.index;
}

function instrumentsOf(plan: HotPlan, venue: VenueId): Instrument[] {
  return plan.instruments.filter((instrument) => instrument.venue === venue);
}

/** What the core needs of a plan. */
export function worldPlanOf(plan: HotPlan): WorldPlan {
  return {
    limits: plan.limits,
    instruments: plan.instruments,
    venues: plan.venues.map(({ id, rules }) => ({
      id,
      rules,
      continuity: VENUES[id].continuity,
      inStream: VENUES[id].inStream,
    })),
    sessions: sessionsOf(plan).map(({ venue, shard, books }) => ({ venue, shard, books })),
  };
}

/** One decoder for each venue of the plan, in its order. */
export function decodersOf(plan: HotPlan): FrameDecoder[] {
  return plan.venues.map(({ id }) => VENUES[id].makeDecoder(instrumentsOf(plan, id)));
}

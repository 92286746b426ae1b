/**
 * The port: what a venue must offer, so that the house can hear it.
 *
 * A venue knows addresses, shapes and rules; it does not know when to dial, how to repair a gap, or
 * which instruments we like.
 */
import type { VenueId } from "../../contracts/ids.ts";
import type { InStreamBooks } from "../core/book/checksum.ts";
import type { ContinuityRule } from "../core/book/continuity.ts";
import type { FrameDecoder } from "../core/decode/decoder.ts";
import type { Instrument, InstrumentRules } from "../core/instrument.ts";
import type { FeedProtocol } from "../io/feed-protocol.ts";
import type { RestBudget } from "../io/rest-client.ts";
import type { AccountKeys, Execution } from "./execution.ts";

/** Where a venue lives. */
export type VenueAddresses = { readonly rest: string; readonly ws: string };

export type VenueEnvironment = "production" | "testnet";

/** Which streams are wanted of each instrument. */
export type StreamChoice = {
  /** As the venue names its pace: "100ms", or "" for its default. */
  readonly depth: string;
  readonly quotes: boolean;
  readonly trades: boolean;
  /** Levels a side, for venues whose streams are subscribed to by depth; absent in older plans. */
  readonly levels?: number;
};

/** One session's worth of streams. */
export type ShardPlan = {
  readonly shard: number;
  /** Positions in the list of instruments whose books hang on this session. */
  readonly books: readonly number[];
  readonly protocol: FeedProtocol;
};

/** What a venue publishes about itself: its instruments, and how much may be asked of it. */
export type PublishedRules = {
  readonly instruments: readonly (InstrumentRules & { readonly isTrading: boolean })[];
  readonly weightPerMinute: number;
};

export type Venue = {
  readonly id: VenueId;
  /** Its execute room; absent where nothing can be ordered. */
  readonly execution?: Execution;
  readonly continuity: ContinuityRule;
  /** For venues whose snapshots come in the stream, each message signed with a checksum. */
  readonly inStream?: InStreamBooks;
  readonly makeDecoder: (instruments: readonly Instrument[]) => FrameDecoder;
  /** Undefined where the venue has no such place. */
  readonly addresses: Readonly<
    Record<"production", VenueAddresses> & Record<"testnet", VenueAddresses | undefined>
  >;
  readonly rulesPath: string;
  readonly rulesWeight: number;
  /** Undefined when the body is not what it should be. */
  readonly parseRules: (body: Uint8Array) => PublishedRules | undefined;
  readonly clockPath: string;
  readonly clockWeight: number;
  /** Whether the clock is measured by the pings of the stream, because REST tells whole seconds only. */
  readonly isClockInStream?: boolean;
  /** The venue's time in microseconds; undefined when the body is none. */
  readonly parseClock: (body: Uint8Array) => number | undefined;
  /** The header that tells the weight used in this window. */
  readonly weightHeader: string;
  /** For venues whose headers say it in other words than a number of weight and seconds of silence. */
  readonly budgetOf?: (header: (name: string) => string | undefined) => RestBudget;
  readonly weightWindowUs: number;
  readonly depthPath: (symbol: string, levels: number) => string;
  /** Weight of a snapshot of so many levels a side. */
  readonly depthWeight: (levels: number) => number;
  readonly depthLevelsMax: number;
  /** The depth on offer that holds so many levels, for venues that know only some. */
  readonly depthFor?: (levels: number) => number;
  /** Smaller snapshots that cost less, deepest first; none so shallow that a book of it is useless. */
  readonly depthSizes: readonly number[];
  /** Deeper snapshots that want a signature; only where a key is at hand. */
  readonly signedReads?: {
    readonly depthLevelsMax: number;
    /** Headers of one read; none for a path that wants no signature. `venueUs` is the venue's time. */
    readonly headersOf: (
      keys: AccountKeys,
      read: { readonly method: string; readonly path: string; readonly venueUs: number },
    ) => Readonly<Record<string, string>>;
  };
  /** Connection attempts allowed by the venue in a window. */
  readonly dialsMax: number;
  readonly dialWindowUs: number;
  /** Made-up frames of this venue's own shapes, that follow on by `step`; for the warm-up only. */
  readonly warmUpFrames: (symbol: string, step: number) => readonly string[];
  readonly planShards: (
    ws: string,
    symbols: readonly string[],
    streams: StreamChoice,
    streamsPerConnectionMax: number,
  ) => readonly ShardPlan[];
};

/**
 * Station: configuration -> core. Every number the core decides by, with its unit; all are data.
 *
 * Defaults and their reasons stand in contracts/schema/config.ts, which is where an operator meets them.
 */
export type CoreLimits = {
  /** A session silent this long (at least) is suspected: its successor is dialed beside it. */
  readonly suspectFloorUs: number;
  /** A session, or an instrument, silent this long (at least) is not believed any more. */
  readonly silenceFloorUs: number;
  /** The longest silence allowed to a stream faster than ten messages a second. */
  readonly silenceFastUs: number;
  readonly silenceCeilingUs: number;
  /** Silence limit as a multiple of the stream's own mean interval. */
  readonly silenceFactor: number;
  /** Longest wait for the first frame of a session that carries books. */
  readonly firstDataUs: number;
  /** Frames later than this, after clock offset and our own absence, are late. */
  readonly transportUs: number;
  /** Frames older than this are ancient. */
  readonly ancientUs: number;
  /** The venue's time standing still for this long while frames arrive. */
  readonly frozenUs: number;
  readonly queueDelayUs: number;
  /** Hot thread away from its sockets for this long: internal saturation. */
  readonly stallUs: number;
  readonly clockOffsetUs: number;
  readonly clockIntervalUs: number;
  readonly dialTimeoutUs: number;
  readonly subscribeTimeoutUs: number;
  /** After this long without an answer a second snapshot is asked for beside the first. */
  readonly snapshotHedgeUs: number;
  readonly snapshotTimeoutUs: number;
  readonly snapshotsInFlightMax: number;
  readonly backoffInitialUs: number;
  readonly backoffCapUs: number;
  /** A session that lived this long starts its backoff over. */
  readonly stableUs: number;
  /** Age at which a session is replaced in advance, before the venue's own limit. */
  readonly rotateAfterUs: number;
  /** How long both sessions are heard while one takes over from the other. */
  readonly overlapUs: number;
  readonly modeHysteresisUs: number;
  /** Refused frames of one session in `refusalWindowUs` that end it. */
  readonly refusalsMax: number;
  readonly refusalWindowUs: number;
  readonly bufferedDeltasMax: number;
  readonly bufferedLevelsMax: number;
  /** A stream that shows no delta for this long after its snapshot is quiet, and its book is taken. */
  readonly quietAcceptUs: number;
  /** A book whose stream is older than this is live but not to be decided upon. */
  readonly decisionAgeUs: number;
};

/** A size of snapshot that the venue offers, and what it costs. */
export type DepthTier = { readonly levels: number; readonly weight: number };

/** What a venue allows; from its published rules, corrected by its own answers. */
export type VenueRules = {
  readonly depthLimit: number;
  readonly depthWeight: number;
  /** Smaller snapshots to fall back on while weight is short, deepest first; may be empty. */
  readonly shallower: readonly DepthTier[];
  readonly clockWeight: number;
  /** Request weight we may use in a window: the venue's limit times our share of it. */
  readonly weightLimit: number;
  readonly weightWindowUs: number;
  /** Connection attempts allowed in a window, our share of them. */
  readonly dialsMax: number;
  readonly dialWindowUs: number;
};

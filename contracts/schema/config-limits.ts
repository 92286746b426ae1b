/**
 * The section `limits` of the configuration file: when a session is not believed, how patient each
 * request is, and how much may wait anywhere. Every number here bounds something that would
 * otherwise grow or wait without end.
 */
import { z } from "zod";
import { count, GIB, KIB, MIB, powerOfTwo, ratio } from "./config-fields.ts";

/** Limits of the engine; each has a default that suits a machine near the venue. */
export const limitsSchema = z.strictObject({
  suspectMs: count(
    [50, 60_000],
    150,
    "Least silence of a session after which its successor is dialed beside it; nothing is lost if it was only a pause.",
  ),
  silenceFloorMs: count(
    [50, 60_000],
    500,
    "Least silence of a session or an instrument that counts as a loss of market flow, however fast it is.",
  ),
  silenceFastMs: count(
    [50, 60_000],
    1000,
    "Longest silence allowed to a stream faster than ten messages a second.",
  ),
  silenceCeilingMs: count(
    [100, 3_600_000],
    60_000,
    "Longest silence allowed to any stream, however slow it usually is.",
  ),
  silenceFactor: ratio(
    [2, 1000],
    20,
    "Silence is lost market flow when it is this many times the usual pause of the stream.",
  ),
  firstDataMs: count(
    [100, 600_000],
    3000,
    "Longest wait for the first message of a session after its subscription was confirmed.",
  ),
  transportMs: count(
    [10, 60_000],
    1000,
    "Time on the way from the venue, clock offset removed, above which a session is not believed.",
  ),
  ancientMs: count(
    [100, 600_000],
    10_000,
    "Age of the venue's own timestamps above which they count as ancient.",
  ),
  frozenMs: count(
    [50, 60_000],
    250,
    "How long the venue's time may stand still while its messages go on.",
  ),
  queueDelayMs: count(
    [1, 60_000],
    1000,
    "Time between receiving and processing above which our own loop counts as saturated and the book as stale.",
  ),
  stallMs: count(
    [50, 60_000],
    1000,
    "Absence of the hot thread from its sockets that is noted as a stall of our own.",
  ),
  decisionAgeMs: count(
    [10, 60_000],
    1000,
    "Silence of its session above which a book, though live, is not decided upon.",
  ),
  clockOffsetMsMax: count(
    [1, 60_000],
    250,
    "Clock offset to a venue above which no new positions are opened there.",
  ),
  clockIntervalS: count([1, 3600], 30, "How often the clock offset to a venue is measured."),
  dialTimeoutMs: count([100, 60_000], 3000, "Longest wait for a connection to open."),
  subscribeTimeoutMs: count(
    [100, 60_000],
    2000,
    "Longest wait for the venue to confirm a subscription.",
  ),
  snapshotHedgeMs: count(
    [50, 60_000],
    800,
    "Wait for a snapshot after which a second one is asked for beside it.",
  ),
  snapshotTimeoutMs: count([100, 60_000], 3000, "Longest wait for the answer to a REST request."),
  snapshotsInFlightMax: count([1, 256], 24, "Most snapshots of one venue on their way at once."),
  quietAcceptMs: count(
    [50, 60_000],
    1000,
    "A stream without a change for this long after its snapshot is quiet, and the snapshot is taken.",
  ),
  backoffInitialMs: count(
    [1, 60_000],
    100,
    "Pause before the second dial in a row; the first is immediate, each further one is a quarter longer.",
  ),
  backoffCapMs: count([1, 600_000], 30_000, "Longest pause between two dials."),
  stableAfterS: count(
    [1, 3600],
    60,
    "Life after which a session counts as stable and the backoff starts anew; one that has brought all its books back counts at once.",
  ),
  rotateAfterMinutes: ratio(
    [0.01, 1440],
    1410,
    "Age at which a session is replaced in advance; the venue cuts it after 1440.",
  ),
  overlapMs: count(
    [50, 60_000],
    500,
    "How long both sessions are heard while one takes over from the other.",
  ),
  refusalsMax: count(
    [1, 100_000],
    20,
    "Frames of a session that may be refused within refusalWindowMs before it is replaced.",
  ),
  refusalWindowMs: count([100, 600_000], 10_000, "Window in which refused frames are counted."),
  modeHysteresisMs: count(
    [0, 600_000],
    5000,
    "How long conditions must be good before a mode is relaxed; it is tightened at once.",
  ),
  eventsPerTurnMax: count(
    [1, 1_000_000],
    2048,
    "Events the loop applies in one turn before it lets its sockets breathe.",
  ),
  marketRingSlots: powerOfTwo([1024, 1 << 20], 16_384, "Capacity of the ring of market events"),
  controlRingSlots: powerOfTwo([64, 1 << 20], 8192, "Capacity of the ring of control events"),
  commandRingSlots: powerOfTwo([64, 1 << 20], 4096, "Capacity of the ring of outbound commands"),
  recorderRingBytes: powerOfTwo(
    [64 * KIB, GIB],
    64 * MIB,
    "Capacity of the ring to the recorder, in bytes",
  ),
  bufferedDeltasMax: count(
    [16, 1_000_000],
    4096,
    "Changes of one book that are kept while its snapshot is on the way.",
  ),
  bufferedLevelsMax: count(
    [1024, 16_777_216],
    262_144,
    "Levels in those changes that are kept, all of one book together.",
  ),
});

/**
 * Station: fetchSnapshot and measureClock -> REST -> control events. The half of the reader that waits.
 *
 * A body is recorded, decoded and handed over as one event; whatever else comes back is a failure with
 * its reason, and whether to ask again is the core's decision.
 */
import { VENUE_IDS } from "../contracts/ids.ts";
import { RAW_REST, RAW_SNAPSHOT } from "../contracts/journal.ts";
import type { FrameDecoder } from "./core/decode/decoder.ts";
import type { ControlEvent } from "./core/events.ts";
import type { Instrument } from "./core/instrument.ts";
import type { RawSource } from "./io/journal-feed.ts";
import type { RestAnswer, RestClient } from "./io/rest-client.ts";
import type { Venue } from "./venues/venue.ts";

/** A limit was broken and the venue gave no time: Binance's shortest ban is two minutes. */
const BANNED_US = 120_000_000;
const LIMITED_US = 5_000_000;
/** The longest ban that Binance speaks of is three days; a longer one is no answer of theirs. */
const SILENCE_US_MAX = 3 * 24 * 3_600_000_000;
/** Venues tell the time in whole milliseconds. */
const CLOCK_GRAIN_US = 1000;
const CLOCK_TIMEOUT_MS = 5000;
const US_PER_MS = 1000;

export type RestVenue = {
  readonly index: number;
  readonly venue: Venue;
  readonly client: RestClient;
  readonly decoder: FrameDecoder;
};

export type RestPorts = {
  readonly emit: (event: ControlEvent) => void;
  /** As the reader's: the body's sequence, 0 without a recorder, -1 without room. */
  readonly record: (type: number, source: RawSource, body: Uint8Array) => number;
};

/** Asks for one snapshot; always ends in exactly one event. */
export function fetchSnapshot(
  from: RestVenue,
  instrument: Instrument,
  request: { readonly requestId: number; readonly depthLimit: number; readonly timeoutUs: number },
  ports: RestPorts,
): void {
  const path = from.venue.depthPath(instrument.symbol, request.depthLimit);
  from.client.ask("GET", path, request.timeoutUs / US_PER_MS, (answer) => {
    ports.emit(eventOf(from, instrument, request.requestId, answer, ports));
  });
}

function eventOf(
  from: RestVenue,
  instrument: Instrument,
  requestId: number,
  answer: RestAnswer,
  ports: RestPorts,
): ControlEvent {
  const failed = (reason: string, retryAfterUs: number, weightUsed: number): ControlEvent => ({
    type: "snapshotFailed",
    instrument: instrument.index,
    requestId,
    reason,
    retryAfterUs,
    weightUsed,
  });
  if (answer.kind === "failed") return failed(answer.code, 0, -1);
  const { weightUsed, recvUs } = answer;
  if (answer.status !== 200) return failed(`HTTP ${answer.status}`, silenceOf(answer), weightUsed);
  const rawSeq = ports.record(RAW_SNAPSHOT, sourceOf(from, recvUs), answer.body);
  if (rawSeq < 0) return failed("the recorder has no room", 0, weightUsed);
  const levels = from.decoder.decodeSnapshot(answer.body, instrument);
  if (levels === undefined) return failed("the body is no snapshot", 0, weightUsed);
  return {
    type: "snapshotReceived",
    instrument: instrument.index,
    requestId,
    recvUs,
    weightUsed,
    rawSeq,
    levels,
  };
}

/** How long a refusal wants us silent. */
function silenceOf(answer: Extract<RestAnswer, { kind: "body" }>): number {
  if (answer.retryAfterUs > 0) return Math.min(answer.retryAfterUs, SILENCE_US_MAX);
  if (answer.status === 418) return BANNED_US;
  return answer.status === 429 ? LIMITED_US : 0;
}

/** Asks the venue for its time; the offset is known to half of the round trip. */
export function measureClock(from: RestVenue, ports: RestPorts): void {
  from.client.ask("GET", from.venue.clockPath, CLOCK_TIMEOUT_MS, (answer) => {
    onClock(from, answer, ports);
  });
}

function onClock(from: RestVenue, answer: RestAnswer, ports: RestPorts): void {
  const { index } = from;
  if (answer.kind === "failed") {
    ports.emit({ type: "clockFailed", venue: index, reason: answer.code, retryAfterUs: 0 });
    return;
  }
  const venueUs = answer.status === 200 ? from.venue.parseClock(answer.body) : undefined;
  if (venueUs === undefined) {
    const retryAfterUs = answer.status === 200 ? 0 : silenceOf(answer);
    ports.emit({
      type: "clockFailed",
      venue: index,
      reason: `HTTP ${answer.status}`,
      retryAfterUs,
    });
    return;
  }
  ports.record(RAW_REST, sourceOf(from, answer.recvUs), answer.body);
  const halfUs = Math.ceil(answer.roundTripUs / 2);
  ports.emit({
    type: "clockMeasured",
    venue: index,
    offsetUs: venueUs - (answer.recvUs - halfUs),
    errorUs: halfUs + CLOCK_GRAIN_US,
    weightUsed: answer.weightUsed,
  });
}

/** The journal numbers venues for all runs alike, not as this run's plan happens to. */
function sourceOf({ venue }: RestVenue, recvUs: number): RawSource {
  return { venue: VENUE_IDS.indexOf(venue.id), shard: 0, epoch: 0, recvUs, awayUs: 0 };
}

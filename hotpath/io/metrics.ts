/**
 * Station: EngineStatus -> the text that Prometheus scrapes.
 *
 * Everything is read from one status at the moment of the scrape, so metrics cost the hot thread
 * nothing; only the histograms are fed as resyncs and cycles end. Names and meanings are the table
 * below, from which docs/METRICS.md is generated.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { RESYNC_STAGES, type ResyncRecord } from "../../contracts/resync.ts";
import {
  type EngineStatus,
  MODES,
  type RingStatus,
  SESSION_STATES,
  type SessionStatus,
  type VenueStatus,
} from "../../contracts/status.ts";
import { US_PER_S } from "../../contracts/time.ts";
import { type CycleEnding, TRADING_MODES } from "../../contracts/trade.ts";
import {
  BREAKER_STATES,
  PORTFOLIO_LEVELS,
  type RiskStatus,
  type TradingStatus,
} from "../../contracts/trading-status.ts";

type MetricRow = {
  readonly name: string;
  readonly kind: "gauge" | "counter" | "histogram";
  readonly labels: readonly string[];
  readonly help: string;
};

const VENUE = ["venue"] as const;
const SESSION = ["venue", "shard"] as const;
const RING = ["ring"] as const;

/** Every metric of the engine. A name that is published is never given another meaning. */
export const METRICS = [
  gauge("ready", [], "1 when every required book is live."),
  gauge("halted", [], "1 when the engine has halted on its own broken state."),
  gauge("start_time_seconds", [], "Unix time of the start."),
  counter("ticks_total", [], "Turns of the loop."),
  gauge("venue_books", VENUE, "Books that are followed."),
  gauge("venue_books_live", VENUE, "Books that are live."),
  gauge("venue_mode", ["venue", "mode"], "1 for the mode that is in force."),
  gauge("venue_clock_offset_seconds", VENUE, "The venue's clock minus ours."),
  gauge("venue_clock_error_seconds", VENUE, "Bound of the error of the clock offset."),
  gauge("venue_weight_used", VENUE, "Request weight used in the venue's current minute."),
  gauge("venue_weight_limit", VENUE, "Request weight that the venue allows a minute."),
  gauge("session_epoch", SESSION, "Number of successful dials."),
  gauge("session_confidence", SESSION, "How far the session may be believed, from 0 to 1."),
  gauge("session_state", [...SESSION, "state"], "1 for the state that the session is in."),
  gauge("session_saturated", SESSION, "1 while our own loop is what is late."),
  gauge("session_collapsed", SESSION, "1 while the way from the venue is what is late."),
  gauge("session_transport_seconds", SESSION, "Time on the way, clock offset removed."),
  gauge("session_queue_seconds", SESSION, "Time between receiving and processing."),
  gauge("session_silence_seconds", SESSION, "Time since the last frame with market data."),
  gauge("session_away_seconds", SESSION, "How long the hot thread was away from the socket."),
  counter("session_frames_total", SESSION, "Frames received."),
  gauge("ring_capacity", RING, "Slots of the ring (bytes for the recorder)."),
  gauge("ring_depth", RING, "Slots in use."),
  gauge("ring_high_water", RING, "Most slots that were in use at once."),
  counter("ring_overflows_total", RING, "Entries that found the ring full."),
  counter("events_total", ["event"], "Counters of the hot thread, by name."),
  counter("resyncs_total", [], "Books made true again, the first time not counted."),
  histogram("resync_seconds", ["venue", "cause"], "From degraded confidence to a live book."),
  histogram("resync_stage_seconds", ["stage"], "The same, by stage."),
  gauge("journal_bytes", [], "Bytes of the journal on the disk."),
  gauge("journal_segments", [], "Segments of the journal."),
  gauge("journal_acked_seq", [], "Last sequence that is safe on the disk."),
  gauge("resident_bytes", [], "Memory of the engine's process."),
  counter("orders_total", [], "Orders that were placed or tested."),
  counter("fills_total", [], "Fills, each counted once."),
  counter("cycles_total", ["ending"], "Cycles by their ending: FILLED, FAILED or ABORTED."),
  counter("opportunities_total", [], "Opportunities that were seen, whatever was made of them."),
  counter("denials_total", ["control"], "Orders that the risk gate denied, by its control."),
  counter("trade_anomalies_total", [], "Contradictions between the venue's word and our books."),
  gauge("cycles_open", [], "Cycles under way."),
  gauge("orders_unknown", [], "Orders whose outcome is not known."),
  gauge("kills", [], "Kills in force."),
  gauge("draining", [], "1 when nothing new is begun until the end."),
  gauge("account_ready", VENUE, "1 when the account is connected and reconciled."),
  gauge("account_mode", ["venue", "mode"], "1 for the mode in which the account trades."),
  gauge("account_orders_open", VENUE, "Orders that are open at the venue."),
  gauge(
    "account_breaker",
    ["venue", "endpoint", "state"],
    "1 for the state of the breaker of a class of endpoints.",
  ),
  gauge("account_portfolio", ["venue", "level"], "1 for the level of the guard over the account."),
  gauge("account_round_trip_seconds", VENUE, "Mean of the last fifty answers."),
  gauge("account_rate_used", ["venue", "rate"], "Our count of a limit of the venue."),
  gauge("account_rate_limit", ["venue", "rate"], "The limit itself."),
  histogram("leg_ack_seconds", VENUE, "From an order written to the venue's first word of it."),
  histogram("leg_fill_seconds", VENUE, "From an order written to the last of its fills."),
  histogram("cycle_seconds", ["ending"], "From a cycle's signal to its end."),
] as const satisfies readonly MetricRow[];

/** Fine below the targets (20 ms without delays, 1 s and 2.5 s with them), coarse above. */
const RESYNC_BUCKETS_S = [
  0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10, 30, 60,
];

/** Legs are milliseconds near the venue and seconds where something is wrong. */
const LEG_BUCKETS_S = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30,
];

/** What is measured of a finished cycle. Times that never came are negative. */
export type CycleTimes = {
  readonly ending: CycleEnding;
  readonly totalUs: number;
  readonly legs: readonly {
    readonly timings: { readonly ackUs: number; readonly fillUs: number };
  }[];
};

type Labels = Readonly<Record<string, string | number>>;

export type Metrics = {
  /** Counts a resync that has just ended. */
  observeResync(record: ResyncRecord): void;
  /** Takes the times of a cycle of `venue` that has just ended. */
  observeCycle(venue: string, cycle: CycleTimes): void;
  /** The text of a scrape, from `status`. */
  text(status: EngineStatus): Promise<string>;
};

/** The content type of `text`, with the version of the format. */
export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Makes the metrics of one engine. */
export function createMetrics(): Metrics {
  const resyncs = new Registry();
  const made = (name: string, buckets: number[]) =>
    new Histogram({ ...optionsOf(name), buckets, registers: [resyncs] });
  const bySpan = made("resync_seconds", RESYNC_BUCKETS_S);
  const byStage = made("resync_stage_seconds", RESYNC_BUCKETS_S);
  const byAck = made("leg_ack_seconds", LEG_BUCKETS_S);
  const byFill = made("leg_fill_seconds", LEG_BUCKETS_S);
  const byCycle = made("cycle_seconds", LEG_BUCKETS_S);
  return {
    observeCycle(venue, { ending, totalUs, legs }) {
      byCycle.observe({ ending }, totalUs / US_PER_S);
      for (const { timings } of legs) {
        if (timings.ackUs >= 0) byAck.observe({ venue }, timings.ackUs / US_PER_S);
        if (timings.fillUs >= 0) byFill.observe({ venue }, timings.fillUs / US_PER_S);
      }
    },
    observeResync(record) {
      const { venue, cause } = record;
      bySpan.observe({ venue, cause }, record.totalUs / US_PER_S);
      for (const stage of RESYNC_STAGES) {
        byStage.observe({ stage }, record.stagesUs[stage] / US_PER_S);
      }
    },
    async text(status) {
      return (await scrapeOf(status).metrics()) + (await resyncs.metrics());
    },
  };
}

function optionsOf(name: string) {
  const row = METRICS.find((each) => each.name === `reckoner_${name}`);
  const labelNames: readonly string[] = row?.labels ?? [];
  return { name: `reckoner_${name}`, help: row?.help ?? "", labelNames };
}

/** A registry for one scrape: a counter of the library can only grow, ours come as totals. */
function scrapeOf(status: EngineStatus): Registry {
  const registry = new Registry();
  const known = new Map<string, Gauge | Counter>();
  for (const { name, kind, help, labels } of METRICS) {
    const options = { name, help, labelNames: labels, registers: [registry] };
    if (kind === "gauge") known.set(name, new Gauge(options));
    if (kind === "counter") known.set(name, new Counter(options));
  }
  const put = (name: string, labels: Labels, value: number) => {
    // A counter of the library refuses what is not finite; an unknown number is left out instead.
    if (Number.isFinite(value)) known.get(`reckoner_${name}`)?.inc(labels, value);
  };
  putEngine(status, put);
  for (const venue of status.venues) putVenue(venue, put);
  for (const [ring, each] of Object.entries(status.rings)) putRing(ring, each, put);
  if (status.trading !== null) putTrading(status.trading, put);
  for (const [event, total] of Object.entries(status.counters))
    put("events_total", { event }, total);
  return registry;
}

type Put = (name: string, labels: Labels, value: number) => void;

function putEngine(status: EngineStatus, put: Put): void {
  put("ready", {}, status.ready ? 1 : 0);
  put("halted", {}, status.halted === "" ? 0 : 1);
  put("start_time_seconds", {}, status.startedUs / US_PER_S);
  put("ticks_total", {}, status.tick);
  put("resyncs_total", {}, status.resyncs.count);
  put("journal_bytes", {}, status.journal.bytes);
  put("journal_segments", {}, status.journal.segments);
  put("journal_acked_seq", {}, status.journal.lastAckedSeq);
  put("resident_bytes", {}, process.memoryUsage.rss());
}

function putTrading({ counts, kills, isDraining, accounts }: TradingStatus, put: Put): void {
  put("orders_total", {}, counts.orders);
  put("fills_total", {}, counts.fills);
  put("cycles_total", { ending: "FILLED" }, counts.filled);
  put("cycles_total", { ending: "FAILED" }, counts.failed);
  put("cycles_total", { ending: "ABORTED" }, counts.aborted);
  put("opportunities_total", {}, counts.opportunities);
  for (const [control, denials] of Object.entries(counts.denialsByControl)) {
    put("denials_total", { control }, denials);
  }
  put("trade_anomalies_total", {}, counts.anomalies);
  put("cycles_open", {}, counts.cyclesOpen);
  put("orders_unknown", {}, counts.unknownOpen);
  put("kills", {}, kills.length);
  put("draining", {}, isDraining ? 1 : 0);
  for (const { venue, phase, mode, openOrders, risk } of accounts) {
    put("account_ready", { venue }, phase === "ready" ? 1 : 0);
    for (const each of TRADING_MODES) {
      put("account_mode", { venue, mode: each }, each === mode ? 1 : 0);
    }
    put("account_orders_open", { venue }, openOrders);
    putRisk(venue, risk, put);
  }
}

function putRisk(venue: string, risk: RiskStatus, put: Put): void {
  for (const [endpoint, held] of Object.entries(risk.breakers)) {
    for (const state of BREAKER_STATES) {
      put("account_breaker", { venue, endpoint, state }, state === held ? 1 : 0);
    }
  }
  for (const level of PORTFOLIO_LEVELS) {
    put("account_portfolio", { venue, level }, level === risk.portfolio ? 1 : 0);
  }
  put("account_round_trip_seconds", { venue }, risk.roundTripUs / US_PER_S);
  for (const [rate, [used, limit]] of Object.entries(risk.rates)) {
    put("account_rate_used", { venue, rate }, used);
    put("account_rate_limit", { venue, rate }, limit);
  }
}

function putVenue(venue: VenueStatus, put: Put): void {
  const labels = { venue: venue.venue };
  put("venue_books", labels, venue.booksTotal);
  put("venue_books_live", labels, venue.booksLive);
  for (const mode of MODES) put("venue_mode", { ...labels, mode }, venue.mode === mode ? 1 : 0);
  put("venue_clock_offset_seconds", labels, venue.clockOffsetUs / US_PER_S);
  put("venue_clock_error_seconds", labels, venue.clockErrorUs / US_PER_S);
  put("venue_weight_used", labels, venue.weightUsed);
  put("venue_weight_limit", labels, venue.weightLimit);
  for (const session of venue.sessions) putSession(session, put);
}

function putSession(session: SessionStatus, put: Put): void {
  const labels = { venue: session.venue, shard: session.shard };
  put("session_epoch", labels, session.epoch);
  put("session_confidence", labels, session.confidence);
  for (const state of SESSION_STATES) {
    put("session_state", { ...labels, state }, session.state === state ? 1 : 0);
  }
  put("session_saturated", labels, session.classification === "internalSaturation" ? 1 : 0);
  put("session_collapsed", labels, session.classification === "transportCollapse" ? 1 : 0);
  put("session_transport_seconds", labels, session.transportUs / US_PER_S);
  put("session_queue_seconds", labels, session.queueUs / US_PER_S);
  put("session_silence_seconds", labels, session.silenceUs / US_PER_S);
  put("session_away_seconds", labels, session.awayUs / US_PER_S);
  put("session_frames_total", labels, session.frames);
}

function putRing(ring: string, status: RingStatus, put: Put): void {
  put("ring_capacity", { ring }, status.capacity);
  put("ring_depth", { ring }, status.depth);
  put("ring_high_water", { ring }, status.highWater);
  put("ring_overflows_total", { ring }, status.overflows);
}

function gauge(name: string, labels: readonly string[], help: string): MetricRow {
  return { name: `reckoner_${name}`, kind: "gauge", labels, help };
}

function counter(name: string, labels: readonly string[], help: string): MetricRow {
  return { name: `reckoner_${name}`, kind: "counter", labels, help };
}

function histogram(name: string, labels: readonly string[], help: string): MetricRow {
  return { name: `reckoner_${name}`, kind: "histogram", labels, help };
}

// Goal: a scrape tells exactly what the status says, under the documented names.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createMetrics, METRICS, METRICS_CONTENT_TYPE } from "../../../hotpath/io/metrics.ts";
import {
  accountStatus,
  busyStatus,
  engineStatus,
  resyncRecord,
  tradingStatus,
} from "../../fixtures/status/status-fixture.ts";
import { cycleRecord, legRecord } from "../../fixtures/trading/record-fixture.ts";

/** The samples of a scrape: name with labels -> value. */
async function samplesOf(status = busyStatus()): Promise<ReadonlyMap<string, number>> {
  const text = await createMetrics().text(status);
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))] as const;
    }),
  );
}

describe("a scrape", () => {
  const table: readonly (readonly [string, number])[] = [
    ["reckoner_ready", 0],
    ["reckoner_halted", 0],
    ["reckoner_ticks_total", 812_004],
    ["reckoner_resyncs_total", 41],
    ['reckoner_venue_books{venue="binance-usdm"}', 4],
    ['reckoner_venue_books_live{venue="binance-usdm"}', 3],
    ['reckoner_venue_mode{venue="binance-usdm",mode="noNewPositions"}', 1],
    ['reckoner_venue_mode{venue="binance-usdm",mode="active"}', 0],
    ['reckoner_venue_clock_offset_seconds{venue="binance-usdm"}', -0.000842],
    ['reckoner_venue_weight_used{venue="binance-spot"}', 275],
    ['reckoner_session_epoch{venue="binance-usdm",shard="1"}', 7],
    ['reckoner_session_confidence{venue="binance-usdm",shard="1"}', 0.31],
    ['reckoner_session_state{venue="binance-usdm",shard="1",state="subscribing"}', 1],
    ['reckoner_session_state{venue="binance-usdm",shard="1",state="live"}', 0],
    ['reckoner_session_silence_seconds{venue="binance-usdm",shard="1"}', 1.24],
    ['reckoner_session_frames_total{venue="binance-spot",shard="0"}', 412_331],
    ['reckoner_ring_high_water{ring="marketEvents"}', 231],
    ['reckoner_ring_overflows_total{ring="marketEvents"}', 0],
    ['reckoner_events_total{event="staleEpochDiscards"}', 12],
    ['reckoner_events_total{event="decisionsOnInvalidBook"}', 0],
    ["reckoner_journal_acked_seq", 4_812_330],
  ];

  test.each(table)("%s is %d", async (name, value) => {
    expect((await samplesOf()).get(name)).toBe(value);
  });

  test("twice does not count twice", async () => {
    const metrics = createMetrics();
    await metrics.text(engineStatus());
    const text = await metrics.text(engineStatus());
    expect(text).toContain('reckoner_events_total{event="frames"} 1204331\n');
  });

  test("a halted engine says so", async () => {
    const samples = await samplesOf(engineStatus({ halted: "book crossed after resync" }));
    expect(samples.get("reckoner_halted")).toBe(1);
  });

  test("a number that is not known is left out rather than invented", async () => {
    const samples = await samplesOf(engineStatus({ tick: Number.NaN }));
    expect(samples.has("reckoner_ticks_total")).toBe(true);
    expect(samples.get("reckoner_ticks_total")).toBe(0);
  });

  test("classifications are told apart", async () => {
    const status = busyStatus();
    const [venue, ...others] = status.venues;
    if (venue === undefined) throw new Error("the fixture has venues");
    const sessions = venue.sessions.map((each, at) => ({
      ...each,
      classification: at === 0 ? "internalSaturation" : "transportCollapse",
    }));
    const samples = await samplesOf({ ...status, venues: [{ ...venue, sessions }, ...others] });
    expect(samples.get('reckoner_session_saturated{venue="binance-spot",shard="0"}')).toBe(1);
    expect(samples.get('reckoner_session_collapsed{venue="binance-spot",shard="0"}')).toBe(0);
    expect(samples.get('reckoner_session_collapsed{venue="binance-spot",shard="1"}')).toBe(1);
  });
});

describe("the histograms", () => {
  test("hold every resync once, whole and by stage, in seconds", async () => {
    const metrics = createMetrics();
    metrics.observeResync(resyncRecord(1, "sequenceGap", [0, 0, 0, 128, 3, 1]));
    metrics.observeResync(resyncRecord(2, "noMarketFlow", [500, 140, 60, 100, 7, 1]));
    for (let scrape = 0; scrape < 2; scrape++) {
      const text = await metrics.text(engineStatus());
      expect(text).toContain(
        'reckoner_resync_seconds_bucket{le="0.25",venue="binance-spot",cause="sequenceGap"} 1\n',
      );
      expect(text).toContain(
        'reckoner_resync_seconds_count{venue="binance-spot",cause="noMarketFlow"} 1\n',
      );
      expect(text).toContain('reckoner_resync_stage_seconds_count{stage="snapshot"} 2\n');
      expect(text).toContain('reckoner_resync_stage_seconds_sum{stage="dial"} 0.14\n');
    }
  });
});

describe("trading", () => {
  test("is told in numbers, each account with its mode and phase", async () => {
    const trading = tradingStatus({ accounts: [accountStatus({ phase: "opening" })] });
    const text = await createMetrics().text({ ...engineStatus(), trading });
    for (const line of [
      "reckoner_orders_total 44",
      "reckoner_fills_total 51",
      'reckoner_cycles_total{ending="ABORTED"} 1',
      'reckoner_denials_total{control="PT17"} 4',
      'reckoner_account_ready{venue="binance-spot"} 0',
      'reckoner_account_mode{venue="binance-spot",mode="simulated"} 1',
      'reckoner_account_mode{venue="binance-spot",mode="live"} 0',
      'reckoner_account_breaker{venue="binance-spot",endpoint="reads",state="halfOpen"} 1',
      'reckoner_account_breaker{venue="binance-spot",endpoint="orders",state="open"} 0',
      'reckoner_account_portfolio{venue="binance-spot",level="caution"} 1',
      'reckoner_account_portfolio{venue="binance-spot",level="terminal"} 0',
      'reckoner_account_round_trip_seconds{venue="binance-spot"} 0.00425',
      'reckoner_account_rate_used{venue="binance-spot",rate="ORDERS"} 12',
      'reckoner_account_rate_limit{venue="binance-spot",rate="ORDERS"} 100',
      "reckoner_draining 0",
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });

  test("gives each leg's times to its venue, and none for what never came", async () => {
    const metrics = createMetrics();
    metrics.observeCycle("kraken", cycleRecord());
    const never = { firedUs: 0, ackUs: -1, fillUs: -1, endUs: -1 };
    const legs = [{ ...legRecord(0), timings: never }];
    metrics.observeCycle("kraken", cycleRecord({ ending: "FAILED", legs }));
    const text = await metrics.text(engineStatus());
    expect(text).toContain('reckoner_leg_ack_seconds_count{venue="kraken"} 3\n');
    expect(text).toContain('reckoner_leg_fill_seconds_bucket{le="0.1",venue="kraken"} 3\n');
    expect(text).toContain('reckoner_cycle_seconds_count{ending="FAILED"} 1\n');
  });
});

describe("the table of metrics", () => {
  test("every name is in a scrape with its kind and help, and no other is", async () => {
    const metrics = createMetrics();
    metrics.observeResync(resyncRecord(1, "sequenceGap", [0, 0, 0, 128, 3, 1]));
    metrics.observeCycle("kraken", cycleRecord());
    const text = await metrics.text({ ...busyStatus(), trading: tradingStatus() });
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
      (match) => `${match[1]} ${match[2]}`,
    );
    expect(types.sort()).toEqual(METRICS.map((row) => `${row.name} ${row.kind}`).sort());
    for (const { name, help } of METRICS) expect(text).toContain(`# HELP ${name} ${help}\n`);
    expect(METRICS_CONTENT_TYPE).toContain("text/plain");
  });

  test("docs/METRICS.md lists each of them with its labels and meaning", () => {
    const page = readFileSync(new URL("../../../docs/METRICS.md", import.meta.url), "utf8");
    for (const { name, kind, labels, help } of METRICS) {
      const row = `| \`${name}\` | ${kind} | ${labels.join(", ")} | ${help} |`;
      expect(page).toContain(row);
    }
    expect(page.match(/^\| `reckoner_\w+` \|/gm)).toHaveLength(METRICS.length);
  });
});

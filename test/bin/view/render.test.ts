// Goal: the view shows what must be seen, fits its terminal, and folds good news first.
import { describe, expect, test } from "vitest";
import { plainLine } from "../../../bin/view/plain-line.ts";
import { renderView } from "../../../bin/view/render.ts";
import { type Line, lineWidth, plainText } from "../../../bin/view/spans.ts";
import { stageBar } from "../../../bin/view/stage-bar.ts";
import type { ViewInput } from "../../../bin/view/view-input.ts";
import type { EngineStatus } from "../../../contracts/status.ts";
import {
  busyStatus,
  earlier,
  engineStatus,
  resyncRecord,
  sessionStatus,
  venueStatus,
} from "../../fixtures/status/status-fixture.ts";

function inputOf(status: EngineStatus, over: Partial<ViewInput> = {}): ViewInput {
  return {
    status,
    previous: earlier(status, 1, 412),
    cycles: [],
    truth: { comparisons: 4812, wrongBooks: 0, faults: 37 },
    hint: "ctrl-c to end",
    ...over,
  };
}

function textOf(
  status: EngineStatus,
  width = 80,
  height = 24,
  over: Partial<ViewInput> = {},
): string {
  return renderView(inputOf(status, over), width, height).map(plainText).join("\n");
}

/** The spans of all lines with their tone, for questions of color. */
function tonesOf(status: EngineStatus, words: string, over: Partial<ViewInput> = {}): string[] {
  const lines = renderView(inputOf(status, over), 140, 40);
  return lines
    .flat()
    .filter(([text]) => text.includes(words))
    .map(([, tone]) => tone);
}

/** A venue with `count` sessions, of which the last is in doubt. */
function crowded(count: number): EngineStatus {
  const sessions = Array.from({ length: count }, (_, shard) =>
    sessionStatus({
      shard,
      confidence: shard === count - 1 ? 0.2 : 0.95,
      confidenceReason: "queueDelay",
    }),
  );
  return engineStatus({ venues: [venueStatus({ sessions })] });
}

describe("the whole view", () => {
  test("at 80 by 24 is this", () => {
    expect(textOf(busyStatus())).toMatchInlineSnapshot(`
      "reckoner  11/12 books live  01:12:07  journal 128.4 MiB            ctrl-c to end

      binance-spot  active         8/8 books   clock +1.31 ±0.42 ms   weight 275/6000
        shard state       epoch  conf transport   queue silence frames/s
        #0    live            3  0.97   12.4 ms 0.02 ms 8.30 ms      412
        #1    live            2  0.97   11.9 ms 0.02 ms 21.0 ms      412

      binance-usdm  noNewPositions 3/4 books   clock -0.84 ±0.39 ms   weight 80/2400
        shard state       epoch  conf transport   queue silence frames/s
        #0    live            1  0.97   12.4 ms 0.02 ms 8.30 ms      412
        #1    subscribing     7  0.31   48.0 ms 0.02 ms  1.24 s      412  noMarketFlow

      resyncs       41             p50 212 ms     p99 1.63 s     max 1.70 s     
        #41    binance-usdm:XRPUSDT    sequenceGap         145 ms  ━━                
        #40    binance-spot:XRPUSDT    malformedFrames    94.5 ms  ━━                
        #39    binance-usdm:ETHUSDT    ancientTimestamp    1.05 s  ━━━━━━━━━━━━━━━━━━
        #38    binance-spot:BNBBTC     sessionClosed       760 ms  ━━━━━━━━━━━━━     
        ━ detect  ━ dial  ━ subscribe  ━ snapshot  ━ rebuild  ━ validate  

      mode          binance-usdm noNewPositions: book not live
      not live      binance-usdm:SOLUSDT buffering
      rings         market 0/231  control 0/14  commands 0/9  recorder 4.1k/912k  
      truth         4,812 books compared, 0 wrong  faults injected 37
      counters      frames 1,204,331  staleEpochDiscards 12  malformedFrames 3"
    `);
  });

  test("at 140 by 24 has bars, reasons and the scale of the stages", () => {
    expect(textOf(busyStatus(), 140, 24)).toMatchInlineSnapshot(`
      "reckoner  11/12 books live  01:12:07  journal 128.4 MiB, safe up to 4,812,330                                                  ctrl-c to end

      binance-spot  active         8/8 books   clock +1.31 ±0.42 ms   weight 275/6000
        shard state       epoch             conf transport   queue silence frames/s
        #0    live            3  ━━━━━━━━━━ 0.97   12.4 ms 0.02 ms 8.30 ms      412
        #1    live            2  ━━━━━━━━━━ 0.97   11.9 ms 0.02 ms 21.0 ms      412

      binance-usdm  noNewPositions 3/4 books   clock -0.84 ±0.39 ms   weight 80/2400  book not live
        shard state       epoch             conf transport   queue silence frames/s
        #0    live            1  ━━━━━━━━━━ 0.97   12.4 ms 0.02 ms 8.30 ms      412
        #1    subscribing     7  ━━━─────── 0.31   48.0 ms 0.02 ms  1.24 s      412  noMarketFlow

      resyncs       41             p50 212 ms     p99 1.63 s     max 1.70 s     
        #41    binance-usdm:XRPUSDT                sequenceGap                     145 ms  ━━━━━━━                                               
        #40    binance-spot:XRPUSDT                malformedFrames                94.5 ms  ━━━━━                                                 
        #39    binance-usdm:ETHUSDT                ancientTimestamp                1.05 s  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
        #38    binance-spot:BNBBTC                 sessionClosed                   760 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━               
        #37    binance-spot:BTCUSDT                sessionClosed                   651 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━                    
        ━ detect  ━ dial  ━ subscribe  ━ snapshot  ━ rebuild  ━ validate  full bar 1.05 s

      not live      binance-usdm:SOLUSDT buffering
      rings         market 0/231  control 0/14  commands 0/9  recorder 4.1k/912k  now/peak
      truth         4,812 books compared, 0 wrong  faults injected 37
      counters      frames 1,204,331  staleEpochDiscards 12  malformedFrames 3"
    `);
  });

  test.each([
    [80, 24],
    [140, 40],
    [100, 30],
    [80, 16],
    [200, 60],
    [40, 10],
    [1, 1],
  ])("never leaves a terminal of %i by %i", (width, height) => {
    for (const status of [busyStatus(), engineStatus(), crowded(30), emptyStatus()]) {
      const lines = renderView(inputOf(status), width, height);
      expect(lines.length).toBeLessThanOrEqual(height);
      for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(width);
    }
  });

  test("fills a high terminal to its last row, so that the end stands still", () => {
    expect(renderView(inputOf(engineStatus()), 80, 40)).toHaveLength(40);
  });
});

function emptyStatus(): EngineStatus {
  return engineStatus({
    venues: [],
    books: [],
    counters: {},
    resyncs: { count: 0, ms: { p50: 0, p99: 0, max: 0 }, stagesMs: {}, recent: [] },
  });
}

describe("what must be seen", () => {
  test("a session's epoch, confidence, state, transport, queue, silence and rate", () => {
    const text = textOf(engineStatus());
    expect(text).toMatch(/#0 +live +3 +0\.97 +12\.4 ms +0\.02 ms +8\.30 ms +412/);
  });

  test("a venue's mode, books, clock with its bound, and weight", () => {
    expect(textOf(engineStatus())).toMatch(
      /binance-spot +active +2\/2 books +clock \+1\.31 ±0\.42 ms +weight 275\/6000/,
    );
  });

  test("a clock that is seconds off is shown in seconds", () => {
    const venues = [venueStatus({ clockOffsetUs: -1_300_000 })];
    expect(textOf(engineStatus({ venues }))).toContain("clock -1.30 s");
  });

  test("why the engine halted, above everything", () => {
    const text = textOf(engineStatus({ halted: "book crossed\u001b[2J after resync" }));
    expect(text.split("\n")[0]).toContain("halted");
    expect(text.split("\n")[1]).toBe("halted: book crossed·[2J after resync");
  });

  test("which books are not live, and why a mode is not active", () => {
    const text = textOf(busyStatus());
    expect(text).toContain("not live      binance-usdm:SOLUSDT buffering");
    expect(text).toContain("mode          binance-usdm noNewPositions: book not live");
  });

  test("a ring that overflowed, and one that came near it", () => {
    const ring = { capacity: 100, depth: 1, highWater: 51, overflows: 0 };
    const status = engineStatus();
    const rings = {
      ...status.rings,
      marketEvents: ring,
      controlEvents: { ...ring, highWater: 100, overflows: 7 },
    };
    expect(textOf({ ...status, rings })).toContain("market 1/51  control 1/100 full 7x");
    expect(tonesOf({ ...status, rings }, "/51")).toEqual(["warn"]);
    expect(tonesOf({ ...status, rings }, "full 7x")).toEqual(["bad"]);
  });

  test("counters that are not 0, the forbidden one first and in red", () => {
    const status = engineStatus({
      counters: { frames: 5, levels: 7, big: 900, zero: 0, decisionsOnInvalidBook: 1 },
    });
    expect(textOf(status)).toContain("frames 5  decisionsOnInvalidBook 1  big 900");
    expect(textOf(status)).not.toMatch(/zero|levels/);
    expect(tonesOf(status, "decisionsOnInvalidBook")).toEqual(["bad"]);
  });

  test("counters that have no room are left out whole", () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`counter${at}`, 1]));
    const line =
      textOf(engineStatus({ counters: many }))
        .split("\n")
        .at(-1) ?? "";
    expect(line).toMatch(/counter\d+ 1$/);
  });

  test("a wrong book in red, and no truth where none is known", () => {
    const truth = { comparisons: 10, wrongBooks: 1, faults: 0 };
    expect(tonesOf(engineStatus(), "1 wrong", { truth })).toEqual(["bad"]);
    expect(tonesOf(engineStatus(), "0 wrong")).toEqual(["good"]);
    expect(textOf(engineStatus(), 80, 24, { truth: null })).not.toContain("truth");
  });

  test("no rate is claimed without a status before", () => {
    expect(textOf(engineStatus(), 80, 24, { previous: null })).toMatch(/8\.30 ms +0$/m);
  });

  test("no resync is said in words", () => {
    expect(textOf(emptyStatus())).toContain("no book has had to be made true again");
  });

  test.each([
    ["transportCollapse", "12.4 ms"],
    ["internalSaturation", "0.02 ms"],
  ])("%s marks what is late", (classification, words) => {
    const venues = [venueStatus({ sessions: [sessionStatus({ classification })] })];
    const status = engineStatus({ venues, resyncs: emptyStatus().resyncs });
    expect(tonesOf(status, words)).toEqual(["bad"]);
    expect(textOf(status, 140)).toContain(classification);
  });
});

describe("confidence", () => {
  test.each([
    [1, "good"],
    [0.8, "good"],
    [0.79, "warn"],
    [0.4, "warn"],
    [0.39, "bad"],
    [0, "bad"],
  ])("%d is %s", (confidence, tone) => {
    const venues = [
      venueStatus({ sessions: [sessionStatus({ confidence, confidenceReason: "silence" })] }),
    ];
    expect(tonesOf(engineStatus({ venues }), confidence.toFixed(2))).toContain(tone);
  });
});

describe("when room is short", () => {
  test("sessions in order are folded and the one in doubt keeps its line", () => {
    const text = textOf(crowded(30));
    expect(text).toMatch(/#29 +live +3 +0\.20 .* queueDelay$/m);
    expect(text).toMatch(/\d+ more sessions, \d+ live, [\d.]+k? frames\/s/);
  });

  test("with room for all, none is folded", () => {
    expect(textOf(crowded(5), 80, 40)).not.toContain("more sessions");
  });

  test("folded sessions that are not live are said to be so", () => {
    const sessions = Array.from({ length: 30 }, (_, shard) =>
      sessionStatus({ shard, state: "dialing" }),
    );
    const status = engineStatus({ venues: [venueStatus({ sessions })] });
    expect(tonesOf(status, "more sessions", {})).toEqual(["warn"]);
  });

  test("books that one event has voided share a line, and the slowest is drawn", () => {
    const first = resyncRecord(7, "sessionClosed", [0, 80, 10, 100, 1, 1], "binance-spot:A");
    const times = { degradedUs: first.degradedUs, liveUs: first.liveUs };
    const slow = resyncRecord(8, "sessionClosed", [0, 80, 10, 300, 1, 1], "binance-spot:B");
    const other = resyncRecord(9, "sequenceGap", [0, 0, 0, 50, 1, 1], "binance-spot:C");
    const later = resyncRecord(10, "sessionClosed", [0, 80, 10, 90, 1, 1], "binance-spot:D");
    const recent = [first, { ...slow, ...times }, { ...other, ...times }, later];
    const { resyncs } = engineStatus();
    const text = textOf(engineStatus({ resyncs: { ...resyncs, recent } }));
    expect(text).toMatch(/#8 +binance-spot, 2 books +sessionClosed +392 ms/);
    expect(text).toMatch(/#9 +binance-spot:C +sequenceGap/);
    expect(text).toMatch(/#10 +binance-spot:D +sessionClosed/);
    expect(text).not.toContain("#7 ");
  });

  test("the newest resync is the first to be shown", () => {
    const text = textOf(busyStatus(), 80, 20);
    expect(text.indexOf("#41")).toBeGreaterThan(0);
    expect(text).not.toContain("#34");
  });
});

describe("the bar of stages", () => {
  const stages = resyncRecord(1, "sequenceGap", [100, 200, 0, 600, 90, 10]).stagesUs;

  function cells(bar: Line): Record<string, number> {
    return Object.fromEntries(bar.map(([text, tone]) => [tone, text.length]));
  }

  test("is drawn to scale and fills its width", () => {
    expect(cells(stageBar(stages, 1_000_000, 100))).toEqual({
      detect: 10,
      dial: 20,
      snapshot: 60,
      rebuild: 9,
      validate: 1,
      plain: 0,
    });
  });

  test("half as long a resync has half as long a bar", () => {
    const bar = stageBar(stages, 2_000_000, 100);
    expect(cells(bar)).toMatchObject({ plain: 50 });
    expect(lineWidth(bar)).toBe(100);
  });

  test("one far shorter than the longest still leaves a mark, in the color of its longest stage", () => {
    expect(cells(stageBar(stages, 1e12, 20))).toEqual({ snapshot: 1, plain: 19 });
  });

  test.each([0, -1, Number.NaN])("a scale of %d draws no more than a mark", (fullUs) => {
    expect(lineWidth(stageBar(stages, fullUs, 20))).toBe(20);
  });
});

describe("a plain line", () => {
  test("says the same as the view in words that grep", () => {
    expect(plainLine(inputOf(busyStatus()))).toBe(
      "01:12:07 books=11/12 frames=1204331 resyncs=41 resyncP99Ms=1630 " +
        "binance-spot=active,epoch=3/2,confidence=0.97,queueMs=0.02 " +
        "binance-usdm=noNewPositions,epoch=1/7,confidence=0.31,queueMs=0.02 wrongBooks=0 faults=37",
    );
  });

  test("says why the engine halted, and keeps silent about what is not known", () => {
    const line = plainLine(
      inputOf(engineStatus({ halted: "a\nb", counters: {} }), { truth: null }),
    );
    expect(line).toContain("frames=0");
    expect(line.endsWith('halted="a·b"')).toBe(true);
    expect(line).not.toContain("wrongBooks");
  });
});

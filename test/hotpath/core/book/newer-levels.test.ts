// Goal: of a delta that begins inside the book, only the levels that changed behind the book are applied.
// Method: the worked example of KuCoin's page, and ranges that overlap, repeat and skip, as golden vectors.
import { describe, expect, test } from "vitest";
import type { Book } from "../../../../hotpath/core/book/book.ts";
import { CONTINUITY } from "../../../../hotpath/core/book/continuity.ts";
import { applyControl, applyMarket } from "../../../../hotpath/core/engine.ts";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { MarketRing } from "../../../../hotpath/core/market-ring.ts";
import { makeWorld, type World } from "../../../../hotpath/core/world.ts";
import { kucoinContinuity } from "../../../../hotpath/venues/kucoin/continuity.ts";
import { kucoinDecoder } from "../../../../hotpath/venues/kucoin/normalize.ts";
import { RULES, START_US, standardLimits } from "../driver.ts";

const RULES_OF_ONE = {
  id: "kucoin:X-Y",
  venue: "kucoin",
  symbol: "X-Y",
  tickSize: "0.01",
  lotSize: "1",
} as const;
const INSTRUMENT = instrumentOf(RULES_OF_ONE, 0) as Instrument;
const STAMP = { session: 0, epoch: 1, recvUs: START_US, awayUs: 0, rawSeq: 0 };

type Row = readonly [price: string, size: string, seq: number];

/** A world of one book whose session is open and confirmed. */
class Bench {
  readonly world: World;
  readonly ring = new MarketRing(64, 65_536);
  readonly #decoder = kucoinDecoder([INSTRUMENT]);

  constructor() {
    this.world = makeWorld({
      limits: standardLimits(),
      instruments: [INSTRUMENT],
      venues: [{ id: "kucoin", rules: RULES, continuity: kucoinContinuity }],
      sessions: [{ venue: 0, shard: 0, books: [0] }],
    });
    this.control({ type: "started" });
    this.control({ type: "sessionOpened", session: 0, epoch: 1, attempt: 1 });
    this.control({ type: "subscriptionConfirmed", session: 0, epoch: 1 });
  }

  get book(): Book {
    return (this.world.slots[0] as World["slots"][number]).book;
  }

  control(event: Parameters<typeof applyControl>[1]): void {
    applyControl(this.world, event, START_US);
    this.#drain();
  }

  #drain(): void {
    for (const command of this.world.outbox.splice(0)) {
      if (command.type !== "stepResync") continue;
      const { instrument, resyncId } = command;
      this.control({ type: "resyncStepped", instrument, resyncId });
    }
  }

  snapshot(seq: number, bids: readonly (readonly [string, string])[], asks: typeof bids): void {
    const data = { time: 1, sequence: String(seq), bids, asks };
    const body = new TextEncoder().encode(JSON.stringify({ code: "200000", data }));
    const levels = this.#decoder.decodeSnapshot(body, INSTRUMENT);
    if (levels === undefined) throw new Error("the snapshot is good");
    const head = { instrument: 0, requestId: 99, recvUs: START_US, weightUsed: -1, rawSeq: 0 };
    this.control({ type: "snapshotReceived", ...head, levels });
  }

  delta(first: number, last: number, asks: readonly Row[], bids: readonly Row[]): void {
    const rows = (side: readonly Row[]) => side.map(([p, s, seq]) => [p, s, String(seq)]);
    const changes = { asks: rows(asks), bids: rows(bids) };
    const data = { changes, sequenceEnd: last, sequenceStart: first, symbol: "X-Y", time: 1 };
    const push = { topic: "/market/level2:X-Y", type: "message", subject: "trade.l2update", data };
    this.#decoder.decode(new TextEncoder().encode(JSON.stringify(push)), STAMP, this.ring);
    this.ring.processUs[this.ring.oldest] = START_US;
    applyMarket(this.world, this.ring, this.ring.oldest);
    this.ring.release();
    this.#drain();
  }

  levels(side: "bids" | "asks"): [number, number][] {
    const ladder = this.book[side];
    const ticks = new Float64Array(64);
    const lots = new Float64Array(64);
    const count = ladder.copyLevels(ticks, lots, 64);
    return Array.from({ length: count }, (_, i) => [ticks[i] as number, lots[i] as number]);
  }
}

const ASKS = [
  ["3988.59", "3"],
  ["3988.60", "47"],
  ["3988.61", "32"],
  ["3988.62", "8"],
] as const;
const BIDS = [
  ["3988.51", "56"],
  ["3988.50", "15"],
  ["3988.49", "100"],
  ["3988.48", "10"],
] as const;
const PUSH_ASKS: readonly Row[] = [
  ["3988.59", "3", 16],
  ["3988.61", "0", 19],
  ["3988.62", "8", 15],
];
const PUSH_BIDS: readonly Row[] = [["3988.50", "44", 18]];

describe("the worked example of the venue's page", () => {
  test.each(["buffered before the snapshot", "heard after it"])("%s", (when) => {
    const bench = new Bench();
    const isBuffered = when.startsWith("buffered");
    if (isBuffered) bench.delta(15, 19, PUSH_ASKS, PUSH_BIDS);
    bench.snapshot(16, BIDS, ASKS);
    if (!isBuffered) bench.delta(15, 19, PUSH_ASKS, PUSH_BIDS);
    expect(bench.book).toMatchObject({ seq: 19, state: "live" });
    expect(bench.levels("asks")).toEqual([
      [398_859, 3],
      [398_860, 47],
      [398_862, 8],
    ]);
    expect(bench.levels("bids")).toEqual([
      [398_851, 56],
      [398_850, 44],
      [398_849, 100],
      [398_848, 10],
    ]);
  });
});

describe("golden vectors", () => {
  const live = (): Bench => {
    const bench = new Bench();
    bench.snapshot(16, BIDS, ASKS);
    bench.delta(17, 17, [["3988.60", "40", 17]], []);
    expect(bench.book).toMatchObject({ seq: 17, state: "live" });
    return bench;
  };

  test("a row older than the book is not applied, even if it says something else", () => {
    const bench = live();
    bench.delta(
      12,
      18,
      [
        ["3988.60", "99", 13],
        ["3988.63", "5", 18],
      ],
      [["3988.51", "1", 17]],
    );
    expect(bench.levels("asks")).toEqual([
      [398_859, 3],
      [398_860, 40],
      [398_861, 32],
      [398_862, 8],
      [398_863, 5],
    ]);
    expect(bench.levels("bids")[0]).toEqual([398_851, 56]);
    expect(bench.book.seq).toBe(18);
  });

  test("a message that ends inside the book changes nothing", () => {
    const bench = live();
    bench.delta(15, 17, [["3988.59", "0", 17]], []);
    expect(bench.levels("asks")[0]).toEqual([398_859, 3]);
    expect(bench.world.counters.staleDeltas).toBe(1);
  });

  test("a row of price 0 moves the sequence, and the next message joins it", () => {
    const bench = live();
    bench.delta(18, 18, [["0", "0", 18]], []);
    bench.delta(19, 20, [["3988.59", "7", 20]], []);
    expect(bench.book).toMatchObject({ seq: 20, state: "live" });
    expect(bench.levels("asks")[0]).toEqual([398_859, 7]);
  });

  test("a skipped sequence voids the book in the same tick", () => {
    const bench = live();
    bench.delta(19, 19, [["3988.59", "7", 19]], []);
    expect(bench.book.state).not.toBe("live");
    expect(bench.world.counters.gaps).toBe(1);
  });
});

test("the rule itself, on both sides of each boundary", () => {
  const rule = (first: number, last: number) => kucoinContinuity(100, false, first, last, 0);
  expect(rule(100, 100)).toBe(CONTINUITY.stale);
  expect(rule(90, 101)).toBe(CONTINUITY.next);
  expect(rule(101, 101)).toBe(CONTINUITY.next);
  expect(rule(102, 102)).toBe(CONTINUITY.gap);
  expect(rule(103, 102)).toBe(CONTINUITY.broken);
});

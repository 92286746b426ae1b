// Goal: the screen holds every cycle's score as a full re-score would, touches no others, and hides none
// that pays. Method: random updates beside a naive model; RECKONER_LONG=1 for a million of them.
import { describe, expect, test } from "vitest";
import { Book } from "../../../../hotpath/core/book/book.ts";
import type { Cycle } from "../../../../hotpath/core/detect/cycles.ts";
import { makeDetector, SCREEN_MARGIN } from "../../../../hotpath/core/detect/detector.ts";
import { type Fee, feeOfView, UNKNOWN_FEE } from "../../../../hotpath/core/detect/fee.ts";
import { type Instrument, refreshInstrument } from "../../../../hotpath/core/instrument.ts";
import { seeded } from "../true-book.ts";
import { makeMarket, pairOf } from "./market.ts";

const UPDATES = process.env.RECKONER_LONG === "1" ? 1_000_000 : 100_000;
const FEE: Fee = { takerPpb: 1_000_000, paidIn: "received", decimals: 8, rounding: "ceil" };

function setTouch(book: Book, bid: number, ask: number): void {
  const ticks = [bid, ask].filter((one) => one > 0);
  book.load(
    {
      seq: 1,
      exchangeUs: 0,
      bidCount: bid > 0 ? 1 : 0,
      askCount: ask > 0 ? 1 : 0,
      ticks: Float64Array.from(ticks),
      lots: new Float64Array(ticks.length).fill(5),
    },
    1000,
  );
}

/** The score of a cycle from nothing but prices: the model. */
function scoreOf(
  cycle: Cycle,
  instruments: readonly Instrument[],
  books: readonly Book[],
  fees: readonly Fee[],
): number {
  const [a, b, c] = cycle.legs.map(({ instrument: index, isBuy }) => {
    const { takerPpb, paidIn } = fees[index] ?? UNKNOWN_FEE;
    const { tickUnits, priceDecimals } = instruments[index] as Instrument;
    const side = isBuy ? books[index]?.asks : books[index]?.bids;
    if (side === undefined || side.isEmpty || takerPpb < 0) return 0;
    const tick = tickUnits / 10 ** priceDecimals;
    const kept = 1 - takerPpb / 1e9;
    if (!isBuy) return kept * tick * side.bestTicks;
    if (paidIn === "quote") return 1 / (tick * (1 + takerPpb / 1e9)) / side.bestTicks;
    return kept / tick / side.bestTicks;
  });
  return (a as number) * (b as number) * (c as number);
}

const WALK_EDGE_PPM = 500;

/** A detector and, beside it, the same market as the model sees it. */
class Walk {
  readonly #random: () => number;
  readonly #instruments: readonly Instrument[];
  readonly #books: readonly Book[];
  readonly #fees: readonly Fee[];
  readonly #moved = new Set<string>();
  readonly detector: ReturnType<typeof makeDetector>;

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.#instruments = makeMarket(this.#random, 12, 40);
    this.#books = this.#instruments.map(() => new Book());
    this.#fees = this.#instruments.map(
      (_, i): Fee => ({ ...FEE, paidIn: i % 2 === 0 ? "quote" : "received" }),
    );
    const startAssets = ["A0", "A1", "A2"];
    const plan = { instruments: this.#instruments, startAssets, edgePpmMin: WALK_EDGE_PPM };
    this.detector = makeDetector(plan);
    for (const [index, fee] of this.#fees.entries()) this.detector.setFee(index, fee);
  }

  /** Moves one book, now and then to an empty side. */
  step(): { readonly index: number; readonly count: number } {
    const random = this.#random;
    const index = Math.floor(random() * this.#instruments.length);
    const book = this.#books[index] as Book;
    const before = [book.bids, book.asks].map((side) => (side.isEmpty ? 0 : side.bestTicks));
    const bid = random() < 0.02 ? 0 : 1000 + Math.floor(random() * 20);
    const ask = random() < 0.02 ? 0 : 1020 + Math.floor(random() * 20);
    setTouch(book, bid, ask);
    this.#moved.clear();
    if (ask !== before[1]) this.#moved.add(`${index} true`);
    if (bid !== before[0]) this.#moved.add(`${index} false`);
    return { index, count: this.detector.onTouch(index, book) };
  }

  /** The first score that is not the model's, of the cycles through `index` or of all. */
  wrongScore(index: number | undefined): string | undefined {
    const wrong = this.detector.cycles.find(
      (cycle) =>
        (index === undefined || isThrough(cycle, index)) &&
        this.detector.scoreOf(cycle.index) !== this.#scoreOf(cycle),
    );
    return wrong === undefined ? undefined : `${wrong.key} has another score`;
  }

  /** Candidates must be exactly the cycles over the threshold that a moved side is part of. */
  wrongCandidate(index: number, count: number): string | undefined {
    const least = (1 + WALK_EDGE_PPM / 1e6) * (1 - SCREEN_MARGIN);
    const wanted = this.detector.cycles.filter(
      (cycle) =>
        isThrough(cycle, index) &&
        cycle.legs.some(({ instrument, isBuy }) => this.#moved.has(`${instrument} ${isBuy}`)) &&
        this.#scoreOf(cycle) > least,
    );
    const found = [...this.detector.candidates.subarray(0, count)].sort((a, b) => a - b);
    const isSame = wanted.map((cycle) => cycle.index).join() === found.join();
    return isSame ? undefined : `${found.join()} are offered`;
  }

  #scoreOf(cycle: Cycle): number {
    return scoreOf(cycle, this.#instruments, this.#books, this.#fees);
  }
}

const isThrough = ({ legs }: Cycle, index: number): boolean =>
  legs.some(({ instrument }) => instrument === index);

describe("the detector", { timeout: 600_000 }, () => {
  test("holds after every update the scores of a full re-score, bit by bit", () => {
    const walk = new Walk(11);
    expect(walk.detector.cycles.length).toBeGreaterThan(50);
    let candidates = 0;
    for (let i = 0; i < UPDATES; i++) {
      const { index, count } = walk.step();
      candidates += count;
      // Whatever was not touched must not have moved either, so everything is compared now and then.
      const wrong =
        walk.wrongScore(i % 500 === 0 ? undefined : index) ?? walk.wrongCandidate(index, count);
      if (wrong !== undefined) expect(`update ${i}: ${wrong}`).toBe("");
    }
    expect(candidates).toBeGreaterThan(100);
  });

  test("scores nothing when the best prices have not moved", () => {
    const { detector, books } = triangle();
    expect(touchAll(detector, books)).toBeGreaterThan(0);
    for (const [index, book] of books.entries()) expect(detector.onTouch(index, book)).toBe(0);
  });

  test("offers a cycle from the least edge on, and not below", () => {
    // One unit buys 1/1000 x 1/10, which sells for 10100: 1 % and no fee.
    for (const [edgePpmMin, count] of [
      [9999, 1],
      [10_000, 1],
      [10_001, 0],
    ] as const) {
      const { detector, books } = triangle({ ...FEE, takerPpb: 0 });
      detector.edgePpmMin = edgePpmMin;
      touchAll(detector, books);
      expect(detector.scan()).toBe(count);
    }
  });

  test("finds again by a scan what stood over the threshold all along", () => {
    const { detector, books } = triangle();
    detector.edgePpmMin = 900_000;
    expect(touchAll(detector, books)).toBe(0);
    detector.edgePpmMin = 100;
    expect(detector.scan()).toBe(1);
    expect(detector.cycles[detector.candidates[0] as number]?.key).toBe("USDT>BTC>ETH");
  });

  test("offers nothing while a fee is unknown, a book void or an instrument halted", () => {
    const { detector, books, instruments } = triangle();
    touchAll(detector, books);
    const halted = instruments.map((one) => refreshInstrument(one, { ...one, status: "halted" }));
    const undo: readonly [() => void, () => void][] = [
      [() => detector.setFee(1, UNKNOWN_FEE), () => detector.setFee(1, FEE)],
      [() => detector.onVoid(2), () => detector.onTouch(2, books[2] as Book)],
      [
        () => detector.setInstrument(halted[0] as Instrument),
        () => detector.setInstrument(instruments[0] as Instrument),
      ],
    ];
    for (const [take, give] of undo) {
      expect(detector.scan()).toBe(1);
      take();
      expect(detector.scan()).toBe(0);
      give();
    }
    expect(detector.scan()).toBe(1);
  });

  test("scores a fee at once when it is told", () => {
    const { detector, books } = triangle({ ...FEE, takerPpb: 0 });
    touchAll(detector, books);
    const before = detector.scoreOf(0);
    for (const index of [0, 1, 2]) detector.setFee(index, FEE);
    expect(detector.scoreOf(0)).toBeCloseTo(before * 0.999 ** 3, 12);
  });

  test("does work in proportion to what a book touches, whatever the size of the venue", () => {
    const random = seeded(3);
    const small = makeMarket(random, 3, 3);
    const large = [
      ...small,
      ...makeMarket(random, 60, 400, 100).map((one, i) => ({ ...one, index: 3 + i })),
    ];
    const plan = { startAssets: ["A0", "A100"], edgePpmMin: 0 };
    const few = makeDetector({ ...plan, instruments: small });
    const many = makeDetector({ ...plan, instruments: large });
    expect(few.cycles.length).toBe(2);
    expect(many.cycles.length).toBeGreaterThan(100);
    for (const index of [0, 1, 2]) {
      expect(few.cyclesThrough(index)).toBe(2);
      expect(many.cyclesThrough(index)).toBe(2);
    }
  });

  test("keeps suppression as data for whoever fires", () => {
    const { detector } = triangle();
    expect(detector.suppressedUntilUs.length).toBe(detector.cycles.length);
    expect([...detector.suppressedUntilUs]).toEqual([0, 0]);
  });

  test("refuses a fee or rules of an instrument that it does not have", () => {
    const { detector, instruments } = triangle();
    expect(() => detector.setFee(7, FEE)).toThrow("of this venue");
    const foreign = { ...(instruments[0] as Instrument), id: "binance-spot:OTHER" as const };
    expect(() => detector.setInstrument(foreign)).toThrow("an instrument we know");
  });
});

describe("a fee as the venue tells it", () => {
  const view = {
    instrument: 0,
    makerPpb: 0,
    takerPpb: 1_000_000,
    paidIn: "quote",
    feeAsset: "X",
  } as const;

  test("is taken over when it is a share", () => {
    expect(feeOfView(view)).toEqual({
      takerPpb: 1_000_000,
      paidIn: "quote",
      decimals: 8,
      rounding: "ceil",
    });
    expect(feeOfView({ ...view, takerPpb: 0 })?.takerPpb).toBe(0);
  });

  test.each([-1, 500_000_000, 1e12, Number.NaN, 0.5, Number.POSITIVE_INFINITY])(
    "is no fee when it is %d",
    (takerPpb) => expect(feeOfView({ ...view, takerPpb })).toBeUndefined(),
  );
});

type Rig = {
  readonly detector: ReturnType<typeof makeDetector>;
  readonly books: readonly Book[];
  readonly instruments: readonly Instrument[];
};

/** USDT > BTC > ETH with one percent in it. */
function triangle(fee: Fee = FEE): Rig {
  const instruments = [pairOf("BTC", "USDT", 0), pairOf("ETH", "BTC", 1), pairOf("ETH", "USDT", 2)];
  const detector = makeDetector({ instruments, startAssets: ["USDT"], edgePpmMin: 0 });
  for (const { index } of instruments) detector.setFee(index, fee);
  const books = [
    [900, 1000],
    [9, 10],
    [10_100, 10_500],
  ].map(([bid, ask]) => {
    const book = new Book();
    setTouch(book, bid as number, ask as number);
    return book;
  });
  return { detector, books, instruments };
}

function touchAll(detector: Rig["detector"], books: readonly Book[]): number {
  return books.reduce((sum, book, index) => sum + detector.onTouch(index, book), 0);
}

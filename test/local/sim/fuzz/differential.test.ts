// Goal: the oracles beside the engine have teeth. Method: the engine is made wrong on purpose, in one way after
// another, and a short run has to notice; unharmed, the same run finds nothing.
import { afterEach, describe, expect, test, vi } from "vitest";
import { Book } from "../../../../hotpath/core/book/book.ts";
import { Ladder } from "../../../../hotpath/core/book/ladder.ts";
import { OrderTable } from "../../../../hotpath/core/order/order-table.ts";
import { Orders } from "../../../../hotpath/core/order/orders.ts";
import { TradeMarks } from "../../../../hotpath/core/order/trade-marks.ts";
import { books } from "../../../../local/sim/fuzz/differential/books.ts";
import { money } from "../../../../local/sim/fuzz/differential/money.ts";
import { orders } from "../../../../local/sim/fuzz/differential/orders.ts";
import type { Fuzzer } from "../../../../local/sim/fuzz/fuzzer.ts";
import { runFuzzer } from "../../../../local/sim/fuzz/run-fuzzer.ts";

const planted = vi.hoisted(() => ({ isOn: false }));

vi.mock("../../../../hotpath/core/money/mul-div.ts", async (original) => {
  const real = await original<typeof import("../../../../hotpath/core/money/mul-div.ts")>();
  const rough = (a: number, b: number, c: number): number => Math.floor((a * b) / c);
  return {
    ...real,
    mulDivFloor: (a: number, b: number, c: number) =>
      planted.isOn ? rough(a, b, c) : real.mulDivFloor(a, b, c),
  };
});

function sentencesOf(fuzzer: Fuzzer): readonly string[] {
  const { findings } = runFuzzer(fuzzer, { seed: 11, inputs: 2048 });
  return findings.map(({ sentence }) => sentence);
}

afterEach(() => {
  planted.isOn = false;
  vi.restoreAllMocks();
});

describe("books", () => {
  test("that forget a level differ from the map", () => {
    const { apply } = Book.prototype;
    vi.spyOn(Book.prototype, "apply").mockImplementation(function (
      this: Book,
      ...[ticks, lots, start, bids, asks, seq]
    ) {
      apply.call(this, ticks, lots, start, bids, Math.max(0, asks - 1), seq);
    });
    expect(sentencesOf(books).join()).toMatch(/best ask|other asks/);
  });

  test("that are never cut differ where the depth is part of the contract", () => {
    vi.spyOn(Ladder.prototype, "truncate").mockImplementation(() => {});
    const sentences = sentencesOf(books);
    expect(sentences.length).toBeGreaterThan(0);
    for (const sentence of sentences) expect(sentence).toMatch(/^kraken: /);
  });
});

test("money in doubles differs from rationals", () => {
  expect(sentencesOf(money)).toEqual([]);
  planted.isOn = true;
  // The very corpus is reckoned wrongly then.
  expect(() => sentencesOf(money)).toThrow("a product over a divisor, rounded down");
});

describe("orders", () => {
  test("as they are differ in nothing", () => {
    expect(sentencesOf(orders)).toEqual([]);
  });

  test("that count a trade again differ", () => {
    vi.spyOn(TradeMarks.prototype, "has").mockReturnValue(false);
    vi.spyOn(TradeMarks.prototype, "mark").mockImplementation(() => {});
    expect(sentencesOf(orders)).toContain("a trade that counts otherwise");
  });

  test("that are not found under the venue's name differ", () => {
    vi.spyOn(OrderTable.prototype, "byOrderId").mockReturnValue(undefined);
    expect(sentencesOf(orders).length).toBeGreaterThan(0);
  });

  test("that are given up at the first denial are given up without proof", () => {
    const { applyEvent } = Orders.prototype;
    vi.spyOn(Orders.prototype, "applyEvent").mockImplementation(function (this: Orders, event, us) {
      const change = applyEvent.call(this, event, us);
      const isDenied = event.type === "orderQueried" && event.outcome === "notFound";
      if (isDenied && change.order?.state === "unknown") change.order.state = "notAccepted";
      return change;
    });
    expect(sentencesOf(orders)).toContain("given up without proof");
  });

  test("whose cost is not booked have another amount of money", () => {
    vi.spyOn(OrderTable.prototype, "bookOrphan").mockImplementation(() => {});
    expect(sentencesOf(orders).join()).toMatch(/another amount|other fees/);
  });
});

// Goal: the judge of split brains sees each of the wrongs that it is there for, and nothing else.
import { describe, expect, test } from "vitest";
import { LEASE_TIMES, leaseMarginUs } from "../../../../contracts/lease.ts";
import type { PlaceOrder } from "../../../../hotpath/core/trade/commands.ts";
import { toAttributes } from "../../../../hotpath/io/aws/attributes.ts";
import { Kernel } from "../../../../local/sim/kernel/kernel.ts";
import { LeaseJudge } from "../../../../local/sim/lease/lease-judge.ts";
import { Trace } from "../../../../local/sim/lease/trace.ts";

const MARGIN_US = leaseMarginUs(LEASE_TIMES);

function orderOf(fence: number, command: number): PlaceOrder {
  return {
    type: "placeOrder",
    venue: 0,
    instrument: 0,
    command,
    fence,
    clientId: `${fence}-${command}`,
    side: "buy",
    timeInForce: "ioc",
    priceTicks: 1,
    lots: 1,
    purpose: "open",
    cycle: 0,
    leg: 0,
    stampUs: 0,
    windowUs: LEASE_TIMES.windowUs,
    limitsVersion: 0,
    books: [],
    isTest: false,
  };
}

class Bench {
  readonly kernel = new Kernel();
  readonly judge = new LeaseJudge(this.kernel, LEASE_TIMES, new Trace());

  /** A holder's write of the lease lands, asked for just now. */
  hold(holder: string, fence: number): void {
    const before = toAttributes({ holder: "before", fence: fence - 1 });
    this.judge.onWritten({ holder, fence, before, askedLocalUs: this.kernel.nowUs });
  }

  get sentences(): string[] {
    return this.judge.violations.map((each) => each.replace(/^\d+ ms: /, ""));
  }
}

describe("the judge", () => {
  test("has nothing against one holder after the other", () => {
    const bench = new Bench();
    bench.hold("a", 1);
    bench.judge.onSigned("a", orderOf(1, 1), true);
    bench.judge.onAccepted("a", orderOf(1, 1));
    bench.hold("b", 2);
    bench.judge.onSigned("b", orderOf(2, 1), true);
    bench.judge.onAccepted("b", orderOf(2, 1));
    bench.judge.onEnd(["b"], bench.kernel.nowUs, false);
    expect(bench.sentences).toEqual([]);
    expect(bench.judge).toMatchObject({ accepted: 2, signed: 2, takeovers: 2, lastHolder: "b" });
  });

  test("sees an order that was signed one microsecond below the margin", () => {
    const bench = new Bench();
    bench.hold("a", 1);
    bench.kernel.nowUs += LEASE_TIMES.ttlUs - MARGIN_US;
    bench.judge.onSigned("a", orderOf(1, 1), true);
    expect(bench.sentences).toEqual([]);
    bench.kernel.nowUs += 1;
    bench.judge.onSigned("a", orderOf(1, 2), true);
    expect(bench.sentences).toEqual([
      `1-2 was signed with ${MARGIN_US - 1} us left of ${MARGIN_US}`,
    ]);
  });

  test("sees a fence that nobody holds, one that two sign under, and an older one that still signs", () => {
    const bench = new Bench();
    bench.judge.onSigned("a", orderOf(1, 1), true);
    bench.hold("a", 2);
    bench.judge.onSigned("a", orderOf(2, 1), true);
    bench.hold("b", 2);
    bench.judge.onSigned("b", orderOf(2, 2), true);
    bench.hold("c", 3);
    bench.judge.onSigned("c", orderOf(3, 1), true);
    // A machine that slept believes its clock; the venue's window is what keeps its orders out.
    bench.judge.onSigned("a", orderOf(2, 3), false);
    bench.judge.onSigned("a", orderOf(2, 4), true);
    expect(bench.sentences).toEqual([
      "1-1 was signed under a fence that a does not hold",
      "a and b sign under fence 2",
      "2-4 was signed after fence 3",
    ]);
  });

  test("sees acceptances that go back, twice, or to and fro", () => {
    const bench = new Bench();
    bench.hold("a", 1);
    bench.hold("b", 2);
    bench.judge.onAccepted("a", orderOf(1, 1));
    bench.judge.onAccepted("b", orderOf(2, 1));
    bench.judge.onAccepted("a", orderOf(1, 2));
    bench.judge.onAccepted("b", orderOf(2, 1));
    expect(bench.sentences).toEqual([
      "1-2 was accepted after fence 2",
      "the terms of a and b overlap at 1-2",
      "2-1 was accepted twice",
      "the terms of b and a overlap at 2-1",
    ]);
  });

  test("sees a calm without a holder, with two, with one that does not trade, and with none that does", () => {
    const bench = new Bench();
    bench.hold("a", 1);
    bench.judge.onAccepted("a", orderOf(1, 1));
    const nowUs = bench.kernel.nowUs;
    bench.judge.onEnd(["a", "b"], nowUs, false);
    bench.judge.onEnd([], nowUs, true);
    bench.judge.onEnd(["b"], nowUs, false);
    bench.judge.onEnd(["a"], nowUs + 1, false);
    bench.judge.onEnd(["a"], nowUs + 1, true);
    expect(bench.sentences).toEqual([
      "in the calm 2 hold the lease",
      "in the calm 0 hold the lease",
      "in the calm b holds the lease and does not trade",
      "in the calm nobody trades",
    ]);
  });

  test("tells no more than it is worth reading", () => {
    const bench = new Bench();
    for (let command = 1; command <= 30; command++) {
      bench.judge.onSigned("a", orderOf(1, command), true);
    }
    expect(bench.judge.violations).toHaveLength(20);
  });
});

// Goal: no order leaves without time left of the lease, and an engine that has none ends by its own clock.
import { describe, expect, test } from "vitest";
import { LEASE_TIMES, leaseMarginUs } from "../../../../contracts/lease.ts";
import { MS, type RigOptions, SECOND, START_US, TradeRig } from "./rig.ts";

const MARGIN_US = leaseMarginUs(LEASE_TIMES);
const LEASE = { marginUs: MARGIN_US, stallUs: LEASE_TIMES.stallUs };
const LONG_US = 600 * SECOND;

function leased(options: RigOptions = {}): TradeRig {
  return new TradeRig({ ...options, plan: { lease: LEASE, ...options.plan } });
}

function grant(rig: TradeRig, us: number, openFromUs = 0): void {
  rig.event({ type: "leaseHeld", untilUs: rig.nowUs + us, openFromUs });
}

/** A rig that holds its lease for `us` more, with a cycle whose first leg is out. */
function underWay(us: number, clockErrorUs = MS): TradeRig {
  const rig = leased();
  grant(rig, LONG_US);
  rig.ready();
  rig.trade.standing.leaseUntilUs = rig.nowUs + us;
  const [venue] = rig.world.venues;
  if (venue !== undefined) venue.clockErrorUs = clockErrorUs;
  rig.opportunity();
  return rig;
}

describe("a plan with a lease", () => {
  test("lets nothing leave before the first word of it, and does not end for that", () => {
    const rig = leased();
    rig.ready();
    rig.opportunity();
    expect(rig.orders).toHaveLength(0);
    expect(rig.opportunities.at(-1)?.reason).toBe("the account is reconciling");
    expect(rig.all("halt")).toEqual([]);
  });

  test("passes over a first word that is out of date", () => {
    const rig = leased();
    grant(rig, -SECOND);
    expect(rig.all("halt")).toEqual([]);
    grant(rig, LONG_US);
    rig.ready();
    rig.opportunity();
    expect(rig.orders).toHaveLength(1);
  });

  test("trades once it is held", () => {
    const rig = leased();
    grant(rig, LONG_US);
    rig.ready();
    rig.opportunity();
    expect(rig.orders).toHaveLength(1);
  });

  test("denies what would leave less than the margin, where what is open is taken back", () => {
    expect(underWay(MARGIN_US).orders).toHaveLength(1);
    const short = underWay(MARGIN_US - 1);
    expect(short.orders).toHaveLength(0);
    expect(short.opportunities.at(-1)?.reason).toContain("PT31");
  });

  test("denies what would leave less than window, clock errors and a stall", () => {
    // The rig's window is a second; its clock is so badly known that the margin does not cover it.
    const errorUs = 2 * LEASE_TIMES.clockErrorUs;
    const neededUs = SECOND + 2 * errorUs + LEASE_TIMES.stallUs;
    expect(underWay(neededUs, errorUs).orders).toHaveLength(1);
    const short = underWay(neededUs - 1, errorUs);
    expect(short.orders).toHaveLength(0);
    expect(short.opportunities.at(-1)?.reason).toContain("PT31");
  });

  test("without one, the counter file is the fence and time means nothing", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.event({ type: "leaseLost", reason: "said by mistake" });
    grant(rig, -SECOND);
    rig.opportunity();
    expect(rig.orders).toHaveLength(1);
    expect(rig.all("halt")).toEqual([]);
  });
});

describe("a lease that runs out", () => {
  test("has what is open taken back while its margin lasts, told once, and ends the engine after", () => {
    const rig = underWay(10 * SECOND);
    rig.accept();
    expect(rig.orders).toHaveLength(1);
    rig.advance(10 * SECOND - MARGIN_US + 10 * MS, 10 * MS);
    expect(rig.all("cancelOrder").some(({ clientId }) => clientId === rig.order.clientId)).toBe(
      true,
    );
    expect(rig.all("recordAlarm").filter(({ alarm }) => alarm.kind === "leaseShort")).toHaveLength(
      1,
    );
    expect(rig.all("halt")).toEqual([]);
    rig.advance(MARGIN_US - 20 * MS, 10 * MS);
    expect(rig.all("halt")).toEqual([]);
    rig.advance(10 * MS, 10 * MS);
    expect(rig.last("halt")?.reason).toBe("leaseLost: it was not renewed in time");
  });

  test("is noticed by the loop's own timer", () => {
    const rig = underWay(10 * SECOND);
    rig.end("canceled", 0);
    expect(rig.trader.dueUs()).toBeLessThanOrEqual(rig.nowUs + 10 * SECOND - MARGIN_US + 1);
  });

  test("goes on when a renewal comes within the margin", () => {
    const rig = underWay(10 * SECOND);
    rig.accept();
    rig.advance(10 * SECOND - MARGIN_US / 2, 50 * MS);
    expect(rig.trade.standing.isLeaseEnding).toBe(true);
    grant(rig, LONG_US);
    expect(rig.trade.standing.isLeaseEnding).toBe(false);
    rig.end("canceled", 0);
    rig.advance(10 * SECOND);
    expect(rig.all("halt")).toEqual([]);
  });

  test("does not come back by a renewal that is late", () => {
    const rig = underWay(10 * SECOND);
    rig.trade.standing.leaseUntilUs = rig.nowUs;
    grant(rig, LONG_US);
    expect(rig.trade.standing.leaseUntilUs).toBe(rig.nowUs);
    expect(rig.last("halt")?.reason).toContain("leaseLost");
  });

  test("is never shortened by an older word", () => {
    const rig = underWay(LONG_US);
    const untilUs = rig.trade.standing.leaseUntilUs;
    grant(rig, SECOND);
    expect(rig.trade.standing.leaseUntilUs).toBe(untilUs);
  });

  test("ends nothing by itself while the engine is being stopped", () => {
    const rig = underWay(10 * SECOND);
    rig.end("canceled", 0);
    rig.world.stopping = true;
    rig.advance(11 * SECOND);
    expect(rig.all("halt")).toEqual([]);
  });
});

describe("a lease that was lost", () => {
  test("ends the engine in the same tick, and sends not even a cancel", () => {
    const rig = underWay(LONG_US);
    rig.accept();
    const before = rig.out.length;
    rig.event({ type: "leaseLost", reason: "fence 9 is another's" });
    const sent = rig.out.slice(before).filter(({ type }) => type !== "halt");
    expect(rig.last("halt")?.reason).toBe("leaseLost: fence 9 is another's");
    expect(sent.filter(({ type }) => type === "placeOrder" || type === "cancelOrder")).toEqual([]);
  });
});

describe("a successor", () => {
  test("reads the account again and again, and opens only when nothing old can come out", () => {
    const rig = leased();
    grant(rig, LONG_US, START_US + 10 * SECOND);
    rig.advance(MS, MS);
    rig.event({ type: "accountReady", ...rig.stamp() });
    rig.fees(1_000_000);
    const phase = () => rig.trade.accounts[0]?.phase;
    const balances = { USDT: "10000" };
    for (let second = 1; second < 10; second++) {
      rig.read(balances);
      expect(phase()).toBe("reconciling");
      rig.advance(SECOND);
    }
    expect(rig.all("readAccount").length).toBeGreaterThan(5);
    rig.advance(2 * SECOND);
    rig.read(balances);
    rig.advance(2 * SECOND);
    rig.read(balances);
    expect(phase()).toBe("ready");
  });

  test("does not open on a reading that was asked for while something old could still come out", () => {
    const rig = leased();
    grant(rig, LONG_US, START_US + 10 * SECOND);
    rig.advance(MS, MS);
    rig.event({ type: "accountReady", ...rig.stamp() });
    rig.fees(1_000_000);
    const account = rig.trade.accounts[0];
    rig.nowUs = START_US + 10 * SECOND;
    rig.read({ USDT: "10000" });
    expect(account?.phase).toBe("reconciling");
    rig.advance(2 * SECOND);
    rig.read({ USDT: "10000" });
    expect(account?.phase).toBe("ready");
  });

  test("opens nothing before the first word of the lease has told from when it may", () => {
    const rig = leased();
    rig.ready();
    expect(rig.trade.accounts[0]?.phase).toBe("reconciling");
    grant(rig, LONG_US);
    rig.advance(2 * SECOND);
    rig.read({ USDT: "10000" });
    expect(rig.trade.accounts[0]?.phase).toBe("ready");
  });
});

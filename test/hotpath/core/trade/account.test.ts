// Goal: an account is ready only while it is connected, read and in agreement, and is dialed anew when not.
import { describe, expect, test } from "vitest";
import { openAccount } from "../../../../hotpath/core/trade/account.ts";
import { MS, SECOND, START_US, TradeRig } from "./rig.ts";
import { weight } from "./weight.ts";

const BALANCES = { USDT: "10000" };

function phaseOf(rig: TradeRig): string | undefined {
  return rig.trade.accounts[0]?.phase;
}

/** Logs on and tells of fees; the reading is still to be answered. */
function loggedOn(rig: TradeRig): TradeRig {
  rig.advance(MS, MS);
  rig.event({ type: "accountReady", ...rig.stamp() });
  return rig;
}

/** When each dial left, in microseconds since the first. */
function dialTimes(rig: TradeRig, untilUs: number, answer: () => void): number[] {
  const times: number[] = [];
  let seen = 0;
  const firstUs = rig.nowUs;
  while (rig.nowUs - firstUs < untilUs) {
    rig.advance(10 * MS, 10 * MS);
    const dials = rig.all("openAccount").length;
    if (dials === seen) continue;
    seen = dials;
    times.push(rig.nowUs - firstUs);
    answer();
  }
  return times;
}

describe("opening", () => {
  test("is dialed by the first timer, and asked about everything once it is logged on", () => {
    const rig = new TradeRig();
    expect(rig.trader.dueUs()).toBeLessThanOrEqual(START_US);
    rig.advance(MS, MS);
    expect(rig.last("openAccount")).toMatchObject({ venue: 0, epoch: 1, timeoutUs: 10 * SECOND });
    expect(phaseOf(rig)).toBe("opening");
    rig.event({ type: "accountReady", ...rig.stamp() });
    expect(phaseOf(rig)).toBe("reconciling");
    expect(rig.all("readAccount")).toHaveLength(1);
    expect(rig.all("readFees")).toHaveLength(1);
    rig.read(BALANCES);
    expect(phaseOf(rig)).toBe("ready");
    expect(rig.total("USDT")).toBe("10000");
  });

  test("trades are read from a while before the account was first opened", () => {
    const rig = loggedOn(new TradeRig());
    const sinceUs = rig.last("readAccount")?.tradesSinceUs ?? 0;
    expect(rig.nowUs - sinceUs).toBeGreaterThanOrEqual(60 * SECOND);
    expect(rig.nowUs - sinceUs).toBeLessThan(61 * SECOND);
  });

  test("a logon without an answer is given up after its time, and dialed anew", () => {
    const rig = new TradeRig();
    rig.advance(11 * SECOND);
    expect(rig.last("closeAccount")).toMatchObject({ epoch: 1, reason: "no answer to the logon" });
    expect(rig.last("openAccount")?.epoch).toBe(2);
  });

  test("connections are dials of the venue: an account waits for as many as it needs", () => {
    const rig = new TradeRig({ venue: { dialsToOpen: 2 } });
    const [venue] = rig.world.venues;
    if (venue === undefined) throw new Error("there is one");
    venue.dialTokens = 1;
    venue.dialTokensUs = rig.nowUs;
    rig.advance(10 * MS, MS);
    expect(rig.all("openAccount")).toHaveLength(0);
    expect(rig.trader.dueUs()).toBeGreaterThan(rig.nowUs);
    rig.advance(4 * SECOND);
    expect(rig.all("openAccount")).toHaveLength(1);
    expect(venue.dialTokens).toBeLessThan(1);
  });

  test("on paper nothing is dialed", () => {
    const rig = new TradeRig({ venue: { mode: "paper", paperBalances: BALANCES, dialsToOpen: 2 } });
    const [venue] = rig.world.venues;
    const before = venue?.dialTokens;
    rig.advance(MS, MS);
    expect(rig.all("openAccount")).toHaveLength(1);
    expect(venue?.dialTokens).toBe(before);
  });

  test("an account that is open is not opened", () => {
    const rig = loggedOn(new TradeRig());
    const [account] = rig.trade.accounts;
    if (account === undefined) throw new Error("there is one");
    expect(() => openAccount(account, rig.nowUs, [])).toThrow("is opened when it is closed");
  });
});

describe("being lost", () => {
  test("dials that fail are made ever more rarely, up to a cap", () => {
    const rig = new TradeRig({ plan: { backoffInitialUs: 100 * MS, backoffCapUs: 2 * SECOND } });
    const times = dialTimes(rig, 12 * SECOND, () =>
      rig.event({ type: "accountClosed", ...rig.stamp(), reason: "refused" }),
    );
    const pauses = times.slice(1).map((time, i) => (time - (times[i] ?? 0)) / MS);
    expect(pauses.slice(0, 6)).toEqual([10, 100, 200, 400, 800, 1600]);
    expect(Math.max(...pauses)).toBe(2000);
  });

  test("one that was ready for long is dialed at once, whatever it took to open it", () => {
    const rig = new TradeRig({ plan: { backoffCapUs: 2 * SECOND } });
    dialTimes(rig, 4 * SECOND, () =>
      rig.event({ type: "accountClosed", ...rig.stamp(), reason: "refused" }),
    );
    while (phaseOf(rig) !== "opening") rig.advance(10 * MS, 10 * MS);
    rig.event({ type: "accountReady", ...rig.stamp() });
    rig.read(BALANCES);
    rig.advance(5 * SECOND);
    expect(phaseOf(rig)).toBe("ready");
    const { epoch } = rig.stamp();
    rig.event({ type: "accountClosed", ...rig.stamp(), reason: "cut" });
    expect(rig.stamp().epoch).toBe(epoch + 1);
    expect(phaseOf(rig)).toBe("opening");
  });

  test("a silent stream is ended; one that gives signs of life is not", () => {
    const rig = new TradeRig({ plan: { accountSilenceUs: 5 * SECOND } });
    rig.ready();
    for (let second = 0; second < 10; second++) {
      rig.event({ type: "accountHeard", ...rig.stamp() });
      rig.advance(SECOND);
    }
    expect(rig.all("closeAccount")).toHaveLength(0);
    rig.advance(5 * SECOND);
    expect(rig.last("closeAccount")?.reason).toBe("the private stream is silent");
    expect(phaseOf(rig)).toBe("opening");
  });

  test("what comes of questions is no sign of life of the stream, be it answered or not", () => {
    const plan = { accountSilenceUs: 10 * SECOND, reconcileIntervalUs: 3 * SECOND };
    const rig = new TradeRig({ plan });
    rig.ready();
    for (let i = 0; i < 4; i++) {
      rig.advance(3 * SECOND);
      rig.read(BALANCES, { outcome: i % 2 === 0 ? "failed" : "read" });
    }
    expect(rig.last("closeAccount")?.reason).toBe("the private stream is silent");
  });

  test("what an earlier connection says of itself changes nothing, but a fill of it counts", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    const old = rig.stamp();
    rig.event({ type: "accountClosed", ...old, reason: "cut" });
    rig.advance(200 * MS);
    rig.event({ type: "accountReady", ...rig.stamp() });
    const readings = rig.all("readAccount").length;
    rig.event({ type: "accountReady", ...old });
    rig.event({ type: "accountClosed", ...old, reason: "again" });
    rig.event({ type: "feesRead", ...old, fees: [] });
    rig.event({
      type: "accountRead",
      ...old,
      requestId: rig.last("readAccount")?.requestId ?? 0,
      outcome: "read",
      balances: [],
      openOrders: [],
      fills: [],
      reason: "",
    });
    expect(phaseOf(rig)).toBe("reconciling");
    expect(rig.all("readAccount")).toHaveLength(readings);
    const told = rig.trade.counts.fills;
    const { lots, priceTicks, clientId, instrument, side } = rig.order;
    const fee = { fee: "0", feeAsset: "BTC", isMaker: false } as const;
    const fill = {
      clientId,
      orderId: "",
      instrument,
      tradeId: "1",
      side,
      priceTicks,
      lots,
      ...fee,
    };
    const exchangeUs = rig.nowUs;
    rig.event({ type: "orderFilled", ...old, source: "stream", fill: { ...fill, exchangeUs } });
    expect(rig.trade.counts.fills).toBe(told + 1);
  });

  test("every account is closed at the end, and closing what is closed says nothing", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.trader.onShutdown();
    rig.trader.onShutdown();
    expect(rig.world.outbox).toMatchObject([{ type: "closeAccount", reason: "shutdown" }]);
    rig.world.outbox.length = 0;
    rig.world.stopping = true;
    rig.advance(20 * SECOND);
    expect(rig.all("openAccount")).toHaveLength(1);
  });
});

describe("readings", () => {
  test("a failed one is followed by the next, and the account is not ready before", () => {
    const rig = loggedOn(new TradeRig());
    rig.read(BALANCES, { outcome: "failed", reason: "timeout" });
    expect(phaseOf(rig)).toBe("reconciling");
    rig.advance(SECOND / 2);
    expect(rig.all("readAccount")).toHaveLength(1);
    rig.advance(SECOND);
    expect(rig.all("readAccount")).toHaveLength(2);
    rig.read(BALANCES);
    expect(phaseOf(rig)).toBe("ready");
  });

  test("one that is never answered is asked again; the late answer is not taken", () => {
    const rig = loggedOn(new TradeRig());
    const requestId = rig.last("readAccount")?.requestId ?? 0;
    rig.advance(16 * SECOND);
    expect(rig.all("readAccount")).toHaveLength(2);
    rig.read(BALANCES, { requestId });
    expect(phaseOf(rig)).toBe("reconciling");
    rig.read(BALANCES);
    expect(phaseOf(rig)).toBe("ready");
  });

  test("a ready account is read again at every interval", () => {
    const rig = new TradeRig({ plan: { reconcileIntervalUs: 5 * SECOND } });
    rig.ready();
    const before = rig.all("readAccount").length;
    for (let i = 0; i < 3; i++) {
      rig.advance(5 * SECOND);
      rig.read(BALANCES);
    }
    expect(rig.all("readAccount").length - before).toBe(3);
  });

  test("a balance that stays different blocks the account with its reason until it is explained", () => {
    const rig = new TradeRig({ plan: { reconcileIntervalUs: 10 * SECOND } });
    rig.ready();
    for (let i = 0; i < 4; i++) {
      rig.advance(11 * SECOND);
      rig.read({ USDT: "9000" });
    }
    expect(rig.trade.accounts[0]?.blockedReason).toContain("USDT");
    expect(rig.all("recordAlarm").map(({ alarm }) => alarm.kind)).toContain("balanceDiffers");
    rig.fair("ETHUSDT");
    rig.opportunity();
    expect(rig.orders).toHaveLength(0);
    rig.advance(11 * SECOND);
    rig.read(BALANCES);
    expect(rig.trade.accounts[0]?.blockedReason).toBe("");
  });

  test("a reading that differs is asked again as soon as a second one counts, not at the next interval", () => {
    const rig = new TradeRig({ plan: { reconcileIntervalUs: 10 * SECOND } });
    rig.ready();
    rig.advance(11 * SECOND);
    const before = rig.all("readAccount").length;
    rig.read({ USDT: "9000" });
    rig.advance(3 * SECOND, SECOND);
    expect(rig.all("readAccount").length).toBe(before + 1);
    rig.read({ USDT: "9000" });
    expect(rig.trade.accounts[0]?.blockedReason).toContain("USDT");
    // What is blocked is not pressed any more.
    rig.advance(6 * SECOND, SECOND);
    expect(rig.all("readAccount").length).toBe(before + 1);
  });

  test("an account whose first reading differs is not ready before another one has decided", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.event({ type: "accountClosed", ...rig.stamp(), reason: "cut" });
    loggedOn(rig);
    rig.read({ USDT: "9000" });
    expect(phaseOf(rig)).toBe("reconciling");
    for (let i = 0; i < 2; i++) {
      rig.advance(2 * SECOND);
      rig.read({ USDT: "9000" });
      expect(phaseOf(rig)).toBe("reconciling");
    }
    expect(rig.trade.accounts[0]?.blockedReason).toContain("USDT");
    rig.advance(5 * SECOND);
    rig.read(BALANCES);
    expect(phaseOf(rig)).toBe("ready");
  });

  test("trades are read from the last reading that agreed on, not from one that differs", () => {
    const rig = new TradeRig({ plan: { reconcileIntervalUs: 10 * SECOND } });
    rig.ready();
    rig.advance(11 * SECOND);
    rig.read(BALANCES);
    const agreedUs = rig.trade.accounts[0]?.agreedUs;
    rig.advance(11 * SECOND);
    rig.read({ USDT: "9000" });
    expect(rig.trade.accounts[0]?.agreedUs).toBe(agreedUs);
  });

  test("a reading that differs by what an order in flight might explain has not agreed", () => {
    const rig = new TradeRig({ plan: { reconcileIntervalUs: 10 * SECOND } });
    rig.ready();
    rig.advance(11 * SECOND);
    rig.read(BALANCES);
    const agreedUs = rig.trade.accounts[0]?.agreedUs;
    rig.opportunity();
    const orderId = rig.accept();
    rig.advance(11 * SECOND);
    const { clientId, instrument, side, priceTicks, lots } = rig.order;
    const words = { orderId, state: "open", filledLots: 0, reason: "" } as const;
    const shown = { clientId, instrument, side, priceTicks, lots, exchangeUs: rig.nowUs, ...words };
    const openOrders = [shown];
    rig.read({ ...BALANCES, USDT: "9999.5" }, { openOrders });
    expect(rig.trade.orders.table.unprovenSinceUs[0]).toBeGreaterThan(0);
    expect(rig.trade.accounts[0]?.agreedUs).toBe(agreedUs);
    expect(rig.trade.accounts[0]?.blockedReason).toBe("");
  });

  test("an order that only a reading shows to be filled is told of once, like any other", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    const { clientId, instrument, side, priceTicks, lots } = rig.order;
    const orderId = rig.accept();
    rig.advance(31 * SECOND, SECOND);
    const { nowUs: exchangeUs } = rig;
    const trade = { tradeId: "1", priceTicks, lots, fee: "0", feeAsset: "BTC", isMaker: false };
    const fills = [{ clientId, orderId, instrument, side, exchangeUs, ...trade }];
    rig.read({}, { fills });
    rig.advance(31 * SECOND, SECOND);
    rig.read({}, { fills });
    const records = rig.all("recordOrder").filter(({ order }) => order.clientId === clientId);
    expect(records).toMatchObject([{ order: { state: "filled", filledLots: lots } }]);
    expect(rig.trade.orders.table.get(clientId)?.fills).toHaveLength(1);
    expect(rig.trade.counts.fills).toBe(1);
  });

  test("those that fail open the breaker of reads, and those that are answered close it", () => {
    const rig = new TradeRig({ plan: { reconcileIntervalUs: 5 * SECOND } });
    rig.ready();
    const { reads } = rig.trade.risk.venue(0).breakers;
    const read = (outcome: "read" | "failed") => {
      rig.event({ type: "accountHeard", ...rig.stamp() });
      rig.advance(6 * SECOND, SECOND);
      rig.read(BALANCES, { outcome });
    };
    for (let i = 0; i < 5; i++) read("failed");
    expect(reads.state).toBe("open");
    for (let i = 0; i < 13; i++) read("read");
    expect(reads.state).toBe("closed");
  });

  test("a gap in the stream asks for a reading at once, and about every order that lives", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    rig.accept();
    const [readings, queries] = [rig.all("readAccount").length, rig.all("queryOrder").length];
    rig.event({ type: "accountGap", ...rig.stamp(), reason: "sequence 7 after 5" });
    rig.advance(MS, MS);
    expect(rig.all("readAccount").length).toBe(readings + 1);
    expect(rig.all("queryOrder").length).toBe(queries + 1);
  });

  test("no reading leaves before the rates allow it", () => {
    const rig = new TradeRig({ venue: { rates: [weight({ readAccount: 200 })] } });
    loggedOn(rig);
    rig.advance(3 * SECOND);
    expect(rig.all("readAccount")).toHaveLength(0);
    expect(phaseOf(rig)).toBe("reconciling");
  });
});

describe("fees", () => {
  test("are asked again when the answer fails to come, and once an hour", () => {
    const rig = loggedOn(new TradeRig({ plan: { accountSilenceUs: 7200 * SECOND } }));
    rig.event({ type: "feesFailed", ...rig.stamp(), reason: "timeout" });
    rig.advance(16 * SECOND, SECOND);
    expect(rig.all("readFees")).toHaveLength(2);
    rig.fees(1_000_000);
    rig.read(BALANCES);
    rig.advance(3500 * SECOND, 10 * SECOND);
    expect(rig.all("readFees")).toHaveLength(2);
    rig.advance(110 * SECOND, 10 * SECOND);
    expect(rig.all("readFees")).toHaveLength(3);
    rig.advance(10 * SECOND, SECOND);
    expect(rig.all("readFees")).toHaveLength(3);
  });

  test.each([-1, Number.NaN, 0.5, 600_000_000])(
    "a rate of %d is told and not taken",
    (takerPpb) => {
      const rig = loggedOn(new TradeRig());
      const fee = {
        instrument: 0,
        makerPpb: 0,
        takerPpb,
        paidIn: "received",
        feeAsset: "",
      } as const;
      rig.event({ type: "feesRead", ...rig.stamp(), fees: [fee] });
      expect(rig.trade.accounts[0]?.fees.size).toBe(0);
      expect(rig.last("recordAlarm")?.alarm).toMatchObject({
        kind: "feeUnreadable",
        instrument: 0,
      });
    },
  );

  test("a rate of an instrument that the venue does not have is told and not taken", () => {
    const rig = loggedOn(new TradeRig());
    const fee = {
      instrument: 99,
      makerPpb: 0,
      takerPpb: 1,
      paidIn: "quote",
      feeAsset: "",
    } as const;
    rig.event({ type: "feesRead", ...rig.stamp(), fees: [fee] });
    expect(rig.trade.accounts[0]?.fees.size).toBe(0);
    expect(rig.last("recordAlarm")?.alarm.kind).toBe("feeUnreadable");
  });
});

describe("the dead man's switch", () => {
  test("is armed as soon as the account is open, and renewed long before it runs out", () => {
    const rig = new TradeRig({ venue: { hasDeadMan: true } });
    rig.ready();
    expect(rig.all("armDeadMan")).toMatchObject([{ venue: 0, timeoutUs: 60 * SECOND }]);
    rig.advance(20 * SECOND);
    expect(rig.all("armDeadMan")).toHaveLength(2);
    rig.advance(20 * SECOND);
    expect(rig.all("armDeadMan")).toHaveLength(3);
  });

  test("is armed anew on a new connection", () => {
    const rig = new TradeRig({ venue: { hasDeadMan: true } });
    rig.ready();
    rig.event({ type: "accountClosed", ...rig.stamp(), reason: "cut" });
    rig.advance(SECOND);
    rig.event({ type: "accountReady", ...rig.stamp() });
    expect(rig.all("armDeadMan")).toHaveLength(2);
  });

  test("is left alone on paper, where nothing rests", () => {
    const rig = new TradeRig({
      venue: { hasDeadMan: true, mode: "paper", paperBalances: BALANCES },
    });
    rig.ready();
    rig.advance(60 * SECOND);
    expect(rig.all("armDeadMan")).toHaveLength(0);
  });
});

describe("what else an account says", () => {
  test("a refusal for the clock has it measured at once", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.opportunity();
    const [venue] = rig.world.venues;
    if (venue === undefined) throw new Error("there is one");
    venue.clockNextUs = rig.nowUs + 100 * SECOND;
    rig.refuse("clock", "-1021");
    expect(venue.clockNextUs).toBeLessThanOrEqual(rig.nowUs + 100 * SECOND - 1);
  });

  test("a contradiction is alarmed, and stops the venue", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.event({ type: "accountContradicted", ...rig.stamp(), reason: "account 5 is not 4" });
    expect(rig.last("recordAlarm")?.alarm).toMatchObject({
      severity: 1,
      kind: "accountContradicted",
    });
    expect(rig.trade.risk.kills.has("venue", "binance-spot")).toBe(true);
  });

  test("what the venue says of a rate is taken up", () => {
    const rig = new TradeRig({ venue: { rates: [weight({ placeOrder: 1 })] } });
    rig.ready();
    rig.event({ type: "usageReported", ...rig.stamp(), rate: "weight", instrument: -1, used: 100 });
    rig.opportunity();
    expect(rig.orders).toHaveLength(0);
    expect(rig.opportunities.at(-1)?.decision).toBe("denied");
  });

  test("a deposit moves the ledger without a trade", () => {
    const rig = new TradeRig();
    rig.ready();
    rig.event({
      type: "balanceReported",
      ...rig.stamp(),
      balances: [{ asset: "USDT", free: "", held: "", total: "" }],
      cause: "transfer",
      delta: "250",
      exchangeUs: rig.nowUs,
    });
    expect(rig.total("USDT")).toBe("10250");
  });
});

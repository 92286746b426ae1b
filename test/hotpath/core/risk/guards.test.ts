// Goal: breakers, congestion and the portfolio's levels tighten at once and relax only as they promise.
import { describe, expect, test } from "vitest";
import { Breaker } from "../../../../hotpath/core/risk/breaker.ts";
import { Congestion } from "../../../../hotpath/core/risk/congestion.ts";
import { Portfolio } from "../../../../hotpath/core/risk/portfolio.ts";

const S = 1_000_000;

describe("a breaker", () => {
  function opened(): Breaker {
    const breaker = new Breaker();
    for (let i = 0; i < 5; i++) breaker.onFailed(10 * S);
    return breaker;
  }

  test("opens with the fifth failure in a row, not with five that are not", () => {
    const breaker = new Breaker();
    for (let i = 0; i < 4; i++) breaker.onFailed(0);
    breaker.onAnswered();
    for (let i = 0; i < 4; i++) breaker.onFailed(0);
    expect([breaker.state, breaker.mayPass(0)]).toEqual(["closed", true]);
    breaker.onFailed(0);
    expect([breaker.state, breaker.mayPass(0)]).toEqual(["open", false]);
  });

  test("lets three probes through after its pause, and closes when all are answered", () => {
    const breaker = opened();
    expect(breaker.mayPass(70 * S - 1)).toBe(false);
    for (let i = 0; i < 3; i++) {
      expect(breaker.mayPass(70 * S)).toBe(true);
      breaker.onSent(70 * S);
    }
    expect([breaker.state, breaker.mayPass(70 * S)]).toEqual(["halfOpen", false]);
    breaker.onAnswered();
    breaker.onAnswered();
    expect(breaker.state).toBe("halfOpen");
    breaker.onAnswered();
    expect([breaker.state, breaker.mayPass(70 * S)]).toEqual(["closed", true]);
    breaker.onSent(71 * S);
    expect(breaker.state).toBe("closed");
  });

  test("opens again with the first probe that fails, for the whole pause", () => {
    const breaker = opened();
    breaker.onSent(70 * S);
    breaker.onFailed(71 * S);
    expect(breaker.state).toBe("open");
    expect(breaker.mayPass(131 * S - 1)).toBe(false);
    expect(breaker.mayPass(131 * S)).toBe(true);
  });

  test("is not prolonged by failures of what was sent before it opened", () => {
    const breaker = opened();
    breaker.onFailed(60 * S);
    expect(breaker.mayPass(70 * S)).toBe(true);
  });

  test("tries again when nobody ever answers its probes", () => {
    const breaker = opened();
    for (let i = 0; i < 3; i++) breaker.onSent(70 * S);
    expect(breaker.mayPass(130 * S - 1)).toBe(false);
    expect(breaker.mayPass(130 * S)).toBe(true);
    breaker.onSent(130 * S);
    breaker.onAnswered();
    expect(breaker.state).toBe("halfOpen");
  });

  test("does not take what must leave through it (a cancel) for a probe", () => {
    const breaker = opened();
    breaker.onSent(20 * S);
    expect(breaker.state).toBe("open");
  });
});

describe("congestion", () => {
  test("begins when the mean of the window reaches the threshold, not before ten round trips", () => {
    const congestion = new Congestion(2 * S);
    for (let i = 0; i < 9; i++) congestion.observe(60 * S);
    expect(congestion.isCongested).toBe(false);
    congestion.observe(60 * S);
    expect(congestion.isCongested).toBe(true);
  });

  test("ends after a full window of good ones, and one bad one begins it anew", () => {
    const congestion = new Congestion(2 * S);
    for (let i = 0; i < 50; i++) congestion.observe(2 * S);
    for (let i = 0; i < 49; i++) congestion.observe(1000);
    congestion.observe(2 * S);
    for (let i = 0; i < 49; i++) congestion.observe(1000);
    expect(congestion.isCongested).toBe(true);
    congestion.observe(1000);
    expect(congestion.isCongested).toBe(false);
    // The bad ones have left the window, and the mean with them.
    expect(congestion.meanUs).toBe(1000);
  });

  test("has no mean before the first round trip, and knows no negative one", () => {
    const congestion = new Congestion(2 * S);
    expect(congestion.meanUs).toBe(0);
    expect(() => congestion.observe(-1)).toThrow();
    expect(() => new Congestion(0)).toThrow();
  });
});

describe("the portfolio", () => {
  /** Equity was at its highest a minute ago and is this now. */
  function fallenTo(equity: number): Portfolio {
    const portfolio = new Portfolio();
    portfolio.observeEquity(1000, 0);
    portfolio.observeEquity(equity, 60 * S);
    return portfolio;
  }

  test.each<[number, string]>([
    [951, "healthy"],
    [950, "caution"],
    [901, "caution"],
    [900, "critical"],
    [801, "critical"],
    [800, "terminal"],
    [0, "terminal"],
  ])("at %d of 1000 is %s", (equity, level) => {
    const portfolio = fallenTo(equity);
    expect(portfolio.update(0, 0, 60 * S)).toBe(level !== "healthy");
    expect(portfolio.level).toBe(level);
    expect(portfolio.reason === "").toBe(level === "healthy");
  });

  test.each<[number, number, string]>([
    [6, 9, "healthy"],
    [7, 0, "caution"],
    [0, 10, "caution"],
    [14, 0, "critical"],
    [0, 25, "critical"],
    [28, 0, "terminal"],
    [0, 50, "terminal"],
  ])("with %d losses in a row and %d refusals of 50 is %s", (losses, rejects, level) => {
    const portfolio = new Portfolio();
    portfolio.update(losses, rejects, 0);
    expect(portfolio.level).toBe(level);
  });

  test("counts faults of sizing within half an hour", () => {
    const portfolio = new Portfolio();
    for (let i = 0; i < 2; i++) portfolio.onSizingFault(0);
    expect(portfolio.update(0, 0, 0)).toBe(false);
    portfolio.onSizingFault(0);
    expect(portfolio.update(0, 0, 0)).toBe(true);
    expect(portfolio.level).toBe("caution");
    portfolio.update(0, 0, 1801 * S);
    portfolio.update(0, 0, 1861 * S);
    expect(portfolio.level).toBe("healthy");
  });

  test("worsens at once and betters only after a minute that was good throughout", () => {
    const portfolio = new Portfolio();
    portfolio.update(14, 0, 0);
    expect(portfolio.level).toBe("critical");
    expect(portfolio.update(0, 0, 1 * S)).toBe(false);
    expect(portfolio.update(0, 0, 60 * S)).toBe(false);
    // A relapse within the minute begins it anew.
    expect(portfolio.update(14, 0, 60 * S)).toBe(false);
    expect(portfolio.update(0, 0, 61 * S)).toBe(false);
    expect(portfolio.update(0, 0, 121 * S - 1)).toBe(false);
    expect(portfolio.update(0, 0, 121 * S)).toBe(true);
    expect([portfolio.level, portfolio.reason]).toEqual(["healthy", ""]);
  });

  test("forgets a peak after half an hour, however long nobody looked", () => {
    const portfolio = fallenTo(900);
    expect(portfolio.drawdownPpm()).toBe(100_000);
    portfolio.observeEquity(900, 1795 * S);
    expect(portfolio.drawdownPpm()).toBe(100_000);
    portfolio.observeEquity(900, 1800 * S);
    expect(portfolio.drawdownPpm()).toBe(0);
    portfolio.observeEquity(850, 100_000 * S);
    expect(portfolio.drawdownPpm()).toBe(0);
  });

  test("knows no drawdown of an equity that is not known", () => {
    const portfolio = new Portfolio();
    portfolio.observeEquity(Number.NaN, 0);
    expect(portfolio.drawdownPpm()).toBe(0);
    portfolio.observeEquity(0, 0);
    expect(portfolio.drawdownPpm()).toBe(0);
  });

  test("leaves terminal by a person's word alone, also after a restart", () => {
    const portfolio = fallenTo(800);
    portfolio.update(0, 0, 60 * S);
    portfolio.update(0, 0, 3600 * S);
    expect(portfolio.level).toBe("terminal");
    const restarted = new Portfolio();
    expect(restarted.importState(JSON.parse(JSON.stringify(portfolio.exportState())))).toBe(true);
    restarted.update(0, 0, 7200 * S);
    expect(restarted.level).toBe("terminal");
    restarted.forgive();
    expect([restarted.level, restarted.reason]).toEqual(["healthy", ""]);
    expect(new Portfolio().importState(restarted.exportState())).toBe(true);
  });

  test.each([undefined, null, 7, {}, { version: 2, isTerminal: true }, { version: 1 }])(
    "refuses a state that is damaged: %j",
    (state) => {
      expect(new Portfolio().importState(state)).toBe(false);
    },
  );
});

// Goal: the panel of trading shows what was done and what is wrong, and gives way when room is short.
import { describe, expect, test } from "vitest";
import { plainLine } from "../../../bin/view/plain-line.ts";
import { renderView } from "../../../bin/view/render.ts";
import { type Line, lineWidth, plainText } from "../../../bin/view/spans.ts";
import { tradingLines } from "../../../bin/view/trading.ts";
import type { ShownCycle, ViewInput } from "../../../bin/view/view-input.ts";
import type { TradingStatus } from "../../../contracts/trading-status.ts";
import { accountStatus, busyStatus, tradingStatus } from "../../fixtures/status/status-fixture.ts";

const CYCLES: readonly ShownCycle[] = [
  {
    venue: 0,
    ending: "FILLED",
    reason: "",
    triangle: ["USDT", "BTC", "ETH"],
    effectiveBps: "12.4000",
    profit: "1.24",
    profitAsset: "USDT",
    totalUs: 3_100,
  },
  {
    venue: 7,
    ending: "FAILED",
    reason: "leg 1 rejected",
    triangle: ["USDT", "SOL", "BTC"],
    effectiveBps: "-3.1000",
    profit: "-0.31",
    profitAsset: "USDT",
    totalUs: 8_000,
  },
];

function inputOf(trading: TradingStatus | null, cycles = CYCLES): ViewInput {
  const status = { ...busyStatus(), trading };
  return { status, previous: null, cycles, truth: null, hint: "" };
}

function text(lines: readonly Line[]): string {
  return lines.map(plainText).join("\n");
}

describe("the panel", () => {
  test("is not there where no account trades", () => {
    expect(tradingLines(inputOf(null), 20)).toEqual([]);
  });

  test("shows sums, accounts and the last cycles, newest first", () => {
    expect(text(tradingLines(inputOf(tradingStatus()), 20))).toMatchInlineSnapshot(`
      "trading       12 filled  2 failed  1 aborted  1 open  44 orders  51 fills  5 denied
        binance-spot  simulated ready       +3.25 USDT              1 open
                      FAILED    USDT>SOL>BTC          -3.1000 bp  -0.31 USDT  8.00 ms  leg 1 rejected
        binance-spot  FILLED    USDT>BTC>ETH          12.4000 bp  +1.24 USDT  3.10 ms
      "
    `);
  });

  test("speaks up where something is wrong", () => {
    const { counts } = tradingStatus();
    const kill = {
      scope: "venue",
      target: "kraken",
      by: "anna",
      reason: "odd\u001b",
      atUs: 1,
    } as const;
    const trading = tradingStatus({
      isDraining: true,
      counts: { ...counts, unknownOpen: 2, ordersOnInvalidBook: 1 },
      kills: [kill, { ...kill, scope: "all", target: "" }, kill, kill, kill],
      accounts: [
        accountStatus({
          phase: "opening",
          blocked: "no fee",
          unknownOrders: 2,
          drift: { BTC: "1" },
        }),
      ],
    });
    const shown = text(tradingLines(inputOf(trading), 20));
    for (const words of [
      "2 unknown  1 on invalid books  draining",
      "killed        venue kraken by anna: odd·",
      "killed        all by anna",
      "and 2 more",
      "2 unknown  drift BTC  no fee",
    ]) {
      expect(shown).toContain(words);
    }
  });

  test("folds cycles first, then accounts, never a kill", () => {
    const kill = { scope: "all", target: "", by: "anna", reason: "odd", atUs: 1 } as const;
    const input = inputOf(tradingStatus({ kills: [kill] }));
    expect(text(tradingLines(input, 4))).not.toContain("FILLED");
    expect(text(tradingLines(input, 4))).toContain("simulated");
    expect(text(tradingLines(input, 1))).not.toContain("simulated");
    expect(text(tradingLines(input, 1))).toContain("killed");
  });

  test.each([
    [80, 24],
    [140, 40],
    [80, 16],
    [1, 1],
  ])("keeps the view within %i by %i", (width, height) => {
    const lines = renderView(inputOf(tradingStatus()), width, height);
    expect(lines.length).toBeLessThanOrEqual(height);
    for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(width);
  });

  test("leaves the foot of the view where it was", () => {
    const shown = text(renderView(inputOf(tradingStatus()), 80, 24));
    expect(shown).toContain("trading  ");
    expect(shown).toContain("counters  ");
  });
});

describe("the plain line", () => {
  test("has the sums, and what is wrong only while it is", () => {
    expect(plainLine(inputOf(tradingStatus()))).toContain(
      " cycles=12/2/1 orders=44 fills=51 denials=5",
    );
    expect(plainLine(inputOf(tradingStatus()))).not.toContain("unknown=");
    const { counts } = tradingStatus();
    const kill = { scope: "all", target: "", by: "anna", reason: "odd", atUs: 1 } as const;
    const wrong = tradingStatus({
      counts: { ...counts, unknownOpen: 3 },
      kills: [kill],
      accounts: [accountStatus({ phase: "closed" })],
    });
    expect(plainLine(inputOf(wrong))).toContain("unknown=3 kills=1 notReady=binance-spot");
  });
});

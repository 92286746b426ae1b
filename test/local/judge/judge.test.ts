// Goal: a storm is called weathered only when nothing was doubled, lost, off or left open.
import { describe, expect, test } from "vitest";
import type { CommandEvidence, Evidence } from "../../../local/judge/evidence.ts";
import { tradeKey } from "../../../local/judge/evidence.ts";
import {
  judgeStorm,
  missOf,
  type StormFacts,
  type VenueHistory,
  type VenueTrade,
} from "../../../local/judge/judge.ts";
import type { TradingGap } from "../../../local/judge/trading-gap.ts";
import { tradeIdText } from "../../../local/venues/kucoin/trading/account-texts.ts";

const GAP: TradingGap = {
  duplicateVenueOrders: 0,
  pnlVsTruth: 0,
  positionDrift: 0,
  paperOrders: 0,
  differences: [],
};

function trade(over: Partial<VenueTrade> = {}): VenueTrade {
  return { tradeId: 7, clientOrderId: "rk1-1", symbol: "BTCUSDT", side: "buy", lots: 2, ...over };
}

function history(over: Partial<VenueHistory> = {}): VenueHistory {
  const order = { clientOrderId: "rk1-1", symbol: "BTCUSDT", status: "filled", filledLots: 2 };
  return { orders: [order], trades: [trade()], ...over };
}

function evidence(over: Partial<Evidence> = {}): Evidence {
  const ended: CommandEvidence = { endings: ["filled"], filledLots: 2 };
  return {
    lives: 3,
    commands: new Map([["rk1-1", ended]]),
    heardTrades: new Set([tradeKey("binance-spot:BTCUSDT", "7")]),
    cycles: { FILLED: 1 },
    kills: 0,
    ...over,
  };
}

function facts(over: Partial<StormFacts> = {}): StormFacts {
  const histories = new Map([["binance-spot", history()]]);
  return { evidence: evidence(), histories, gap: GAP, ...over };
}

function withTrade(venue: string, one: VenueTrade): StormFacts["histories"] {
  return new Map([[venue, history({ orders: [], trades: [one] })]]);
}

describe("a weathered storm", () => {
  test("has nothing but zeros, and says nothing", () => {
    const verdict = judgeStorm(facts());
    expect(verdict).toEqual({
      commands: 1,
      accepted: 1,
      trades: 1,
      duplicateVenueOrders: 0,
      lostFills: 0,
      unresolved: 0,
      contradictory: 0,
      unknownOrigin: 0,
      positionDrift: 0,
      examples: [],
    });
    expect(missOf(verdict)).toBe("");
  });

  test("leaves orders and trades from elsewhere out", () => {
    const order = { clientOrderId: "web_1", symbol: "X", status: "open", filledLots: 0 };
    const trades = [trade({ clientOrderId: "web_1", tradeId: 99 })];
    const histories = new Map([["kraken", history({ orders: [order], trades })]]);
    expect(judgeStorm(facts({ histories }))).toMatchObject({
      accepted: 0,
      trades: 0,
      lostFills: 0,
    });
  });

  test.each([
    ["kucoin", "kucoin:BTCUSDT", tradeIdText(7)],
    ["kraken", "kraken:BTCUSDT", "T3-7-B"],
  ])("knows the trades of %s by the ids of its wire", (venue, instrument, id) => {
    const heard = evidence({ heardTrades: new Set([tradeKey(instrument, id)]) });
    const histories = withTrade(venue, trade());
    expect(judgeStorm(facts({ histories, evidence: heard })).lostFills).toBe(0);
    const other = withTrade(venue, trade({ tradeId: 8 }));
    expect(judgeStorm(facts({ histories: other, evidence: heard })).lostFills).toBe(1);
  });
});

describe("a storm that was not", () => {
  const order = { clientOrderId: "rk9-9", symbol: "BTCUSDT", status: "open", filledLots: 0 };
  test.each([
    [
      "an id accepted twice",
      facts({ gap: { ...GAP, duplicateVenueOrders: 1 } }),
      "1 client ids were accepted more than once",
    ],
    [
      "a trade never heard of",
      facts({ evidence: evidence({ heardTrades: new Set() }) }),
      "1 fills",
    ],
    [
      "an order that nobody ordered",
      facts({ histories: new Map([["kucoin", history({ orders: [order], trades: [] })]]) }),
      "1 orders were placed that nobody ordered",
    ],
    [
      "a command without an end",
      facts({
        evidence: evidence({ commands: new Map([["rk1-1", { endings: [], filledLots: 0 }]]) }),
      }),
      "1 commands have no end (rk1-1 has no end)",
    ],
    [
      "a command with two ends",
      facts({
        evidence: evidence({
          commands: new Map([["rk1-1", { endings: ["expired", "filled"], filledLots: 2 }]]),
        }),
      }),
      "1 commands have two ends (rk1-1 ended as expired, then as filled)",
    ],
    [
      "a balance that differs",
      facts({ gap: { ...GAP, positionDrift: "5", differences: ["kraken USD balance: 1, 6"] } }),
      "balances are off by 5 (kraken USD balance: 1, 6)",
    ],
    [
      "no order at all",
      facts({ evidence: evidence({ commands: new Map() }), histories: new Map() }),
      "not one order was placed",
    ],
  ] as const)("says so of %s", (_name, given, words) => {
    expect(missOf(judgeStorm(given))).toContain(words);
  });

  test("the same end told twice is one end", () => {
    const commands = new Map([
      ["rk1-1", { endings: ["filled", "filled"], filledLots: 2 } as CommandEvidence],
    ]);
    expect(judgeStorm(facts({ evidence: evidence({ commands }) })).contradictory).toBe(0);
  });
});

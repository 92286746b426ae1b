// Goal: engine and venues are compared to the last unit, and no difference hides behind another.
import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { readTradingTruth } from "../../bin/trading-truth.ts";
import {
  compareTrading,
  type TradingTruth,
  type VenueAccount,
} from "../../local/judge/trading-gap.ts";
import { accountStatus, tradingStatus } from "../fixtures/status/status-fixture.ts";

const UNIT = "000000000000000000";

function account(over: Partial<VenueAccount> = {}): VenueAccount {
  return {
    accountId: "main",
    free: { USDT: `990500${UNIT.slice(3)}`, BTC: `250${UNIT.slice(3)}` },
    held: { USDT: `10${UNIT}` },
    pnl: { USDT: `3250${UNIT.slice(3)}`, BTC: "0" },
    orderCount: 44,
    openCount: 1,
    duplicates: [],
    ...over,
  };
}

function truthOf(...accounts: readonly VenueAccount[]): TradingTruth {
  return { "binance-spot": { accounts, unbalanced: {} } };
}

describe("a comparison", () => {
  test("of what is equal is nothing at all", () => {
    expect(compareTrading(tradingStatus(), truthOf(account()))).toEqual({
      duplicateVenueOrders: 0,
      pnlVsTruth: 0,
      positionDrift: 0,
      paperOrders: 0,
      differences: [],
    });
  });

  test("sees the last unit, on either side, and never lets two errors cancel out", () => {
    const theirs = account({
      free: { USDT: "990500000000000000001", BTC: "249999999999999999" },
      pnl: { USDT: "3249999999999999999", BTC: "1" },
    });
    const gap = compareTrading(tradingStatus(), truthOf(theirs));
    expect(gap).toMatchObject({ pnlVsTruth: "2", positionDrift: "2" });
    expect(gap.differences).toHaveLength(4);
    expect(gap.differences[0]).toBe("binance-spot BTC pnl: 0, 1");
  });

  test("counts assets that only one side knows", () => {
    const ours = accountStatus({ traded: { USDT: "3.25", BNB: "-0.000000000000000002" } });
    const theirs = account({ free: { ...account().free, DUST: "7" } });
    const gap = compareTrading(tradingStatus({ accounts: [ours] }), truthOf(theirs));
    expect(gap).toMatchObject({ pnlVsTruth: "2", positionDrift: "7" });
  });

  test("counts ids that the venue accepted more than once", () => {
    const duplicates = [{ clientOrderId: "rk00001-00000001", count: 3 }];
    const gap = compareTrading(tradingStatus(), truthOf(account({ duplicates })));
    expect(gap.duplicateVenueOrders).toBe(1);
  });

  test("of a paper account asks only that the venue has seen no order", () => {
    const trading = tradingStatus({ accounts: [accountStatus({ mode: "paper" })] });
    const gap = compareTrading(trading, truthOf(account({ orderCount: 2, free: {} })));
    expect(gap).toMatchObject({ paperOrders: 2, pnlVsTruth: 0, positionDrift: 0 });
  });

  test("leaves out what no simulated venue knows", () => {
    expect(compareTrading(tradingStatus(), {})).toMatchObject({ positionDrift: 0 });
    const other = truthOf(account({ accountId: "other", free: {} }));
    expect(compareTrading(tradingStatus(), other)).toMatchObject({ positionDrift: 0 });
  });
});

describe("the venues' word", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function control(code: number, body: unknown): Promise<string> {
    const server = createServer((_request, response) => {
      response.writeHead(code).end(JSON.stringify(body));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  test("is read from the control port", async () => {
    expect(await readTradingTruth(await control(200, truthOf(account())))).toEqual(
      truthOf(account()),
    );
  });

  test("is null where they know none, or do not answer", async () => {
    expect(await readTradingTruth(await control(404, {}))).toBeNull();
    expect(await readTradingTruth("http://127.0.0.1:9")).toBeNull();
  });
});

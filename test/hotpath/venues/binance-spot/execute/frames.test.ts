// Goal: order frames say exactly what was decided, by whichever way they were made.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stepsToText } from "../../../../../hotpath/core/instrument.ts";
import {
  bracketParams,
  exitParams,
  fastStepsText,
  listCancelParams,
  OrderFrames,
  requestFrame,
  stampText,
} from "../../../../../hotpath/venues/binance-spot/execute/frames.ts";
import { signerOf } from "../../../../../hotpath/venues/binance-spot/execute/signing.ts";
import { CLIENT_ID, HMAC_KEYS, order, spotInstrument } from "./desk-rig.ts";

const signing = { apiKey: HMAC_KEYS.apiKey, signer: signerOf(HMAC_KEYS) };

describe("decimal text", () => {
  test("is what the exact way gives, for steps of every size", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 1, max: 5000 }),
        (steps, decimals, units) => {
          expect(fastStepsText(steps, decimals, units)).toBe(stepsToText(steps, decimals, units));
        },
      ),
    );
  });

  test.each([
    [0, 2, 1, "0.00"],
    [1, 8, 1, "0.00000001"],
    [99, 2, 1, "0.99"],
    [100, 2, 1, "1.00"],
    [7, 0, 10, "70"],
    [-150, 2, 1, "-1.50"],
  ])("%s steps with %s decimals of %s is %s", (steps, decimals, units, text) => {
    expect(fastStepsText(steps, decimals, units)).toBe(text);
  });
});

describe("a time in milliseconds", () => {
  test("is the same text as the number's", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (us) => {
        expect(Number(stampText(us))).toBe(Math.floor(us / 1000));
      }),
    );
    expect(stampText(1_700_000_000_000_999)).toBe("1700000000000");
    expect(stampText(1_700_000_000_007_000)).toBe("1700000000007");
  });
});

describe("an order frame", () => {
  const instrument = spotInstrument("BTCUSDT", 3);
  const frames = new OrderFrames(signing);

  test.each(["buy", "sell"] as const)(
    "of a %s is signed as the general way would sign it",
    (side) => {
      for (const timeInForce of ["ioc", "gtc", "fok"] as const) {
        const placed = order({ side, timeInForce, windowUs: 1500, lots: 7 });
        const expected = requestFrame(
          CLIENT_ID,
          "order.place",
          [
            ["newClientOrderId", CLIENT_ID],
            ["newOrderRespType", "FULL"],
            ["price", "52000.00"],
            ["quantity", "0.00007"],
            ["recvWindow", 1.5],
            ["side", side.toUpperCase()],
            ["symbol", "BTCUSDT"],
            ["timeInForce", timeInForce.toUpperCase()],
            ["timestamp", 1_700_000_005_000],
            ["type", "LIMIT"],
          ],
          signing,
        );
        const frame = frames.place(placed, instrument, false);
        expect(JSON.parse(frame)).toMatchObject({
          method: "order.place",
          params: {
            ...(JSON.parse(expected) as { params: object }).params,
            recvWindow: 1.5,
            signature: expect.any(String),
          },
        });
        // A fraction prints as "1.500", and is signed as it prints.
        const params = JSON.parse(frame) as { params: { signature: string } };
        const text = `apiKey=${HMAC_KEYS.apiKey}&newClientOrderId=${CLIENT_ID}&newOrderRespType=FULL&price=52000.00&quantity=0.00007&recvWindow=1.500&side=${side.toUpperCase()}&symbol=BTCUSDT&timeInForce=${timeInForce.toUpperCase()}&timestamp=1700000005000&type=LIMIT`;
        expect(params.params.signature).toBe(signing.signer.sign(text));
      }
    },
  );

  test("of another instrument is a mistake of ours", () => {
    expect(() => frames.place(order({ instrument: 4 }), instrument, true)).toThrow(
      /its instrument/,
    );
  });
});

describe("order lists (web-socket-api.md, 2026-07-21)", () => {
  const bracket = {
    listId: "rk00001-00000009",
    symbol: "BTCUSDT",
    quantity: "0.01",
    working: { clientId: "a", price: "50000", timeInForce: "GTC" },
    above: { clientId: "b", price: "55000" },
    below: { clientId: "c", stopPrice: "45000" },
  };

  test.each([
    ["an entry with both ways out", bracketParams(bracket)],
    ["both ways out", exitParams(bracket)],
    ["a cancel", listCancelParams("BTCUSDT", bracket.listId)],
  ])("params of %s stand in the order in which they are signed", (_what, params) => {
    const names = params.map(([name]) => name);
    expect(names).toEqual([...names].sort());
  });

  test("a bracket buys once and sells what was bought, above or below", () => {
    const params = Object.fromEntries(bracketParams(bracket));
    expect(params).toMatchObject({
      workingSide: "BUY",
      workingQuantity: "0.01",
      pendingSide: "SELL",
      pendingQuantity: "0.01",
      pendingAboveType: "LIMIT_MAKER",
      pendingAbovePrice: "55000",
      pendingBelowType: "STOP_LOSS",
      pendingBelowStopPrice: "45000",
    });
    expect(Object.fromEntries(exitParams(bracket))).toMatchObject({
      side: "SELL",
      abovePrice: "55000",
      belowStopPrice: "45000",
    });
  });
});

// Goal: an order that may still fill and is let go of, in exposure, in reserve or altogether, is found.
import { describe, expect, test } from "vitest";
import { type Order, orderOf } from "../../../../hotpath/core/order/order.ts";
import { ExposureCheck, type Kept } from "../../../../local/sim/checks/exposure-check.ts";
import { placed } from "./placed.ts";

const ID = "rk1-1";

/** One order of ten lots, of which so many are kept in exposure. */
function bench(change: Partial<Order>, exposedLots: number) {
  const found: string[] = [];
  const check = new ExposureCheck((invariant, sentence) => found.push(`${invariant}: ${sentence}`));
  const order: Order = {
    ...orderOf(placed({ clientId: ID, lots: 10 }), 1, false),
    reserved: 5n,
    ...change,
  };
  const orders = new Map([[ID, order]]);
  const live = { ...order, remainingLots: exposedLots };
  const exposure = {
    instrument: () => ({}),
    ordersOf: () => (exposedLots === 0 ? [] : [live]),
  };
  const trade = {
    orders: { table: { all: () => orders.values(), get: (id: string) => orders.get(id) } },
    risk: { venue: () => ({ exposure }) },
  } as unknown as Kept;
  return { found, check, trade };
}

describe("an order at its venue", () => {
  test("that the engine holds for live is kept", () => {
    const { found, check, trade } = bench({ state: "unknown" }, 10);
    check.onAlive(trade, ID, "accepted");
    check.look(trade, () => ({ filledLots: 10 }));
    expect(found).toEqual([]);
  });

  test("that the engine has concluded never was breaks invariant 11", () => {
    const { found, check, trade } = bench({ state: "notAccepted", reserved: 0n }, 0);
    check.onAlive(trade, ID, "accepted");
    expect(found).toEqual(["11: rk1-1 is accepted after it was let go of as notAccepted"]);
  });

  test("that the engine does not know breaks invariant 11", () => {
    const { found, check, trade } = bench({}, 10);
    check.onAlive(trade, "rk1-2", "filled");
    expect(found).toEqual(["11: rk1-2 is filled, and the engine knows of no such order"]);
  });

  test("that ended with more said than shown is still exposed", () => {
    const { found, check, trade } = bench({ state: "expired", reportedLots: 4, filledLots: 1 }, 3);
    check.onAlive(trade, ID, "filled");
    check.look(trade, () => ({ filledLots: 4 }));
    expect(found).toEqual([]);
  });
});

describe("once a second", () => {
  test("fills that are neither counted nor covered break invariant 11", () => {
    const { found, check, trade } = bench({ state: "expired", reportedLots: 1, filledLots: 1 }, 0);
    check.look(trade, () => ({ filledLots: 4 }));
    expect(found).toEqual(["11: rk1-1 has filled 4 of 10 lots, and 1 are covered"]);
  });

  test("more counted than filled breaks invariant 8", () => {
    const { found, check, trade } = bench({ state: "open", filledLots: 4, reportedLots: 4 }, 6);
    check.look(trade, () => ({ filledLots: 3 }));
    expect(found).toEqual(["8: rk1-1 has filled 3 lots, and 4 are counted"]);
  });

  test("an unknown order that is less exposed than it may fill breaks invariant 11", () => {
    const { found, check, trade } = bench({ state: "unknown" }, 9);
    check.look(trade, () => undefined);
    expect(found).toEqual(["11: rk1-1 is unknown: 10 lots may fill, 9 are exposed"]);
  });

  test("an unknown order whose reserve was given back breaks invariant 11", () => {
    const { found, check, trade } = bench({ state: "unknown", reserved: 0n }, 10);
    check.look(trade, () => undefined);
    expect(found).toEqual(["11: rk1-1 is unknown, and nothing is reserved for it"]);
  });

  test("a test order is none", () => {
    const { found, check, trade } = bench({ isTest: true, reserved: 0n }, 0);
    check.look(trade, () => ({ filledLots: 10 }));
    expect(found).toEqual([]);
  });
});

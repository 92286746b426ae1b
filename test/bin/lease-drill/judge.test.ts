// Goal: the judge of a lease drill sees each thing that must not happen, and nothing else.
import { describe, expect, test } from "vitest";
import type { Term } from "../../../bin/lease-drill/engine.ts";
import { judgeLease, missOf, type VenueOrder } from "../../../bin/lease-drill/judge.ts";
import { clientIdOf } from "../../../hotpath/core/order/client-id.ts";

function orders(...fences: readonly number[]): VenueOrder[] {
  return fences.map((fence, at) => {
    return { orderId: 100 + at, clientOrderId: clientIdOf(fence, at + 1) };
  });
}

function terms(...fences: readonly number[]): Term[] {
  return fences.map((fence, at) => ({ engine: `e${at % 2}`, life: at, fence }));
}

describe("the judge", () => {
  test("finds nothing in fences that grow, each held by one life", () => {
    const verdict = judgeLease(orders(1, 1, 3, 4), terms(1, 2, 3, 4));
    expect(verdict).toMatchObject({ orders: 4, fences: 3, fencesDecreased: 0, examples: [] });
    expect(missOf(verdict)).toBe("");
  });

  test("goes by the venue's order of acceptance, not by that of the list", () => {
    const verdict = judgeLease([...orders(1, 2, 3)].reverse(), terms(1, 2, 3));
    expect(missOf(verdict)).toBe("");
  });

  test.each([
    ["an order of an older fence", orders(1, 2, 1), terms(1, 2), "fencesDecreased is 1"],
    ["a fence held twice", orders(1, 2), terms(1, 2, 2), "fencesShared is 1"],
    ["a fence that nobody held", orders(1, 9), terms(1), "fencesUnheld is 1"],
    ["a name accepted twice", [...orders(1), ...orders(1)], terms(1), "duplicates is 1"],
    ["a drill without orders", [], terms(1), "nothing was tried"],
  ])("sees %s", (_, accepted, held, miss) => {
    expect(missOf(judgeLease(accepted, held))).toContain(miss);
  });

  test("counts a stranger's order apart", () => {
    const stranger = { orderId: 99, clientOrderId: "web_1" };
    expect(judgeLease([stranger, ...orders(1)], terms(1))).toMatchObject({ foreign: 1, orders: 1 });
  });
});

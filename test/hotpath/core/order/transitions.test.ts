// Goal: every signal in every state of an order has one defined outcome, and the outcomes keep the laws.
import { describe, expect, test } from "vitest";
import { ORDER_STATES } from "../../../../contracts/trade.ts";
import {
  isLive,
  neverExisted,
  SIGNALS,
  transitionOf,
} from "../../../../hotpath/core/order/transitions.ts";

const CELLS = ORDER_STATES.flatMap((state) =>
  SIGNALS.map((signal) => ({ state, signal, ...transitionOf(state, signal) })),
);
const HAD = CELLS.filter(({ state }) => !isLive(state) && !neverExisted(state));

describe("the table of an order's life", () => {
  test("has a cell for each of nine states and every signal", () => {
    expect(CELLS).toHaveLength(9 * SIGNALS.length);
    for (const { to } of CELLS) {
      if (to !== undefined) expect(ORDER_STATES).toContain(to);
    }
  });

  test("lets nothing but its trades, the venue's word or a reading move an order that ended", () => {
    const moved = HAD.filter(({ to }) => to !== undefined);
    expect(new Set(moved.map(({ to, signal }) => `${signal}>${to}`))).toEqual(
      new Set(["saidFilled>filled", "fillWhole>filled", "foundOpen>open"]),
    );
  });

  test("never takes back that an order is filled", () => {
    const filled = HAD.filter(({ state }) => state === "filled");
    expect(filled.every(({ to }) => to === undefined)).toBe(true);
  });

  test("brings back an order that never was only with an alarm and a question", () => {
    const back = CELLS.filter(
      ({ state, to }) => neverExisted(state) && to !== undefined && !neverExisted(to),
    );
    expect(back.length).toBeGreaterThan(20);
    for (const cell of back) expect(cell).toMatchObject({ isContradiction: true, mustQuery: true });
  });

  test("never makes an order rejected of a timeout, an unclear refusal or a missing answer", () => {
    for (const signal of ["timedOut", "refusedUnclear", "notFound", "cancelRefused"] as const) {
      for (const state of ORDER_STATES) {
        const { to } = transitionOf(state, signal);
        expect(to === undefined || to === "unknown").toBe(true);
      }
    }
  });

  test("never makes an order canceled of an answer to a cancel", () => {
    for (const signal of ["cancelAccepted", "cancelRefused"] as const) {
      for (const state of ORDER_STATES) {
        expect(transitionOf(state, signal).to ?? state).not.toBe(
          state === "canceled" ? "" : "canceled",
        );
      }
    }
  });

  test("asks about everything that contradicts", () => {
    for (const cell of CELLS) if (cell.isContradiction) expect(cell.mustQuery).toBe(true);
  });
});

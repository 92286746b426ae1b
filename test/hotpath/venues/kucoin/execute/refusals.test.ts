// Goal: every code that KuCoin documents has one meaning, and one that it does not document proves nothing.
import { describe, expect, test } from "vitest";
import {
  CATALOGUE,
  classifyRefusal,
  refusalOf,
} from "../../../../../hotpath/venues/kucoin/execute/refusals.ts";

/** The page of codes, class by class, as section "error codes" of the fact sheet has them. */
const PAGE: readonly (readonly [code: string, meaning: string])[] = [
  ["200001", "halted"],
  ["200002", "halted"],
  ["200003", "rejected"],
  ["102427", "rejected"],
  ["200004", "rejected"],
  ["102421", "rejected"],
  ["400001", "credentials"],
  ["400003", "credentials"],
  ["400004", "credentials"],
  ["400005", "credentials"],
  ["400006", "credentials"],
  ["400007", "credentials"],
  ["400009", "credentials"],
  ["400010", "credentials"],
  ["400002", "clock"],
  ["400008", "credentials"],
  ["400011", "credentials"],
  ["400012", "clock"],
  ["400100", "rejected"],
  ["400200", "rejected"],
  ["400500", "rejected"],
  ["400600", "halted"],
  ["400700", "rejected"],
  ["102411", "rejected"],
  ["102425", "rejected"],
  ["102429", "rejected"],
  ["102434", "rejected"],
  ["102435", "rejected"],
  ["102426", "duplicate"],
  ["102428", "rejected"],
  ["102436", "noSuchOrder"],
  ["100004", "noSuchOrder"],
  ["411100", "credentials"],
  ["415000", "rejected"],
  ["429000", "throttled"],
  ["500000", "unknown"],
  ["230005", "unknown"],
  ["600203", "halted"],
  ["900001", "rejected"],
  ["1015", "throttled"],
];

describe("the catalogue", () => {
  test.each(PAGE)("%s is %s", (code, meaning) => {
    expect(classifyRefusal(code, "")).toEqual({ class: meaning, code, text: "", isListed: true });
  });

  test("has a row here for each of its own", () => {
    expect([...CATALOGUE.keys()].sort()).toEqual(PAGE.map(([code]) => code).sort());
  });

  test("an unlisted code is unknown, and says so", () => {
    expect(classifyRefusal("123456", "what")).toMatchObject({ class: "unknown", isListed: false });
  });

  test.each([
    ["validation.createOrder.clientOidDuplicated", "duplicate"],
    ["order not exist.", "noSuchOrder"],
    ["The order does not exist or is not allowed", "noSuchOrder"],
    ["clientTimestamp plus allowMaxTimeWindow has passed", "clock"],
    ["account.available.amount", "rejected"],
    ["Price increment invalid.", "rejected"],
  ])("400100 with %s is %s", (text, meaning) => {
    expect(classifyRefusal("400100", text).class).toBe(meaning);
  });
});

describe("an answer", () => {
  const answer = { status: 200, code: "200004", text: "", hasBudget: true };

  test("from 500 on knows nothing, whatever its code", () => {
    expect(refusalOf({ ...answer, status: 500 })).toMatchObject({
      class: "unknown",
      isListed: true,
    });
    expect(refusalOf({ ...answer, status: 502, code: "" })).toMatchObject({
      class: "unknown",
      code: "HTTP 502",
    });
  });

  test("429000 is a limit with the pool's numbers, and an overload without", () => {
    const limited = { ...answer, status: 429, code: "429000" };
    expect(refusalOf(limited).class).toBe("throttled");
    expect(refusalOf({ ...limited, hasBudget: false })).toMatchObject({
      class: "unknown",
      isListed: true,
    });
  });

  test.each([403, 429])(
    "a page instead of JSON with status %i is the gate before the gateway",
    (status) => {
      expect(refusalOf({ ...answer, status, code: "" })).toMatchObject({
        class: "throttled",
        code: "1015",
      });
    },
  );

  test("a page with another status is unlisted", () => {
    expect(refusalOf({ ...answer, status: 404, code: "" })).toMatchObject({
      class: "unknown",
      isListed: false,
    });
  });
});

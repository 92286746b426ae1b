// Goal: expressions say of an item what DynamoDB says of it, and what is not understood is refused.
import { describe, expect, test } from "vitest";
import { conditionOf, updated } from "../../../../local/sim/aws/expression.ts";

const given = {
  names: { "#state": "state", "#n": "n" },
  values: { ":a": "a", ":b": "b", ":one": 1, ":two": 2 },
};

describe("a condition", () => {
  test.each([
    ["attribute_not_exists(pk)", {}, true],
    ["attribute_not_exists(pk)", { pk: "x" }, false],
    ["attribute_exists(pk)", { pk: "x" }, true],
    ["#state = :a", { state: "a" }, true],
    ["#state <> :a", { state: "a" }, false],
    ["#state = :a", {}, false],
    ["#n < :two", { n: 1 }, true],
    ["#n <= :one", { n: 1 }, true],
    ["#n > :one", { n: 1 }, false],
    ["#n >= :one", { n: "1" }, false],
    ["#state IN (:a, :b)", { state: "b" }, true],
    ["#state IN (:a, :b)", { state: "c" }, false],
    ["#n BETWEEN :one AND :two", { n: 2 }, true],
    ["#n BETWEEN :one AND :two AND #state = :a", { n: 2, state: "b" }, false],
    ["attribute_not_exists(pk) OR #n < :two", { pk: "x", n: 1 }, true],
    ["#state = :a AND (#n = :one OR #n = :two)", { state: "a", n: 2 }, true],
    // AND binds tighter than OR.
    ["#state = :a OR #state = :b AND #n = :two", { state: "a", n: 1 }, true],
  ])("%s of %j is %j", (text, item, holds) => {
    expect(conditionOf(text)(item, given)).toBe(holds);
  });

  test.each(["begins_with(pk, :a)", "pk = ", "pk = :a pk", "size(pk) > :one", ""])(
    "%s is refused",
    (text) => {
      expect(() => conditionOf(text)({ pk: "a" }, given)).toThrow(
        expect.objectContaining({ name: "ValidationException" }),
      );
    },
  );
});

describe("an update", () => {
  test("sets what it names and leaves the rest", () => {
    const after = updated({ pk: "x", n: 1 }, "SET #n = :two, other = :a", given);
    expect(after).toEqual({ pk: "x", n: 2, other: "a" });
  });

  test.each(["REMOVE n", "SET n = :none", "SET #none = :a"])("%s is refused", (text) => {
    expect(() => updated({ n: 1 }, text, given)).toThrow(
      expect.objectContaining({ name: "ValidationException" }),
    );
  });
});

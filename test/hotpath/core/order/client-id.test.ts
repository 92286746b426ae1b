// Goal: an order's name is worked out from fence and command, can be read back, and is nobody else's.
import { describe, expect, test } from "vitest";
import {
  COMMAND_MAX,
  clientIdOf,
  FENCE_MAX,
  isOurs,
  parseClientId,
} from "../../../../hotpath/core/order/client-id.ts";
import { seeded } from "./fixture.ts";

describe("a client id", () => {
  test("has sixteen characters, whatever the numbers", () => {
    expect(clientIdOf(0, 1)).toBe("rk00000-00000001");
    expect(clientIdOf(12, 99)).toBe("rk0000c-0000002r");
    expect(clientIdOf(FENCE_MAX, COMMAND_MAX)).toBe("rkzzzzz-zzzzzzzz");
  });

  test("is read back to the same numbers", () => {
    const chance = seeded(1);
    for (let i = 0; i < 2_000; i++) {
      const fence = Math.floor(chance() * (FENCE_MAX + 1));
      const command = 1 + Math.floor(chance() * COMMAND_MAX);
      expect(parseClientId(clientIdOf(fence, command))).toEqual({ fence, command });
    }
  });

  test.each([
    "",
    "rk",
    "rk00001",
    "rk00001-0000001",
    "rk00001-000000001",
    "rk00001_00000001",
    "rk0000A-00000001",
    "xk00001-00000001",
    " rk00001-00000001",
    "rk00001-00000000",
  ])("of another maker is not ours: %j", (text) => {
    expect(isOurs(text)).toBe(false);
  });

  test.each([
    [-1, 1],
    [FENCE_MAX + 1, 1],
    [1.5, 1],
    [1, 0],
    [1, COMMAND_MAX + 1],
    [1, 1.5],
  ])("is not made of fence %d and command %d", (fence, command) => {
    expect(() => clientIdOf(fence, command)).toThrow();
  });
});

// Goal: only a day that is over has a report, and sums of money are exact.
import { describe, expect, test } from "vitest";
import {
  negated,
  quantile,
  readRequest,
  Sums,
  startOfDay,
  Tallies,
} from "../../../functions/build-report/logic.ts";

const ENGINES = ["paper", "second"];
const NOW_US = (startOfDay("2026-11-21") ?? 0) + 1_200_000_000;
const read = (event: unknown) => readRequest(event, ENGINES, NOW_US);

describe("a request", () => {
  test("of the schedule means the day before its own, for every engine", () => {
    expect(read({ source: "aws.scheduler", time: "2026-11-21T00:20:00Z", detail: {} })).toEqual({
      ok: true,
      request: { engines: ENGINES, day: "2026-11-20" },
    });
  });

  test("names a day, and perhaps an engine", () => {
    expect(read({ day: "2026-11-20", engine: "second" })).toEqual({
      ok: true,
      request: { engines: ["second"], day: "2026-11-20" },
    });
    expect(read({ day: "2026-11-20" })).toMatchObject({ request: { engines: ENGINES } });
  });

  test.each([
    [null],
    ["2026-11-20"],
    [{}],
    [{ day: "2026-11-21" }],
    [{ day: "2027-01-01" }],
    [{ day: "2026-02-30" }],
    [{ day: "20.11.2026" }],
    [{ day: 20261120 }],
    [{ day: "2026-11-20", engine: "nobody" }],
    [{ day: "2026-11-20", engine: "../x" }],
    [{ day: "2026-11-20", egnine: "paper" }],
    [{ source: "aws.scheduler" }],
    [{ source: "aws.scheduler", time: "soon" }],
  ])("like %j is refused", (event) => {
    expect(read(event)).toMatchObject({ ok: false });
  });
});

describe("sums", () => {
  test("are exact, by name, without the zeros", () => {
    const sums = new Sums();
    for (let n = 0; n < 10; n++) sums.add("USDT", "0.1");
    sums.add("BTC", "0.00000000000000000001");
    sums.add("ETH", "5");
    sums.add("ETH", "-5");
    expect(sums.amounts()).toEqual({ BTC: "0.00000000000000000001", USDT: "1" });
  });

  test("turn a sign without a word about zero", () => {
    expect(["1.5", "-1.5", "0", "0.00"].map(negated)).toEqual(["-1.5", "1.5", "0", "0.00"]);
  });

  test("count by name", () => {
    const tallies = new Tallies();
    tallies.add("b");
    tallies.add("a", 2);
    expect(JSON.stringify(tallies.counts())).toBe('{"a":2,"b":1}');
    expect(tallies.of("c")).toBe(0);
  });
});

test("a quantile is the value at its rank", () => {
  expect([0.5, 0.99, 1].map((share) => quantile([1, 2, 3, 4], share))).toEqual([2, 4, 4]);
  expect(quantile([], 0.5)).toBe(0);
});

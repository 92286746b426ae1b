// Goal: a run is called good only when something was proved, and its code says what was not.
import { describe, expect, test } from "vitest";
import { EXIT } from "../../bin/command.ts";
import { endingOfRun } from "../../bin/start-ending.ts";
import { noComparison } from "../../bin/truth.ts";
import type { Watched } from "../../bin/watch-engine.ts";
import { bookStatus, engineStatus } from "../fixtures/status/status-fixture.ts";

const FINAL = JSON.stringify({ booksLive: 0, booksTotal: 2, frames: 9, decisionsOnInvalidBook: 0 });

function watched(over: Partial<Watched> = {}): Watched {
  const comparison = { ...noComparison(), compared: 7 };
  return {
    reason: "time",
    status: engineStatus(),
    comparison,
    faults: [{ faultId: 1 }],
    view: null,
    ...over,
  };
}

describe("a good run", () => {
  test("ends with 0 and carries what the engine and the venues said", () => {
    const ending = endingOfRun(watched(), 0, FINAL);
    expect(ending.exitCode).toBe(EXIT.ok);
    expect(ending.error).toBeUndefined();
    expect(ending.json).toMatchObject({
      frames: 9,
      wrongBooks: 0,
      comparisons: 7,
      unknownSequence: 0,
      decisionsOnInvalidBook: 0,
      faults: [{ faultId: 1 }],
      endedBy: "time",
    });
    expect(ending.lines).toEqual([
      "books live 2/2, frames 9, resyncs ?, 7 books compared, 0 wrong",
    ]);
  });

  test("counts the books that were live before the engine was told to end", () => {
    const books = [bookStatus("binance-spot:A"), bookStatus("binance-spot:B", { state: "void" })];
    const { json } = endingOfRun(watched({ status: engineStatus({ books }) }), 0, FINAL);
    expect([json.booksLive, json.booksTotal]).toEqual([1, 2]);
  });

  test("on a live feed no truth is claimed", () => {
    const ending = endingOfRun(watched({ comparison: null }), 0, FINAL);
    expect(ending.exitCode).toBe(EXIT.ok);
    expect(ending.json).toMatchObject({ wrongBooks: null, comparisons: null });
    expect(ending.lines[0]).not.toContain("compared");
  });

  test("a signal is a good way to end", () => {
    expect(endingOfRun(watched({ reason: "signal" }), 0, FINAL).exitCode).toBe(EXIT.ok);
  });
});

describe("a run that is not good", () => {
  const wrong = { instrument: "binance-spot:BTCUSDT", seq: 5, differences: [] };
  const table: readonly (readonly [string, Partial<Watched>, number, string, number, RegExp])[] = [
    [
      "a wrong book",
      { comparison: { ...noComparison(), compared: 7, wrong: [wrong] } },
      0,
      FINAL,
      1,
      /^binance-spot:BTCUSDT was wrong at its sequence 5$/,
    ],
    [
      "nothing compared",
      { comparison: noComparison() },
      0,
      FINAL,
      1,
      /^no live book could be compared/,
    ],
    [
      "a decision on an invalid book",
      {},
      0,
      FINAL.replace('Book":0', 'Book":3'),
      1,
      /^3 decisions were made/,
    ],
    [
      "an engine that halted",
      { status: engineStatus({ halted: "crossed" }) },
      4,
      FINAL,
      4,
      /halted: crossed$/,
    ],
    ["an engine that halted unseen", { status: null }, 4, "", 4, /^the engine halted/],
    ["an engine that vanished", { reason: "gone" }, 137, FINAL, 1, /ended by itself with 137$/],
    ["an engine that failed at its end", {}, 1, FINAL, 1, /^the engine ended with 1$/],
    ["no account", {}, 0, "", 1, /without account$/],
    ["only the first line", {}, 0, '{"admin":"http://127.0.0.1:1"}', 1, /without account$/],
    ["an account that is no record", {}, 0, "7", 1, /without account$/],
  ];

  test.each(table)("%s", (_name, over, code, line, exitCode, error) => {
    const ending = endingOfRun(watched(over), code, line);
    expect(ending.exitCode).toBe(exitCode);
    expect(ending.error).toMatch(error);
    expect(ending.json.endedBy).toBe(over.reason ?? "time");
  });

  test("of many wrong books the first ten are told", () => {
    const comparison = {
      ...noComparison(),
      compared: 40,
      wrong: Array.from({ length: 40 }, () => wrong),
    };
    const { json } = endingOfRun(watched({ comparison }), 0, FINAL);
    expect(json.wrongBooks).toBe(40);
    expect(json.wrong).toHaveLength(10);
  });
});

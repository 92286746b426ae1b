// Goal: what the canceller was asked is read without guessing, and what became of it is said in one sentence.
import { describe, expect, test } from "vitest";
import {
  accountsOf,
  chosen,
  readKeys,
  readLocalSecrets,
} from "../../../functions/cancel-all/accounts.ts";
import { nameOf, readRequest, summaryOf, wanted } from "../../../functions/cancel-all/logic.ts";

const ENGINES = ["two", "paper", "paper-two"];

function alarm(message: unknown): unknown {
  const Message = typeof message === "string" ? message : JSON.stringify(message);
  return { Records: [{ EventSource: "aws:sns", Sns: { Message } }] };
}

describe("a call", () => {
  test("without a word means every account of ours", () => {
    expect(readRequest({}, ENGINES)).toEqual({
      kind: "request",
      request: { engine: "", venue: "", isEverything: false },
    });
  });

  test("can name an engine, a venue, and everything", () => {
    expect(readRequest({ engine: "a", venue: "kraken", everything: true }, ENGINES)).toEqual({
      kind: "request",
      request: { engine: "a", venue: "kraken", isEverything: true },
    });
  });

  test.each([
    [null],
    [[]],
    ["cancel"],
    [{ veneu: "kraken" }],
    [{ engine: 1 }],
    [{ venue: ["kraken"] }],
    [{ everything: "true" }],
    [alarm("{")],
    [{ Records: [] }],
  ])("like %j is refused", (event) => {
    expect(readRequest(event, ENGINES)).toMatchObject({ kind: "refused" });
  });
});

describe("an alarm", () => {
  const of = (AlarmName: string, NewStateValue = "ALARM") =>
    readRequest(alarm({ AlarmName, NewStateValue }), ENGINES);

  test("means the engine that it names, and all when it names none", () => {
    expect(of("reckoner-heartbeat-missing-paper")).toMatchObject({ request: { engine: "paper" } });
    expect(of("reckoner-heartbeat-missing-paper-two")).toMatchObject({
      request: { engine: "paper-two", isEverything: false },
    });
    expect(of("reckoner-heartbeat-missing-other")).toMatchObject({ request: { engine: "" } });
  });

  test("that is over cancels nothing", () => {
    expect(of("reckoner-heartbeat-missing-paper", "OK")).toEqual({ kind: "nothing" });
  });
});

describe("orders", () => {
  const orders = [
    { orderId: "1", clientId: "rk00001-1", symbol: "A" },
    { orderId: "2", clientId: "web_1", symbol: "A" },
    { orderId: "3", clientId: "", symbol: "A" },
  ];

  test("are ours by the head of their name", () => {
    expect(wanted(orders, false).map(({ orderId }) => orderId)).toEqual(["1"]);
    expect(wanted(orders, true)).toEqual(orders);
    expect(orders.map(nameOf)).toEqual(["rk00001-1", "web_1", "3"]);
  });
});

describe("accounts", () => {
  const names =
    "r/cancel/paper/kraken, r/cancel/paper/binance-usdm,r/paper/kraken,r/cancel/paper-two/kucoin,";

  test("are those whose secrets are named and where orders are placed", () => {
    const accounts = accountsOf(names);
    expect(accounts).toEqual([
      { engine: "paper", venue: "kraken", secretName: "r/cancel/paper/kraken" },
      { engine: "paper-two", venue: "kucoin", secretName: "r/cancel/paper-two/kucoin" },
    ]);
    expect(chosen(accounts, { engine: "paper", venue: "", isEverything: false })).toHaveLength(1);
    expect(chosen(accounts, { engine: "paper", venue: "kucoin", isEverything: false })).toEqual([]);
    expect(accountsOf("")).toEqual([]);
  });

  test("have keys when a secret has been filled", () => {
    expect(readKeys('{"apiKey":"a","secret":"b","note":"c"}')).toEqual({
      apiKey: "a",
      secret: "b",
      passphrase: "",
    });
    for (const text of ["{}", "", "[]", '{"apiKey":"","secret":"b"}']) {
      expect(readKeys(text)).toBeUndefined();
    }
  });

  test("have the secrets of one machine by their names", () => {
    const text = readLocalSecrets('{"n":{"apiKey":"a","secret":"b"}}').get("n") ?? "";
    expect(readKeys(text)).toMatchObject({ apiKey: "a" });
    expect(readLocalSecrets("7").size).toBe(0);
    expect(readLocalSecrets("{").size).toBe(0);
  });
});

test("a summary tells trouble only where something is left", () => {
  const both = { engine: "e", canceled: ["a"], gone: [], foreignCount: 0, trouble: "slow" };
  const results = [
    { ...both, venue: "kraken", outcome: "clean", left: [] },
    { ...both, venue: "kucoin", outcome: "left", left: ["b"] },
  ] as const;
  expect(summaryOf(results)).toBe(
    "e at kraken: clean, 1 canceled, 0 gone, 0 left; e at kucoin: left, 1 canceled, 0 gone, 1 left (slow)",
  );
});

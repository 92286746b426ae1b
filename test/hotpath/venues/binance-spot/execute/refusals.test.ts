// Goal: every code and text of the venue's catalogue has the class that its page gives it, and no other has.
import { describe, expect, test } from "vitest";
import type { RefusalClass } from "../../../../../hotpath/core/trade/events.ts";
import {
  ENGINE_TEXTS,
  refusalOf,
} from "../../../../../hotpath/venues/binance-spot/execute/refusals.ts";
import { binanceSpotExecution } from "../../../../../hotpath/venues/binance-spot/execute.ts";

const { classify } = binanceSpotExecution;

/** errors.md, 2026-07-21, and sections 9 and 10 of our fact sheet. */
const CODES: readonly (readonly [RefusalClass, readonly number[]])[] = [
  ["unknown", [-1000, -1001, -1006, -1007, -1008, -1016, -2021]],
  ["throttled", [-1003, -1015, -1034]],
  ["clock", [-1021]],
  ["credentials", [-1002, -1022, -2014, -2015]],
  ["noSuchOrder", [-2013, -2026]],
  [
    "rejected",
    [
      -1013, -1014, -1020, -1100, -1101, -1102, -1103, -1104, -1105, -1106, -1108, -1111, -1112,
      -1114, -1115, -1116, -1117, -1118, -1119, -1120, -1121, -1122, -1125, -1127, -1128, -1130,
      -1134, -1135, -1139, -1145, -1151, -1152, -1153, -1155, -1158, -1160, -1161, -1165, -1166,
      -1168, -1169, -1182, -1190, -1194, -1196, -1197, -1198, -1199, -2016, -2022, -2035, -2038,
      -2039,
    ],
  ],
];

describe("codes", () => {
  test.each(CODES.flatMap(([meaning, codes]) => codes.map((code) => [code, meaning] as const)))(
    "%s is %s",
    (code, meaning) => {
      expect(classify(String(code), "x")).toEqual({
        class: meaning,
        code: String(code),
        text: "x",
        isListed: true,
      });
    },
  );

  test.each([
    "-1",
    "-999",
    "-1004",
    "-1099",
    "-1200",
    "-2000",
    "-2012",
    "-9000",
    "0",
    "",
    "x",
    "HTTP 400",
  ])("%j is in no catalogue, so it proves nothing", (code) => {
    expect(classify(code, "Something new.")).toMatchObject({ class: "unknown", isListed: false });
  });
});

/** What errors.md says of a text beside that the order is not there; of all others it says only that. */
const MORE_THAN_REJECTED: Readonly<Record<string, RefusalClass>> = {
  "Unknown order sent.": "noSuchOrder",
  "Duplicate order sent.": "duplicate",
  "Market is closed.": "halted",
  "This action is disabled on this account.": "credentials",
  "This account may not place or cancel orders.": "credentials",
  "Rest API trading is not enabled.": "credentials",
  "WebSocket API trading is not enabled.": "credentials",
};

describe("texts of the matching engine", () => {
  test.each(ENGINE_TEXTS.map(([text]) => text))("%s", (text) => {
    const meaning = MORE_THAN_REJECTED[text] ?? "rejected";
    for (const code of ["-1010", "-2010", "-2011"]) {
      expect(classify(code, `${text} more`)).toMatchObject({ class: meaning, isListed: true });
    }
  });

  test("a market that is closed is told apart from a filter", () => {
    expect(classify("-1013", "Market is closed.").class).toBe("halted");
    expect(classify("-1013", "Filter failure: LOT_SIZE").class).toBe("rejected");
  });

  test("a text that is not listed proves nothing", () => {
    expect(classify("-2010", "Something new.")).toMatchObject({
      class: "unknown",
      isListed: false,
    });
  });
});

describe("status", () => {
  test.each([500, 502, 503, 504])("from %s on the venue does not know itself", (status) => {
    expect(refusalOf(status, "-1121", "Invalid symbol.")).toMatchObject({ class: "unknown" });
  });

  test.each([400, 403, 409, 418, 429])("%s leaves the code its meaning", (status) => {
    expect(refusalOf(status, "-1121", "Invalid symbol.")).toMatchObject({ class: "rejected" });
  });
});

// Goal: a stream's place survives its way through a browser, and no late fact is left out by it.
import { describe, expect, test } from "vitest";
import {
  decodeLivePlace,
  encodeLivePlace,
  firstPlace,
  type LivePlace,
  NAMES_MAX,
  OVERLAP_US,
  stepFrom,
} from "../../../../functions/control-api/pages/live-place.ts";
import { START_US } from "../memory-ports.ts";

const PLACE: LivePlace = { atUs: START_US, beatUs: START_US - 5, names: ["a", "b"] };

describe("a place as a word", () => {
  test("comes back as it was", () => {
    expect(decodeLivePlace(encodeLivePlace(PLACE))).toEqual(PLACE);
    expect(decodeLivePlace(firstPlace(START_US))).toEqual({ atUs: START_US, beatUs: 0, names: [] });
  });

  test("fits into a header, however much was told", () => {
    const names = Array.from({ length: 5_000 }, (_, at) => `name${at}`.padEnd(8, "x"));
    const word = encodeLivePlace({ ...PLACE, names });
    expect(word.length).toBeLessThan(8_000);
    expect(decodeLivePlace(word)?.names).toEqual(names.slice(-NAMES_MAX));
  });

  test.each([
    "",
    "words",
    "x".repeat(20_000),
    ...[[], [1, 2], ["1", 0, ""], [START_US, -1, ""], [START_US, 0, 7], [0, 0, ""], { a: 1 }].map(
      (value) => Buffer.from(JSON.stringify(value)).toString("base64url"),
    ),
  ])("is none where it is not ours: %s", (word) => {
    expect(decodeLivePlace(word)).toBeUndefined();
  });
});

describe("a step", () => {
  test("tells each fact once, also one that comes late", () => {
    const first = { name: "first", atUs: START_US - 50 };
    const late = { name: "late", atUs: START_US - 60_000_000 };
    const one = stepFrom({ ...PLACE, names: [] }, [first], START_US);
    expect(one.fresh).toEqual([first]);
    const two = stepFrom(one.place, [first, late], START_US + 1_000_000);
    expect(two.fresh).toEqual([late]);
    expect(stepFrom(two.place, [late, first], START_US + 2_000_000).fresh).toEqual([]);
  });

  test("is in the order of time and forgets names that nobody will ask for again", () => {
    const found = [3, 1, 2].map((at) => ({ name: `n${at}`, atUs: START_US + at }));
    const old = { name: "old", atUs: START_US - OVERLAP_US };
    const { fresh, place } = stepFrom({ ...PLACE, names: [] }, [...found, old], START_US + 3);
    expect(fresh.map(({ name }) => name)).toEqual(["old", "n1", "n2", "n3"]);
    expect(place.names).toEqual(["n1", "n2", "n3"]);
  });
});

// Goal: no change that lets the engine do more is called anything but widening, and every difference is
// named once. Method: properties over limits drawn inside their bounds, with the direction told by hand for
// every field.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AMOUNT_CEILINGS,
  type AmountLimit,
  limitsFault,
  NUMBER_BOUNDS,
  type NumberLimit,
  type RiskLimits,
} from "../../../contracts/risk-limits.ts";
import { isWidening, limitsChanges } from "../../../functions/control-api/logic.ts";
import { limitsWith } from "./rig.ts";

/** Whether a greater value lets more through, decided for each limit by what the gate does with it. */
const GROWS: Readonly<Record<NumberLimit, boolean>> = {
  orderDepthSharePpm: true,
  collarPpm: true,
  periodCollarPpm: true,
  openOrdersPerInstrumentMax: true,
  openOrdersMax: true,
  consecutiveLossesMax: true,
  cyclesPerDayMax: true,
  cyclesPerHourMax: true,
  ordersPerSecondMax: true,
  ordersPerMinuteMax: true,
  ordersPerDayMax: true,
  cancelRatioMax: true,
  // An equal order within the window is a duplicate: a longer one refuses more.
  duplicateWindowUs: false,
  bookAgeUsMax: true,
  exchangeAgeUsMax: true,
  queueDelayUsMax: true,
  jumpPpm: true,
  jumpSigmas: true,
  spreadPpm: true,
  edgePpmMax: true,
  rulesAgeUsMax: true,
  legTimeUsMax: true,
  unknownOrdersMax: true,
  rejectsInARowMax: true,
  rejectShareOf50Max: true,
  clockOffsetUsMax: true,
  // Watching only, and small orders only, for longer.
  quarantineUs: false,
  rampUs: false,
  rampSizePpm: true,
  volatilityFactor: true,
};

const NUMBERS = Object.keys(NUMBER_BOUNDS) as NumberLimit[];
const AMOUNTS = Object.keys(AMOUNT_CEILINGS) as AmountLimit[];

describe.each(NUMBERS)("%s", (field) => {
  const { min, max } = NUMBER_BOUNDS[field];
  const least = field === "jumpSigmas" ? 1 : min;

  test("widens one way and tightens the other", () => {
    fc.assert(
      fc.property(fc.integer({ min: least, max }), fc.integer({ min: least, max }), (was, is) => {
        const [before, after] = [limitsWith({ [field]: was }), limitsWith({ [field]: is })];
        const changes = limitsChanges(before, after);
        if (was === is) {
          expect(changes).toEqual([]);
          return;
        }
        const direction = is > was === GROWS[field] ? "widens" : "tightens";
        expect(changes).toEqual([{ field, before: was, after: is, direction }]);
      }),
    );
  });
});

test("without a multiple of the usual move, moves are held to less, so going there widens", () => {
  const [off, on] = [limitsWith({ jumpSigmas: 0 }), limitsWith({ jumpSigmas: 100 })];
  expect(limitsChanges(on, off)).toMatchObject([{ direction: "widens" }]);
  expect(limitsChanges(off, on)).toMatchObject([{ direction: "tightens" }]);
});

describe.each(AMOUNTS)("%s", (field) => {
  test("is compared as the decimal that it is", () => {
    const text = fc.tuple(fc.nat(999), fc.nat(999)).map(([units, part]) => `${units}.${part}`);
    fc.assert(
      fc.property(text, text, (was, is) => {
        const [before, after] = [limitsWith({ [field]: was }), limitsWith({ [field]: is })];
        const changes = limitsChanges(before, after);
        const difference = Number(is) - Number(was);
        if (difference === 0) expect(changes).toEqual([]);
        else expect(isWidening(changes)).toBe(difference > 0);
      }),
    );
  });

  test("is one amount however many zeros it ends in", () => {
    const [before, after] = [limitsWith({ [field]: "1.50" }), limitsWith({ [field]: "1.5" })];
    expect(limitsChanges(before, after)).toEqual([]);
  });
});

describe("a reserve", () => {
  const direction = (before: Record<string, string>, after: Record<string, string>): unknown =>
    limitsChanges(limitsWith({ reserve: before }), limitsWith({ reserve: after })).map((each) => [
      each.field,
      each.direction,
    ]);

  test.each([
    [{ USD: "5" }, { USD: "4" }, [["reserve.USD", "widens"]]],
    [{ USD: "5" }, {}, [["reserve.USD", "widens"]]],
    [{ USD: "5" }, { USD: "6" }, [["reserve.USD", "tightens"]]],
    [{}, { USD: "6" }, [["reserve.USD", "tightens"]]],
    [{}, { USD: "0" }, []],
    [
      { USD: "1", BTC: "1" },
      { BTC: "2" },
      [
        ["reserve.BTC", "tightens"],
        ["reserve.USD", "widens"],
      ],
    ],
    [{}, { toString: "1" }, [["reserve.toString", "tightens"]]],
  ])("%j -> %j", (before, after, expected) => {
    expect(direction(before, after)).toEqual(expected);
  });
});

describe("an allowlist", () => {
  test.each([
    [undefined, ["a"], ["tightens"]],
    [["a"], undefined, ["widens"]],
    [["a", "b"], ["b"], ["tightens"]],
    [["a"], ["a", "b"], ["widens"]],
    [["a"], ["b"], ["widens"]],
    [["a", "b"], ["b", "a"], []],
    [["a"], [], ["tightens"]],
    [undefined, undefined, []],
  ])("%j -> %j", (before, after, expected) => {
    const changes = limitsChanges(
      limitsWith({ allowlist: before }),
      limitsWith({ allowlist: after }),
    );
    expect(changes.map(({ direction }) => direction)).toEqual(expected);
  });
});

const someLimits = fc
  .record({
    ...Object.fromEntries(
      NUMBERS.map((field) => [
        field,
        fc.integer({ min: NUMBER_BOUNDS[field].min, max: NUMBER_BOUNDS[field].max }),
      ]),
    ),
    ...Object.fromEntries(
      AMOUNTS.map((field) => [field, fc.nat(AMOUNT_CEILINGS[field]).map(String)]),
    ),
    reserve: fc.dictionary(fc.constantFrom("USD", "BTC", "ETH"), fc.nat(9).map(String)),
    allowlist: fc.option(fc.subarray(["a", "b", "c"]), { nil: undefined }),
  })
  .map((limits) => limits as unknown as RiskLimits);

test("whatever is widened there is tightened on the way back, and the reverse never hides a widening", () => {
  fc.assert(
    fc.property(someLimits, someLimits, (before, after) => {
      const there = limitsChanges(before, after);
      const back = limitsChanges(after, before);
      expect(there.map(({ field }) => field)).toEqual(back.map(({ field }) => field));
      for (const [index, { field, direction }] of there.entries()) {
        // Two allowlists may each hold a name that the other has not.
        if (field === "allowlist") continue;
        expect(back[index]?.direction).toBe(direction === "widens" ? "tightens" : "widens");
      }
    }),
  );
});

test("limits equal themselves, and without any before them all of them widen", () => {
  fc.assert(
    fc.property(someLimits, (limits) => {
      expect(limitsChanges(limits, limits)).toEqual([]);
      expect(isWidening(limitsChanges(undefined, limits))).toBe(true);
    }),
  );
  expect(limitsFault(limitsWith())).toBeUndefined();
});

// Goal: the calendar of keys is that of the world. Method: the platform's own, over four centuries.
import fc from "fast-check";
import { expect, test } from "vitest";
import { dayOf, hourOf } from "../../contracts/calendar.ts";

const US_PER_MS = 1000;

test("days and hours are those of the platform's calendar", () => {
  const times = fc.integer({ min: 0, max: Date.UTC(2250, 0, 1) }).map((ms) => ms * US_PER_MS);
  fc.assert(
    fc.property(times, (us) => {
      const text = new Date(us / US_PER_MS).toISOString();
      expect([dayOf(us), hourOf(us)]).toEqual([text.slice(0, 10), text.slice(11, 13)]);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["the first moment", 0, "1970-01-01", "00"],
  ["a leap day", Date.UTC(2024, 1, 29, 23, 59, 59) * US_PER_MS, "2024-02-29", "23"],
  ["the day after it", Date.UTC(2024, 2, 1) * US_PER_MS, "2024-03-01", "00"],
  ["a century without one", Date.UTC(2100, 1, 28, 12) * US_PER_MS, "2100-02-28", "12"],
  ["the last microsecond of a year", Date.UTC(2027, 0, 1) * US_PER_MS - 1, "2026-12-31", "23"],
])("%s", (_name, us, day, hour) => {
  expect([dayOf(us), hourOf(us)]).toEqual([day, hour]);
});

test.each([-1, 0.5, Number.NaN])("%s is no time", (us) => {
  expect(() => dayOf(us)).toThrow("whole microseconds");
});

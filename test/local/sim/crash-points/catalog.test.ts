// Goal: the numbers of the catalog are the whole product, each point once, and neighbors are far apart.
import { describe, expect, test } from "vitest";
import { CrashPointCatalog, nameOf, STORIES } from "../../../../local/sim/crash-points/catalog.ts";
import type { CrashPoint } from "../../../../local/sim/crash-points/crash-point.ts";

/** Stories of three, five and seven effects, so that some end before others. */
const LENGTHS = STORIES.map((_, index) => [3, 5, 7][index % 3] ?? 1);
const catalog = new CrashPointCatalog(4, LENGTHS);

function keyOf({ story, boundary, model }: CrashPoint): string {
  return `${nameOf(story)} ${boundary} ${model}`;
}

describe("the catalog", () => {
  test("has twelve scenarios at three venues under two settings", () => {
    expect(STORIES).toHaveLength(72);
    expect(new Set(STORIES.map(nameOf)).size).toBe(72);
  });

  test("numbers every effect of every story under every model once", () => {
    const points = Array.from({ length: catalog.total }, (_, number) => catalog.pointAt(number));
    expect(new Set(points.map(keyOf)).size).toBe(6 * 24 * (3 + 5 + 7));
    for (const point of points) {
      expect(point.boundary).toBeGreaterThanOrEqual(1);
      expect(point.boundary).toBeLessThanOrEqual(LENGTHS[STORIES.indexOf(point.story)] ?? 0);
      expect(point.seed).toBe(4);
    }
  });

  test("has every story and every model among its first points", () => {
    const first = Array.from({ length: 6 * 72 }, (_, number) => catalog.pointAt(number));
    expect(new Set(first.map(({ story }) => nameOf(story))).size).toBe(72);
    expect(new Set(first.map(({ model }) => model)).size).toBe(6);
  });

  test("crashes some recoveries as well, and some of these twice", () => {
    const nested = Array.from({ length: 2000 }, (_, number) => catalog.pointAt(number).nested);
    expect(nested.filter((each) => each === 0).length).toBeGreaterThan(1500);
    expect(nested).toContain(1);
    expect(nested).toContain(2);
  });

  test("knows no point beyond its product", () => {
    expect(() => catalog.pointAt(catalog.total)).toThrow("one of the product");
    expect(() => catalog.pointAt(-1)).toThrow("numbered from nought");
  });
});

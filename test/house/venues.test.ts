// Goal: every venue has its rooms, and every venue folder has its name in the contract.
import { describe, expect, test } from "vitest";
import { VENUE_IDS } from "../../contracts/ids.ts";
import { readTree, treeOf } from "./tree.ts";
import { VENUE_ROOMS, venueFaults, venueFolders } from "./venues.ts";

/** A tree with all rooms of `venueIds`, but for `without`. */
function treeWith(venueIds: readonly string[], without = ""): ReturnType<typeof treeOf> {
  const paths = venueIds.flatMap((id) => VENUE_ROOMS.map((room) => `hotpath/venues/${id}/${room}`));
  return treeOf(
    Object.fromEntries(
      paths.filter((path) => !path.endsWith(without || "-")).map((path) => [path, ""]),
    ),
  );
}

describe("this house", () => {
  test("the check sees venues", () => {
    expect(VENUE_IDS.length).toBeGreaterThan(0);
    expect(venueFolders(readTree())).toEqual(expect.arrayContaining([...VENUE_IDS]));
  });

  test("every venue has its rooms", () => {
    expect(venueFaults(readTree(), VENUE_IDS)).toEqual([]);
  });
});

describe("a planted fault is seen", () => {
  test.each([...VENUE_ROOMS])("a venue without %s", (room) => {
    expect(venueFaults(treeWith(["kraken"], room), ["kraken"])).toEqual([`kraken lacks ${room}`]);
  });

  test("a venue without a folder", () => {
    const faults = venueFaults(treeWith(["kraken"]), ["kraken", "kucoin"]);
    expect(faults).toHaveLength(VENUE_ROOMS.length);
  });

  test("a folder without a name", () => {
    expect(venueFaults(treeWith(["kraken", "okx"]), ["kraken"])).toHaveLength(1);
  });

  test("a family folder needs two venues", () => {
    const tree = new Map([...treeWith(["b-spot", "b-usdm"]), ["hotpath/venues/b/wire.ts", ""]]);
    expect(venueFaults(tree, ["b-spot", "b-usdm"])).toEqual([]);
    const alone = new Map([...treeWith(["b-spot"]), ["hotpath/venues/b/wire.ts", ""]]);
    expect(venueFaults(alone, ["b-spot"])).toHaveLength(1);
  });
});

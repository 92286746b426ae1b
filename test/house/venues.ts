/**
 * Venue rooms: every venue has the same rooms, so whoever knows one house knows all.
 *
 * A folder that is no venue is a family: what the dialects of one venue share, named by their
 * first word.
 */
import type { Tree } from "./tree.ts";

export const VENUE_ROOMS = [
  "wire.ts",
  "ingest.ts",
  "normalize.ts",
  "continuity.ts",
  "execute.ts",
  "instruments.ts",
  "index.ts",
  "README.md",
] as const;

/** The folders under hotpath/venues. */
export function venueFolders(tree: Tree): string[] {
  const folders = [...tree.keys()]
    .map((path) => /^hotpath\/venues\/([^/]+)\/[^/]+$/.exec(path)?.[1] ?? "")
    .filter((folder) => folder !== "");
  return [...new Set(folders)].sort();
}

/** Missing rooms, missing venues and folders that are neither venue nor family. */
export function venueFaults(tree: Tree, venueIds: readonly string[]): string[] {
  const folders = venueFolders(tree);
  const missing = venueIds.flatMap((venueId) =>
    VENUE_ROOMS.filter((room) => !tree.has(`hotpath/venues/${venueId}/${room}`)).map(
      (room) => `${venueId} lacks ${room}`,
    ),
  );
  const nameless = folders
    .filter((folder) => !venueIds.includes(folder))
    .filter((folder) => venueIds.filter((id) => id.startsWith(`${folder}-`)).length < 2)
    .map((folder) => `hotpath/venues/${folder} is in no VENUE_IDS and no family of two`);
  return [...missing, ...nameless];
}

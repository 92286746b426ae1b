/**
 * Room cards: every room with code carries a README.md that says what it is for, in forty lines.
 */
import { posix } from "node:path";
import { productionFiles, type Tree } from "./tree.ts";

export const LABELS = ["Purpose", "Enters", "Leaves", "May import", "Never", "Proved by"] as const;

export const CARD_LINES_MAX = 40;

const ROOMS_WITH_CARDS = [
  "hotpath/core",
  "hotpath/venues",
  "hotpath/io",
  "contracts",
  "functions",
  "local",
  "lib",
  "bin",
] as const;

/** The folders that need a card: each that holds code itself, under one of the rooms. */
export function cardFolders(tree: Tree): string[] {
  const folders = new Set(productionFiles(tree).map((path) => posix.dirname(path)));
  return [...folders].filter((folder) =>
    ROOMS_WITH_CARDS.some((room) => folder === room || folder.startsWith(`${room}/`)),
  );
}

/** Folders without a card and cards that lack something, as one sentence each. */
export function cardFaults(tree: Tree): string[] {
  return cardFolders(tree).flatMap((folder) => {
    const card = tree.get(`${folder}/README.md`);
    return card === undefined ? [`${folder} has no card (README.md)`] : faultsOf(folder, card);
  });
}

function faultsOf(folder: string, card: string): string[] {
  const faults: string[] = [];
  const lineCount = card.trimEnd().split("\n").length;
  if (lineCount > CARD_LINES_MAX) faults.push(`${folder}'s card has ${lineCount} lines`);
  if (!card.startsWith(`# ${folder}\n`))
    faults.push(`${folder}'s card is not headed "# ${folder}"`);
  for (const label of LABELS) {
    const said = new RegExp(`^\\*\\*${label}\\.\\*\\*[ \\t]+\\S`, "m").test(card);
    if (!said) faults.push(`${folder}'s card does not say **${label}.**`);
  }
  return faults;
}

/**
 * Words that may not stand in the code, and where; section "Words" of docs/STYLE.md as data.
 *
 * There is no escape in place: an exception is a row of EXCEPTIONS, with its reason, where review
 * sees it.
 */
import { FAMILY_PURE, VENUE_PURE } from "./law.ts";
import { codeFiles, isIn, sourceOf, type Tree } from "./tree.ts";

type Ban = {
  readonly word: RegExp;
  readonly instead: string;
};

/** Rooms that are functions of their input: no clock, no chance, no waiting, no world. */
export const PURE_ROOMS = [
  "contracts/",
  "hotpath/core/",
  ...FAMILY_PURE.map((name) => `hotpath/venues/binance/${name}` as const),
  ...VENUE_PURE.map((name) => `hotpath/venues/*/${name}` as const),
  "hotpath/venues/*/wire.ts",
  "hotpath/venues/*/normalize.ts",
  "hotpath/venues/*/continuity.ts",
  "functions/*/logic.ts",
  "local/venues/market/",
  "local/venues/exchange/",
] as const;

const BANNED_IN_PURE_ROOMS: readonly Ban[] = [
  { word: /\b(?:async|await|Promise)\b/, instead: "return a command; the edge awaits" },
  {
    word: /\bnew Date\b|\bDate\.now\b|\bperformance\b|\bhrtime\b/,
    instead: "the event's processUs",
  },
  { word: /\bMath\.random\b|\brandomUUID\b|\bcrypto\b/, instead: "ids derived from the event" },
  {
    word: /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/,
    instead: "a startTimer command",
  },
  { word: /\bprocess\.|\bglobalThis\b|\bconsole\./, instead: "configuration in, facts out" },
  { word: /\bparseFloat\b|\.toFixed\b/, instead: "ticks and lots" },
];

const BANNED_IN_CODE: readonly Ban[] = [
  { word: /(?<!\.)\bany\b/, instead: "unknown, then parse" },
  { word: /(?<![.\w])enum\s+\w/, instead: "a union" },
  { word: /\bexport default\b/, instead: "a named export" },
];

const BANNED_IN_COMMENTS: readonly Ban[] = [
  { word: /@ts-(?:ignore|nocheck)/, instead: "types that are true" },
  { word: /\bFIXME\b/, instead: "finish it" },
  { word: /\bbiome-ignore\b/, instead: "a row in the house test's list" },
];

const FILE_NAMES_BANNED = [
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "misc",
  "shared",
  "manager",
  "service",
  "base",
];

/** Where a banned word may stand after all: file, word, reason. */
export const EXCEPTIONS: readonly (readonly [string, string, string])[] = [
  ["vitest.config.ts", "export default", "the runner reads its configuration from there"],
  ["hotpath/core/decode/scan.ts", "biome-ignore", "one body, by a measurement beside it"],
  ["hotpath/venues/kraken/frame-shape.ts", "biome-ignore", "one body, by a measurement beside it"],
  ["hotpath/core/book/ladder.ts", "biome-ignore", "one body, by a measurement beside it"],
  ["hotpath/core/decode/short-levels.ts", "biome-ignore", "one body, by a measurement beside it"],
];

/** Every banned word found, as `path:line says "word": instead`. */
export function bannedWords(tree: Tree): string[] {
  return codeFiles(tree).flatMap((path) => {
    const { bareCode, comments } = sourceOf(tree, path);
    const isPure = PURE_ROOMS.some((room) => isIn(path, room));
    return [
      ...found(path, bareCode, BANNED_IN_CODE),
      ...found(path, comments, BANNED_IN_COMMENTS),
      ...(isPure ? found(path, bareCode, BANNED_IN_PURE_ROOMS) : []),
    ];
  });
}

function found(path: string, text: string, bans: readonly Ban[]): string[] {
  return bans.flatMap(({ word, instead }) =>
    [...text.matchAll(new RegExp(word, "g"))]
      .filter(([match]) => !EXCEPTIONS.some(([file, said]) => file === path && said === match))
      .map((match) => {
        const line = text.slice(0, match.index).split("\n").length;
        return `${path}:${line} says "${match[0].trim()}"; instead: ${instead}`;
      }),
  );
}

/** Files and folders whose name says nothing about what they hold. */
export function emptyNames(tree: Tree): string[] {
  return codeFiles(tree).filter((path) =>
    path.split(/[/.-]/).some((word) => FILE_NAMES_BANNED.includes(word)),
  );
}

/** Code files that do not begin by saying where they stand: a doc comment, or in a test its goal. */
export function headless(tree: Tree): string[] {
  return codeFiles(tree).filter((path) => {
    const text = (tree.get(path) ?? "").replace(/^#!.*\n/, "");
    const mayBeLine = path.startsWith("test/") || path.endsWith(".config.ts");
    return !(text.startsWith("/**") || (mayBeLine && text.startsWith("//")));
  });
}

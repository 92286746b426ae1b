/**
 * File sizes: 300 lines is the aim, 500 the end. A file between the two is listed with its reason.
 */
import { codeFiles, productionFiles, type Tree } from "./tree.ts";

export const LINES_AIM = 300;
export const LINES_MAX = 500;

/** Production files above the aim, each with the reason why it stays whole. */
export const LONG_FILES: readonly (readonly [string, string])[] = [
  ["hotpath/core/book/resync.ts", "one state machine; its drawing and its steps are read together"],
  ["hotpath/core/book/ladder.ts", "one structure; window, bitmap and far table hold together"],
  ["hotpath/core/decode/scan.ts", "one scanner; its functions inline into each other"],
  ["hotpath/core/world.ts", "all the state there is, as one tree"],
  ["hotpath/hot-side.ts", "the wiring of one thread"],
  ["bin/commands.ts", "one table, a row for each command"],
  ["hotpath/core/lease/lease-machine.ts", "one protocol; its phases and answers are read together"],
  ["hotpath/core/risk/risk.ts", "one door to all that is counted of an account"],
  ["hotpath/io/journal/scan.ts", "one walk over a segment; each refusal beside its reason"],
  ["local/venues/kraken/feed.ts", "one channel with all the ways in which its frames go wrong"],
  ["local/sim/engine/engine-life.ts", "the third composition root"],
  ["local/sim/lease/container.ts", "one life of a container, from its claim to its end"],
  ["local/sim/lease/sender.ts", "one sender beside the rules that let it send"],
  ["local/sim/fuzz/control/messages.ts", "a corpus and its judge for each message"],
  ["local/sim/fuzz/desk/binance.ts", "a corpus and its judge for each message"],
  ["local/sim/fuzz/desk/kraken.ts", "a corpus and its judge for each message"],
  ["local/sim/fuzz/desk/kucoin.ts", "a corpus and its judge for each message"],
  ["hotpath/replay.ts", "the other composition root"],
  ["hotpath/supervisor.ts", "one owner of three workers, with what each of their deaths means"],
  ["local/venues/exchange/exchange.ts", "one engine; every change of an order is seen together"],
  ["local/venues/exchange/back-end.ts", "each fault beside the honest way it departs from"],
  ["hotpath/verify/verify.ts", "one walk over a recording, compared at every step"],
  [
    "hotpath/venues/binance-spot/execute/order-session.ts",
    "one life of one connection, from its dial to its end",
  ],
  ["hotpath/venues/kraken/execute/desk.ts", "one switch over all that an account is asked"],
  ["hotpath/venues/kraken/frame-shape.ts", "one scanner; its functions inline into each other"],
  [
    "local/venues/kraken/trading/private-session.ts",
    "one switch over all that a private connection may ask",
  ],
];

function lineCount(tree: Tree, path: string): number {
  return (tree.get(path) ?? "").trimEnd().split("\n").length;
}

/** Files that are too long, or longer than the aim without a listed reason. */
export function sizeFaults(tree: Tree, listed: readonly (readonly [string, string])[]): string[] {
  const tooLong = codeFiles(tree)
    .filter((path) => lineCount(tree, path) > LINES_MAX)
    .map((path) => `${path} has ${lineCount(tree, path)} lines, the most is ${LINES_MAX}`);
  const unlisted = productionFiles(tree)
    .filter((path) => lineCount(tree, path) > LINES_AIM && lineCount(tree, path) <= LINES_MAX)
    .filter((path) => !listed.some(([file]) => file === path))
    .map((path) => `${path} has ${lineCount(tree, path)} lines and no reason in LONG_FILES`);
  return [...tooLong, ...unlisted];
}

/** Rows of the list that no longer describe a long file. */
export function idleReasons(tree: Tree, listed: readonly (readonly [string, string])[]): string[] {
  return listed.map(([path]) => path).filter((path) => lineCount(tree, path) <= LINES_AIM);
}

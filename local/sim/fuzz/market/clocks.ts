/**
 * Station: bodies that tell a venue's time -> a fuzzer of their readers. All venues in one: each reader is
 * shown the bodies of the others as well.
 */

import { VENUES } from "../../../../hotpath/venues/registry.ts";
import type { Fuzzer } from "../fuzzer.ts";
import {
  bareOf,
  itemsOf,
  memberOf,
  readLooseTree,
  stringOf,
  type Tree,
} from "../oracle/json-tree.ts";
import { exactOf } from "../oracle/numbers.ts";
import { readerBench } from "../reader-bench.ts";

type Clock = {
  readonly parse: (body: Uint8Array) => number | undefined;
  /** The digits of the time in a body of this venue, and microseconds of one unit of it. */
  readonly digitsOf: (tree: Tree) => string | undefined;
  readonly factor: number;
};

const CLOCKS: readonly Clock[] = [
  {
    parse: VENUES["binance-spot"].parseClock,
    digitsOf: (tree) => bareOf(memberOf(tree, "serverTime")),
    factor: 1000,
  },
  {
    parse: VENUES.kraken.parseClock,
    digitsOf: (tree) => {
      const isWell = itemsOf(memberOf(tree, "error"))?.length === 0;
      return isWell ? bareOf(memberOf(memberOf(tree, "result"), "unixtime")) : undefined;
    },
    factor: 1_000_000,
  },
  {
    parse: VENUES.kucoin.parseClock,
    digitsOf: (tree) => {
      const isWell = stringOf(memberOf(tree, "code")) === "200000";
      return isWell ? bareOf(memberOf(tree, "data")) : undefined;
    },
    factor: 1000,
  },
];

export const clocks: Fuzzer = {
  name: "clocks",
  guards: "hotpath/venues/binance/rules.ts",
  prepare: () =>
    readerBench<readonly (number | undefined)[]>({
      corpus: [
        '{"serverTime":1499827319559}',
        '{"error":[],"result":{"unixtime":1616336594,"rfc1123":"Sun, 21 Mar 21 14:23:14 +0000"}}',
        '{"code":"200000","data":1729100692873}',
      ],
      makeReader: () => (input) => {
        const times = CLOCKS.map(({ parse }) => parse(input));
        return times.some((time) => time !== undefined) ? times : undefined;
      },
      judge: (times, input) => {
        const tree = readLooseTree(input);
        if (tree === undefined) return "what is no JSON tells the time";
        const isRight = CLOCKS.every(({ digitsOf, factor }, i) => {
          const us = times[i];
          return us === undefined || isTime(digitsOf(tree), us, factor);
        });
        return isRight ? undefined : "the time is not what was sent";
      },
    }),
};

/** Whether digits, in whatever spelling of a number, are worth so many microseconds. */
function isTime(digits: string | undefined, us: number, factor: number): boolean {
  const value = exactOf(digits);
  if (value === undefined || !Number.isSafeInteger(us) || us <= 0) return false;
  return value.units * BigInt(factor) === BigInt(us) * 10n ** BigInt(value.places);
}

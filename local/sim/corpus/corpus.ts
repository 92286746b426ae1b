/**
 * Station: none; every history of a simulated world that ever broke an invariant, kept for good.
 *
 * Seeds lose their meaning when the drawing of faults changes: an entry stays all the same, because its
 * combination of classes once was enough. What was found is told in `found.ts`. Nothing is run here.
 */
import type { Profile } from "../world/settings.ts";

export type CorpusSeed = {
  readonly seed: number;
  readonly profile: Profile;
  readonly steps: number;
  /** Fault classes, or single sources of them, that are on; as the seed draws them when absent. */
  readonly only?: readonly string[];
  /** What was broken when it was found. */
  readonly sentence: string;
};

/** In the order in which they were found. */
export const CORPUS: readonly CorpusSeed[] = [
  {
    seed: 7,
    profile: "busy",
    steps: 5000,
    sentence: "a Kraken book under a clock that stands still was held against another moment",
  },
  {
    seed: 16,
    profile: "busy",
    steps: 4317,
    only: ["D13", "D16", "D23", "D26", "D32", "T06", "T07", "O33", "T29"],
    sentence: "an account was ready although its first reading showed another balance",
  },
  {
    seed: 17,
    profile: "busy",
    steps: 10_000,
    sentence: "an account with a half-open order connection was ready and never read again",
  },
  {
    seed: 27,
    profile: "busy",
    steps: 10_000,
    sentence:
      "a kill that a recovered state had and the list of kills had not could not be released",
  },
  {
    seed: 50,
    profile: "busy",
    steps: 5968,
    only: [
      "T01",
      "T02",
      "T04",
      "D08",
      "T07",
      "O06",
      "O33/deposit",
      "O35",
      "P21",
      "P24",
      "D26/allOutage",
      "C31/killSwitch",
      "C26",
      "P12",
      "P13",
      "P14",
    ],
    sentence: "the same after a disk that refused a write",
  },
  {
    seed: 311,
    profile: "busy",
    steps: 6000,
    sentence: "a fee that had changed was missing of a trade that came after the last reading",
  },
  {
    seed: 7,
    profile: "busy",
    steps: 6000,
    only: ["O27", "O28", "P01", "O31"],
    sentence: "exits were sent on and on against a limit of Kraken that names no time",
  },
  {
    seed: 287,
    profile: "busy",
    steps: 8600,
    sentence: "accounts and sessions together dialed KuCoin more often than it allows",
  },
  {
    seed: 673,
    profile: "busy",
    steps: 10_000,
    sentence: "a withdrawal that the last fills might explain was forgotten as if it had agreed",
  },
  {
    seed: 99,
    profile: "nominal",
    steps: 3000,
    sentence: "a kill that came while a release was under way did not hold over a restart",
  },
  {
    seed: 131,
    profile: "nominal",
    steps: 10_000,
    sentence: "a kill that the disk had refused was acknowledged as one that a restart keeps",
  },
  {
    seed: 164,
    profile: "nominal",
    steps: 1000,
    sentence: "a book was live although its touch lay beyond what its snapshot had shown",
  },
  {
    seed: 194,
    profile: "nominal",
    steps: 2000,
    sentence: "a halted instrument was forgotten by a start that could not read the last plan",
  },
];

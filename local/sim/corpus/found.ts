/**
 * Station: none; what histories from seeds have found in the engine, and where it was mended.
 *
 * One line for each bug, not for each seed. The unit test that holds it stands where the bug was.
 */

export type Found = {
  /** Of the corpus. */
  readonly seed: number;
  /** Classes of faults that brought it out. */
  readonly classes: readonly string[];
  readonly sentence: string;
  /** The subject of the commit that mended it. */
  readonly mended: string;
};

/** In the order in which they were found. */
export const FOUND: readonly Found[] = [
  {
    seed: 16,
    classes: ["O33", "D26", "T06"],
    sentence:
      "A reading that differed was taken for one that agrees until a second one had confirmed it: an account that came back after an outside move was opened for a whole interval, and trades were then searched for from too late a moment.",
    mended: "Be ready only after a reading that agrees",
  },
  {
    seed: 17,
    classes: ["T06", "O12"],
    sentence:
      "A question that timed out counted as a sign of life of the private stream: a half-open order connection of Binance was kept for ever, while its account stayed ready and could neither order nor read. Answers over REST hid a dead private stream in the same way.",
    mended: "Take only the stream's word for a stream's life",
  },
  {
    seed: 27,
    classes: ["O35", "P13", "P01"],
    sentence:
      "A kill that was released after the last saved state was in force again after a crash, and could not be released: the list of kills did not know it any more.",
    mended: "Release kills that only the loop has",
  },
  {
    seed: 7,
    classes: ["O27", "O31", "P01"],
    sentence:
      "Kraken's limit of orders names no time, and was not waited for: an exit was sent again and again within milliseconds until its tries were used up, and what the cycle held was left.",
    mended: "Wait after a Kraken throttle that names no time",
  },
];

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
  {
    seed: 287,
    classes: ["T15", "T26"],
    sentence:
      "Only sessions took from the bucket of dials: together with the accounts' connections KuCoin was dialed more often than it allows in a minute. A bucket that begins half full let two lives in one window do the same.",
    mended: "Count the dials of accounts against their venue's limit",
  },
  {
    seed: 673,
    classes: ["O33"],
    sentence:
      "A withdrawal of the size of the last fills was excused by them; the reading counted as one that agrees, and the doubt of the reading before was forgotten.",
    mended: "Take what orders in flight might explain for no agreement",
  },
  {
    seed: 99,
    classes: ["O14", "C31", "P25"],
    sentence:
      "A kill that was asked for between a release's word to the loop and its word to the disk was acknowledged, and then taken off the disk by that release: the next start traded.",
    mended: "Keep a kill that comes while a release is under way",
  },
  {
    seed: 131,
    classes: ["C31", "P14", "P03"],
    sentence:
      "The core's own record of a kill was refused by the disk and stood in memory; the same kill by a person found it on the list there, and was acknowledged as one that a restart keeps.",
    mended: "Call no kill kept that the disk has refused",
  },
  {
    seed: 164,
    classes: ["D08"],
    sentence:
      "A sweep ate every level that the snapshot had shown: the best that was left was one behind them that had changed, beyond better ones that nobody had told of, and the book stayed live.",
    mended: "Void a book whose touch has left what its snapshot has shown",
  },
  {
    seed: 194,
    classes: ["O31", "P17"],
    sentence:
      "A life that died before it had a plan let the next one forget what was traded: an instrument that was halted meanwhile was left out, and recovery refused to begin for as long as it was.",
    mended: "Follow what the last trading life traded, not the last life",
  },
];

/**
 * Station: a part of the campaign and a range of seeds -> the first seed that sees something wrong.
 *
 * Runs inside a scratch copy, as a process of its own: what it imports is the copy's code, the planted bug
 * included. A part that is not listed here cannot hunt yet.
 */
import { FUZZERS } from "../fuzz/catalog.ts";
import { LIFE_INPUTS, runFuzzer } from "../fuzz/run-fuzzer.ts";
import type { FinderPart } from "./patch.ts";

/** What a seed has seen; "" for nothing. */
type Hunter = (seed: number) => Promise<string> | string;

const HUNTERS: ReadonlyMap<FinderPart, Hunter> = new Map<FinderPart, Hunter>([["fuzz", fuzzSeed]]);

/** Whether `part` hunts by seeds. */
export function isHunter(part: FinderPart): boolean {
  return HUNTERS.has(part);
}

/** One life of every fuzzer. */
function fuzzSeed(seed: number): string {
  for (const fuzzer of FUZZERS) {
    const { findings } = runFuzzer(fuzzer, { seed, inputs: LIFE_INPUTS });
    const [first] = findings;
    if (first !== undefined) return `${fuzzer.name}: ${first.sentence}`;
  }
  return "";
}

export type SeedsHunted =
  | { readonly kind: "found"; readonly seed: number; readonly violation: string }
  | { readonly kind: "notFound"; readonly seeds: number };

/** Tries the seeds of `from..to` in their order, and ends with the first that finds something. */
export async function huntSeeds(part: FinderPart, from: number, to: number): Promise<SeedsHunted> {
  const hunter = HUNTERS.get(part);
  if (hunter === undefined) throw new Error(`${part} does not hunt by seeds`);
  for (let seed = from; seed <= to; seed++) {
    const violation = await outcomeOf(hunter, seed);
    if (violation !== "") return { kind: "found", seed, violation };
  }
  return { kind: "notFound", seeds: to - from + 1 };
}

/** Whatever a seed throws was not thrown by the sound house: that is a finding too. */
async function outcomeOf(hunter: Hunter, seed: number): Promise<string> {
  try {
    return await hunter(seed);
  } catch (error) {
    return `threw ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** For the process that was started to hunt: the outcome as the last line of its output. */
export async function tellHunt(part: FinderPart, from: number, to: number): Promise<void> {
  process.stdout.write(`\n${JSON.stringify(await huntSeeds(part, from, to))}\n`);
}

/**
 * Station: none; what a fuzzer is: valid inputs, a way to spoil them, the code that reads them, a judge.
 *
 * The judge is slow and plain and shares no line with what it judges. A fuzzer knows no clock and draws only
 * from the stream that it is given, so a seed and a range name the same inputs for ever.
 */
import type { Random } from "../../venues/market/random.ts";

/** The code under test in one life of it; decoders that learn begin anew with each life. */
export type Subject = {
  /** Runs production code alone; whether it took the input. */
  readonly run: (input: Uint8Array) => boolean;
  /** What is wrong with the answer to the last run, as a sentence; undefined for nothing. */
  readonly judge: (input: Uint8Array, isAccepted: boolean) => string | undefined;
};

/** What a fuzzer is made of once its corpus has been built. */
export type Bench = {
  /** Inputs as they come in good times; each of them must be taken by a new subject. */
  readonly corpus: readonly Uint8Array[];
  /** Draws one input; its bytes are good until the next draw. */
  readonly draw: (chance: Random) => Uint8Array;
  readonly begin: () => Subject;
  /** Whether an error is the contract's own; absent where nothing may ever be thrown. */
  readonly mayThrow?: (error: unknown) => boolean;
};

export type Fuzzer = {
  readonly name: string;
  /** The file whose contract is held, as a path of this house. */
  readonly guards: string;
  /** Builds corpus and readers; called once before a run. */
  readonly prepare: () => Bench;
};

/** An input that was read wrongly, or not at all where something else than a refusal came of it. */
export type Finding = {
  readonly seed: number;
  /** Its number: a run from `from` (a multiple of `LIFE_INPUTS`) comes upon it again. */
  readonly at: number;
  readonly from: number;
  /** The input itself, base64. */
  readonly input: string;
  readonly sentence: string;
};

/** An input that took long, every time it was tried. A suspicion and no finding: machines are busy. */
export type SlowInput = {
  readonly at: number;
  readonly bytes: number;
  readonly ms: number;
  readonly input: string;
};

export type FuzzReport = {
  readonly name: string;
  readonly seed: number;
  readonly from: number;
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  /** All that were found; of those with one sentence only the first few are kept in `findings`. */
  readonly findingCount: number;
  readonly findings: readonly Finding[];
  /** Answers that were wrong because the language's own `JSON.parse` was; see `oracle/runtime-fault.ts`. */
  readonly runtimeFaults: number;
  readonly slowInputs: readonly SlowInput[];
};

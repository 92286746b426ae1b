/**
 * Station: fuzzer, seed, range -> report. Draws inputs, runs them, and asks the judge.
 *
 * Inputs come in lives of a fixed number, each with a stream of draws and a subject of its own: a range may
 * begin at any life, and a finding is met again by running its life from the start. What the report says
 * about correctness depends on nothing but fuzzer, seed and range; only `slowInputs` knows a clock.
 */
import { assert } from "../../../contracts/assert.ts";
import { nowUs } from "../../../hotpath/io/clock.ts";
import { Random } from "../../venues/market/random.ts";
import type { Bench, Finding, Fuzzer, FuzzReport, SlowInput, Subject } from "./fuzzer.ts";
import { isRuntimeFault } from "./oracle/runtime-fault.ts";

/** Inputs that one subject reads before a new one takes its place. */
export const LIFE_INPUTS = 1024;

/** Longer than this is suspicious (RELIABILITY, goal G8: a millisecond for each KiB, and room for a busy machine). */
const SLOW_US = 50_000;
/** A slow input is tried so often again, and the quickest of its runs counts. */
const SLOW_TRIES = 3;
const SLOW_MAX = 16;
/** Findings kept of each sentence. */
const KEPT_MAX = 3;

export type FuzzOptions = {
  readonly seed: number;
  readonly inputs: number;
  /** Number of the first input, a multiple of `LIFE_INPUTS`; 0 where left out. */
  readonly from?: number;
};

/** Runs `inputs` inputs. Throws where the corpus itself is refused: such a fuzzer would see nothing. */
export function runFuzzer(fuzzer: Fuzzer, options: FuzzOptions): FuzzReport {
  const { seed, inputs, from = 0 } = options;
  assert(Number.isSafeInteger(from) && from >= 0, "a range begins at a whole number");
  assert(from % LIFE_INPUTS === 0, "a range begins with a life");
  const bench = fuzzer.prepare();
  checkCorpus(fuzzer, bench);
  const tally = new Tally(fuzzer.name, seed, from);
  const natives = nativeNames();
  for (let at = from; at < from + inputs; at += LIFE_INPUTS) {
    const chance = new Random(seed, `${fuzzer.name} ${at / LIFE_INPUTS}`);
    tally.lifeFrom = at;
    runLife(bench, chance, Math.min(LIFE_INPUTS, from + inputs - at), tally);
    const after = nativeNames();
    if (after !== natives) tally.find("a prototype of the language was changed", new Uint8Array());
  }
  return tally.report(inputs);
}

/** Every input of the corpus must be taken and judged good, or the campaign would search in the dark. */
function checkCorpus({ name }: Fuzzer, { corpus, begin }: Bench): void {
  assert(corpus.length > 0, `${name} has a corpus`);
  for (const [index, input] of corpus.entries()) {
    const subject = begin();
    assert(subject.run(input), `${name}: input ${index} of the corpus is taken`);
    const fault = subject.judge(input, true);
    assert(fault === undefined, `${name}: input ${index} of the corpus is read right: ${fault}`);
  }
}

function runLife(bench: Bench, chance: Random, inputs: number, tally: Tally): void {
  const subject = bench.begin();
  for (let i = 0; i < inputs; i++) {
    const input = bench.draw(chance);
    const startUs = nowUs();
    const isAccepted = runOne(bench, subject, input, tally);
    if (nowUs() - startUs > SLOW_US) tally.suspect(bench, input);
    if (isAccepted === undefined) continue;
    if (isAccepted) tally.accepted++;
    else tally.refused++;
    const fault = subject.judge(input, isAccepted);
    if (fault !== undefined && isRuntimeFault(input)) tally.runtimeFaults++;
    else if (fault !== undefined) tally.find(fault, input);
    tally.at++;
  }
}

/** Whether the input was taken; undefined where it was answered with an error that nobody promised. */
function runOne(
  { mayThrow }: Bench,
  subject: Subject,
  input: Uint8Array,
  tally: Tally,
): boolean | undefined {
  try {
    return subject.run(input);
  } catch (error) {
    if (mayThrow?.(error) === true) return false;
    tally.find(`it throws ${errorText(error)}`, input);
    tally.refused++;
    tally.at++;
    return undefined;
  }
}

/** Names and digits of a message differ from input to input; the sentence should not. */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return "something that is no error";
  return `${error.name}: ${error.message.replace(/"[^"]*"|\d+/g, "_").slice(0, 160)}`;
}

/** What anybody could have added to what every object inherits. */
function nativeNames(): string {
  return [Object.prototype, Array.prototype, Function.prototype, String.prototype]
    .map((each) => Object.getOwnPropertyNames(each).length)
    .join(" ");
}

/** Counts and keeps what a run comes upon. */
class Tally {
  readonly #name: string;
  readonly #seed: number;
  readonly #from: number;
  readonly #findings: Finding[] = [];
  readonly #kept = new Map<string, number>();
  readonly #slow: SlowInput[] = [];
  #findingCount = 0;
  /** Number of the input under way, and of the first of its life. */
  at: number;
  lifeFrom: number;
  accepted = 0;
  refused = 0;
  runtimeFaults = 0;

  constructor(name: string, seed: number, from: number) {
    this.#name = name;
    this.#seed = seed;
    this.#from = from;
    this.at = from;
    this.lifeFrom = from;
  }

  find(sentence: string, input: Uint8Array): void {
    this.#findingCount++;
    const kept = this.#kept.get(sentence) ?? 0;
    this.#kept.set(sentence, kept + 1);
    if (kept >= KEPT_MAX) return;
    const base64 = Buffer.from(input).toString("base64");
    const place = { seed: this.#seed, at: this.at, from: this.lifeFrom };
    this.#findings.push({ ...place, input: base64, sentence });
  }

  /** Tries a slow input again with new subjects, so that a pause of the machine is not taken for its fault. */
  suspect(bench: Bench, input: Uint8Array): void {
    if (this.#slow.length >= SLOW_MAX) return;
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < SLOW_TRIES; i++) {
      const subject = bench.begin();
      const startUs = nowUs();
      try {
        subject.run(input);
      } catch {
        // What it throws was found in the run itself.
      }
      best = Math.min(best, nowUs() - startUs);
    }
    if (best <= SLOW_US) return;
    const base64 = Buffer.from(input).toString("base64");
    this.#slow.push({ at: this.at, bytes: input.length, ms: best / 1000, input: base64 });
  }

  report(inputs: number): FuzzReport {
    return {
      name: this.#name,
      seed: this.#seed,
      from: this.#from,
      inputs,
      accepted: this.accepted,
      refused: this.refused,
      findingCount: this.#findingCount,
      findings: this.#findings,
      runtimeFaults: this.runtimeFaults,
      slowInputs: this.#slow,
    };
  }
}

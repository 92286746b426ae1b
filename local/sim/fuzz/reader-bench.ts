/**
 * Station: texts, the code that reads them, and what must hold of what it made -> the parts of a fuzzer.
 *
 * For readers that answer with a value or with nothing. A reader that remembers from one input to the next is
 * made anew for each life.
 */
import type { Bench } from "./fuzzer.ts";
import { jsonDraw } from "./mutation/json-draw.ts";

export type ReaderPlan<Value> = {
  readonly corpus: readonly string[];
  /** Makes the reader of one life; what it reads is undefined where it refuses. */
  readonly makeReader: () => (input: Uint8Array) => Value | undefined;
  /** What is wrong with a value, held against the input it came from. */
  readonly judge: (value: Value, input: Uint8Array) => string | undefined;
  readonly mayThrow?: (error: unknown) => boolean;
};

const encoder = new TextEncoder();

/** A bench over JSON texts, or over others that are edited by their bytes. */
export function readerBench<Value>(plan: ReaderPlan<Value>): Bench {
  const corpus = plan.corpus.map((text) => encoder.encode(text));
  const { mayThrow } = plan;
  return {
    corpus,
    draw: jsonDraw(corpus),
    begin: () => {
      const read = plan.makeReader();
      let value: Value | undefined;
      return {
        run: (input) => {
          value = undefined;
          value = read(input);
          return value !== undefined;
        },
        judge: (input) => (value === undefined ? undefined : plan.judge(value, input)),
      };
    },
    ...(mayThrow === undefined ? {} : { mayThrow }),
  };
}

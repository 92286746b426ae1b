/**
 * Station: a model and the code it is compared with -> the parts of a fuzzer whose inputs are scripts of bytes.
 */
import type { Random } from "../../../venues/market/random.ts";
import type { Bench, Subject } from "../fuzzer.ts";

const LENGTH_MAX = 96;

export type ScriptPlan = {
  /** Scripts that must be taken by a new subject, whatever a draw would bring. */
  readonly corpus: readonly Uint8Array[];
  readonly begin: () => Subject;
};

/** Draws scripts of bytes; each is read anew by `ByteOps`. */
export function scriptBench({ corpus, begin }: ScriptPlan): Bench {
  const bytes = new Uint8Array(LENGTH_MAX);
  return {
    corpus,
    draw: (chance: Random) => {
      const length = 4 + chance.integer(LENGTH_MAX - 4);
      for (let i = 0; i < length; i++) bytes[i] = chance.integer(256);
      return bytes.subarray(0, length);
    },
    begin,
  };
}

/**
 * Station: what happened, in numbers -> one fingerprint of a history. Two runs of one seed have the same one,
 * or something in them was decided by neither seed nor history.
 */
const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const TWO_TO_32 = 2 ** 32;

export class Trace {
  #low = FNV_START;
  #high = FNV_START ^ FNV_PRIME;

  /** Takes in one happening: its kind and whole numbers. */
  note(kind: string, ...numbers: readonly number[]): void {
    for (let at = 0; at < kind.length; at++) this.#mix(kind.charCodeAt(at));
    for (const number of numbers) {
      this.#mix(number >>> 0);
      this.#mix(Math.floor(number / TWO_TO_32) | 0);
    }
  }

  get hex(): string {
    return [this.#high, this.#low].map((half) => half.toString(16).padStart(8, "0")).join("");
  }

  #mix(word: number): void {
    this.#low = Math.imul(this.#low ^ word, FNV_PRIME) >>> 0;
    this.#high = (Math.imul(this.#high, FNV_PRIME) ^ (this.#low >>> 7) ^ word) >>> 0;
  }
}

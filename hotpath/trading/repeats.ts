/**
 * Station: records that say the same again and again -> one line a second, with how many it stands for.
 *
 * An opportunity that may not be taken is seen anew with every change of its books. Each of them is counted,
 * journaled and shown; a log of them all would hide everything else.
 */
const WINDOW_US = 1_000_000;
/** Names that are remembered; the one heard of longest ago goes first. */
const NAMES_MAX = 1000;

type Heard = { readonly toldUs: number; untold: number };

export class Repeats {
  readonly #heard = new Map<string, Heard>();

  /**
   * How many lines a new one of this name stands for, itself included; 0 when it need not be told. `atUs`
   * never runs backwards.
   */
  take(name: string, atUs: number): number {
    const before = this.#heard.get(name);
    if (before !== undefined && atUs - before.toldUs < WINDOW_US) {
      before.untold++;
      return 0;
    }
    this.#heard.delete(name);
    this.#heard.set(name, { toldUs: atUs, untold: 0 });
    if (this.#heard.size > NAMES_MAX) {
      const oldest = this.#heard.keys().next().value;
      if (oldest !== undefined) this.#heard.delete(oldest);
    }
    return 1 + (before?.untold ?? 0);
  }
}

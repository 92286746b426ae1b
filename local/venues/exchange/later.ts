/**
 * Station: an action with its moment -> the action, when somebody says that the moment has come.
 *
 * The only queue of time in this room. It has no timer: whoever owns the time calls `runDue`. Actions
 * of one moment run in the order in which they were put in.
 */
import type { Micros } from "../../../contracts/time.ts";

type Entry = { readonly dueUs: Micros; readonly action: (nowUs: Micros) => void };

export class Later {
  /** In order of their moments; the next one is last, so that it is cheap to take. */
  readonly #entries: Entry[] = [];

  get count(): number {
    return this.#entries.length;
  }

  put(dueUs: Micros, action: (nowUs: Micros) => void): void {
    let at = this.#entries.length;
    while (at > 0 && (this.#entries[at - 1]?.dueUs ?? 0) <= dueUs) at -= 1;
    this.#entries.splice(at, 0, { dueUs, action });
  }

  /** Runs what is due, also what the actions themselves put in for now. */
  runDue(nowUs: Micros): void {
    for (let next = this.#entries.at(-1); next !== undefined; next = this.#entries.at(-1)) {
      if (next.dueUs > nowUs) return;
      this.#entries.pop();
      next.action(nowUs);
    }
  }
}

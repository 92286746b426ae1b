/**
 * When each scope was last asked to be killed. A second kill of the same is no news to the list of kills, and is
 * somebody's word all the same: a release that was decided before it must not lift it.
 */
import type { KillRequest } from "../../contracts/schema/operator.ts";

type Scoped = Pick<KillRequest, "scope" | "target">;

export class KillsAsked {
  readonly #askedUs = new Map<string, number>();

  note(kill: Scoped, askedUs: number): void {
    this.#askedUs.set(nameOf(kill), Math.max(askedUs, this.#askedUs.get(nameOf(kill)) ?? 0));
  }

  /** Why a release that was asked for at `askedUs` comes too late, or "". */
  obstacleTo(release: Scoped, askedUs: number): string {
    if (askedUs >= (this.#askedUs.get(nameOf(release)) ?? 0)) return "";
    return `${nameOf(release)} was killed again after this release was asked for`;
  }
}

/** The scope as people read it. */
export function nameOf({ scope, target }: Scoped): string {
  return target === "" ? scope : `${scope} ${target}`;
}

/**
 * When each scope was last asked to be killed. A second kill of the same is no news to the list of kills, and is
 * somebody's word all the same: a release that was decided before it must not lift it.
 */
import type { KillRequest } from "../../contracts/schema/operator.ts";

type Scoped = Pick<KillRequest, "scope" | "target">;

export class KillsAsked {
  readonly #askedUs = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  /** By scope: how many kills of it the last release of it has been asked after. */
  readonly #meant = new Map<string, number>();

  note(kill: Scoped, askedUs: number): void {
    const name = nameOf(kill);
    this.#askedUs.set(name, Math.max(askedUs, this.#askedUs.get(name) ?? 0));
    this.#counts.set(name, this.#countOf(name) + 1);
  }

  /** A release begins: it means the kills that were asked for until now. */
  begin(release: Scoped): void {
    this.#meant.set(nameOf(release), this.#countOf(nameOf(release)));
  }

  /** Whether a kill was asked for since the last release began: it holds, whatever that release lifts. */
  isSinceRelease(scoped: Scoped): boolean {
    const name = nameOf(scoped);
    return this.#countOf(name) > (this.#meant.get(name) ?? Number.POSITIVE_INFINITY);
  }

  #countOf(name: string): number {
    return this.#counts.get(name) ?? 0;
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

/** What there is to be killed. */
type Targets = {
  readonly venues: readonly string[];
  readonly instruments: readonly { readonly id: string }[];
};

/** Why a target names nothing, or "": it would kill nothing, and the person would believe otherwise. */
export function unknownTarget({ scope, target }: Scoped, { venues, instruments }: Targets): string {
  if (scope === "venue" && !venues.includes(target)) return `target: no venue ${target} here`;
  if (scope === "instrument" && !instruments.some(({ id }) => id === target)) {
    return `target: no instrument ${target} here`;
  }
  return "";
}

/**
 * When each scope was last asked to be killed. A second kill of the same is no news to the list of kills, and is
 * somebody's word all the same: a release that was decided before it must not lift it.
 */
import type { KillRequest } from "../../contracts/schema/operator.ts";

type Scoped = Pick<KillRequest, "scope" | "target">;

export class KillsAsked {
  readonly #askedUs = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  /** By scope: how many kills of it the last release of it that was handed in has meant. */
  readonly #meant = new Map<string, number>();

  note(kill: Scoped, askedUs: number): void {
    const name = nameOf(kill);
    this.#askedUs.set(name, Math.max(askedUs, this.#askedUs.get(name) ?? 0));
    this.#counts.set(name, this.countOf(kill) + 1);
  }

  /** Kills of this that were asked for so far: what a release that begins now means. */
  countOf(scoped: Scoped): number {
    return this.#counts.get(nameOf(scoped)) ?? 0;
  }

  /** A release is handed in to the loop: every kill of now is lifted by it, and none that comes behind it. */
  onRelease(release: Scoped): void {
    this.#meant.set(nameOf(release), this.countOf(release));
  }

  /** Whether a kill was asked for behind the last release: it holds, whatever that release lifts. */
  isBehindRelease(scoped: Scoped): boolean {
    return this.countOf(scoped) > (this.#meant.get(nameOf(scoped)) ?? Number.POSITIVE_INFINITY);
  }

  /** Why a release that was asked for at `askedUs`, and meant so many kills, comes too late, or "". */
  obstacleTo(release: Scoped, askedUs: number, meant: number): string {
    const isInTime = askedUs >= (this.#askedUs.get(nameOf(release)) ?? 0);
    if (isInTime && this.countOf(release) === meant) return "";
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

/**
 * Station: kills and releases -> what may not be ordered any more.
 *
 * A kill takes effect in the loop turn that applies it and stays, over restarts too, until a person
 * releases it: time heals nothing here, and nothing that killed by itself may release by itself. Taking
 * orders back is never stopped by a kill.
 */
import type { KillScope } from "../../../contracts/trade.ts";
import { KILL_SCOPES } from "../../../contracts/trade.ts";
import type { PlacePurpose } from "./view.ts";

/** Begins the `by` of a kill that a control made by itself: "control:PT10". No person has such a name. */
export const AUTOMATIC_PREFIX = "control:";

export type Kill = {
  readonly scope: KillScope;
  /** A venue, a strategy or an instrument; "" for all. */
  readonly target: string;
  readonly by: string;
  readonly reason: string;
  readonly sinceUs: number;
};

export type KillRequest = Omit<Kill, "sinceUs">;

/**
 * Controls that stop because of money or of too many repetitions. What they distrust is our judgment, not
 * our picture of the account, so getting out of what is held remains possible. After every other kill,
 * a person's first of all, no order leaves at all.
 */
const EXITS_ALLOWED_AFTER: readonly string[] = ["PT10", "PT11", "PT14", "PT28", "E10"].map(
  (control) => AUTOMATIC_PREFIX + control,
);

export type Release = "released" | "notKilled" | "notByPerson";

export class Kills {
  readonly #kills = new Map<string, Kill>();

  get isEmpty(): boolean {
    return this.#kills.size === 0;
  }

  /**
   * Whether this is news; a second kill of the same keeps the first one's reason and time. One after which
   * not even exits leave is news after one that let them.
   */
  apply(request: KillRequest, nowUs: number): boolean {
    const key = keyOf(request.scope, request.target);
    const before = this.#kills.get(key);
    if (before !== undefined && isStronger(before, request)) return false;
    this.#kills.set(key, {
      scope: request.scope,
      target: request.target,
      by: request.by,
      reason: request.reason,
      sinceUs: nowUs,
    });
    return true;
  }

  /** Lets go on. Only a person may; a scope is released as it was killed, not by a wider one. */
  release(scope: KillScope, target: string, by: string): Release {
    if (!isPerson(by)) return "notByPerson";
    return this.#kills.delete(keyOf(scope, target)) ? "released" : "notKilled";
  }

  /** The kill that stops such an order; undefined when none does. */
  blocking(
    venue: string,
    strategy: string,
    instrument: string,
    purpose: PlacePurpose,
  ): Kill | undefined {
    if (this.#kills.size === 0) return undefined;
    for (const kill of this.#kills.values()) {
      if (purpose === "exit" && EXITS_ALLOWED_AFTER.includes(kill.by)) continue;
      if (isHit(kill, venue, strategy, instrument)) return kill;
    }
    return undefined;
  }

  has(scope: KillScope, target: string): boolean {
    return this.#kills.has(keyOf(scope, target));
  }

  /** In the order in which they came. */
  list(): readonly Kill[] {
    return [...this.#kills.values()];
  }

  /** Takes up kills that were exported; false, and nothing changed, when one of them is damaged. */
  importState(state: unknown): boolean {
    if (!Array.isArray(state) || !state.every(isKill)) return false;
    this.#kills.clear();
    for (const kill of state) this.#kills.set(keyOf(kill.scope, kill.target), kill);
    return true;
  }
}

/** Whether `by` names a person (or what a person uses), and not a control of ours. */
export function isPerson(by: string): boolean {
  return by.trim() !== "" && !by.startsWith(AUTOMATIC_PREFIX);
}

/** A kill after which nothing leaves is not weakened by one after which exits do. */
function isStronger(before: Kill, request: KillRequest): boolean {
  const mayExitNow = EXITS_ALLOWED_AFTER.includes(before.by);
  const mayExitThen = EXITS_ALLOWED_AFTER.includes(request.by);
  return !mayExitNow || mayExitThen;
}

function isHit(kill: Kill, venue: string, strategy: string, instrument: string): boolean {
  switch (kill.scope) {
    case "all":
      return true;
    case "venue":
      return kill.target === venue;
    case "strategy":
      return kill.target === strategy;
    case "instrument":
      return kill.target === instrument;
  }
}

function keyOf(scope: KillScope, target: string): string {
  return scope === "all" ? "all" : `${scope} ${target}`;
}

function isKill(value: unknown): value is Kill {
  if (typeof value !== "object" || value === null) return false;
  const { scope, target, by, reason, sinceUs } = value as Readonly<Record<string, unknown>>;
  const isScope = (KILL_SCOPES as readonly unknown[]).includes(scope);
  const texts = [target, by, reason].every((text) => typeof text === "string");
  return isScope && texts && Number.isSafeInteger(sinceUs);
}

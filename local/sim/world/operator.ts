/**
 * Station: the engine's status, once a second -> what a person does who looks at it.
 *
 * Releases kills after having looked at them, opens an account that closed itself, and never otherwise helps.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { TradingStatus } from "../../../contracts/trading-status.ts";
import type { EngineLife } from "../engine/engine-life.ts";

/** How long a person needs to look. */
const LOOK_US: Micros = 5_000_000;
const NAME = "simulated operator";

export class Operator {
  /** Since when each trouble is known, by its name. */
  readonly #sinceUs = new Map<string, Micros>();
  onRelease: ((by: string) => void) | undefined;
  onBlocked: ((reason: string) => void) | undefined;

  /** Acts on what has been wrong for long enough. */
  look(life: EngineLife, trading: TradingStatus, nowUs: Micros): void {
    const seen = new Set<string>();
    for (const { scope, target, by } of trading.kills) {
      const trouble = `kill ${scope} ${target}`;
      seen.add(trouble);
      if (!this.#isLookedAt(trouble, nowUs)) continue;
      void life.operations?.release({ scope, target, by: NAME, reason: "looked at" });
      this.onRelease?.(by);
    }
    for (const { venue, blocked } of trading.accounts) {
      if (blocked === "") continue;
      const trouble = `blocked ${venue}`;
      seen.add(trouble);
      this.onBlocked?.(blocked);
      if (!this.#isLookedAt(trouble, nowUs)) continue;
      const what = {
        scope: "venue",
        target: venue,
        by: NAME,
        reason: "balances looked at",
      } as const;
      void life.operations?.kill(what);
      void life.operations?.release(what);
    }
    for (const trouble of this.#sinceUs.keys())
      if (!seen.has(trouble)) this.#sinceUs.delete(trouble);
  }

  #isLookedAt(trouble: string, nowUs: Micros): boolean {
    const sinceUs = this.#sinceUs.get(trouble);
    if (sinceUs === undefined) this.#sinceUs.set(trouble, nowUs);
    if (sinceUs === undefined || nowUs - sinceUs < LOOK_US) return false;
    this.#sinceUs.delete(trouble);
    return true;
  }
}

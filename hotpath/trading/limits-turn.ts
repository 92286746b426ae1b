/**
 * Station: versions of limits from whoever brings them -> the loop, one after the other.
 *
 * The poll and the queue bring the same version, and two that saw the same one in force would both be handed in.
 */
import type { LimitsRequest } from "../../contracts/schema/operator.ts";
import type { TradingStatus } from "../../contracts/trading-status.ts";
import type { OperatorEvent } from "../hot-thread-messages.ts";
import type { OperatorAnswer } from "../io/admin-write.ts";

export type LimitsPorts = {
  readonly status: () => Promise<TradingStatus | null>;
  readonly ask: (event: OperatorEvent) => Promise<number | undefined>;
  /** What is answered where the loop is deaf. */
  readonly notAnswered: string;
};

export class LimitsTurn {
  readonly #ports: LimitsPorts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(ports: LimitsPorts) {
    this.#ports = ports;
  }

  /** Hands in a version that is newer than the one in force when its turn comes. */
  change(request: LimitsRequest): Promise<OperatorAnswer> {
    const mine = this.#last.then(() => this.#change(request));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #change(request: LimitsRequest): Promise<OperatorAnswer> {
    const { status, ask, notAnswered } = this.#ports;
    const before = await status();
    if (before !== null && request.version <= before.limitsVersion) {
      const reason = `version: must be above the version in force, ${before.limitsVersion}`;
      return { ok: false, code: 409, reason };
    }
    const tick = await ask({ type: "limitsChanged", ...request });
    return tick === undefined ? { ok: false, code: 503, reason: notAnswered } : { ok: true, tick };
  }
}

/**
 * Station: the venues' published rules, again and again -> `instrumentRefreshed` events for the loop.
 *
 * Filters and states change while the engine runs. The rules are read on a schedule, and soon after a venue
 * has refused an order, because that is how a change is usually noticed. A read that fails is no rule: the
 * old ones stay, grow old, and the gate blocks when they are too old (PT23).
 */
import type { VenueId } from "../contracts/ids.ts";
import type { TradeEvent } from "./core/trade/events.ts";
import { nowUs } from "./io/clock.ts";
import type { Log } from "./io/log.ts";
import type { HotPlan } from "./plan.ts";
import { fetchRules } from "./prepare.ts";
import type { PublishedRules } from "./venues/venue.ts";

const INTERVAL_MS = 600_000;
/** After a refusal, but no oftener than this: reading rules costs request weight. */
const SOON_MS = 10_000;

export type RulesRefreshOptions = {
  readonly plan: HotPlan;
  readonly log: Log;
  readonly tell: (event: TradeEvent) => void;
  readonly intervalMs?: number;
  readonly soonMs?: number;
};

export class RulesRefresh {
  readonly #options: RulesRefreshOptions;
  readonly #lastMs = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: RulesRefreshOptions) {
    this.#options = options;
  }

  /** Begins the schedule; the first read is an interval away, because the start has just read them. */
  start(): void {
    const { plan, intervalMs = INTERVAL_MS } = this.#options;
    if (plan.trading === undefined) return;
    this.#timer = setInterval(() => void this.#readAll(), intervalMs);
    this.#timer.unref();
  }

  /** A venue has refused an order: its rules may have changed. */
  soon(venue: number): void {
    const { soonMs = SOON_MS } = this.#options;
    const now = performance.now();
    if (now - (this.#lastMs.get(venue) ?? Number.NEGATIVE_INFINITY) < soonMs) return;
    void this.#read(venue);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  async #readAll(): Promise<void> {
    for (const { venue } of this.#options.plan.trading?.venues ?? []) await this.#read(venue);
  }

  async #read(index: number): Promise<void> {
    const { plan, log, tell } = this.#options;
    const share = plan.venues[index];
    if (share === undefined) return;
    this.#lastMs.set(index, performance.now());
    const askedUs = nowUs();
    const fetched = await fetchRules(share.id, share.addresses);
    if (this.#isStopped) return;
    if (!fetched.ok) {
      log.warn("the rules of a venue could not be read again", {
        venue: share.id,
        cause: fetched.reason,
      });
      return;
    }
    for (const event of refreshEvents(plan, share.id, fetched.rules, askedUs)) tell(event);
  }
}

/** One event for each followed instrument of the venue; one that is listed no more does not trade. */
export function refreshEvents(
  plan: Pick<HotPlan, "instruments">,
  venue: VenueId,
  rules: PublishedRules,
  rulesUs: number,
): TradeEvent[] {
  const listed = new Map(rules.instruments.map((row) => [row.symbol, row]));
  return plan.instruments
    .filter((instrument) => instrument.venue === venue)
    .map((instrument) => {
      const row = listed.get(instrument.symbol);
      // Other steps are another instrument: its books and orders cannot be carried over.
      const isSame = row?.tickSize === instrument.tickSize && row.lotSize === instrument.lotSize;
      return {
        type: "instrumentRefreshed",
        instrument: instrument.index,
        status: row === undefined || !isSame ? "halted" : (row.status ?? "trading"),
        filters: row?.filters ?? instrument.filters,
        rulesUs,
      };
    });
}

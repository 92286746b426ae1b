/**
 * Station: a wish about trading -> faults switched on at the venues that trade, and the truth told.
 *
 * What the control port and a plan say about trading, carried to each venue's trading side. It makes
 * nothing up: rates, counts and truth are the sides' own.
 */
import type { VenueId } from "../../contracts/ids.ts";
import type { Micros } from "../../contracts/time.ts";
import { parseAtto } from "./exchange/atto.ts";
import { isStateFault } from "./exchange/faults.ts";
import { MAIN_ACCOUNT_ID, type TradingSide } from "./exchange/trading-side.ts";
import { ordersAndTrades } from "./exchange/truth.ts";
import type { PlantedTriangle } from "./market/triangles.ts";
import {
  type PlannedTradingFault,
  type TradingFaultRequest,
  withoutAbsent,
} from "./trading-plan.ts";
import type { VenueModel } from "./venue-model.ts";

type TradingVenueModel = VenueModel & { readonly trading: TradingSide };

export type TradingWish =
  | { readonly kind: "done"; readonly venueCount: number }
  | { readonly kind: "refused"; readonly field: string; readonly reason: string };

function refused(field: string, reason: string): TradingWish {
  return { kind: "refused", field, reason };
}

/** Whether a venue takes orders. */
export function isTrading(venue: VenueModel): venue is TradingVenueModel {
  return venue.trading !== undefined;
}

export class TradingDesk {
  readonly #venues: readonly TradingVenueModel[];
  readonly #clock: () => Micros;
  readonly #planted: (venue: VenueId) => readonly PlantedTriangle[];
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    venues: readonly VenueModel[],
    clock: () => Micros,
    planted: (venue: VenueId) => readonly PlantedTriangle[],
  ) {
    this.#venues = venues.filter(isTrading);
    this.#clock = clock;
    this.#planted = planted;
  }

  /** Lets faults happen at their times after now. */
  startPlan(plan: readonly PlannedTradingFault[]): void {
    for (const { atMs, ...fault } of plan) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.inject(fault);
      }, atMs);
      this.#timers.add(timer);
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Switches rates, arms a fault, or lets one happen now. */
  inject(fault: TradingFaultRequest): TradingWish {
    const venues = this.#venues.filter(({ id }) => fault.venue === undefined || id === fault.venue);
    if (venues.length === 0)
      return refused("venue", `${fault.venue ?? "no venue"} takes no orders`);
    if (fault.kind === undefined && fault.rates === undefined) {
      return refused("kind", "either kind or rates is wanted");
    }
    const { symbol } = fault;
    if (
      symbol !== undefined &&
      venues.every(({ market }) => market.indexOf(symbol) === undefined)
    ) {
      return refused("symbol", `${symbol} is not listed`);
    }
    let venueCount = 0;
    for (const venue of venues) if (this.#injectOne(venue.trading, fault)) venueCount += 1;
    return venueCount === 0
      ? refused("kind", "there was nothing it could happen to")
      : { kind: "done", venueCount };
  }

  #injectOne(side: TradingSide, fault: TradingFaultRequest): boolean {
    const { kind, rates, count = 1 } = fault;
    if (rates !== undefined) side.backEnd.faults.rates = withoutAbsent(rates);
    if (kind === undefined) return true;
    if (!isStateFault(kind)) {
      side.backEnd.faults.arm(kind, count);
      return true;
    }
    const { symbol, asset, durationMs, amount } = fault;
    const sign = amount?.startsWith("-") === true ? -1n : 1n;
    const size = amount === undefined ? undefined : parseAtto(amount.replace("-", ""));
    const wish = {
      kind,
      ...(symbol === undefined ? {} : { symbol }),
      ...(asset === undefined ? {} : { asset }),
      ...(durationMs === undefined ? {} : { durationMs }),
      ...(size === undefined ? {} : { deltaAtto: sign * size }),
    };
    return side.stateFaults.inject(wish, this.#clock());
  }

  /** The truth of every venue that trades, by venue. */
  truth(): Readonly<Record<string, object>> {
    return Object.fromEntries(
      this.#venues.map(({ id, trading }) => [
        id,
        { ...trading.truth(), triangles: this.#planted(id) },
      ]),
    );
  }

  /** Every order and trade of a venue's account; undefined when it does not trade. */
  orders(venueId: string): object | undefined {
    const venue = this.#venues.find(({ id }) => id === venueId);
    if (venue === undefined) return undefined;
    return ordersAndTrades(venue.trading.exchange, MAIN_ACCOUNT_ID);
  }
}

/** JSON for what holds bigints: they become decimal text. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "bigint" ? one.toString() : one,
  );
}

/**
 * Station: what happens in an engine's world -> the checkers of what its trading promises: invariants 8, 11, 12, 19,
 * 26, 28 and 30.
 *
 * Hands every event to those whom it concerns, and decides nothing itself.
 */
import type { VenueId } from "../../../contracts/ids.ts";
import type { Micros } from "../../../contracts/time.ts";
import { CLIENT_ID_PREFIX } from "../../../contracts/trade.ts";
import type { TradingStatus } from "../../../contracts/trading-status.ts";
import type { PlaceOrder, TradeRecord } from "../../../hotpath/core/trade/commands.ts";
import type { ExchangeEvent } from "../../venues/exchange/orders.ts";
import { MAIN_ACCOUNT_ID } from "../../venues/exchange/trading-side.ts";
import { isTrading } from "../../venues/trading-desk.ts";
import type { EngineLife } from "../engine/engine-life.ts";
import type { Network } from "../network/network.ts";
import type { MemoryVenues } from "../venues/memory-venues.ts";
import { ExposureCheck, tradingOf, truthOfLogs } from "./exposure-check.ts";
import { RiskLimitsCheck } from "./risk-limits-check.ts";
import { SilenceCheck, watchFrames } from "./silence-check.ts";
import { ToldCheck } from "./told-check.ts";
import { ratesOf } from "./truth-rates.ts";
import { TwiceCheck } from "./twice-check.ts";

export type EngineChecksParts = {
  readonly venues: MemoryVenues;
  readonly network: Network;
  /** The asset in which a venue's limits are given. */
  readonly referenceAssetOf: (venue: VenueId) => string;
  readonly nowUs: () => Micros;
  readonly onToldToWait: () => void;
  readonly onViolation: (invariant: number, sentence: string) => void;
};

export class EngineChecks {
  readonly #venues: MemoryVenues;
  readonly told: ToldCheck;
  readonly exposure: ExposureCheck;
  readonly limits: RiskLimitsCheck;
  readonly silence: SilenceCheck;
  readonly twice = new TwiceCheck();
  /** Whose limits are known. */
  #life: EngineLife | undefined;

  constructor(parts: EngineChecksParts) {
    const { venues, network, referenceAssetOf, nowUs, onToldToWait, onViolation } = parts;
    this.#venues = venues;
    this.told = new ToldCheck(onViolation);
    this.exposure = new ExposureCheck(onViolation);
    const { models } = venues.built;
    const rated = models.map(
      ({ id, market }) => [id, { market, reference: referenceAssetOf(id) }] as const,
    );
    this.limits = new RiskLimitsCheck(ratesOf(new Map(rated)), onViolation);
    const sides = new Map(models.filter(isTrading).map(({ id, trading }) => [id, trading]));
    this.silence = new SilenceCheck({
      nowUs,
      untilUs: (venue) => sides.get(venue)?.backEnd.limits.untilUs(MAIN_ACCOUNT_ID) ?? 0,
      onTold: onToldToWait,
      onViolation,
    });
    watchFrames(network, (url) => venues.venueAt(url), this.silence);
  }

  onLife(): void {
    this.told.onLife();
    this.silence.onLife();
  }

  /** Its limits are those it has begun by until somebody changes them. */
  onBegun(life: EngineLife): void {
    const trade = life.side === undefined ? undefined : tradingOf(life.side.world);
    if (life === this.#life || trade === undefined) return;
    this.#life = life;
    const { limits, limitsVersion } = trade.risk;
    this.limits.onLife(limits, limitsVersion, life.plan?.trading?.limitsVersion);
  }

  /** In the turn of the decision. */
  onIntent(life: EngineLife, order: PlaceOrder): void {
    this.onBegun(life);
    const { world } = life.side ?? {};
    const venue = world?.venues[order.venue]?.id;
    const rules = world?.slots[order.instrument]?.instrument;
    if (world === undefined || venue === undefined || rules === undefined || order.isTest) return;
    this.limits.onDecided({ order, venue, rules, nowUs: world.nowUs });
    this.silence.onDecided(venue, order.clientId);
  }

  /** Of the venue; `life` runs now, if one does. */
  onExchangeEvent(event: ExchangeEvent, life: EngineLife | undefined): void {
    if (event.type === "balancesChanged") return;
    const { clientOrderId: clientId, status } = event.order;
    if (!clientId.startsWith(CLIENT_ID_PREFIX)) return;
    if (status !== "open") this.limits.onOver(clientId);
    const { world } = life?.side ?? {};
    const trade = world === undefined || world.halted !== "" ? undefined : tradingOf(world);
    if (trade === undefined || event.type === "orderEnded") return;
    const what = event.type === "orderAccepted" ? "accepted" : "filled";
    this.exposure.onAlive(trade, clientId, what);
  }

  onRecord(record: TradeRecord): void {
    this.told.onRecord(record);
    this.twice.onRecord(record);
    if (record.type === "recordOrder") this.limits.onOver(record.order.clientId);
  }

  /** Once a second. */
  look({ side }: EngineLife, trading: TradingStatus | null): void {
    if (side === undefined) return;
    const { world } = side;
    this.told.look(world.halted, trading);
    const trade = tradingOf(world);
    if (trade === undefined || world.halted !== "") return;
    const { models } = this.#venues.built;
    const exchanges = world.venues.map(({ id }) => {
      return models.filter(isTrading).find((model) => model.id === id)?.trading.exchange;
    });
    this.exposure.look(trade, truthOfLogs(exchanges));
  }
}

/**
 * Station: world -> the risk gate's readings. Every reading is taken at the moment it is asked for, from
 * the facts themselves and not from the flags that led to the order: a book that went void between two
 * legs is seen here, whoever forgot to look before.
 */
import type { Side } from "../../../contracts/trade.ts";
import { checkFilters } from "../filters.ts";
import type { Instrument } from "../instrument.ts";
import type { Ledger } from "../order/ledger.ts";
import type { AccountReading, BookReading, InstrumentReading, RiskView } from "../risk/view.ts";
import type { BookSlot, World } from "../world.ts";
import type { Account } from "./account.ts";
import type { PlaceOrder } from "./commands.ts";
import { LEVELS_MAX } from "./leg-plan.ts";
import { leaseRemainingUs, modeAt, type Standing } from "./standing.ts";

const levelTicks = new Float64Array(LEVELS_MAX);
const levelLots = new Float64Array(LEVELS_MAX);

/** What the view reads; the parts of trading that it needs and no more. */
export type RiskSubject = {
  readonly accounts: readonly (Account | undefined)[];
  readonly ledger: Ledger;
  /** The rules in force, which are refreshed while books live on. */
  readonly instruments: readonly Instrument[];
  readonly standing: Standing;
};

export class WorldRiskView implements RiskView {
  readonly #world: World;
  readonly #subject: RiskSubject;

  constructor(world: World, subject: RiskSubject) {
    this.#world = world;
    this.#subject = subject;
  }

  readBook(instrument: number, into: BookReading): void {
    const { nowUs, sessions, venues } = this.#world;
    const slot = this.#world.slots[instrument];
    const session = slot === undefined ? undefined : sessions[slot.session];
    if (slot === undefined || session === undefined) {
      into.isLive = false;
      return;
    }
    const { book } = slot;
    const isWhole = !(book.bids.isEmpty || book.asks.isEmpty);
    into.isLive =
      book.state === "live" && slot.phase === "idle" && session.state === "live" && isWhole;
    into.epoch = book.epoch;
    into.sessionEpoch = session.epoch;
    into.seq = book.seq;
    into.ageUs = nowUs - session.lastRecvUs;
    const isClockKnown = (venues[slot.venue]?.clockMeasuredUs ?? 0) > 0;
    into.exchangeAgeUs = isClockKnown && session.exchangeMaxUs > 0 ? session.transportUs : -1;
    into.queueDelayUs = session.queueUs;
    into.bidTicks = isWhole ? book.bids.bestTicks : Number.NaN;
    into.askTicks = isWhole ? book.asks.bestTicks : Number.NaN;
  }

  readInstrument(index: number, into: InstrumentReading): void {
    const instrument = this.#subject.instruments[index];
    const slot = this.#world.slots[index];
    const account = slot === undefined ? undefined : this.#subject.accounts[slot.venue];
    const fee = account?.fees.get(index);
    into.name = instrument?.id ?? "";
    into.isTrading = instrument?.status === "trading" || instrument?.status === "limitOnly";
    into.rulesAgeUs =
      instrument === undefined || instrument.rulesUs === 0
        ? Number.NaN
        : this.#world.nowUs - instrument.rulesUs;
    into.takerPpb = fee?.takerPpb ?? Number.NaN;
    into.feePaidIn = fee?.paidIn ?? "quote";
  }

  readAccount(index: number, into: AccountReading): void {
    const venue = this.#world.venues[index];
    const account = this.#subject.accounts[index];
    const isReady = account?.phase === "ready";
    into.name = venue?.id ?? "";
    into.tradingMode = account?.plan.mode ?? "off";
    into.mode = modeAt(this.#subject.standing, venue?.mode ?? "suspended");
    into.isReady = isReady;
    into.readySinceUs = isReady ? account.readyUs : Number.NaN;
    into.blockedReason = account?.blockedReason ?? "";
    const isMeasured = venue !== undefined && venue.clockMeasuredUs > 0;
    into.clockOffsetUs = isMeasured ? venue.clockOffsetUs : Number.NaN;
    into.clockErrorUs = isMeasured ? venue.clockErrorUs : Number.NaN;
    into.leaseRemainingUs = leaseRemainingUs(this.#subject.standing, this.#world.nowUs);
    into.leaseStallUs = this.#subject.standing.leaseStallUs;
    into.leaseMarginUs = this.#subject.standing.leaseMarginUs;
    into.deadMan = deadManOf(account);
  }

  touchSumTicks(instrument: number): number {
    const slot = this.#world.slots[instrument];
    if (slot === undefined || !isUsable(slot)) return Number.NaN;
    return slot.book.bids.bestTicks + slot.book.asks.bestTicks;
  }

  visibleLots(instrument: number, side: Side, priceTicks: number): number {
    const slot = this.#world.slots[instrument];
    if (slot === undefined || !isUsable(slot)) return Number.NaN;
    const taken = side === "buy" ? slot.book.asks : slot.book.bids;
    const proven = this.#world.venues[slot.venue]?.inStream?.levelsProven ?? LEVELS_MAX;
    const count = taken.copyLevels(levelTicks, levelLots, Math.min(LEVELS_MAX, proven));
    let sum = 0;
    for (let level = 0; level < count; level++) {
      const ticks = levelTicks[level] as number;
      if (side === "buy" ? ticks > priceTicks : ticks < priceTicks) break;
      sum += levelLots[level] as number;
    }
    return sum;
  }

  free(venue: number, asset: string): bigint | undefined {
    const { ledger } = this.#subject;
    return ledger.isOpen(venue) ? ledger.free(venue, asset) : undefined;
  }

  total(venue: number, asset: string): bigint | undefined {
    const { ledger } = this.#subject;
    return ledger.isOpen(venue) ? ledger.total(venue, asset) : undefined;
  }

  position(venue: number, asset: string): bigint | undefined {
    const { ledger } = this.#subject;
    return ledger.isOpen(venue) ? ledger.position(venue, asset) : undefined;
  }

  filterFault(order: PlaceOrder): string {
    const instrument = this.#subject.instruments[order.instrument];
    if (instrument === undefined) return "no rules";
    const sum = this.touchSumTicks(order.instrument);
    const referenceTicks = Number.isNaN(sum) ? 0 : Math.floor(sum / 2);
    return checkFilters(instrument, order, referenceTicks) ?? "";
  }
}

function isUsable({ book }: BookSlot): boolean {
  return book.state === "live" && !(book.bids.isEmpty || book.asks.isEmpty);
}

function deadManOf(account: Account | undefined): AccountReading["deadMan"] {
  if (account === undefined || !account.plan.hasDeadMan || account.plan.mode === "paper")
    return "none";
  return account.deadManArmedUs > 0 ? "armed" : "disarmed";
}

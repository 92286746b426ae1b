/**
 * Station: time, or a wish -> changes at the venue or on the account that nobody ordered.
 *
 * Halts, new filters, new fees, deposits, orders from elsewhere, streams that die. They are real: the
 * truth contains them, and the engine must find out. Rates are mean counts a minute; how long one lasts
 * is divided by the venue's speed.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { attoText, roundTo } from "./atto.ts";
import type { BackEnd } from "./back-end.ts";
import { STATE_FAULT_KINDS, type StateFaultKind, type TradingFaultRates } from "./faults.ts";
import type { InstrumentStatus } from "./rules.ts";

const MINUTE_US = 60 * US_PER_S;
/** How long a state lasts when nobody says. */
const DURATION_MS_DEFAULT = 5_000;
/** A foreign order rests this far from the touch, and is this share of a usual level. */
const FOREIGN_TICKS = 20;
const FOREIGN_SHARE = 0.1;
/** Share of the free balance that an external move moves, as its inverse. */
const MOVED_PART = 100n;

/** What is to happen; whatever is left out is drawn. */
export type StateWish = {
  readonly kind: StateFaultKind;
  readonly accountId?: string;
  readonly symbol?: string;
  readonly asset?: string;
  /** Signed amount of a deposit or a withdrawal. */
  readonly deltaAtto?: bigint;
  readonly durationMs?: number;
};

export type StateRecord = {
  readonly kind: StateFaultKind;
  readonly accountId: string;
  /** Symbol or asset concerned, "" when neither. */
  readonly subject: string;
  readonly injectedUs: Micros;
};

/** Faults that happen by themselves at one venue. */
export class StateFaults {
  readonly records: StateRecord[] = [];
  readonly #backEnd: BackEnd;
  readonly #dueUs = new Map<StateFaultKind, Micros>();
  /** Rates known to let nothing happen; they are replaced and never changed in place. */
  #quietRates: TradingFaultRates | null = null;
  #foreignCount = 0;

  constructor(backEnd: BackEnd) {
    this.#backEnd = backEnd;
  }

  /** Lets what the rates say happen. Call it with the back end's own tick. */
  tick(nowUs: Micros): void {
    const { faults } = this.#backEnd;
    const { rates } = faults;
    if (rates === this.#quietRates) return;
    if (STATE_FAULT_KINDS.every((kind) => (rates[kind] ?? 0) <= 0)) this.#quietRates = rates;
    for (const kind of STATE_FAULT_KINDS) {
      const perMinute = rates[kind] ?? 0;
      if (perMinute <= 0) {
        this.#dueUs.delete(kind);
        continue;
      }
      const dueUs = this.#dueUs.get(kind);
      if (dueUs !== undefined && nowUs >= dueUs) this.inject({ kind }, nowUs);
      if (dueUs === undefined || nowUs >= dueUs) {
        this.#dueUs.set(kind, nowUs + faults.exponential(MINUTE_US / perMinute));
      }
    }
  }

  /** Lets one thing happen now; false when there is nobody or nothing it could happen to. */
  inject(wish: StateWish, nowUs: Micros): boolean {
    const accountId = wish.accountId ?? this.#draw(this.#accountIds());
    const symbol = wish.symbol ?? this.#draw(this.#symbols());
    if (accountId === undefined || symbol === undefined) return false;
    const subject = this.#happen({ ...wish, accountId, symbol }, nowUs);
    if (subject === null) return false;
    this.#backEnd.faults.note(wish.kind);
    this.records.push({ kind: wish.kind, accountId, subject, injectedUs: nowUs });
    return true;
  }

  #happen(wish: StateWish & { accountId: string; symbol: string }, nowUs: Micros): string | null {
    const { exchange, streams } = this.#backEnd;
    const { accountId, symbol } = wish;
    const endUs = nowUs + this.#durationUs(wish);
    switch (wish.kind) {
      case "privateStreamDead":
        streams.kill(accountId, endUs);
        return "";
      case "privateStreamCut":
        streams.cut(accountId);
        return "";
      case "filterChange":
        return this.#changeFilter(symbol);
      case "halt":
      case "break":
      case "cancelOnly":
        return this.#setStatus(symbol, wish.kind, endUs);
      case "deposit":
      case "withdrawal":
        return this.#moveMoney(wish, nowUs);
      case "feeChange":
        return this.#changeFees(accountId);
      case "vanishedOrders":
        exchange.vanish(accountId, nowUs);
        return "";
      case "foreignOrder":
        return this.#placeForeign(accountId, symbol, { nowUs, endUs });
    }
  }

  /** Doubles the smallest notional of an instrument, or brings it back. */
  #changeFilter(symbol: string): string | null {
    const index = this.#backEnd.exchange.market.indexOf(symbol);
    const rules = index === undefined ? undefined : this.#backEnd.exchange.rules[index];
    if (rules === undefined) return null;
    const isRaised = rules.lotsMin > 1;
    rules.lotsMin = isRaised ? 1 : 2;
    rules.notionalMinAtto = isRaised ? rules.notionalMinAtto / 2n : rules.notionalMinAtto * 2n;
    return symbol;
  }

  #setStatus(symbol: string, status: InstrumentStatus, endUs: Micros): string | null {
    const index = this.#backEnd.exchange.market.indexOf(symbol);
    const rules = index === undefined ? undefined : this.#backEnd.exchange.rules[index];
    if (rules === undefined) return null;
    rules.status = status;
    this.#backEnd.later.put(endUs, () => {
      rules.status = "trading";
    });
    return symbol;
  }

  #moveMoney(wish: StateWish & { accountId: string }, nowUs: Micros): string | null {
    const { exchange } = this.#backEnd;
    const assets = exchange.ledger.balances(wish.accountId).map(({ asset }) => asset);
    const asset = wish.asset ?? this.#draw(assets);
    if (asset === undefined) return null;
    // No venue moves, or writes, more than eight digits.
    const part = roundTo(exchange.ledger.free(wish.accountId, asset) / MOVED_PART, 8, "floor");
    const usual = wish.kind === "deposit" ? part : -part;
    const deltaAtto = wish.deltaAtto ?? usual;
    exchange.moveExternally(wish.accountId, { asset, deltaAtto }, nowUs);
    return asset;
  }

  /** One of half, the usual, and one and a half times the model's rates. */
  #changeFees(accountId: string): string {
    const { exchange, faults } = this.#backEnd;
    const { maker, taker } = exchange.settlement.fees.rates;
    const halves = BigInt(1 + faults.integer(3));
    const rates = { maker: (maker * halves) / 2n, taker: (taker * halves) / 2n };
    exchange.setRates(accountId, null, rates);
    return `${halves}/2`;
  }

  /**
   * Somebody else with access to the account places a small order: one that takes, or one that rests
   * and is canceled later.
   */
  #placeForeign(
    accountId: string,
    symbol: string,
    span: { nowUs: Micros; endUs: Micros },
  ): string | null {
    const { exchange, later, faults } = this.#backEnd;
    const isTaker = faults.integer(2) === 1;
    const index = exchange.market.indexOf(symbol);
    if (index === undefined) return null;
    const { rules, book } = exchange.market.instrumentAt(index);
    this.#foreignCount += 1;
    const clientOrderId = `web_${this.#foreignCount}`;
    const lots = Math.max(1, Math.round(rules.medianLots * FOREIGN_SHARE));
    const ticks = isTaker ? book.bestAskTicks + FOREIGN_TICKS : book.bestBidTicks - FOREIGN_TICKS;
    const text = (units: number, digits: number) =>
      attoText(BigInt(units) * 10n ** BigInt(18 - digits), digits);
    const placed = exchange.place(
      {
        accountId,
        clientOrderId,
        symbol,
        side: "buy",
        type: "limit",
        timeInForce: isTaker ? "IOC" : "GTC",
        isPostOnly: false,
        price: text(ticks, rules.priceDigits),
        quantity: text(lots, rules.lotDigits),
        funds: "",
        selfTradeRule: "none",
        notAfterUs: Number.POSITIVE_INFINITY,
      },
      span.nowUs,
    );
    if (placed.kind === "rejected") return null;
    later.put(span.endUs, (nowUs) => {
      exchange.cancel(accountId, { orderId: placed.order.orderId }, { nowUs });
    });
    return symbol;
  }

  #durationUs(wish: StateWish): Micros {
    const ms = wish.durationMs ?? DURATION_MS_DEFAULT;
    return Math.round((ms * US_PER_MS) / this.#backEnd.speed);
  }

  #accountIds(): readonly string[] {
    return this.#backEnd.exchange.books.accountIds;
  }

  #symbols(): readonly string[] {
    return this.#backEnd.exchange.market.instruments.map(({ rules }) => rules.symbol);
  }

  #draw(choices: readonly string[]): string | undefined {
    return choices.length === 0 ? undefined : choices[this.#backEnd.faults.integer(choices.length)];
  }
}

/**
 * Station: a wire's requests -> the exchange -> answers and private messages, late, lost or doubled.
 *
 * What lies between a venue's gateway and its engine, and the one place where trading faults happen: a
 * wire that talks to the exchange only through here has them all. An answer is a call back, which may
 * come at once, later, twice or never. The exchange below stays honest, so the truth never contains a
 * fault. All times are divided by the venue's speed.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS } from "../../../contracts/time.ts";
import type { Random } from "../market/random.ts";
import { AccountLimits, troubleOf } from "./account-limits.ts";
import type {
  CancelAllAnswer,
  CancelAnswer,
  PlaceAnswer,
  QueryAnswer,
  Trouble,
} from "./answers.ts";
import type { Exchange } from "./exchange.ts";
import {
  CANCEL_FAULT_KINDS,
  type CancelFaultKind,
  PLACE_FAULT_KINDS,
  type PlaceFaultKind,
  QUERY_FAULT_KINDS,
  TradingFaults,
} from "./faults.ts";
import { Later } from "./later.ts";
import { NOW } from "./order-log.ts";
import type { CancelResult, ExchangeEvent, OrderKey, OrderRequest } from "./orders.ts";
import { type PrivateListener, PrivateStreams } from "./private-streams.ts";

/** "API timeout to the engine is 10 s" (Binance, rest-api.md, read 2026-11-20). */
export const BACK_END_MS_MAX = 10_000;
const LATE_MS: readonly [number, number] = [100, 60_000];
const ANSWER_LATE_MS: readonly [number, number] = [5, 200];
const LATE_FILL_MS: readonly [number, number] = [20, 300];
const LAG_MS: readonly [number, number] = [50, 5_000];
const RETRY_AFTER_MS: readonly [number, number] = [1_000, 5_000];
const BAN_MS: readonly [number, number] = [120_000, 240_000];

export type BackEndOptions = {
  readonly exchange: Exchange;
  readonly random: Random;
  /** Back-end times and delays are divided by this. */
  readonly speed: number;
  /** Rejections the wire can show by itself, shown in turn by the fault `rejectCode`. */
  readonly rejectCodes: readonly string[];
};

/** The way in and out of one venue's exchange. */
export class BackEnd {
  readonly exchange: Exchange;
  readonly faults: TradingFaults;
  readonly streams: PrivateStreams;
  readonly later = new Later();
  readonly speed: number;
  /** Who was told to wait, and who did not. */
  readonly limits = new AccountLimits();
  readonly #rejectCodes: readonly string[];
  readonly #watchers: ((event: ExchangeEvent) => void)[] = [];
  /** Events of the operation under way; null when there is none. */
  #collected: ExchangeEvent[] | null = null;
  #rejectCount = 0;
  #nowUs: Micros = 0;

  constructor(options: BackEndOptions) {
    this.exchange = options.exchange;
    this.speed = options.speed;
    this.#rejectCodes = options.rejectCodes;
    this.faults = new TradingFaults(options.random);
    this.streams = new PrivateStreams(this.faults, this.later, options.speed);
    this.exchange.onEvent = (event) => {
      for (const watcher of this.#watchers) watcher(event);
      if (this.#collected === null) this.streams.tell(event, this.#nowUs);
      else this.#collected.push(event);
    };
  }

  /** Lets time pass. Call it before the market's own step. */
  tick(nowUs: Micros): void {
    this.#nowUs = Math.max(this.#nowUs, nowUs);
    this.later.runDue(this.#nowUs);
    this.exchange.tick(this.#nowUs);
  }

  /** Sees every event as it happens, without any fault: for what the venue itself counts. */
  watch(watcher: (event: ExchangeEvent) => void): void {
    this.#watchers.push(watcher);
  }

  /** Hears an account's private messages; call what is returned to stop. */
  listen(accountId: string, listener: PrivateListener): () => void {
    return this.streams.listen(accountId, listener);
  }

  /** Places an order. `answer` is called when the venue answers: once, twice, or never. */
  place(request: OrderRequest, nowUs: Micros, answer: (answer: PlaceAnswer) => void): void {
    this.#nowUs = Math.max(this.#nowUs, nowUs);
    const limit = this.limits.heed(request.accountId, this.#nowUs);
    if (limit !== null) {
      answer(limit);
      return;
    }
    const kind = this.faults.draw(PLACE_FAULT_KINDS);
    if (kind === null) {
      const { result, events } = this.#run(() => this.exchange.place(request, this.#nowUs));
      answer(result);
      this.#tell(events);
    } else {
      this.#placeBadly(kind, request, answer);
    }
  }

  #placeBadly(
    kind: PlaceFaultKind,
    request: OrderRequest,
    answer: (answer: PlaceAnswer) => void,
  ): void {
    const execute = () => this.#run(() => this.exchange.place(request, this.#nowUs));
    switch (kind) {
      case "requestLost":
        break;
      case "ackLost":
        this.#tell(execute().events);
        break;
      case "lateAcceptance":
        this.#placeLate(request, answer);
        break;
      case "errorExecuted": {
        const { events } = execute();
        answer(this.#serverError());
        this.#tell(events);
        break;
      }
      case "errorNotExecuted":
        answer(this.#serverError());
        break;
      case "duplicateAck": {
        const { result, events } = execute();
        answer(result);
        answer(result);
        this.#tell(events);
        break;
      }
      case "fillBeforeAck": {
        const { result, events } = execute();
        this.#tell(events);
        this.#after(ANSWER_LATE_MS, () => answer(result));
        break;
      }
      case "rejectCode":
        answer(this.#nextReject());
        break;
      case "rateLimited":
      case "banned":
        answer(this.#limit(request.accountId, kind === "banned"));
        break;
      case "timestampRefused":
        answer({ kind: "timestampRefused" });
        break;
    }
  }

  /**
   * Half of the late ones wait before the engine's door, where the window still refuses them; the
   * others inside the engine, where nothing does, and there the back end's own time is the bound.
   */
  #placeLate(request: OrderRequest, answer: (answer: PlaceAnswer) => void): void {
    const isInside = this.faults.integer(2) === 1;
    const [minMs, maxMs] = LATE_MS;
    const range = [minMs, isInside ? BACK_END_MS_MAX * 0.9 : maxMs] as const;
    if (isInside && this.exchange.check(request, this.#nowUs) !== null) {
      answer(this.exchange.place(request, this.#nowUs));
      return;
    }
    const notAfterUs = isInside ? Number.POSITIVE_INFINITY : request.notAfterUs;
    this.#after(range, () => {
      const late = { ...request, notAfterUs };
      const { result, events } = this.#run(() => this.exchange.place(late, this.#nowUs));
      answer(result);
      this.#tell(events);
    });
  }

  /** Cancels one order. */
  cancel(
    cancel: { accountId: string; key: OrderKey; cancelId?: string },
    nowUs: Micros,
    answer: (answer: CancelAnswer) => void,
  ): void {
    this.#nowUs = Math.max(this.#nowUs, nowUs);
    const { accountId, key, cancelId = "" } = cancel;
    const execute = () =>
      this.#run(() => this.exchange.cancel(accountId, key, { nowUs: this.#nowUs, cancelId }));
    const kind = this.faults.draw(CANCEL_FAULT_KINDS);
    if (kind === null) {
      const { result, events } = execute();
      answer(result);
      this.#tell(events);
    } else {
      this.#cancelBadly(kind, { accountId, key, execute }, answer);
    }
  }

  #cancelBadly(
    kind: CancelFaultKind,
    cancel: {
      accountId: string;
      key: OrderKey;
      execute: () => { result: CancelResult; events: ExchangeEvent[] };
    },
    answer: (answer: CancelAnswer) => void,
  ): void {
    const { accountId, key, execute } = cancel;
    switch (kind) {
      case "cancelRequestLost":
        break;
      case "cancelAckLost":
        this.#tell(execute().events);
        break;
      case "cancelError": {
        const isExecuted = this.faults.integer(2) === 1;
        const events = isExecuted ? execute().events : [];
        answer(this.#serverError());
        this.#tell(events);
        break;
      }
      case "cancelLateFill": {
        const lots = Math.floor(this.#leftLots(accountId, key) / 2);
        const hit = this.#run(() =>
          this.exchange.hit(accountId, key, { lots, nowUs: this.#nowUs }),
        );
        const { result, events } = execute();
        answer(result);
        this.#tell(events);
        this.#after(LATE_FILL_MS, () => this.#tell(hit.events));
        break;
      }
      case "cancelAfterFill": {
        const lots = this.#leftLots(accountId, key);
        const hit = this.#run(() =>
          this.exchange.hit(accountId, key, { lots, nowUs: this.#nowUs }),
        );
        const { result, events } = execute();
        answer(result);
        this.#tell([...hit.events, ...events]);
        break;
      }
    }
  }

  /** Cancels all open orders of an account, in one symbol or in all (null). */
  cancelAll(
    cancel: { accountId: string; symbol: string | null; cancelId?: string },
    nowUs: Micros,
    answer: (answer: CancelAllAnswer) => void,
  ): void {
    this.#nowUs = Math.max(this.#nowUs, nowUs);
    const { accountId, symbol, cancelId = "" } = cancel;
    const at = { nowUs: this.#nowUs, cancelId };
    const kind = this.faults.draw(["cancelRequestLost", "cancelAckLost"]);
    if (kind === "cancelRequestLost") return;
    const { result, events } = this.#run(() => this.exchange.cancelAll(accountId, symbol, at));
    if (kind === null) answer({ kind: "canceledAll", orders: result });
    this.#tell(events);
  }

  /** Asks as of when the log must be read for an answer given now. */
  query(nowUs: Micros): QueryAnswer {
    this.#nowUs = Math.max(this.#nowUs, nowUs);
    switch (this.faults.draw(QUERY_FAULT_KINDS)) {
      case "laggingQuery":
        return { kind: "asOf", asOfUs: this.#nowUs - this.#drawUs(LAG_MS) };
      case "queryError":
        return this.#serverError();
      case null:
        return { kind: "asOf", asOfUs: NOW };
    }
  }

  /** Runs something that tells events, and gives them back untold. */
  #run<T>(action: () => T): { result: T; events: ExchangeEvent[] } {
    const events: ExchangeEvent[] = [];
    this.#collected = events;
    try {
      return { result: action(), events };
    } finally {
      this.#collected = null;
    }
  }

  #tell(events: readonly ExchangeEvent[]): void {
    for (const event of events) this.streams.tell(event, this.#nowUs);
  }

  #leftLots(accountId: string, key: OrderKey): number {
    const order = this.exchange.log.find(accountId, key);
    return order?.isResting === true ? order.leftLots : 0;
  }

  #drawUs([minMs, maxMs]: readonly [number, number]): Micros {
    return Math.round((this.faults.between(minMs, maxMs) * US_PER_MS) / this.speed);
  }

  #after(range: readonly [number, number], action: () => void): void {
    this.later.put(this.#nowUs + this.#drawUs(range), action);
  }

  #serverError(): Trouble {
    return { kind: "serverError", variant: this.faults.integer(1_000) };
  }

  #nextReject(): Trouble {
    const code = this.#rejectCodes[this.#rejectCount % Math.max(1, this.#rejectCodes.length)] ?? "";
    this.#rejectCount += 1;
    return { kind: "venueCode", code };
  }

  #limit(accountId: string, isBan: boolean): Trouble {
    const untilUs = this.#nowUs + this.#drawUs(isBan ? BAN_MS : RETRY_AFTER_MS);
    this.limits.set(accountId, { untilUs, isBan });
    return troubleOf({ untilUs, isBan }, this.#nowUs);
  }
}

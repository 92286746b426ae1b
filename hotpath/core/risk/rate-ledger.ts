/**
 * Station: commands about to leave -> whether the venue's own limits leave room for them.
 *
 * What we count is a sliding sum over slices of each window, so that the venue's window may begin at any
 * moment and is still never exceeded, whatever its clock says. A share of each limit is left unused, and a
 * share of the rest is kept for cancels: they are the last thing that may run out. What the venue says of
 * its own count corrects ours upward; after 429 or 418 nothing leaves at all until the time it named.
 */
import { assert } from "../../../contracts/assert.ts";
import { US_PER_S } from "../../../contracts/time.ts";
import type { RatedCommand, RateRule } from "./rate-rule.ts";

/** Share of a venue's limit that we use: other programs may share the account or the address. */
export const RATE_SHARE = 0.8;
/** Share of that which each less urgent kind of command leaves to the more urgent ones. */
export const CANCEL_RESERVE = 0.2;

/** Slices of a window; one more is summed, because the oldest may still be partly inside. */
const SLICES = 10;

type Urgency = 0 | 1 | 2;

/** Slice, level, time of the level, and then the slices. */
type TallyState = readonly number[];
const TALLY_STATE_LENGTH = 3 + SLICES + 1;

/** What was counted, by "rate" for an account and "rate:instrument" for one instrument. */
export type RatesState = {
  readonly version: 1;
  readonly silentUntilUs: number;
  readonly isBanned: boolean;
  readonly tallies: Readonly<Record<string, readonly number[]>>;
};

/** 0 is most urgent: cancels. 2 gives way to everything: reads that repeat themselves anyway. */
const URGENCY: Readonly<Record<RatedCommand, Urgency>> = {
  cancelOrder: 0,
  cancelAll: 0,
  placeOrder: 1,
  testOrder: 1,
  queryOrder: 1,
  readAccount: 2,
  readFees: 2,
};

/** What one rule has counted, for the account or for one instrument. */
class Tally {
  readonly #rule: RateRule;
  readonly #slices = new Float64Array(SLICES + 1);
  #slice = -1;
  /** Of all slices. Costs are whole numbers, so it never drifts. */
  #sum = 0;
  /** For `decay`. */
  #level = 0;
  #levelUs = 0;

  constructor(rule: RateRule) {
    this.#rule = rule;
  }

  used(nowUs: number): number {
    if (this.#rule.kind === "decay") return this.#decayed(nowUs);
    this.#turn(nowUs);
    return this.#sum;
  }

  add(cost: number, nowUs: number): void {
    if (this.#rule.kind === "decay") {
      this.#level = this.#decayed(nowUs) + cost;
      this.#levelUs = nowUs;
      return;
    }
    this.#turn(nowUs);
    const at = this.#slice % (SLICES + 1);
    this.#slices[at] = (this.#slices[at] as number) + cost;
    this.#sum += cost;
  }

  exportState(): TallyState {
    return [this.#slice, this.#level, this.#levelUs, ...this.#slices];
  }

  /** Takes up what `exportState` gave; the sum of its slices is worked out anew. */
  importState(state: TallyState): void {
    const [slice = -1, level = 0, levelUs = 0, ...slices] = state;
    this.#slice = slice;
    this.#level = level;
    this.#levelUs = levelUs;
    this.#slices.set(slices);
    this.#sum = slices.reduce((sum, each) => sum + each, 0);
  }

  #decayed(nowUs: number): number {
    const fallen = ((nowUs - this.#levelUs) / US_PER_S) * this.#rule.decayPerS;
    return Math.max(0, this.#level - Math.max(0, fallen));
  }

  #turn(nowUs: number): void {
    const slice = Math.floor((nowUs * SLICES) / this.#rule.windowUs);
    if (slice <= this.#slice) return;
    const passed = Math.min(slice - this.#slice, SLICES + 1);
    for (let i = 0; i < passed; i++) {
      const at = (slice - i) % (SLICES + 1);
      this.#sum -= this.#slices[at] as number;
      this.#slices[at] = 0;
    }
    this.#slice = slice;
  }
}

type Counted = {
  readonly rule: RateRule;
  /** By urgency: how much of the limit such a command may bring us to. */
  readonly room: readonly [number, number, number];
  readonly account: Tally;
  readonly instruments: Map<number, Tally>;
};

export class RateLedger {
  readonly #counted: readonly Counted[];
  /** No command before this. */
  silentUntilUs = 0;
  /** The venue has banned us: a person has to look, even when the time is over. */
  isBanned = false;

  constructor(rules: readonly RateRule[], share = RATE_SHARE, reserve = CANCEL_RESERVE) {
    assert(share > 0 && share <= 1, "a share is above 0 and at most 1");
    assert(reserve >= 0 && reserve < 0.5, "two reserves leave something");
    this.#counted = rules.map((rule) => {
      const full = rule.limit * share;
      return {
        rule,
        room: [full, full * (1 - reserve), full * (1 - 2 * reserve)],
        account: new Tally(rule),
        instruments: new Map<number, Tally>(),
      };
    });
  }

  /** Whether such a command may leave now; -1 stands for no one instrument. */
  maySpend(command: RatedCommand, instrument: number, nowUs: number): boolean {
    return this.whyNot(command, instrument, nowUs) === "";
  }

  /** The rule that leaves no room for so many of a command, with its numbers; "" for none. */
  whyNot(command: RatedCommand, instrument: number, nowUs: number, count = 1): string {
    if (nowUs < this.silentUntilUs)
      return `the venue asked for silence until ${this.silentUntilUs}`;
    for (const counted of this.#counted) {
      const cost = counted.rule.costs[command] * count;
      // What costs nothing is never held up.
      if (!(cost > 0)) continue;
      const used = tallyOf(counted, instrument).used(nowUs);
      const room = counted.room[URGENCY[command]];
      if (!(used + cost <= room)) {
        return `rate ${counted.rule.name}: ${used} used, ${count} x ${command} costs ${cost}, room is ${room} of ${counted.rule.limit}`;
      }
    }
    return "";
  }

  /** Counts a command that leaves. Counting what may not leave is for those who must: exits on a halt. */
  spend(command: RatedCommand, instrument: number, nowUs: number): void {
    for (const counted of this.#counted) {
      const cost = counted.rule.costs[command];
      if (cost > 0) tallyOf(counted, instrument).add(cost, nowUs);
    }
  }

  /** Takes up the venue's own count where it is above ours: others may spend from the same limit. */
  onUsage(rate: string, instrument: number, used: number, nowUs: number): void {
    if (!Number.isFinite(used) || used < 0) return;
    for (const counted of this.#counted) {
      if (counted.rule.name !== rate) continue;
      const tally = tallyOf(counted, instrument);
      const missing = used - tally.used(nowUs);
      if (missing > 0) tally.add(missing, nowUs);
    }
  }

  /** 429 or 418. A shorter silence never shortens a longer one. */
  onSilenced(untilUs: number, isBan: boolean): void {
    if (untilUs > this.silentUntilUs) this.silentUntilUs = untilUs;
    if (isBan) this.isBanned = true;
  }

  /** Our count of each rule and its limit; where instruments are counted alone, the highest of them. */
  usage(nowUs: number): Readonly<Record<string, readonly [used: number, limit: number]>> {
    const rows = this.#counted.map(({ rule, account, instruments }) => {
      const counts = [...instruments.values()].map((tally) => tally.used(nowUs));
      return [rule.name, [Math.max(account.used(nowUs), ...counts), rule.limit]] as const;
    });
    return Object.fromEntries(rows);
  }

  exportState(): RatesState {
    const tallies: Record<string, TallyState> = {};
    for (const { rule, account, instruments } of this.#counted) {
      tallies[rule.name] = account.exportState();
      for (const [index, tally] of instruments) {
        tallies[`${rule.name}:${index}`] = tally.exportState();
      }
    }
    const { silentUntilUs, isBanned } = this;
    return { version: 1, silentUntilUs, isBanned, tallies };
  }

  /** Takes up what `exportState` gave; false, and nothing changed, when it is damaged. */
  importState(state: unknown): boolean {
    if (!isRatesState(state)) return false;
    this.silentUntilUs = state.silentUntilUs;
    this.isBanned = state.isBanned;
    for (const [name, stored] of Object.entries(state.tallies)) {
      const [rate, index] = name.split(":");
      // A rule that the venue's room does not publish any more has nothing to be counted for.
      const counted = this.#counted.find(({ rule }) => rule.name === rate);
      if (counted === undefined) continue;
      if (index === undefined) counted.account.importState(stored);
      else tallyOf(counted, Number(index)).importState(stored);
    }
    return true;
  }

  /** Our own count of a rule: for metrics, and to be compared with the venue's. */
  usedOf(rate: string, instrument: number, nowUs: number): number {
    const counted = this.#counted.find(({ rule }) => rule.name === rate);
    return counted === undefined ? 0 : tallyOf(counted, instrument).used(nowUs);
  }
}

function tallyOf(counted: Counted, instrument: number): Tally {
  if (counted.rule.scope === "account") return counted.account;
  let tally = counted.instruments.get(instrument);
  if (tally === undefined) {
    tally = new Tally(counted.rule);
    counted.instruments.set(instrument, tally);
  }
  return tally;
}

function isRatesState(state: unknown): state is RatesState {
  if (typeof state !== "object" || state === null) return false;
  const { version, silentUntilUs, isBanned, tallies } = state as Readonly<Record<string, unknown>>;
  if (version !== 1 || typeof isBanned !== "boolean") return false;
  if (typeof silentUntilUs !== "number" || !Number.isFinite(silentUntilUs)) return false;
  if (typeof tallies !== "object" || tallies === null) return false;
  return Object.values(tallies).every(isTallyState);
}

function isTallyState(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== TALLY_STATE_LENGTH) return false;
  return value.every((each, at) => {
    return typeof each === "number" && Number.isFinite(each) && each >= (at === 0 ? -1 : 0);
  });
}

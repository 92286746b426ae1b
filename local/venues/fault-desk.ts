/**
 * Station: a fault on demand, by plan or by chance -> something going wrong, and its record.
 *
 * Every injection is recorded with its times, so that whoever measures a recovery knows when its cause
 * began and when the venue behaved again. The desk decides what happens to whom; the rooms below do it.
 */
import type { VenueId } from "../../contracts/ids.ts";
import type { Micros } from "../../contracts/time.ts";
import { US_PER_MS } from "../../contracts/time.ts";
import {
  FAULT_KINDS,
  type FaultKind,
  type FaultPlan,
  type FaultRequest,
  FRAME_FAULT_KINDS,
  type FrameFaultKind,
  isOneOf,
  type SessionFaultKind,
  SNAPSHOT_FAULT_KINDS,
  type SnapshotFaultKind,
  VENUE_FAULT_KINDS,
  type VenueFaultKind,
} from "./fault-plan.ts";
import type { Random } from "./market/random.ts";
import type { SpoilableSession, VenueModel } from "./venue-model.ts";

/** How long a lasting fault lasts when nobody says. */
export const DURATION_MS_DEFAULT: Readonly<Record<FaultKind, number>> = {
  cut: 0,
  refuse: 2_000,
  halfOpen: 0,
  silent: 0,
  delay: 1_500,
  burst: 1_500,
  dropDiff: 0,
  duplicateDiff: 0,
  frozenTimestamps: 0,
  oldSnapshot: 0,
  slowSnapshot: 1_500,
  snapshot503: 0,
  malformedFrame: 0,
  wrongSymbol: 0,
  crossedBook: 0,
  wrongChecksum: 0,
  venueRestart: 2_000,
  serverShutdown: 200,
};
const COUNT_503_DEFAULT = 1;
const MINUTE_MS = 60_000;
const RECORDS_COUNT_MAX = 100_000;

/**
 * One injection. `endedUs` is when the venue behaves again: for a fault of one frame or snapshot the
 * moment it was served, for one that lasts its end, and for one that stays with a session for its
 * life the injection itself, since the next session is sound. Null means: not yet.
 */
export type FaultRecord = {
  readonly faultId: number;
  readonly kind: FaultKind;
  readonly venue: VenueId;
  readonly symbol: string | null;
  readonly origin: "demand" | "plan" | "random";
  readonly injectedUs: Micros;
  endedUs: Micros | null;
  /** Sessions hit; null for faults of one instrument. */
  readonly sessionCount: number | null;
};

export type Injection =
  | { readonly kind: "injected"; readonly record: FaultRecord }
  | { readonly kind: "refused"; readonly field: string; readonly reason: string };

type Origin = FaultRecord["origin"];

/** Whatever goes wrong on purpose, at every venue of this process. */
export class FaultDesk {
  readonly records: FaultRecord[] = [];
  /** Random faults that found nobody to hit. */
  skippedCount = 0;
  readonly #venues: readonly VenueModel[];
  readonly #clock: () => Micros;
  readonly #random: Random;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isStopped = false;

  constructor(venues: readonly VenueModel[], clock: () => Micros, random: Random) {
    this.#venues = venues;
    this.#clock = clock;
    this.#random = random;
  }

  /** Starts what the plan says: faults at their times, and random ones at their rate. */
  startPlan(plan: FaultPlan): void {
    for (const { atMs, ...fault } of plan.faults) {
      this.#later(atMs, () => this.#injectUnasked(fault, "plan"));
    }
    if (plan.faultsPerMinute > 0) this.#scheduleRandom(plan);
  }

  /** Ends every timer; what is wrong already stays wrong. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Lets one fault happen now, or says which field forbids it. */
  inject(fault: FaultRequest, origin: Origin = "demand"): Injection {
    const venue = this.#venues.find((one) => one.id === fault.venue);
    if (venue === undefined) return refused("venue", `${fault.venue} is not simulated`);
    if (fault.kind === "serverShutdown" && !venue.hasServerShutdown) {
      return refused("kind", `${venue.id} announces no shutdown; use cut`);
    }
    if (fault.kind === "wrongChecksum" && venue.hasChecksums !== true) {
      return refused("kind", `${venue.id} sends no checksums; use dropDiff`);
    }
    if (fault.symbol !== undefined && venue.market.indexOf(fault.symbol) === undefined) {
      return refused("symbol", `${fault.symbol} is not listed at ${venue.id}`);
    }
    const { kind } = fault;
    if (isOneOf(FRAME_FAULT_KINDS, kind) || isOneOf(SNAPSHOT_FAULT_KINDS, kind)) {
      return this.#injectInstrument(venue, { ...fault, kind }, origin);
    }
    const sessions = venue.sessionsOf(fault.symbol ?? null);
    const record = this.#record(fault, origin, { sessionCount: sessions.length });
    if (isOneOf(VENUE_FAULT_KINDS, kind)) this.#hitVenue(venue, { ...fault, kind }, record);
    else this.#hitSessions(sessions, { ...fault, kind }, record);
    return { kind: "injected", record };
  }

  #injectInstrument(
    venue: VenueModel,
    fault: FaultRequest & { kind: FrameFaultKind | SnapshotFaultKind },
    origin: Origin,
  ): Injection {
    const heard = venue.feed.heardInstruments();
    const drawn = heard.length === 0 ? undefined : heard[this.#random.integer(heard.length)];
    const index = fault.symbol === undefined ? drawn : venue.market.indexOf(fault.symbol);
    if (index === undefined || !heard.includes(index)) {
      return refused("symbol", `no session hears the depth of ${fault.symbol ?? "any symbol"}`);
    }
    const { symbol } = venue.market.instrumentAt(index).rules;
    const record = this.#record({ ...fault, symbol }, origin, { sessionCount: null });
    const done = () => this.#end(record);
    const { kind } = fault;
    if (isOneOf(FRAME_FAULT_KINDS, kind)) {
      venue.feed.arm(index, { kind, done });
    } else {
      const count = kind === "snapshot503" ? (fault.count ?? COUNT_503_DEFAULT) : 1;
      venue.rest.arm(index, { kind, durationMs: durationMsOf(fault), count, done });
      // Nobody fetches a snapshot without a reason, so a dropped frame gives one.
      venue.feed.arm(index, { kind: "dropDiff", done: () => {} });
    }
    return { kind: "injected", record };
  }

  #hitSessions(
    sessions: readonly SpoilableSession[],
    fault: FaultRequest & { kind: SessionFaultKind },
    record: FaultRecord,
  ): void {
    const durationMs = durationMsOf(fault);
    const delayMs = fault.delayMs ?? durationMs;
    const span = { durationUs: durationMs * US_PER_MS, delayUs: delayMs * US_PER_MS };
    for (const session of sessions) session.spoil(fault.kind, span);
    const lastsMs = { delay: durationMs + delayMs, burst: durationMs };
    if (fault.kind === "delay" || fault.kind === "burst") {
      this.#later(lastsMs[fault.kind], () => this.#end(record));
    } else {
      // The next session is sound at once, so the venue behaves again from here on.
      this.#end(record);
    }
  }

  #hitVenue(
    venue: VenueModel,
    fault: FaultRequest & { kind: VenueFaultKind },
    record: FaultRecord,
  ): void {
    const durationMs = durationMsOf(fault);
    switch (fault.kind) {
      case "refuse":
        venue.streams.refusalCount += 1;
        venue.streams.cutAll();
        this.#later(durationMs, () => {
          venue.streams.refusalCount -= 1;
          this.#end(record);
        });
        break;
      case "serverShutdown": {
        const sessions = venue.sessionsOf(fault.symbol ?? null);
        venue.announceShutdown(fault.symbol ?? null);
        this.#later(durationMs, () => {
          for (const session of sessions) session.cut();
          this.#end(record);
        });
        break;
      }
      case "venueRestart":
        venue.goDown();
        // Stopped while the venue is down, it need not come back.
        this.#later(durationMs, () => venue.comeBack(() => this.#end(record)));
        break;
    }
  }

  #record(fault: FaultRequest, origin: Origin, hit: { sessionCount: number | null }): FaultRecord {
    const record: FaultRecord = {
      faultId: this.records.length + 1,
      kind: fault.kind,
      venue: fault.venue,
      symbol: fault.symbol ?? null,
      origin,
      injectedUs: this.#clock(),
      endedUs: null,
      sessionCount: hit.sessionCount,
    };
    if (this.records.length < RECORDS_COUNT_MAX) this.records.push(record);
    return record;
  }

  #end(record: FaultRecord): void {
    record.endedUs = this.#clock();
  }

  #injectUnasked(fault: FaultRequest, origin: Origin): void {
    if (this.inject(fault, origin).kind === "refused") this.skippedCount += 1;
  }

  #scheduleRandom(plan: FaultPlan): void {
    const waitMs = this.#random.exponential(MINUTE_MS / plan.faultsPerMinute);
    this.#later(waitMs, () => {
      const kinds = plan.kinds ?? FAULT_KINDS;
      const kind = kinds[this.#random.integer(kinds.length)];
      const venue = this.#venues[this.#random.integer(this.#venues.length)];
      if (kind !== undefined && venue !== undefined) {
        this.#injectUnasked({ kind, venue: venue.id }, "random");
      }
      this.#scheduleRandom(plan);
    });
  }

  #later(ms: number, action: () => void): void {
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}

function durationMsOf(fault: FaultRequest): number {
  return fault.durationMs ?? DURATION_MS_DEFAULT[fault.kind];
}

function refused(field: string, reason: string): Injection {
  return { kind: "refused", field, reason };
}

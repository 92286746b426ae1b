/**
 * Drives the production loop and core by a virtual clock: a venue of true books on the other side, dials,
 * acknowledgements and snapshots that answer after set times, and a switch for each way to misbehave.
 *
 * It replaces only seams (clock, sockets, recorder). Time passes in `advance` and nowhere else.
 */
import type { VenueId } from "../../../contracts/ids.ts";
import type { ResyncRecord } from "../../../contracts/resync.ts";
import { standardConfig } from "../../../hotpath/config.ts";
import type { CoreCommand } from "../../../hotpath/core/commands.ts";
import type { ControlEvent } from "../../../hotpath/core/events.ts";
import { brokenInvariant } from "../../../hotpath/core/invariants.ts";
import type { CoreLimits, VenueRules } from "../../../hotpath/core/limits.ts";
import { MARKET, MarketRing } from "../../../hotpath/core/market-ring.ts";
import { type BookSlot, makeWorld, type World } from "../../../hotpath/core/world.ts";
import { coreLimitsOf } from "../../../hotpath/limits-of.ts";
import { Loop } from "../../../hotpath/loop.ts";
import { VENUES } from "../../../hotpath/venues/registry.ts";
import { type Delta, instrumentAt, type Level, levelsOf, TrueBook, textOf } from "./true-book.ts";

export const START_US = 1_700_000_000_000_000;
export const MS = 1000;
export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;

export const RULES: VenueRules = {
  depthLimit: 1000,
  depthWeight: 50,
  shallower: [],
  clockWeight: 1,
  weightLimit: 4800,
  weightWindowUs: MINUTE,
  dialsMax: 240,
  dialWindowUs: 5 * MINUTE,
};

export type DriverOptions = {
  readonly books?: number;
  readonly sessions?: number;
  readonly venue?: VenueId;
  readonly seed?: number;
  readonly limits?: Partial<CoreLimits>;
  readonly rules?: Partial<VenueRules>;
  /** Checks invariants and books after every event; slower. */
  readonly isWatched?: boolean;
};

type Transport = {
  readonly session: number;
  readonly epoch: number;
  readonly attempt: number;
  isOpen: boolean;
  /** Frames are delivered: subscribed and not made silent. */
  isSpeaking: boolean;
};

type Due = { readonly atUs: number; readonly order: number; readonly run: () => void };

export type Noted = { readonly atUs: number; readonly tick: number; readonly command: CoreCommand };

export type Fetch = Extract<CoreCommand, { type: "fetchSnapshot" }>;

/** What becomes of a snapshot request. `old` is answered with the venue's state at the last save. */
export type FetchFate = "good" | "fail" | "never" | "old" | "crossed" | "empty";

/** Limits of the standard configuration, which is what an operator gets. */
export function standardLimits(): CoreLimits {
  return coreLimitsOf(standardConfig());
}

export class Driver {
  readonly world: World;
  readonly ring = new MarketRing(1024, 65_536);
  readonly loop: Loop;
  readonly truth: TrueBook[];
  readonly noted: Noted[] = [];
  readonly events: { atUs: number; event: ControlEvent }[] = [];
  readonly transports = new Set<Transport>();
  readonly #venue: VenueId;
  readonly #isWatched: boolean;
  #agenda: Due[] = [];
  #order = 0;
  #decisions = 0;
  #firedAt = { atUs: 0, count: 0 };
  #saved: { seq: number; bids: Level[]; asks: Level[] }[] = [];
  nowUs = START_US;
  timerDueUs = Number.POSITIVE_INFINITY;
  timersFired = 0;
  dialUs = 20 * MS;
  subscribeUs = 10 * MS;
  snapshotUs = 15 * MS;
  clockOffsetUs = 0;
  canDial = true;
  canAcknowledge = true;
  isRecorderFull = false;
  weightUsed = -1;
  retryAfterUs = 0;
  fateOf: (fetch: Fetch) => FetchFate = () => "good";

  constructor(options: DriverOptions = {}) {
    const { books = 1, sessions = 1, venue = "binance-spot", seed = 1 } = options;
    this.#venue = venue;
    this.#isWatched = options.isWatched ?? false;
    const instruments = Array.from({ length: books }, (_, index) => instrumentAt(venue, index));
    this.truth = instruments.map((_, index) => new TrueBook(seed * 1000 + index));
    this.world = makeWorld({
      limits: { ...standardLimits(), ...options.limits },
      instruments,
      venues: [
        {
          id: venue,
          rules: { ...RULES, ...options.rules },
          continuity: VENUES[venue].continuity,
        },
      ],
      sessions: Array.from({ length: sessions }, (_, shard) => ({
        venue: 0,
        shard,
        books: instruments.map(({ index }) => index).filter((book) => book % sessions === shard),
      })),
    });
    this.loop = new Loop(
      this.world,
      this.ring,
      {
        nowUs: () => this.nowUs,
        recordMarket: () => !this.isRecorderFull,
        recordControl: (event) => void this.events.push({ atUs: this.nowUs, event }),
        recordCommand: () => undefined,
        recordTickEnd: () => undefined,
        execute: (command) => this.#execute(command),
        yieldThen: (run) => this.after(0, run),
        armTimer: (dueUs) => {
          this.timerDueUs = dueUs;
        },
      },
      { controlCapacity: 1024, commandCapacity: 4096, eventsPerTurnMax: 4096 },
    );
  }

  slot(book: number): BookSlot {
    return this.world.slots[book] as BookSlot;
  }

  session(index = 0): World["sessions"][number] {
    return this.world.sessions[index] as World["sessions"][number];
  }

  get venue(): World["venues"][number] {
    return this.world.venues[0] as World["venues"][number];
  }

  emit(event: ControlEvent): void {
    this.loop.emit(event);
    this.#watch();
  }

  after(us: number, run: () => void): void {
    this.#agenda.push({ atUs: this.nowUs + us, order: this.#order++, run });
  }

  /** Lets time pass; everything that falls due is done in order, timers of the loop included. */
  advance(us: number): void {
    const endUs = this.nowUs + us;
    for (;;) {
      const next = this.#takeNext(endUs);
      if (next === undefined) break;
      this.nowUs = Math.max(this.nowUs, next.atUs);
      next.run();
      this.#watch();
    }
    this.nowUs = endUs;
  }

  #takeNext(endUs: number): Due | undefined {
    let best: Due | undefined;
    for (const due of this.#agenda) {
      const isSooner =
        best === undefined ||
        due.atUs < best.atUs ||
        (due.atUs === best.atUs && due.order < best.order);
      if (isSooner) best = due;
    }
    if (this.timerDueUs <= endUs && (best === undefined || this.timerDueUs < best.atUs)) {
      const atUs = Math.max(this.nowUs, this.timerDueUs);
      this.timerDueUs = Number.POSITIVE_INFINITY;
      return { atUs, order: 0, run: () => this.#fire() };
    }
    if (best === undefined || best.atUs > endUs) return undefined;
    const taken = best;
    this.#agenda = this.#agenda.filter((due) => due !== taken);
    return taken;
  }

  /** A loop whose timer is due again at once would spin; here that would be for ever. */
  #fire(): void {
    this.timersFired++;
    this.#firedAt =
      this.#firedAt.atUs === this.nowUs
        ? { atUs: this.nowUs, count: this.#firedAt.count + 1 }
        : { atUs: this.nowUs, count: 1 };
    if (this.#firedAt.count > 3) throw new Error(`the timer spins at tick ${this.world.tick}`);
    this.loop.emit({ type: "timerFired" });
  }

  #execute(command: CoreCommand): void {
    this.noted.push({ atUs: this.nowUs, tick: this.world.tick, command });
    switch (command.type) {
      case "openSession":
        this.#open(command);
        return;
      case "closeSession":
        this.#close(({ session, epoch, isOpen }) => {
          return isOpen && session === command.session && epoch === command.epoch;
        });
        return;
      case "abandonDial":
        this.#close(({ session, attempt }) => {
          return session === command.session && attempt === command.attempt;
        });
        return;
      case "subscribe":
        this.#subscribe(command.session, command.epoch);
        return;
      case "fetchSnapshot":
        this.#fetch(command);
        return;
      case "measureClock":
        this.after(2 * MS, () =>
          this.emit({
            type: "clockMeasured",
            venue: command.venue,
            offsetUs: this.clockOffsetUs,
            errorUs: 2 * MS,
            weightUsed: -1,
          }),
        );
        return;
      case "stepResync":
        this.loop.control.push({
          type: "resyncStepped",
          instrument: command.instrument,
          resyncId: command.resyncId,
        });
        return;
      case "recordResync":
      case "recordVoid":
      case "recordMode":
      case "recordSession":
      case "halt":
        return;
      // A world without a trader sends none of the others.
      default:
        return;
    }
  }

  #open({ session, epoch, attempt }: Extract<CoreCommand, { type: "openSession" }>): void {
    if (!this.canDial) {
      this.after(1 * MS, () =>
        this.emit({ type: "dialFailed", session, attempt, reason: "ECONNREFUSED" }),
      );
      return;
    }
    const transport = { session, epoch, attempt, isOpen: false, isSpeaking: false };
    this.transports.add(transport);
    this.after(this.dialUs, () => {
      if (!this.transports.has(transport)) return;
      transport.isOpen = true;
      this.emit({ type: "sessionOpened", session, epoch, attempt });
    });
  }

  #close(isMeant: (transport: Transport) => boolean): void {
    for (const transport of this.transports) {
      if (isMeant(transport)) this.transports.delete(transport);
    }
  }

  #subscribe(session: number, epoch: number): void {
    const transport = this.transportOf(session, epoch);
    if (transport === undefined) {
      this.after(0, () =>
        this.emit({ type: "commandDropped", session, epoch, command: "subscribe" }),
      );
      return;
    }
    if (!this.canAcknowledge) return;
    this.after(this.subscribeUs, () => {
      if (!this.transports.has(transport)) return;
      transport.isSpeaking = true;
      this.emit({ type: "subscriptionConfirmed", session, epoch });
    });
  }

  transportOf(session: number, epoch: number): Transport | undefined {
    return [...this.transports].find((one) => one.session === session && one.epoch === epoch);
  }

  /** The venue cuts a transport by itself. */
  cut(session = 0, epoch = this.session(session).epoch): void {
    this.#close((one) => one.session === session && one.epoch === epoch);
    this.emit({ type: "sessionClosed", session, epoch, reason: "closed 1006" });
  }

  /** Notes the present of every book as what an `old` snapshot will say. */
  save(): void {
    this.#saved = this.truth.map((book) => ({ seq: book.seq, ...book.levels() }));
  }

  #fetch(fetch: Fetch): void {
    const { instrument, requestId } = fetch;
    const fate = this.fateOf(fetch);
    const { weightUsed, retryAfterUs } = this;
    if (fate === "never") {
      const reason = "timeout";
      const failure = { instrument, requestId, reason, retryAfterUs: 0, weightUsed: -1 };
      this.after(fetch.timeoutUs, () => this.emit({ type: "snapshotFailed", ...failure }));
      return;
    }
    if (fate === "fail") {
      const failure = { instrument, requestId, reason: "HTTP 503", retryAfterUs, weightUsed };
      this.after(this.snapshotUs, () => this.emit({ type: "snapshotFailed", ...failure }));
      return;
    }
    // The venue answers with its state in the middle of the way there and back.
    this.after(this.snapshotUs / 2, () => {
      const content = this.#contentOf(instrument, fate);
      this.after(this.snapshotUs / 2, () => this.snapshot(instrument, requestId, content));
    });
  }

  #contentOf(
    instrument: number,
    fate: FetchFate,
  ): { seq: number; bids: readonly Level[]; asks: readonly Level[] } {
    const truth = this.truth[instrument] as TrueBook;
    const saved = this.#saved[instrument];
    if (fate === "old" && saved !== undefined) return saved;
    const { bids, asks } = truth.levels();
    if (fate === "crossed") return { seq: truth.seq, bids: [[20_000, 1], ...bids], asks };
    if (fate === "empty") return { seq: truth.seq, bids: [], asks };
    return { seq: truth.seq, bids, asks };
  }

  /** Hands a snapshot to the loop. */
  snapshot(
    instrument: number,
    requestId: number,
    content: { seq: number; bids: readonly Level[]; asks: readonly Level[] },
  ): void {
    const all = [...content.bids, ...content.asks];
    this.emit({
      type: "snapshotReceived",
      instrument,
      requestId,
      recvUs: this.nowUs,
      weightUsed: this.weightUsed,
      rawSeq: 0,
      levels: {
        seq: content.seq,
        exchangeUs: 0,
        ticks: Float64Array.from(all, ([ticks]) => ticks),
        lots: Float64Array.from(all, ([, lots]) => lots),
        bidCount: content.bids.length,
        askCount: content.asks.length,
      },
    });
  }

  /** Moves one market and tells every transport that speaks of it. */
  tell(book: number): void {
    const delta = this.step(book);
    const { session } = this.slot(book);
    for (const transport of this.transports) {
      if (transport.session === session && transport.isSpeaking) {
        this.deliver(book, delta, { epoch: transport.epoch });
      }
    }
  }

  /** Moves one market and keeps it to itself. */
  step(book: number): Delta {
    const truth = this.truth[book] as TrueBook;
    return truth.step(this.#venue === "binance-usdm" ? 7 : 0);
  }

  /** Puts a delta in the ring and lets the loop run. */
  deliver(
    book: number,
    delta: Delta,
    stamp: { epoch?: number; exchangeUs?: number; recvUs?: number; awayUs?: number } = {},
  ): void {
    this.queue(book, delta, stamp);
    this.loop.run();
    this.#watch();
  }

  /** Puts a delta in the ring only. */
  queue(
    book: number,
    delta: Delta,
    stamp: { epoch?: number; exchangeUs?: number; recvUs?: number; awayUs?: number } = {},
  ): void {
    const { ring } = this;
    const { session } = this.slot(book);
    const row = ring.reserve();
    if (row < 0) throw new Error("the test's ring is full");
    ring.kind[row] = MARKET.bookDelta;
    ring.instrument[row] = book;
    ring.session[row] = session;
    ring.epoch[row] = stamp.epoch ?? this.session(session).epoch;
    ring.recvUs[row] = stamp.recvUs ?? this.nowUs;
    ring.awayUs[row] = stamp.awayUs ?? 0;
    ring.exchangeUs[row] = stamp.exchangeUs ?? this.nowUs + this.clockOffsetUs;
    ring.seqFirst[row] = delta.seqFirst;
    ring.seqLast[row] = delta.seqLast;
    ring.seqPrevious[row] = this.#venue === "binance-usdm" ? delta.seqPrevious : 0;
    let at = ring.levelStart[row] as number;
    for (const [ticks, lots] of [...delta.bids, ...delta.asks]) {
      ring.ticks[at] = ticks;
      ring.lots[at++] = lots;
    }
    ring.bidCount[row] = delta.bids.length;
    ring.askCount[row] = delta.asks.length;
    ring.commit(row);
  }

  /** Starts, and lets the market speak until every book is live. */
  start(): this {
    this.emit({ type: "started" });
    this.speak(this.dialUs + this.subscribeUs + this.snapshotUs * 4 + 200 * MS);
    return this;
  }

  /** Lets time pass while every book speaks each `everyUs`. */
  speak(us: number, everyUs = 10 * MS): void {
    for (let passed = 0; passed < us; passed += everyUs) {
      for (let book = 0; book < this.truth.length; book++) this.tell(book);
      this.advance(everyUs);
    }
  }

  get liveCount(): number {
    return this.world.slots.filter(({ book }) => book.state === "live").length;
  }

  /** Commands of one type, in order. */
  commandsOf<T extends CoreCommand["type"]>(
    type: T,
  ): { atUs: number; tick: number; command: Extract<CoreCommand, { type: T }> }[] {
    return this.noted.flatMap((one) =>
      one.command.type === type
        ? [{ ...one, command: one.command as Extract<CoreCommand, { type: T }> }]
        : [],
    );
  }

  get records(): ResyncRecord[] {
    return this.commandsOf("recordResync").map(({ command }) => command.record);
  }

  /** What our copy of a book holds, as the truth would write it. */
  textOf(book: number): string {
    const { bids, asks } = this.slot(book).book;
    return textOf(levelsOf(bids), levelsOf(asks));
  }

  /** Live books that differ from the truth at the sequence at which they stand. */
  get wrongBooks(): number[] {
    return this.world.slots
      .filter(({ book }) => book.state === "live")
      .map(({ instrument }) => instrument.index)
      .filter((book) => {
        const truth = this.truth[book] as TrueBook;
        return this.textOf(book) !== truth.at(this.slot(book).book.seq);
      });
  }

  /** The checks of a watched driver: after every event nothing may be broken. */
  #watch(): void {
    if (!this.#isWatched) return;
    const broken = brokenInvariant(this.world, this.ring);
    if (broken !== undefined) throw new Error(`tick ${this.world.tick}: ${broken}`);
    const { counters } = this.world;
    if (counters.decisions > this.#decisions || counters.ticks % 16 === 0) {
      this.#decisions = counters.decisions;
      const [wrong] = this.wrongBooks;
      if (wrong !== undefined) throw new Error(`tick ${this.world.tick}: book ${wrong} is wrong`);
    }
  }
}

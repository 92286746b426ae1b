/**
 * Station: recording -> the production normalizers and core -> is every top of book the venue's own?
 *
 * The second pass. The core runs as it runs live, with a venue that has already answered everything: the
 * snapshot stands in the file where it was received. After every update that the core applies, the best
 * bid and ask are compared with the latest quote of the file whose update id is at or below the
 * update's.
 */

import { assert } from "../../contracts/assert.ts";
import type { VenueId } from "../../contracts/ids.ts";
import { DECODED } from "../core/decode/decoder.ts";
import { readDecimal } from "../core/decode/field-parse.ts";
import { applyControl, applyMarket } from "../core/engine.ts";
import type { ControlEvent } from "../core/events.ts";
import { type Instrument, instrumentOf } from "../core/instrument.ts";
import type { CoreLimits, VenueRules } from "../core/limits.ts";
import { MarketRing } from "../core/market-ring.ts";
import { type BookSlot, makeWorld, type World } from "../core/world.ts";
import { VENUES } from "../venues/registry.ts";
import type { RecordedLine } from "./recording.ts";
import { lotDecimalsOf, type Survey, snapshotSymbol, stepText } from "./survey.ts";
import type { SymbolSurvey } from "./symbol-survey.ts";

/** Where a book stopped being trusted. */
export type Break = {
  readonly symbol: string;
  readonly line: number;
  readonly cause: string;
  /** Last sequence the book held. */
  readonly seq: number;
};

export type SymbolReport = {
  readonly symbol: string;
  readonly tickSize: string;
  readonly lotSize: string;
  readonly isInferred: boolean;
  readonly deltas: number;
  readonly applied: number;
  readonly compared: number;
  readonly unequal: number;
  /** Whether the book was trusted at the end of the file. */
  readonly isLive: boolean;
  /** Deltas that came after a break: they were not applied to anything. */
  readonly untrusted: number;
};

export type VerifyReport = {
  readonly venue: VenueId;
  readonly records: number;
  readonly frames: number;
  readonly snapshots: number;
  readonly refused: number;
  readonly ignored: number;
  readonly deltas: number;
  readonly applied: number;
  readonly compared: number;
  readonly unequal: number;
  /** Books compared with a checksum of the venue, and those that differed; part of the two above. */
  readonly checksums: number;
  readonly checksumMismatches: number;
  readonly breaks: readonly Break[];
  readonly symbols: readonly SymbolReport[];
  /** The first unequal tops, with both sides. */
  readonly differences: readonly Difference[];
};

export type Difference = {
  readonly symbol: string;
  readonly line: number;
  readonly seq: number;
  readonly book: readonly [number, number, number, number];
  readonly quote: readonly [number, number, number, number];
};

const DIFFERENCES_MAX = 10;
const NEVER_US = Number.MAX_SAFE_INTEGER;
const DEPTH_LIMIT = 5000;

/** A recording has its own pace: nothing in it is late, silent or over a budget. */
const LIMITS: CoreLimits = {
  suspectFloorUs: NEVER_US,
  silenceFloorUs: NEVER_US,
  silenceFastUs: NEVER_US,
  silenceCeilingUs: NEVER_US,
  silenceFactor: 1,
  firstDataUs: NEVER_US,
  transportUs: NEVER_US,
  ancientUs: NEVER_US,
  frozenUs: NEVER_US,
  queueDelayUs: NEVER_US,
  stallUs: NEVER_US,
  clockOffsetUs: NEVER_US,
  clockIntervalUs: NEVER_US,
  dialTimeoutUs: NEVER_US,
  subscribeTimeoutUs: NEVER_US,
  snapshotHedgeUs: NEVER_US,
  snapshotTimeoutUs: NEVER_US,
  snapshotsInFlightMax: 65_536,
  backoffInitialUs: 1,
  backoffCapUs: 1,
  stableUs: 1,
  rotateAfterUs: NEVER_US,
  overlapUs: 1,
  modeHysteresisUs: 0,
  refusalsMax: Number.MAX_SAFE_INTEGER,
  refusalWindowUs: NEVER_US,
  bufferedDeltasMax: 65_536,
  bufferedLevelsMax: 4_194_304,
  quietAcceptUs: NEVER_US,
  decisionAgeUs: NEVER_US,
};

const RULES: VenueRules = {
  depthLimit: DEPTH_LIMIT,
  depthWeight: 1,
  shallower: [],
  clockWeight: 1,
  weightLimit: Number.MAX_SAFE_INTEGER,
  weightWindowUs: 60_000_000,
  dialsMax: 1000,
  dialWindowUs: 1000,
};

/** Known steps by symbol, from the venue's published rules. */
export type KnownSteps = ReadonlyMap<
  string,
  { readonly tickSize: string; readonly lotSize: string }
>;

type Tally = {
  readonly survey: SymbolSurvey;
  readonly instrument: Instrument;
  readonly isInferred: boolean;
  /** Update ids of the quotes, ascending. */
  readonly quoteIds: Float64Array;
  applied: number;
  compared: number;
  unequal: number;
  untrusted: number;
  isBroken: boolean;
};

/** Feeds the recording to the core and reports. */
export async function verifyRecording(
  survey: Survey,
  known: KnownSteps,
  lines: AsyncIterable<RecordedLine>,
): Promise<VerifyReport> {
  const verifier = new Verifier(survey, known);
  for await (const line of lines) verifier.feed(line);
  return verifier.report();
}

/** One recording on its way through the core, a record at a time. */
export class Verifier {
  readonly #survey: Survey;
  readonly #tallies: readonly Tally[];
  readonly #world: World;
  readonly #ring = new MarketRing(64, 65_536);
  readonly #decoder;
  readonly #stamp = { session: 0, epoch: 1, recvUs: 0, awayUs: 0, rawSeq: 0 };
  readonly #breaks: Break[] = [];
  readonly #differences: Difference[] = [];
  #line = 0;
  #frames = 0;
  #snapshots = 0;
  #refused = 0;
  #ignored = 0;
  #mismatches = 0;

  constructor(survey: Survey, known: KnownSteps) {
    this.#survey = survey;
    this.#tallies = [...survey.symbols.values()].map((symbol, index) =>
      tallyOf(survey.venue, symbol, index, known),
    );
    const instruments = this.#tallies.map(({ instrument }) => instrument);
    this.#decoder = VENUES[survey.venue].makeDecoder(instruments);
    const { continuity, inStream } = VENUES[survey.venue];
    this.#world = makeWorld({
      limits: LIMITS,
      instruments,
      venues: [{ id: survey.venue, rules: RULES, continuity, inStream }],
      sessions: [{ venue: 0, shard: 0, books: instruments.map(({ index }) => index) }],
    });
    for (const { instrument, survey: seen } of this.#tallies) {
      const slot = this.#world.slots[instrument.index];
      if (slot !== undefined && seen.depth > 0) slot.depthAsked = seen.depth;
    }
    this.#world.audit = { onApplied: (slot) => this.#compare(slot) };
    this.#control({ type: "started" });
    this.#control({ type: "sessionOpened", session: 0, epoch: 1, attempt: 1 });
    this.#control({ type: "subscriptionConfirmed", session: 0, epoch: 1 });
  }

  feed(line: RecordedLine): void {
    this.#line = line.line;
    this.#stamp.recvUs = Math.max(line.recvUs, this.#world.nowUs);
    if (line.kind === "frame") this.#feedFrame(Buffer.from(line.text));
    else if (line.kind === "rest") this.#feedSnapshot(line);
  }

  /** Instrument and book of a symbol of this recording. */
  slotOf(symbol: string): Pick<BookSlot, "instrument" | "book"> {
    const tally = this.#tallies.find(({ survey }) => survey.symbol === symbol);
    const slot = this.#world.slots[tally?.instrument.index ?? -1];
    assert(slot !== undefined, "a symbol that was surveyed has a book");
    return { instrument: slot.instrument, book: slot.book };
  }

  #feedFrame(frame: Uint8Array): void {
    this.#frames++;
    const decoded = this.#decoder.decode(frame, this.#stamp, this.#ring);
    if (decoded === DECODED.notice || decoded === DECODED.ignored) {
      this.#ignored++;
      return;
    }
    if (decoded !== DECODED.event) {
      this.#refused++;
      this.#control({
        type: "frameRefused",
        session: 0,
        epoch: 1,
        instrument: this.#decoder.lastInstrument,
        isDelta: this.#decoder.lastIsDelta,
        reason: "malformed",
      });
      return;
    }
    const row = this.#ring.oldest;
    const tally = this.#tallies[this.#ring.instrument[row] as number] as Tally;
    if (tally.isBroken && this.#decoder.lastIsDelta) tally.untrusted++;
    this.#ring.processUs[row] = this.#stamp.recvUs;
    applyMarket(this.#world, this.#ring, row);
    this.#ring.release();
    this.#drain();
  }

  #feedSnapshot({ text, url, recvUs }: RecordedLine): void {
    const symbol = snapshotSymbol(url, this.#survey.symbols);
    const tally = this.#tallies.find(({ survey }) => survey.symbol === symbol);
    if (tally === undefined) return;
    const levels = this.#decoder.decodeSnapshot(Buffer.from(text), tally.instrument);
    if (levels === undefined) {
      this.#refused++;
      return;
    }
    this.#snapshots++;
    const instrument = tally.instrument.index;
    const event = { instrument, requestId: 0, recvUs, weightUsed: -1, rawSeq: 0, levels };
    this.#control({ type: "snapshotReceived", ...event });
  }

  #control(event: ControlEvent): void {
    applyControl(this.#world, event, this.#stamp.recvUs);
    this.#drain();
  }

  /** Answers what the core asks for: only the stages of a resync are ours to answer. */
  #drain(): void {
    const { outbox } = this.#world;
    while (outbox.length > 0) {
      const commands = outbox.splice(0);
      for (const command of commands) {
        if (command.type === "stepResync") {
          const { instrument, resyncId } = command;
          applyControl(
            this.#world,
            { type: "resyncStepped", instrument, resyncId },
            this.#world.nowUs,
          );
        } else if (command.type === "recordVoid") this.#noteBreak(command);
      }
    }
  }

  #noteBreak(command: {
    readonly instrument: number;
    readonly cause: string;
    readonly seq: number;
  }): void {
    const tally = this.#tallies[command.instrument] as Tally;
    tally.isBroken = true;
    const { symbol } = tally.survey;
    this.#breaks.push({ symbol, line: this.#line, cause: command.cause, seq: command.seq });
  }

  #compare(slot: BookSlot): void {
    const tally = this.#tallies[slot.instrument.index] as Tally;
    const { book } = slot;
    if (slot.checksum !== undefined) {
      this.#countChecksum(tally, book.isBridging);
      return;
    }
    tally.applied++;
    const at = latestAtOrBelow(tally.quoteIds, book.seq);
    if (at < 0) return;
    if (this.#survey.quoteReach === "same" && tally.quoteIds[at] !== book.seq) return;
    tally.compared++;
    const quote = tally.survey.quotes.get(tally.quoteIds[at] as number);
    assert(quote !== undefined, "every quote id has its quote");
    const wanted = quoteNumbers(quote, tally.instrument);
    const found = [
      book.bids.isEmpty ? 0 : book.bids.bestTicks,
      book.bids.isEmpty ? 0 : book.bids.bestLots,
      book.asks.isEmpty ? 0 : book.asks.bestTicks,
      book.asks.isEmpty ? 0 : book.asks.bestLots,
    ] as const;
    if (found.every((value, i) => value === wanted[i])) return;
    tally.unequal++;
    if (this.#differences.length >= DIFFERENCES_MAX) return;
    const { symbol } = tally.survey;
    this.#differences.push({ symbol, line: this.#line, seq: book.seq, book: found, quote: wanted });
  }

  /** The core has compared the book with the venue's own checksum just now; what it found is counted here. */
  #countChecksum(tally: Tally, isSnapshot: boolean): void {
    const { checksumMismatches } = this.#world.counters;
    if (isSnapshot) this.#snapshots++;
    else tally.applied++;
    tally.compared++;
    if (checksumMismatches > this.#mismatches) tally.unequal++;
    this.#mismatches = checksumMismatches;
  }

  report(): VerifyReport {
    const symbols = this.#tallies.map((tally, index): SymbolReport => {
      const { survey, instrument, isInferred, applied, compared, unequal, untrusted } = tally;
      const isLive = this.#world.slots[index]?.book.state === "live";
      const { symbol, deltas } = survey;
      const { tickSize, lotSize } = instrument;
      const counts = { deltas, applied, compared, unequal, untrusted };
      return { symbol, tickSize, lotSize, isInferred, isLive, ...counts };
    });
    const sum = (pick: (report: SymbolReport) => number): number =>
      symbols.reduce((total, report) => total + pick(report), 0);
    return {
      venue: this.#survey.venue,
      records: this.#survey.records,
      frames: this.#frames,
      snapshots: this.#snapshots,
      refused: this.#refused,
      ignored: this.#ignored,
      deltas: sum(({ deltas }) => deltas),
      applied: sum(({ applied }) => applied),
      compared: sum(({ compared }) => compared),
      unequal: sum(({ unequal }) => unequal),
      checksums: this.#world.counters.checksums,
      checksumMismatches: this.#world.counters.checksumMismatches,
      breaks: this.#breaks,
      symbols,
      differences: this.#differences,
    };
  }
}

function tallyOf(venue: VenueId, survey: SymbolSurvey, index: number, known: KnownSteps): Tally {
  const steps = known.get(survey.symbol);
  const { symbol } = survey;
  const instrument = instrumentOf(
    {
      id: `${venue}:${symbol}`,
      venue,
      symbol,
      tickSize: steps?.tickSize ?? stepText(survey.priceDecimals),
      lotSize: steps?.lotSize ?? stepText(lotDecimalsOf(survey)),
    },
    index,
  );
  assert(instrument !== undefined, "surveyed steps are positive decimals");
  return {
    survey,
    instrument,
    isInferred: steps === undefined,
    quoteIds: Float64Array.from(survey.quotes.keys()).sort(),
    applied: 0,
    compared: 0,
    unequal: 0,
    untrusted: 0,
    isBroken: false,
  };
}

/** Index of the largest id that is not above `seq`, or -1. */
function latestAtOrBelow(ids: Float64Array, seq: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] as number) <= seq) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const numbers = new Float64Array(4);

/** A quote in ticks and lots; -1 stands for a text that is none. */
function quoteNumbers(
  quote: readonly string[],
  instrument: Instrument,
): [number, number, number, number] {
  quote.forEach((text, i) => {
    if (readDecimal(text, instrument, i % 2 === 0, numbers, i) < 0) numbers[i] = -1;
  });
  return [numbers[0] as number, numbers[1] as number, numbers[2] as number, numbers[3] as number];
}

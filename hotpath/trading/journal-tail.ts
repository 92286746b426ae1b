/**
 * Station: journal -> what happened to orders after a snapshot of the state, in order.
 *
 * Commands and control records are never retired, so whatever retention took of the market is not missed.
 * A run that cannot be read up to its last commit mark is refused: an order that nobody remembers might
 * still be at the venue. Runs number venues and instruments as their configuration had them, so numbers
 * are translated by name.
 */
import path from "node:path";
import {
  BODY_AT,
  CLASS_CMD,
  CLASS_CTL,
  CMD_COMMAND,
  CTL_EVENT,
  CTL_RUN_HEADER,
} from "../../contracts/journal.ts";
import type { CoreCommand } from "../core/commands.ts";
import type { ControlEvent } from "../core/events.ts";
import type { FillRecord } from "../core/trade/commands.ts";
import type { TradingInput } from "../core/trade/restored.ts";
import { type Disk, realDisk } from "../io/journal/disk.ts";
import { describeError } from "../io/journal/failure.ts";
import { type JournalCursor, openJournal } from "../io/journal/reader.ts";
import { listRuns } from "../io/journal/runs.ts";
import type { HotPlan } from "../plan.ts";

/** A place in the journals of one folder: everything up to `seq` of `runId` is known already. */
export type JournalPlace = { readonly runId: string; readonly seq: number };

/** How this run numbers what it follows. */
export type Numbering = {
  readonly venues: readonly string[];
  readonly instruments: readonly string[];
};

/** Numbers of an earlier run -> numbers of this one; -1 for what is not followed any more. */
export type Translation = {
  readonly venues: readonly number[];
  readonly instruments: readonly number[];
};

export type JournalTail =
  | {
      readonly ok: true;
      readonly inputs: readonly TradingInput[];
      /** How each run that was read numbers, by its fence. */
      readonly translations: ReadonlyMap<number, Translation>;
      readonly told: ToldBefore;
    }
  | { readonly ok: false; readonly reason: string };

/** What the runs of a tail have told of, by the names under which it counts once. */
export type ToldBefore = {
  /** Whether every one of them tells its fills; older ones do not. */
  tellsFills: boolean;
  /** Instrument's index now, trade id and side. */
  readonly fills: Set<string>;
  readonly orders: Set<string>;
};

/** The name of a fill in `ToldBefore`. */
export function fillName(fill: Pick<FillRecord, "instrument" | "tradeId" | "side">): string {
  return `${fill.instrument} ${fill.side} ${fill.tradeId}`;
}

/** Reads everything after `place`, of that run and of all later ones; without a place from the start. */
export function readJournalTail(
  root: string,
  place: JournalPlace | undefined,
  now: Numbering,
  disk: Disk = realDisk,
): JournalTail {
  const inputs: TradingInput[] = [];
  const translations = new Map<number, Translation>();
  const told: ToldBefore = { tellsFills: true, fills: new Set(), orders: new Set() };
  for (const run of listRuns(disk, root)) {
    if (place !== undefined && run < place.runId) continue;
    const afterSeq = run === place?.runId ? place.seq : 0;
    const reader = new RunReader(now, inputs, told);
    const fault = reader.read(disk, path.join(root, run), afterSeq);
    if (fault !== "") return { ok: false, reason: fault };
    if (reader.fence > 0) translations.set(reader.fence, reader.translation);
  }
  return { ok: true, inputs, translations, told };
}

/** The plan in a run's header; undefined where the run ended before it, or cannot be read. */
export function readRunPlan(directory: string, disk: Disk = realDisk): HotPlan | undefined {
  const opened = openJournal(directory, { disk });
  if (!opened.ok) return undefined;
  const cursor = opened.journal.cursor();
  while (cursor.next()) {
    if (cursor.classCode !== CLASS_CTL || cursor.type !== CTL_RUN_HEADER) continue;
    return JSON.parse(bodyOf(cursor)) as HotPlan;
  }
  return undefined;
}

/** Reads one run. */
class RunReader {
  readonly #now: Numbering;
  readonly #inputs: TradingInput[];
  readonly #told: ToldBefore;
  readonly #asked = new Map<string, number>();
  #paper = new Set<number>();
  /** 0 for a run in which no account traded. */
  fence = 0;
  translation: Translation = { venues: [], instruments: [] };

  constructor(now: Numbering, inputs: TradingInput[], told: ToldBefore) {
    this.#now = now;
    this.#inputs = inputs;
    this.#told = told;
  }

  /** Why the run cannot be used; "" when it was read. */
  read(disk: Disk, directory: string, afterSeq: number): string {
    const opened = openJournal(directory, { disk });
    if (!opened.ok) return describeError(opened.error);
    const { journal } = opened;
    const fault = this.#findHeader(journal.cursor());
    if (this.fence === 0) return fault;
    const cursor = journal.cursor(Math.max(journal.firstSeq, afterSeq + 1));
    while (cursor.next()) {
      const refused = this.#take(cursor);
      if (refused !== "") return `${directory}: ${refused}`;
    }
    return cursor.error === null ? "" : describeError(cursor.error);
  }

  /** The header is the first control record; a run that ended before it has done nothing. */
  #findHeader(cursor: JournalCursor): string {
    while (cursor.next()) {
      if (cursor.classCode !== CLASS_CTL || cursor.type !== CTL_RUN_HEADER) continue;
      this.#begin(JSON.parse(bodyOf(cursor)) as HotPlan);
      return "";
    }
    return cursor.error === null ? "" : describeError(cursor.error);
  }

  #take(cursor: JournalCursor): string {
    const { classCode, type, atUs } = cursor;
    if (classCode === CLASS_CMD && type === CMD_COMMAND) {
      return this.#takeCommand(this.#parse(bodyOf(cursor)) as CoreCommand, atUs);
    }
    if (classCode === CLASS_CTL && type === CTL_EVENT) {
      this.#takeEvent(this.#parse(bodyOf(cursor)) as ControlEvent, atUs);
    }
    return "";
  }

  #begin({ venues, instruments, trading }: HotPlan): void {
    if (trading === undefined) return;
    this.fence = trading.fence;
    if (trading.tellsFills !== true) this.#told.tellsFills = false;
    this.translation = {
      venues: venues.map(({ id }) => this.#now.venues.indexOf(id)),
      instruments: instruments.map(({ id }) => this.#now.instruments.indexOf(id)),
    };
    const paper = trading.venues.filter(({ mode }) => mode === "paper");
    this.#paper = new Set(paper.map(({ venue }) => this.translation.venues[venue] ?? -1));
  }

  #parse(body: string): unknown {
    const { venues, instruments } = this.translation;
    return JSON.parse(body, (key, value: unknown) => {
      if (typeof value !== "number" || value < 0) return value;
      if (key === "venue") return venues[value] ?? -1;
      return key === "instrument" ? (instruments[value] ?? -1) : value;
    });
  }

  #takeCommand(command: CoreCommand, nowUs: number): string {
    switch (command.type) {
      case "placeOrder":
        // A test order reached no matcher, and its fills are made up: nothing of it can be missed.
        if (command.isTest) return "";
        if (command.venue < 0 || command.instrument < 0) {
          return `order ${command.clientId} is of an instrument that is not followed any more`;
        }
        this.#inputs.push({ kind: "place", command, nowUs });
        return "";
      case "cancelOrder":
        this.#inputs.push({ kind: "cancel", clientId: command.clientId, nowUs });
        return "";
      case "queryOrder":
        this.#inputs.push({ kind: "query", clientId: command.clientId, nowUs });
        return "";
      case "readAccount":
        this.#asked.set(`${command.venue} ${command.requestId}`, nowUs);
        return "";
      case "recordFill":
        this.#told.fills.add(fillName(command.fill));
        return "";
      case "recordOrder":
        this.#told.orders.add(command.order.clientId);
        return "";
      case "recordCycle":
        this.#inputs.push({ kind: "cycleEnded", cycle: command.cycle.cycle });
        return "";
      default:
        return "";
    }
  }

  /** Events of real accounts; a reading counts only as an answer to a question of this run. */
  #takeEvent(event: ControlEvent, nowUs: number): void {
    if (!("recvUs" in event && "venue" in event)) return;
    if (event.venue < 0 || this.#paper.has(event.venue)) return;
    if (event.type !== "accountRead") {
      this.#inputs.push({ kind: "event", event, nowUs });
      return;
    }
    const askedUs = this.#asked.get(`${event.venue} ${event.requestId}`);
    if (askedUs === undefined || event.outcome === "failed") return;
    const reading = { event, askedUs, nowUs, hasBalances: true };
    this.#inputs.push({ kind: "reading", reading });
  }
}

const text = new TextDecoder();

function bodyOf({ bytes, offset, end }: JournalCursor): string {
  return text.decode(bytes.subarray(offset + BODY_AT, end));
}

/**
 * Station: commands of the core -> sockets, REST and desks. The writer's role of the hot thread.
 *
 * One command, one act, in the turn that decided it. It decides nothing: what cannot be done comes back as
 * an event, and what concerns other threads is handed to them by a message.
 */
import { assert } from "../contracts/assert.ts";
import type { CoreCommand } from "./core/commands.ts";
import type { ControlEvent } from "./core/events.ts";
import type { BookSlot, World } from "./core/world.ts";
import type { FromHotThread } from "./hot-thread-messages.ts";
import type { Feed } from "./io/feed.ts";
import type { HotPlan } from "./plan.ts";
import type { ReaderSession } from "./reader.ts";
import { fetchSnapshot, measureClock, type RestPorts, type RestVenue } from "./rest-reader.ts";
import type { TradeDesks } from "./trade-desks.ts";

export type WriterParts = {
  readonly plan: HotPlan;
  readonly world: World;
  readonly sessions: readonly ReaderSession[];
  readonly restVenues: readonly RestVenue[];
  readonly restPorts: RestPorts;
  readonly desks: TradeDesks;
  readonly post: (message: FromHotThread) => void;
  readonly emit: (event: ControlEvent) => void;
  /** Puts an event in the ring without running the loop: the loop is what asks. */
  readonly push: (event: ControlEvent) => void;
  readonly recordResync: (text: string) => void;
  readonly halt: (reason: string) => void;
};

export class HotWriter {
  readonly #parts: WriterParts;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** Carries one command out, in the turn that decided it. */
  execute(command: CoreCommand): void {
    const { world, post } = this.#parts;
    switch (command.type) {
      case "openSession":
        this.#feedOf(command.session).open(command.epoch, command.attempt, command.timeoutUs);
        return;
      case "closeSession":
        this.#feedOf(command.session).close(command.epoch, command.cause);
        return;
      case "abandonDial":
        this.#feedOf(command.session).abandon(command.attempt);
        return;
      case "subscribe":
        this.#feedOf(command.session).subscribe(command.epoch);
        return;
      case "fetchSnapshot":
        this.#fetchSnapshot(command);
        return;
      case "measureClock":
        this.#measureClock(command.venue);
        return;
      case "stepResync": {
        const { instrument, resyncId } = command;
        this.#parts.push({ type: "resyncStepped", instrument, resyncId });
        return;
      }
      case "recordResync":
        this.#parts.recordResync(JSON.stringify(command.record));
        post({ type: "resync", record: command.record });
        return;
      case "recordVoid":
      case "recordMode":
      case "recordSession":
        post({ type: "change", tick: world.tick, atUs: world.nowUs, command });
        return;
      case "halt":
        this.#parts.halt(command.reason);
        return;
      case "recordOpportunity":
      case "recordDenial":
      case "recordOrder":
      case "recordFill":
      case "recordCycle":
      case "recordAlarm":
      case "recordKill":
        post({ type: "trade", tick: world.tick, atUs: world.nowUs, command });
        return;
      default:
        this.#parts.desks.execute(command);
        return;
    }
  }

  #fetchSnapshot(command: Extract<CoreCommand, { readonly type: "fetchSnapshot" }>): void {
    const { world, plan, restVenues, restPorts } = this.#parts;
    const slot = world.slots[command.instrument];
    if (slot?.checksum !== undefined) {
      this.#resubscribe(slot, command.requestId);
      return;
    }
    const instrument = plan.instruments[command.instrument];
    const from = restVenues[slot?.venue ?? -1];
    assert(instrument !== undefined && from !== undefined, "a snapshot is of an instrument here");
    fetchSnapshot(from, instrument, command, restPorts);
  }

  /** Subscribes to one book anew; its snapshot is a market event, so only a refusal is answered here. */
  #resubscribe(slot: BookSlot, requestId: number): void {
    const { world, emit } = this.#parts;
    const session = world.sessions[slot.session];
    assert(session !== undefined, "a book hangs on a session");
    const { symbol, index: instrument } = slot.instrument;
    const onRefused = (reason: string): void => {
      const told = { reason, retryAfterUs: 0, weightUsed: -1 };
      emit({ type: "snapshotFailed", instrument, requestId, ...told });
    };
    if (!this.#feedOf(slot.session).resubscribe(session.epoch, symbol, onRefused))
      onRefused("no transport");
  }

  #measureClock(venue: number): void {
    const from = this.#parts.restVenues[venue];
    assert(from !== undefined, "a clock is of a venue of this plan");
    if (from.venue.isClockInStream === true) this.#pingForClock(venue);
    else measureClock(from, this.#parts.restPorts);
  }

  /** The answer of each transport is a measurement; a venue without one is asked again soon. */
  #pingForClock(venue: number): void {
    let isSent = false;
    for (const { index, venue: owner } of this.#parts.world.sessions) {
      if (owner === venue && this.#feedOf(index).ping()) isSent = true;
    }
    if (isSent) return;
    this.#parts.emit({ type: "clockFailed", venue, reason: "no transport", retryAfterUs: 0 });
  }

  #feedOf(session: number): Feed {
    const feed = this.#parts.sessions[session]?.feed;
    assert(feed !== undefined, "a command names a session of this plan");
    return feed;
  }
}

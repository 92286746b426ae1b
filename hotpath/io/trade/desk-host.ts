/**
 * Station: account commands -> one venue's desk -> its sockets and its REST side -> trade events.
 *
 * The desk decides what is said and the host carries it: it owns the transports, the warm HTTPS connections
 * and the one timer, and writes the intent of each order before the desk may write the order, in the same
 * turn. It never dials by itself, never writes an order twice, and lets no event of an earlier epoch pass.
 */
import type { AccountCommand, PlaceOrder } from "../../core/trade/commands.ts";
import type { TradeEvent } from "../../core/trade/events.ts";
import type { Desk, DeskOptions, DeskPorts } from "../../venues/execution.ts";
import { nowUs } from "../clock.ts";
import type { OpenHttp } from "../http-side.ts";
import type { Dial, ReadStamp, Wire } from "../web-socket.ts";
import { DeskHttp } from "./desk-http.ts";
import type { IntentLog } from "./intent-log.ts";

export type DeskHostOptions = Omit<DeskOptions, "ports"> & {
  readonly makeDesk: (options: DeskOptions) => Desk;
  readonly emit: (event: TradeEvent) => void;
  /** Undefined only where nothing is placed that could reach a matcher. */
  readonly intents: IntentLog | undefined;
  readonly dial: Dial;
  /** Real sockets where absent. */
  readonly openHttp?: OpenHttp | undefined;
  /** Deadline of a dial, until its handshake is done. */
  readonly dialTimeoutMs: number;
  /** A cheap read that keeps REST connections warm; "" for venues that trade without REST. */
  readonly warmPath: string;
  readonly warmMs: number;
  readonly restConnections: number;
  /** Every frame that came, for the journal; what is written holds signatures and is not recorded. */
  readonly onFrame?: (
    connection: number,
    epoch: number,
    frame: Uint8Array,
    stamp: ReadStamp,
  ) => void;
  /** The intent log cannot be written any more: nothing may be placed, ever. */
  readonly onBroken: (reason: string) => void;
  /** Runs what a socket or a timer brings; whatever escapes from it is our own broken state. */
  readonly guard: (act: () => void) => void;
};

export type DeskCounts = {
  readonly staleEvents: number;
  readonly writeFailures: number;
  readonly intents: number;
};

const HEARD_US = 1_000_000;
const US_PER_MS = 1000;
/** A timer beyond this fires at once in Node. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class DeskHost {
  readonly #options: DeskHostOptions;
  readonly #desk: Desk;
  readonly #http: DeskHttp | undefined;
  readonly #transports = new Map<number, Wire>();
  #epoch = 0;
  /** While one epoch takes over from another the last words of the earlier one still pass. */
  #nextEpoch = 0;
  #heardUs = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerDueUs = Number.POSITIVE_INFINITY;
  #isClosed = false;
  #staleEvents = 0;
  #writeFailures = 0;
  #intents = 0;

  constructor(options: DeskHostOptions) {
    this.#options = options;
    const { venue, instruments, addresses, keys, makeDesk } = options;
    const isSafe = addresses.rest === "" || isProtected(addresses.rest);
    this.#http =
      addresses.rest === "" || !isSafe
        ? undefined
        : new DeskHttp({
            origin: addresses.rest,
            connections: options.restConnections,
            warmPath: options.warmPath,
            warmMs: options.warmMs,
            openHttp: options.openHttp,
            onAnswer: (call, answer, recvUs) =>
              options.guard(() => this.#desk.onAnswer(call, answer, recvUs)),
          });
    const ports: DeskPorts = {
      send: (connection, text) => this.#send(connection, text),
      call: (call) => {
        if (this.#http !== undefined) this.#http.call(call);
        else {
          const failed = { kind: "failed", code: "noRestSide", wasSent: false } as const;
          this.#soon(() => this.#desk.onAnswer(call, failed, nowUs()));
        }
      },
      dial: (connection, url) => this.#dial(connection, url),
      hangUp: (connection) => this.#hangUp(connection),
      emit: (event) => this.#emit(event),
      nowUs,
      wakeAt: (dueUs) => this.#wakeAt(dueUs),
    };
    this.#desk = makeDesk({ venue, instruments, addresses, keys, ports });
  }

  get counts(): DeskCounts {
    return {
      staleEvents: this.#staleEvents,
      writeFailures: this.#writeFailures,
      intents: this.#intents,
    };
  }

  /** Carries a command out in this turn. */
  execute(command: AccountCommand): void {
    if (command.type === "placeOrder" && !this.#mayPlace(command)) return;
    if (command.type === "openAccount") this.#nextEpoch = command.epoch;
    this.#desk.execute(command);
    this.#epoch = this.#nextEpoch;
  }

  /** Ends every connection without a word to the core; for the end of the thread. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const connection of [...this.#transports.keys()]) this.#hangUp(connection);
    await this.#http?.close();
  }

  /** The intent comes before the order. A test order has no effect that anybody would have to find. */
  #mayPlace(order: PlaceOrder): boolean {
    if (order.isTest) return true;
    const { intents, onBroken } = this.#options;
    const appended = intents?.append(order) ?? { kind: "broken", reason: "there is no intent log" };
    if (appended.kind === "appended") {
      this.#intents++;
      return true;
    }
    this.#emit({
      type: "orderNotSent",
      venue: order.venue,
      epoch: this.#epoch,
      recvUs: nowUs(),
      clientId: order.clientId,
      reason: `intent log: ${appended.reason}`,
    });
    onBroken(appended.reason);
    return false;
  }

  #send(connection: number, text: string): boolean {
    const transport = this.#transports.get(connection);
    if (transport?.isOpen !== true) return false;
    transport.send(text);
    return true;
  }

  #dial(connection: number, url: string): void {
    this.#hangUp(connection);
    if (this.#isClosed) return;
    if (!isProtected(url)) {
      this.#soon(() => this.#desk.onClosed(connection, "the address is without encryption"));
      return;
    }
    const { dialTimeoutMs, dial, onFrame, guard } = this.#options;
    const transport: Wire = dial(url, dialTimeoutMs, {
      onOpen: () => this.#ifCurrent(connection, transport, () => this.#desk.onOpen(connection)),
      onFrame: (frame, stamp) => {
        if (this.#transports.get(connection) !== transport) return;
        onFrame?.(connection, this.#epoch, frame, stamp);
        guard(() => this.#desk.onText(connection, frame, stamp.recvUs));
      },
      onEnd: (reason) =>
        this.#ifCurrent(connection, transport, () => {
          this.#transports.delete(connection);
          this.#desk.onClosed(connection, reason);
        }),
      // The end of the connection follows and makes what was on its way unknown.
      onWriteFailure: () => {
        this.#writeFailures++;
      },
    });
    this.#transports.set(connection, transport);
  }

  /** A connection that was replaced or hung up has nothing more to say. */
  #ifCurrent(connection: number, transport: Wire, act: () => void): void {
    if (this.#transports.get(connection) === transport) this.#options.guard(act);
  }

  #hangUp(connection: number): void {
    const transport = this.#transports.get(connection);
    this.#transports.delete(connection);
    transport?.close("hung up");
  }

  #emit(event: TradeEvent): void {
    if (this.#isClosed) return;
    if ("epoch" in event && event.epoch !== this.#epoch && event.epoch !== this.#nextEpoch) {
      this.#staleEvents++;
      return;
    }
    if (event.type === "accountHeard") {
      if (event.recvUs - this.#heardUs < HEARD_US) return;
      this.#heardUs = event.recvUs;
    }
    this.#options.emit(event);
  }

  #wakeAt(dueUs: number): void {
    if (dueUs === this.#timerDueUs || this.#isClosed) return;
    this.#timerDueUs = dueUs;
    clearTimeout(this.#timer);
    if (dueUs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(0, Math.ceil((dueUs - nowUs()) / US_PER_MS));
    this.#timer = setTimeout(() => this.#onTimer(), Math.min(waitMs, TIMER_MS_MAX));
  }

  #onTimer(): void {
    this.#timerDueUs = Number.POSITIVE_INFINITY;
    this.#options.guard(() => this.#desk.onDue(nowUs()));
  }

  /** What the desk caused itself is told to it in a turn of its own, as a socket would. */
  #soon(act: () => void): void {
    setImmediate(() => {
      if (!this.#isClosed) this.#options.guard(act);
    });
  }
}

/** Whether keys may go there: encrypted, or not leaving this machine. */
export function isProtected(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  if (protocol === "wss:" || protocol === "https:") return true;
  return hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]";
}

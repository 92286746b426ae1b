/**
 * Station: dials and requests -> sessions that listen to channels, under Kraken's rules.
 *
 * Status first, an acknowledgement for each symbol, a snapshot at the head of each book, heartbeats once
 * somebody listens, the end of a connection that says nothing for a minute. It never makes market data
 * and never decides a fault.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { Connection, Dial } from "../connection.ts";
import { DialDoor, type DoorHost } from "../dial-door.ts";
import { VenueSession } from "../session.ts";
import { pathOf } from "../transport.ts";
import type { SnapshotFault } from "../venue-model.ts";
import type { KrakenFeed } from "./feed.ts";
import { acknowledgement, parseRequest, pongText, refusal, type Subscribing } from "./requests.ts";
import { HEARTBEAT_TEXT, instrumentPair, statusText } from "./wire-text.ts";

const INBOUND_BYTES_MAX = 256 * 1_024;
const HEARTBEAT_MS = 1_000;
/** "Closed after about one minute of inactivity" (spot-ws-intro, 2026-08-22). */
const IDLE_MS = 60_000;
const CLOSE_GOING_AWAY = 1_001;
const PATH = "/v2";

export type KrakenStreamHost = DoorHost & {
  readonly feed: KrakenFeed;
  readonly sessionLifeMs: number;
};

/** What one session has subscribed to, by channel and symbol. */
type Place = { idleTimer: NodeJS.Timeout | undefined; hasHeartbeat: boolean };

/** Every public session of the venue. */
export class KrakenStreamDesk extends DialDoor {
  readonly sessions = new Set<VenueSession>();
  snapshotCount = 0;
  readonly #host: KrakenStreamHost;
  readonly #places = new Map<VenueSession, Place>();
  readonly #snapshotFaults = new Map<number, SnapshotFault[]>();

  constructor(host: KrakenStreamHost) {
    super(host, { inboundBytesMax: INBOUND_BYTES_MAX, tellsWait: false });
    this.#host = host;
  }

  /** Lets the next snapshots of an instrument go wrong. */
  arm(index: number, fault: SnapshotFault): void {
    this.#snapshotFaults.set(index, [...(this.#snapshotFaults.get(index) ?? []), fault]);
  }

  /** Takes one dial to the one public door. */
  onDial(dial: Dial): void {
    const open = (connection: Connection) => this.#open(connection);
    this.take(dial, pathOf(dial.target) === PATH ? open : undefined);
  }

  /** Lets go of every session and timer. */
  cutAll(): void {
    for (const session of [...this.sessions]) {
      this.#drop(session);
      session.cut();
    }
  }

  #open(connection: Connection): void {
    const { clock, sessionLifeMs } = this.#host;
    const door = { entry: "market", isCombined: false } as const;
    const session = new VenueSession(connection, door, { clock, traffic: this.traffic });
    this.sessions.add(session);
    this.#places.set(session, { idleTimer: undefined, hasHeartbeat: false });
    connection.listen({
      onText: (text) => {
        if (!session.isHalfOpen) this.#onText(session, text);
      },
      onClosed: () => {
        session.release();
        this.#drop(session);
      },
    });
    this.#later(session, sessionLifeMs, () => session.close(CLOSE_GOING_AWAY, "Session expired"));
    this.#noteInbound(session);
    session.sendText(statusText("online"));
  }

  #drop(session: VenueSession): void {
    clearTimeout(this.#places.get(session)?.idleTimer);
    this.#places.delete(session);
    this.#host.feed.leaveAll(session);
    this.sessions.delete(session);
  }

  #later(session: VenueSession, ms: number, action: () => void): void {
    if (ms <= 0) {
      action();
      return;
    }
    const timer = setTimeout(() => {
      session.timers.delete(timer);
      action();
    }, ms);
    session.timers.add(timer);
  }

  #noteInbound(session: VenueSession): void {
    const place = this.#places.get(session);
    if (place === undefined) return;
    clearTimeout(place.idleTimer);
    place.idleTimer = setTimeout(() => session.close(CLOSE_GOING_AWAY, "Idle"), IDLE_MS);
  }

  #onText(session: VenueSession, text: string): void {
    this.#noteInbound(session);
    const inUs = this.#host.clock();
    const request = parseRequest(text);
    switch (request.kind) {
      case "ping":
        session.sendText(pongText(request.requestId, inUs, this.#host.clock()));
        break;
      case "error": {
        const { reason, requestId } = request;
        const reply = { method: "subscribe", requestId, inUs, outUs: this.#host.clock() };
        session.sendText(refusal(reply, reason));
        break;
      }
      case "subscribe": {
        const delayMs = this.#host.delays.draw("subscribeMs");
        this.#later(session, delayMs, () => this.#subscribe(session, request, inUs));
        break;
      }
      case "unsubscribe":
        this.#unsubscribe(session, request, inUs);
        break;
    }
  }

  #reply({ kind: method, requestId }: Subscribing, inUs: Micros) {
    return { method, requestId, inUs, outUs: this.#host.clock() };
  }

  #subscribe(session: VenueSession, request: Subscribing, inUs: Micros): void {
    const { channel } = request;
    this.#beginHeartbeat(session);
    if (channel === "instrument") {
      this.#tellInstruments(session, request, inUs);
      return;
    }
    for (const symbol of request.symbols) this.#subscribeOne(session, request, symbol, inUs);
  }

  #subscribeOne(session: VenueSession, request: Subscribing, symbol: string, inUs: Micros): void {
    const { feed } = this.#host;
    const { channel, depth, snapshot } = request;
    const index = feed.market.indexOf(symbol);
    const reply = this.#reply(request, inUs);
    if (index === undefined) {
      session.sendText(refusal(reply, `Currency pair not supported ${symbol}`, symbol));
      return;
    }
    const isBook = channel === "book";
    const fault = isBook ? this.#takeFault(index) : undefined;
    if (fault?.kind === "snapshot503") {
      session.sendText(refusal(reply, "EService:Unavailable", symbol));
      if (fault.count === 0) fault.done();
      return;
    }
    if (isBook && feed.bookChannel(index, depth).sessions.has(session)) {
      session.sendText(refusal(reply, "Already subscribed", symbol));
      return;
    }
    const result = isBook ? { channel, depth, snapshot, symbol } : { channel, snapshot, symbol };
    session.sendText(acknowledgement(reply, result));
    if (isBook) this.#tellBook(session, index, depth, fault);
    else this.#tellOther(session, request, index);
  }

  #tellBook(
    session: VenueSession,
    index: number,
    depth: number,
    fault: SnapshotFault | undefined,
  ): void {
    const { feed, clock, delays } = this.#host;
    this.snapshotCount += 1;
    const slowMs = fault?.kind === "slowSnapshot" ? fault.durationMs : 0;
    const channel = feed.bookChannel(index, depth);
    const subscription = {
      index,
      kind: "depth" as const,
      leave: () => channel.sessions.delete(session),
    };
    session.subscriptions.add(subscription);
    this.#later(session, delays.draw("snapshotMs") + slowMs, () => {
      // Unsubscribed, or ended, while the snapshot was on its way.
      if (!session.subscriptions.has(subscription) || !this.sessions.has(session)) return;
      feed.joinBook(channel, session, clock(), fault?.kind === "oldSnapshot");
      if (fault?.count === 0) fault.done();
    });
  }

  #tellOther(session: VenueSession, { channel, snapshot }: Subscribing, index: number): void {
    const { feed, clock } = this.#host;
    const lane = feed.laneAt(index);
    if (channel === "trade") lane.tapes.add(session);
    else if (channel === "ticker") {
      lane.tickers.add(session);
      if (snapshot) session.sendText(feed.tickerOf(index, "snapshot", clock()));
    }
  }

  #tellInstruments(session: VenueSession, request: Subscribing, inUs: Micros): void {
    const { channel, snapshot } = request;
    session.sendText(acknowledgement(this.#reply(request, inUs), { channel, snapshot }));
    const pairs = this.#host.feed.market.instruments.map(({ rules }) => instrumentPair(rules));
    const data = { assets: [], pairs };
    if (snapshot) session.sendText(JSON.stringify({ channel, type: "snapshot", data }));
  }

  #takeFault(index: number): SnapshotFault | undefined {
    const faults = this.#snapshotFaults.get(index) ?? [];
    const [fault] = faults;
    if (fault === undefined) return undefined;
    fault.count -= 1;
    if (fault.count === 0) faults.shift();
    return fault;
  }

  #unsubscribe(session: VenueSession, request: Subscribing, inUs: Micros): void {
    const { feed } = this.#host;
    for (const symbol of request.symbols) {
      const index = feed.market.indexOf(symbol);
      const reply = this.#reply(request, inUs);
      if (index === undefined || !this.#leave(session, request, index)) {
        session.sendText(refusal(reply, "Subscription Not Found", symbol));
        continue;
      }
      const { channel, depth } = request;
      const result = channel === "book" ? { channel, depth, symbol } : { channel, symbol };
      session.sendText(acknowledgement(reply, result));
    }
  }

  /** Ends what a session hears of an instrument; false when it hears nothing. */
  #leave(session: VenueSession, { channel, depth }: Subscribing, index: number): boolean {
    const { feed } = this.#host;
    const lane = feed.laneAt(index);
    if (channel === "ticker") return lane.tickers.delete(session);
    if (channel === "trade") return lane.tapes.delete(session);
    const own = [...session.subscriptions].find((one) => one.index === index);
    if (own !== undefined) session.subscriptions.delete(own);
    feed.bookChannel(index, depth).sessions.delete(session);
    return own !== undefined;
  }

  /** Heartbeats begin with the first subscription, and go on while data is silent. */
  #beginHeartbeat(session: VenueSession): void {
    const place = this.#places.get(session);
    if (place === undefined || place.hasHeartbeat) return;
    place.hasHeartbeat = true;
    const beat = () => {
      session.sendText(HEARTBEAT_TEXT);
      this.#later(session, HEARTBEAT_MS, beat);
    };
    this.#later(session, HEARTBEAT_MS, beat);
  }
}

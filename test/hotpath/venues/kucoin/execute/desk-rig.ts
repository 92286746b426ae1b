// Goal: one KuCoin desk between the hands of a test: its frames, calls and dials on one side, its events on
// the other.
import { type Instrument, instrumentOf } from "../../../../../hotpath/core/instrument.ts";
import type { PlaceOrder } from "../../../../../hotpath/core/trade/commands.ts";
import type { TradeEvent } from "../../../../../hotpath/core/trade/events.ts";
import type {
  AccountKeys,
  Desk,
  DeskAnswer,
  DeskCall,
} from "../../../../../hotpath/venues/execution.ts";
import { sign } from "../../../../../hotpath/venues/kucoin/execute/signing.ts";
import { kucoinExecution } from "../../../../../hotpath/venues/kucoin/execute.ts";

export const START_US = 1_730_000_000_000_000;
export const CLIENT_ID = "rk00001-00000001";
export const KEYS: AccountKeys = { apiKey: "key", secret: "secret", passphrase: "phrase" };
export const CHALLENGE = '{"sessionId":"92f2", "timestamp": 1742175983882}';

export function instrument(symbol: string, index: number): Instrument {
  const rules = {
    id: `kucoin:${symbol}`,
    venue: "kucoin",
    symbol,
    tickSize: "0.1",
    lotSize: "0.001",
    quoteAsset: "USDT",
  } as const;
  const made = instrumentOf({ ...rules, id: `kucoin:${symbol}` }, index);
  if (made === undefined) throw new Error("the steps of a test are good");
  return made;
}

export function order(part: Partial<PlaceOrder> = {}): PlaceOrder {
  return {
    type: "placeOrder",
    venue: 0,
    instrument: 3,
    command: 1,
    fence: 1,
    clientId: CLIENT_ID,
    side: "buy",
    timeInForce: "ioc",
    priceTicks: 520_000,
    lots: 15,
    purpose: "open",
    cycle: 1,
    leg: 0,
    stampUs: START_US + 5_000_123,
    windowUs: 1_000_000,
    limitsVersion: 1,
    books: [],
    isTest: false,
    ...part,
  };
}

export class DeskRig {
  readonly desk: Desk;
  readonly events: TradeEvent[] = [];
  readonly sent: [connection: number, text: string][] = [];
  readonly calls: DeskCall[] = [];
  readonly dials: [connection: number, url: string][] = [];
  readonly hangUps: number[] = [];
  readonly open = new Set<number>();
  nowUs = START_US;
  wakeUs = Number.POSITIVE_INFINITY;
  readonly #encoder = new TextEncoder();

  constructor(orders = "wss://orders.test") {
    const instruments: Instrument[] = [];
    // With holes, as the world's list has for the instruments of other venues.
    instruments[3] = instrument("BTC-USDT", 3);
    instruments[4] = instrument("ETH-USDT", 4);
    this.desk = kucoinExecution.makeDesk({
      venue: 0,
      instruments,
      addresses: { rest: "https://rest.test", stream: "", orders },
      keys: KEYS,
      ports: {
        send: (connection, text) => {
          if (this.open.has(connection)) this.sent.push([connection, text]);
          return this.open.has(connection);
        },
        call: (call) => this.calls.push(call),
        dial: (connection, url) => {
          this.dials.push([connection, url]);
          this.open.add(connection);
        },
        hangUp: (connection) => {
          this.open.delete(connection);
          this.hangUps.push(connection);
        },
        emit: (event) => this.events.push(event),
        nowUs: () => this.nowUs,
        wakeAt: (dueUs) => {
          this.wakeUs = dueUs;
        },
      },
    });
  }

  /** The events of these types, without what all of them have in common. */
  told(...types: readonly TradeEvent["type"][]): Record<string, unknown>[] {
    return this.events
      .filter(({ type }) => types.length === 0 || types.includes(type))
      .map((event) => {
        const {
          venue: _venue,
          epoch: _epoch,
          recvUs: _recvUs,
          ...rest
        } = event as Record<string, unknown>;
        return rest;
      });
  }

  hear(connection: number, frame: unknown): void {
    const text = typeof frame === "string" ? frame : JSON.stringify(frame);
    this.desk.onText(connection, this.#encoder.encode(text), this.nowUs);
  }

  /** The oldest call to a path that has no answer yet. */
  take(path: RegExp): DeskCall {
    const at = this.calls.findIndex((call) => path.test(call.path));
    const [call] = at < 0 ? [] : this.calls.splice(at, 1);
    if (call === undefined)
      throw new Error(`nothing was asked of ${path}; asked ${this.calls.map((one) => one.path)}`);
    return call;
  }

  reply(call: DeskCall, answer: DeskAnswer): void {
    this.desk.onAnswer(call, answer, this.nowUs);
  }

  answer(
    path: RegExp,
    body: unknown,
    more: { status?: number; headers?: Record<string, string> } = {},
  ): DeskCall {
    const call = this.take(path);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { status = 200, headers = {} } = more;
    const header = (name: string): string | undefined => headers[name];
    this.reply(call, { kind: "body", status, header, body: this.#encoder.encode(text) });
    return call;
  }

  ok(path: RegExp, data: unknown): DeskCall {
    return this.answer(path, { code: "200000", data });
  }

  fail(path: RegExp, wasSent = true): void {
    this.reply(this.take(path), { kind: "failed", code: "ECONNRESET", wasSent });
  }

  /** Runs the clock on by `us`, waking the desk as often as it wants. */
  run(us: number): void {
    const endUs = this.nowUs + us;
    while (this.wakeUs <= endUs) {
      this.nowUs = Math.max(this.nowUs, this.wakeUs);
      this.wakeUs = Number.POSITIVE_INFINITY;
      this.desk.onDue(this.nowUs);
    }
    this.nowUs = endUs;
  }

  openAccount(epoch = 1): void {
    this.desk.execute({ type: "openAccount", venue: 0, epoch, timeoutUs: 5_000_000 });
  }

  /** Through time, ticket, stream and order entry. */
  openAll(epoch = 1, { isSocket = true } = {}): void {
    this.openAccount(epoch);
    this.ok(/timestamp/, this.nowUs / 1000);
    this.ticket();
    this.hear(0, { id: "rk-1", type: "welcome" });
    this.hear(0, { id: "1", type: "ack" });
    this.hear(0, { id: "2", type: "ack" });
    if (!isSocket) return;
    this.hear(1, CHALLENGE);
    this.hear(1, { sessionId: "92f2", data: "welcome", pingInterval: 18_000, pingTimeout: 10_000 });
  }

  ticket(): void {
    const server = { endpoint: "wss://stream.test/", pingInterval: 18_000, pingTimeout: 10_000 };
    this.ok(/bullet-private/, { token: "t", instanceServers: [server] });
  }
}

/** What the challenge wants to hear. */
export const CHALLENGE_ANSWER = sign(KEYS.secret, CHALLENGE);

/**
 * Kraken's desk with nothing behind it: what it writes, asks and tells, and the venue's answers by hand.
 */
import { type Instrument, instrumentOf } from "../../../../../hotpath/core/instrument.ts";
import type { PlaceOrder } from "../../../../../hotpath/core/trade/commands.ts";
import type { TradeEvent } from "../../../../../hotpath/core/trade/events.ts";
import type { DeskAnswer, DeskCall } from "../../../../../hotpath/venues/execution.ts";
import { KrakenDesk } from "../../../../../hotpath/venues/kraken/execute/desk.ts";

export const START_US = 1_795_000_000_000_000;

type Fields = Readonly<Record<string, unknown>>;

export class DeskRig {
  nowUs = START_US;
  isConnected = true;
  readonly sent: Fields[] = [];
  readonly calls: DeskCall[] = [];
  readonly events: TradeEvent[] = [];
  readonly dialed: string[] = [];
  hangUps = 0;
  wakeUs = Number.POSITIVE_INFINITY;
  readonly instruments: readonly Instrument[];
  readonly desk: KrakenDesk;

  constructor() {
    this.instruments = ["BTC/USD", "ETH/BTC"].map((symbol, index) => {
      const [baseAsset = "", quoteAsset = ""] = symbol.split("/");
      const rules = {
        id: `kraken:${symbol}`,
        venue: "kraken",
        symbol,
        baseAsset,
        quoteAsset,
      } as const;
      const steps = { tickSize: index === 0 ? "0.1" : "0.00001", lotSize: "0.00000001" };
      return instrumentOf({ ...rules, ...steps }, index) as Instrument;
    });
    this.desk = new KrakenDesk({
      venue: 4,
      instruments: this.instruments,
      addresses: { rest: "https://rest.test", stream: "wss://stream.test", orders: "" },
      keys: { apiKey: "key", secret: "c2VjcmV0", passphrase: "" },
      ports: {
        send: (_connection, text) => {
          if (this.isConnected) this.sent.push(JSON.parse(text) as Fields);
          return this.isConnected;
        },
        call: (call) => this.calls.push(call),
        dial: (_connection, url) => this.dialed.push(url),
        hangUp: () => {
          this.hangUps++;
        },
        emit: (event) => this.events.push(event),
        nowUs: () => this.nowUs,
        wakeAt: (dueUs) => {
          this.wakeUs = dueUs;
        },
      },
    });
  }

  /** Takes the events that were told since the last time. */
  told(): TradeEvent[] {
    return this.events.splice(0);
  }

  frame(message: Fields | string): void {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    this.desk.onText(0, new TextEncoder().encode(text), this.nowUs);
  }

  /** Answers the oldest call that waits. */
  answer(body: unknown, status = 200): DeskCall {
    const bytes = new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
    const header = (): undefined => undefined;
    return this.reply({ kind: "body", status, header, body: bytes });
  }

  reply(answer: DeskAnswer): DeskCall {
    const call = this.calls.shift();
    if (call === undefined) throw new Error("nothing was asked");
    this.desk.onAnswer(call, answer, this.nowUs);
    return call;
  }

  /** Answers the last request that was sent. */
  acknowledge(result: Fields, at = -1): void {
    const request = this.sent.at(at);
    this.frame({ method: request?.method, req_id: request?.req_id, result, success: true });
  }

  refuse(error: string, at = -1): void {
    const request = this.sent.at(at);
    this.frame({ error, method: request?.method, req_id: request?.req_id, success: false });
  }

  entries(channel: string, type: string, sequence: number, data: string): void {
    this.frame(`{"channel":"${channel}","type":"${type}","data":[${data}],"sequence":${sequence}}`);
  }

  /** Opens the account up to `accountReady`. */
  open(epoch = 1): this {
    this.desk.execute({ type: "openAccount", venue: 4, epoch, timeoutUs: 5_000_000 });
    this.answer({ error: [], result: { token: `token-${epoch}`, expires: 900 } });
    this.desk.onOpen(0);
    this.entries("executions", "snapshot", 1, "");
    this.entries("balances", "snapshot", 1, '{"asset":"BTC","balance":1.20000000}');
    return this;
  }

  order(changes: Partial<PlaceOrder> = {}): PlaceOrder {
    return {
      type: "placeOrder",
      venue: 4,
      instrument: 0,
      command: 1,
      fence: 1,
      clientId: "rk00001-00000001",
      side: "buy",
      timeInForce: "ioc",
      priceTicks: 265_004,
      lots: 120_000_000,
      purpose: "open",
      cycle: 1,
      leg: 0,
      stampUs: this.nowUs,
      windowUs: 2_000_000,
      limitsVersion: 1,
      books: [],
      isTest: false,
      ...changes,
    };
  }
}

// Goal: one Binance desk between the hands of a test: its frames on one side, its events on the other.

import { type Instrument, instrumentOf } from "../../../../../hotpath/core/instrument.ts";
import type { PlaceOrder } from "../../../../../hotpath/core/trade/commands.ts";
import type { TradeEvent } from "../../../../../hotpath/core/trade/events.ts";
import { binanceSpotExecution } from "../../../../../hotpath/venues/binance-spot/execute.ts";
import type { AccountKeys, Desk } from "../../../../../hotpath/venues/execution.ts";

export const START_US = 1_700_000_000_000_000;
export const CLIENT_ID = "rk00001-00000001";

export const HMAC_KEYS: AccountKeys = {
  apiKey: "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A",
  secret: "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
  passphrase: "",
};

/** The throw-away key that the venue publishes in fix-api.md, "How to sign Logon". */
export const ED25519_KEYS: AccountKeys = {
  apiKey: "4yNzx3yWC5bS6YTwEkSRaC0nRmSQIIStAUOh1b6kqaBrTLIhjCpI5lJH8q8R8WNO",
  secret: `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u
-----END PRIVATE KEY-----`,
  passphrase: "",
};

export function spotInstrument(symbol: string, index: number, lotSize = "0.00001000"): Instrument {
  const instrument = instrumentOf(
    {
      id: `binance-spot:${symbol}`,
      venue: "binance-spot",
      symbol,
      tickSize: "0.01000000",
      lotSize,
    },
    index,
  );
  if (instrument === undefined) throw new Error("the steps of a test are good");
  return instrument;
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
    priceTicks: 5_200_000,
    lots: 1000,
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

export type Request = {
  readonly id: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
};

/** A desk over BTCUSDT (3) and ETHUSDT (4), and what it did. */
export class DeskRig {
  readonly desk: Desk;
  readonly events: TradeEvent[] = [];
  readonly texts: string[] = [];
  readonly dials: string[] = [];
  hangUps = 0;
  isOpen = false;
  nowUs = START_US;
  wakeUs = Number.POSITIVE_INFINITY;
  readonly #encoder = new TextEncoder();

  constructor(keys: AccountKeys = HMAC_KEYS, more: readonly Instrument[] = []) {
    const instruments: Instrument[] = [];
    // With holes, as the world's list has for the instruments of other venues.
    instruments[3] = spotInstrument("BTCUSDT", 3);
    instruments[4] = spotInstrument("ETHUSDT", 4, "0.00010000");
    instruments.push(...more);
    this.desk = binanceSpotExecution.makeDesk({
      venue: 0,
      instruments,
      addresses: { rest: "", stream: "", orders: "wss://orders.test/ws-api/v3" },
      keys,
      ports: {
        send: (_connection, text) => {
          if (this.isOpen) this.texts.push(text);
          return this.isOpen;
        },
        call: () => {
          throw new Error("this desk asks nothing over REST");
        },
        dial: (_connection, url) => {
          this.dials.push(url);
        },
        hangUp: () => {
          this.isOpen = false;
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

  get requests(): readonly Request[] {
    return this.texts.map((text) => JSON.parse(text) as Request);
  }

  get last(): Request {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error("nothing was sent");
    return last;
  }

  lastOf(method: string): Request {
    const last = this.requests.findLast((request) => request.method === method);
    if (last === undefined) throw new Error(`no ${method} was sent`);
    return last;
  }

  /** The events of these types, without what all of them share. */
  told(...types: readonly TradeEvent["type"][]): readonly unknown[] {
    return this.events
      .filter(({ type }) => types.length === 0 || types.includes(type))
      .map(({ venue, epoch, recvUs, ...rest }: TradeEvent & Record<string, unknown>) => rest);
  }

  hear(frame: unknown): void {
    const text = typeof frame === "string" ? frame : JSON.stringify(frame);
    this.desk.onText(0, this.#encoder.encode(text), this.nowUs);
  }

  answer(id: string, result: unknown, more: Readonly<Record<string, unknown>> = {}): void {
    this.hear({ id, status: 200, result, ...more });
  }

  refuse(id: string, status: number, code: number, msg: string, data?: unknown): void {
    this.hear({ id, status, error: { code, msg, ...(data === undefined ? {} : { data }) } });
  }

  event(event: unknown, subscriptionId = 0): void {
    this.hear({ subscriptionId, event });
  }

  /** Runs the clock to `us` after the start, waking the desk as often as it wants. */
  runTo(us: number): void {
    const endUs = START_US + us;
    while (this.wakeUs <= endUs) {
      this.nowUs = Math.max(this.nowUs, this.wakeUs);
      this.wakeUs = Number.POSITIVE_INFINITY;
      this.desk.onDue(this.nowUs);
    }
    this.nowUs = endUs;
  }

  /** Through to accountReady, with the venue's clock ahead of ours by `offsetUs`. */
  open(epoch = 1, offsetUs = 0): void {
    this.desk.execute({ type: "openAccount", venue: 0, epoch, timeoutUs: 5_000_000 });
    this.isOpen = true;
    this.desk.onOpen(0);
    this.answer(this.last.id, { serverTime: (this.nowUs + offsetUs) / 1000 });
    if (this.last.method === "session.logon") this.answer(this.last.id, { userDataStream: false });
    this.answer(this.last.id, { subscriptionId: 0 });
  }
}

/** A RESULT as web-socket-api.md prints it, for the order of the rig. */
export const PLACED = {
  symbol: "BTCUSDT",
  orderId: 12510053279,
  orderListId: -1,
  clientOrderId: CLIENT_ID,
  transactTime: 1655716096505,
  price: "52000.00000000",
  origQty: "0.01000000",
  executedQty: "0.00000000",
  origQuoteOrderQty: "0.000000",
  cummulativeQuoteQty: "0.00000000",
  status: "NEW",
  timeInForce: "IOC",
  type: "LIMIT",
  side: "BUY",
  workingTime: 1655716096505,
  selfTradePreventionMode: "NONE",
};

/** A desk whose account is open, with nothing told yet. */
export function openRig(keys?: typeof ED25519_KEYS): DeskRig {
  const rig = new DeskRig(keys);
  rig.open();
  rig.events.length = 0;
  return rig;
}

// Goal: the three simulated venues with open orders on them, placed as a client would, with no code of the canceller.
import { createHash, createHmac } from "node:crypto";
import WebSocket from "ws";
import type { CancelKeys } from "../../../functions/cancel-all/client.ts";
import { CANCEL_VENUES, type CancelVenue } from "../../../functions/cancel-all/endpoints.ts";
import { startVenues, type VenuesHandle } from "../../../local/venues/start.ts";

type Fields = Readonly<Record<string, unknown>>;
type OrdersAtVenue = {
  readonly orders: readonly { readonly clientOrderId: string; readonly status: string }[];
};

const RESTING = 0.995;

export class VenueRig {
  readonly venues: VenuesHandle;
  #socket: WebSocket | undefined;
  #count = 0;
  /** Client ids begin alike in a test and differ between tests. */
  round = 0;

  constructor(venues: VenuesHandle) {
    this.venues = venues;
  }

  static async start(): Promise<VenueRig> {
    const venues = await startVenues({
      seed: 77,
      spotInstruments: 6,
      usdmInstruments: 1,
      kucoinInstruments: 4,
      krakenInstruments: 3,
      levelsPerSide: 300,
      diffsPerSecond: 20,
      venueSpeed: 100,
      spotOrdersPerTenSeconds: 10_000,
      spotWeightPerMinute: 1_000_000,
      dialsMax: 10_000,
    });
    return new VenueRig(venues);
  }

  async stop(): Promise<void> {
    this.#socket?.terminate();
    await this.venues.stop();
  }

  /** Switches every fault off. */
  tidy(): void {
    this.round++;
    this.venues.trading.inject({ rates: {} });
  }

  origin(venue: CancelVenue): string {
    return this.#trading(venue).rest;
  }

  keys(venue: CancelVenue): CancelKeys {
    const key = this.#trading(venue).keys.hmac;
    if (key === undefined) throw new Error(`${venue} has a key`);
    return key;
  }

  /** Every origin, as the canceller's handler takes it. */
  origins(): Record<CancelVenue, string> {
    const entries = CANCEL_VENUES.map((venue) => [venue, this.origin(venue)]);
    return Object.fromEntries(entries) as Record<CancelVenue, string>;
  }

  /** Client ids of what is open at `venue` in truth. */
  open(venue: CancelVenue): string[] {
    const { orders } = this.venues.trading.orders(venue) as OrdersAtVenue;
    return orders.filter(({ status }) => status === "open").map((one) => one.clientOrderId);
  }

  /** Places orders that rest, and tells their client ids. */
  async place(venue: CancelVenue, count: number, head = "rk"): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) {
      this.#count++;
      const clientId = `${head}${this.round}-${this.#count}`;
      await this.#placeOne(venue, clientId);
      ids.push(clientId);
    }
    return ids;
  }

  #trading(venue: CancelVenue) {
    const trading = this.venues.endpoints[venue]?.trading;
    if (trading === undefined) throw new Error(`${venue} takes orders`);
    return trading;
  }

  #placeOne(venue: CancelVenue, clientId: string): Promise<void> {
    switch (venue) {
      case "binance-spot":
        return this.#placeAtBinance(clientId);
      case "kraken":
        return this.#placeAtKraken(clientId);
      case "kucoin":
        return this.#placeAtKucoin(clientId);
    }
  }

  async #placeAtBinance(clientId: string): Promise<void> {
    const rest = this.origin("binance-spot");
    const depth = await jsonOf(`${rest}/api/v3/depth?symbol=BTCUSDT&limit=5`);
    const { apiKey, secret } = this.keys("binance-spot");
    const text = new URLSearchParams({
      symbol: "BTCUSDT",
      side: "BUY",
      type: "LIMIT",
      timeInForce: "GTC",
      quantity: "0.001",
      price: below(firstPrice(depth.bids)),
      newClientOrderId: clientId,
      timestamp: String(Date.now()),
    }).toString();
    const signature = createHmac("sha256", secret).update(text).digest("hex");
    const url = `${rest}/api/v3/order?${text}&signature=${signature}`;
    await jsonOf(url, { method: "POST", headers: { "X-MBX-APIKEY": apiKey } });
  }

  async #placeAtKucoin(clientId: string): Promise<void> {
    const rest = this.origin("kucoin");
    const book = await jsonOf(`${rest}/api/v1/market/orderbook/level2_20?symbol=BTC-USDT`);
    const { apiKey, secret, passphrase } = this.keys("kucoin");
    const hmac = (text: string) => createHmac("sha256", secret).update(text).digest("base64");
    const path = "/api/v1/hf/orders";
    const body = JSON.stringify({
      clientOid: clientId,
      symbol: "BTC-USDT",
      side: "buy",
      type: "limit",
      timeInForce: "GTC",
      price: below(firstPrice((book.data as Fields).bids)),
      size: "0.001",
    });
    const timestamp = String(Date.now());
    const answer = await jsonOf(`${rest}${path}`, {
      method: "POST",
      headers: {
        "KC-API-KEY": apiKey,
        "KC-API-SIGN": hmac(`${timestamp}POST${path}${body}`),
        "KC-API-TIMESTAMP": timestamp,
        "KC-API-PASSPHRASE": hmac(passphrase),
        "KC-API-KEY-VERSION": "3",
      },
      body,
    });
    if (answer.code !== "200000") throw new Error(JSON.stringify(answer));
  }

  async #placeAtKraken(clientId: string): Promise<void> {
    const rest = this.origin("kraken");
    const { result } = await jsonOf(`${rest}/0/public/Depth?pair=BTC/USD`);
    const [book] = Object.values(result as Fields) as Fields[];
    const params = {
      order_type: "limit",
      side: "buy",
      symbol: "BTC/USD",
      limit_price: Number(below(firstPrice(book?.bids))),
      order_qty: 0.001,
      time_in_force: "gtc",
      cl_ord_id: clientId,
      token: await this.#krakenToken(),
    };
    const answer = await this.#ask({ method: "add_order", req_id: this.#count, params });
    if (answer.success !== true) throw new Error(JSON.stringify(answer));
  }

  async #krakenToken(): Promise<string> {
    const { apiKey, secret } = this.keys("kraken");
    const path = "/0/private/GetWebSocketsToken";
    const nonce = String(Date.now() * 1000);
    const body = `nonce=${nonce}`;
    const digest = createHash("sha256").update(`${nonce}${body}`).digest();
    const hmac = createHmac("sha512", Buffer.from(secret, "base64"));
    const sign = hmac.update(path).update(digest).digest("base64");
    const headers = { "API-Key": apiKey, "API-Sign": sign };
    const answer = await jsonOf(`${this.origin("kraken")}${path}`, {
      method: "POST",
      headers,
      body,
    });
    return String((answer.result as Fields).token);
  }

  async #ask(request: Fields): Promise<Fields> {
    const socket = await this.#dialed();
    return await new Promise((resolve) => {
      const hear = (data: Buffer): void => {
        const message = JSON.parse(String(data)) as Fields;
        if (message.req_id !== request.req_id) return;
        socket.off("message", hear);
        resolve(message);
      };
      socket.on("message", hear);
      socket.send(JSON.stringify(request));
    });
  }

  async #dialed(): Promise<WebSocket> {
    if (this.#socket !== undefined) return this.#socket;
    const socket = new WebSocket(this.#trading("kraken").stream);
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    this.#socket = socket;
    return socket;
  }
}

async function jsonOf(url: string, request?: RequestInit): Promise<Fields> {
  const answer = await fetch(url, request);
  const value = (await answer.json()) as Fields;
  if (!answer.ok) throw new Error(`${answer.status} ${JSON.stringify(value)}`);
  return value;
}

function firstPrice(levels: unknown): number {
  return Number((levels as readonly (readonly unknown[])[])[0]?.[0]);
}

/** A price at which nobody sells for the life of a test. */
function below(bid: number): string {
  return String(Math.floor(bid * RESTING));
}

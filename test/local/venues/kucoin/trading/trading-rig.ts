/**
 * Goal: a running KuCoin that takes orders, and the few requests that its tests begin with. It signs as the
 * venue's pages say, with no code of the engine.
 */
import { createHmac } from "node:crypto";
import { startVenues, type VenuesHandle } from "../../../../../local/venues/start.ts";
import type { TradingFaultRequest } from "../../../../../local/venues/trading-plan.ts";
import { type Message, VenueClient } from "../../venue-client.ts";
import { type Envelope, endpointsOf, get, signed } from "../kucoin-client.ts";

export const SYMBOL = "BTC-USDT";

type Fields = Readonly<Record<string, unknown>>;

export class TradingRig {
  readonly venues: VenuesHandle;
  readonly #clients: VenueClient[] = [];
  #count = 0;

  constructor(venues: VenuesHandle) {
    this.venues = venues;
  }

  /** Starts the venues with a back end that is as fast as it may be. */
  static async start(seed: number): Promise<TradingRig> {
    const venues = await startVenues({
      seed,
      spotInstruments: 1,
      usdmInstruments: 1,
      krakenInstruments: 1,
      kucoinInstruments: 4,
      levelsPerSide: 300,
      diffsPerSecond: 40,
      venueSpeed: 100,
      dialsMax: 10_000,
    });
    return new TradingRig(venues);
  }

  /** Ends the sessions of a test, switches its faults off and takes its orders away. */
  async tidy(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close();
    this.venues.trading.inject({ rates: {} });
    this.venues.changeKeys("kucoin", { isRevoked: false, enableWithdrawals: false });
    await this.call("DELETE", "/api/v1/hf/orders/cancelAll");
  }

  arm(fault: TradingFaultRequest): void {
    const wish = this.venues.trading.inject({ venue: "kucoin", ...fault });
    if (wish.kind !== "done") throw new Error(JSON.stringify(wish));
  }

  async call(method: string, target: string, body?: Fields): Promise<Envelope> {
    const text = body === undefined ? "" : JSON.stringify(body);
    return (await signed(this.venues, method, target, { body: text })).envelope;
  }

  async touch(): Promise<{ bid: number; ask: number }> {
    const url = `/api/v1/market/orderbook/level2_20?symbol=${SYMBOL}`;
    const { bids, asks } = (await get(this.venues, url)).data as Record<string, string[][]>;
    return { bid: Number(bids?.[0]?.[0]), ask: Number(asks?.[0]?.[0]) };
  }

  /** An order that takes at once. */
  async ioc(change: Fields = {}): Promise<Fields & { readonly clientOid: string }> {
    this.#count++;
    const { ask } = await this.touch();
    return {
      clientOid: `rk00001-${String(this.#count).padStart(8, "0")}`,
      symbol: SYMBOL,
      side: "buy",
      type: "limit",
      timeInForce: "IOC",
      price: String(Math.floor(ask) + 30),
      size: "0.001",
      ...change,
    };
  }

  /** An order that rests. */
  async resting(change: Fields = {}): Promise<Fields & { readonly clientOid: string }> {
    const { bid } = await this.touch();
    return await this.ioc({ timeInForce: "GTC", price: String(Math.floor(bid) - 6), ...change });
  }

  async order(clientOid: string): Promise<Envelope> {
    return await this.call("GET", `/api/v1/hf/orders/client-order/${clientOid}?symbol=${SYMBOL}`);
  }

  /** Dials order entry; `spoil` replaces a part of the query. */
  async dial(spoil: Readonly<Record<string, string>> = {}): Promise<VenueClient> {
    const { trading } = endpointsOf(this.venues);
    const { apiKey = "", passphrase = "" } = trading?.keys.hmac ?? {};
    const timestamp = String(Date.now());
    const query = new URLSearchParams({
      apikey: apiKey,
      timestamp,
      sign: this.sign(`${apiKey}${timestamp}`),
      passphrase: this.sign(passphrase),
      ...spoil,
    });
    const client = new VenueClient(`${trading?.orders}/v1/private?${query}`);
    this.#clients.push(client);
    return await client.opened();
  }

  /** A session of order entry that was welcomed. */
  async entered(): Promise<VenueClient> {
    const client = await this.dial();
    await client.until(() => client.texts.length > 0, "the challenge");
    client.send(this.sign(client.texts[0] ?? ""));
    await client.find(({ data }) => data === "welcome");
    return client;
  }

  sign(text: string): string {
    const secret = endpointsOf(this.venues).trading?.keys.hmac?.secret ?? "";
    return createHmac("sha256", secret).update(text).digest("base64");
  }

  /** One request over order entry, and what answers it. */
  async ask(client: VenueClient, op: string, args: Fields): Promise<Message> {
    this.#count++;
    const id = `q${this.#count}`;
    client.send({ id, op, args });
    return await client.find((one) => one.id === id);
  }

  /** Joins the private topics; every push of them is among the messages. */
  async listening(): Promise<VenueClient> {
    const { data } = await this.call("POST", "/api/v1/bullet-private");
    const { token, instanceServers } = data as {
      token: string;
      instanceServers: { endpoint: string }[];
    };
    const client = new VenueClient(`${instanceServers[0]?.endpoint}?token=${token}&connectId=me`);
    this.#clients.push(client);
    await (await client.opened()).find(({ type }) => type === "welcome");
    for (const topic of ["/spotMarket/tradeOrdersV2", "/account/balance"]) {
      client.send({ id: topic, type: "subscribe", topic, privateChannel: true, response: true });
      await client.find(({ id, type }) => id === topic && type === "ack");
    }
    return client;
  }

  /** Waits for something that no session tells of. */
  async until(isTrue: () => Promise<boolean>, triesMax = 1000): Promise<void> {
    for (let at = 0; at < triesMax; at++) {
      if (await isTrue()) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error("never came true");
  }
}

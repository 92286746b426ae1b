/**
 * A running Binance spot that takes orders, and the few requests that most of its tests begin with.
 */
import type { VenuesHandle } from "../../../../../local/venues/handle.ts";
import { startVenues } from "../../../../../local/venues/start.ts";
import type { TradingEndpoints } from "../../../../../local/venues/venue-model.ts";
import { type Params, TradingClient } from "./trading-client.ts";

export class TradingRig {
  readonly venues: VenuesHandle;
  readonly endpoints: TradingEndpoints;
  readonly #clients: TradingClient[] = [];

  constructor(venues: VenuesHandle) {
    this.venues = venues;
    const { trading } = venues.endpoints["binance-spot"];
    if (trading === undefined) throw new Error("binance spot takes orders");
    this.endpoints = trading;
  }

  /** Starts the venues, generous with limits. */
  static async start(seed: number): Promise<TradingRig> {
    const venues = await startVenues({
      seed,
      spotInstruments: 6,
      usdmInstruments: 1,
      kucoinInstruments: 1,
      krakenInstruments: 1,
      levelsPerSide: 300,
      diffsPerSecond: 200,
      venueSpeed: 100,
      spotOrdersPerTenSeconds: 10_000,
      spotWeightPerMinute: 100_000,
      dialsMax: 10_000,
    });
    return new TradingRig(venues);
  }

  /** Ends the sessions of a test and switches its faults off. */
  tidy(): void {
    for (const client of this.#clients.splice(0)) client.close();
    this.venues.trading.inject({ rates: {} });
    this.venues.changeKeys("binance-spot", { isRevoked: false });
  }

  async dial(kind = "hmac", query = ""): Promise<TradingClient> {
    const client = new TradingClient(this.endpoints, kind, query);
    this.#clients.push(client);
    return await client.opened();
  }

  /** A dial that hears its account. */
  async listening(): Promise<TradingClient> {
    const client = await this.dial();
    await client.order("userDataStream.subscribe.signature");
    return client;
  }

  async prices(): Promise<{ bid: number; ask: number }> {
    const url = `${this.endpoints.rest}/api/v3/depth?symbol=BTCUSDT&limit=5`;
    const depth = (await (await fetch(url)).json()) as { bids: string[][]; asks: string[][] };
    return { bid: Number(depth.bids[0]?.[0]), ask: Number(depth.asks[0]?.[0]) };
  }

  /** An order that takes 0.01 BTC at once. */
  async ioc(change: Params = {}): Promise<Params> {
    const { ask } = await this.prices();
    return {
      symbol: "BTCUSDT",
      side: "BUY",
      type: "LIMIT",
      timeInForce: "IOC",
      price: String(ask + 30),
      quantity: "0.01",
      ...change,
    };
  }

  /** An order that rests well below the market. */
  async resting(change: Params = {}): Promise<Params> {
    const { bid } = await this.prices();
    return { ...(await this.ioc()), timeInForce: "GTC", price: String(bid - 400), ...change };
  }
}

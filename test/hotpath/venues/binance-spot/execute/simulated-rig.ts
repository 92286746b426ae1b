// Goal: the production host and desk on a simulated Binance, for the tests of both.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type Instrument, instrumentOf } from "../../../../../hotpath/core/instrument.ts";
import type { PlaceOrder } from "../../../../../hotpath/core/trade/commands.ts";
import type { AccountEvent, TradeEvent } from "../../../../../hotpath/core/trade/events.ts";
import { Absence, nowUs } from "../../../../../hotpath/io/clock.ts";
import { DeskHost } from "../../../../../hotpath/io/trade/desk-host.ts";
import { INTENT_OPTIONS, IntentLog } from "../../../../../hotpath/io/trade/intent-log.ts";
import { sealKeys } from "../../../../../hotpath/io/trade/keys.ts";
import { dialOf } from "../../../../../hotpath/io/web-socket.ts";
import { binanceSpotExecution } from "../../../../../hotpath/venues/binance-spot/execute.ts";
import { binanceSpot } from "../../../../../hotpath/venues/binance-spot/index.ts";
import { startVenues, type VenuesHandle } from "../../../../../local/venues/start.ts";
import { order } from "./desk-rig.ts";

type OfType<T extends AccountEvent["type"]> = Extract<AccountEvent, { type: T }>;

/** A venue, its first instrument, and where its book stood at the start. */
export type Place = {
  readonly venues: VenuesHandle;
  readonly instrument: Instrument;
  readonly askTicks: number;
};

export async function openPlace(seed: number): Promise<Place> {
  const venues = await startVenues({
    seed,
    spotInstruments: 6,
    usdmInstruments: 0,
    faultsPerMinute: 0,
  });
  const { rest } = venues.endpoints["binance-spot"];
  const body = await (await fetch(`${rest}/api/v3/exchangeInfo`)).arrayBuffer();
  const rules = binanceSpot.parseRules(new Uint8Array(body))?.instruments[0];
  const instrument = rules === undefined ? undefined : instrumentOf(rules, 0);
  if (instrument === undefined) throw new Error("the simulated venue publishes its rules");
  const depth = await fetch(`${rest}/api/v3/depth?symbol=${instrument.symbol}&limit=100`);
  const levels = binanceSpot
    .makeDecoder([instrument])
    .decodeSnapshot(new Uint8Array(await depth.arrayBuffer()), instrument);
  if (levels === undefined) throw new Error("the simulated venue shows its book");
  return { venues, instrument, askTicks: levels.ticks[levels.bidCount] ?? 0 };
}

/** One account there, and everything that it told. */
export class SimulatedAccount {
  readonly events: AccountEvent[] = [];
  readonly host: DeskHost;
  readonly #place: Place;
  readonly #folder = mkdtempSync(join(tmpdir(), "desk-"));
  readonly #intents: IntentLog;
  #command = 0;

  constructor(place: Place, kind: string, fence: number) {
    this.#place = place;
    this.#intents = new IntentLog({ ...INTENT_OPTIONS, folder: this.#folder, fence });
    const { trading } = place.venues.endpoints["binance-spot"];
    const keys = trading?.keys[kind];
    if (trading === undefined || keys === undefined) throw new Error("the venue hands out keys");
    this.fence = fence;
    this.host = new DeskHost({
      venue: 0,
      instruments: [place.instrument],
      addresses: trading,
      keys: sealKeys(keys),
      makeDesk: binanceSpotExecution.makeDesk,
      emit: (event: TradeEvent) => {
        if ("epoch" in event) this.events.push(event);
      },
      intents: this.#intents,
      dial: dialOf(new Absence()),
      dialTimeoutMs: 2000,
      warmPath: "",
      warmMs: 1000,
      restConnections: 1,
      onBroken: (reason) => {
        throw new Error(reason);
      },
      guard: (act) => act(),
    });
  }

  readonly fence: number;

  async open(epoch = 1): Promise<void> {
    this.host.execute({ type: "openAccount", venue: 0, epoch, timeoutUs: 5_000_000 });
    await this.until("accountReady");
  }

  /** Waits for an event of this type. */
  async until<T extends AccountEvent["type"]>(type: T): Promise<OfType<T>> {
    const found = (): AccountEvent | undefined => this.events.find((event) => event.type === type);
    const message = `${type}, after ${JSON.stringify(this.events)}`;
    await expect.poll(found, { message, timeout: 5000 }).toBeDefined();
    return found() as OfType<T>;
  }

  of<T extends AccountEvent["type"]>(type: T): readonly OfType<T>[] {
    return this.events.filter((event): event is OfType<T> => event.type === type);
  }

  /** An order worth 20 of the quote asset at the ask. */
  next(part: Partial<PlaceOrder>): PlaceOrder {
    this.#command++;
    const { instrument, askTicks } = this.#place;
    const { tickUnits, priceDecimals, lotUnits, quantityDecimals } = instrument;
    const price = askTicks * tickUnits * 10 ** -priceDecimals;
    const lots = Math.ceil(20 / price / (lotUnits * 10 ** -quantityDecimals));
    const fence = this.fence.toString(36).padStart(5, "0");
    const clientId = `rk${fence}-${this.#command.toString(36).padStart(8, "0")}`;
    const { command, stampUs } = { command: this.#command, stampUs: nowUs() };
    return order({ instrument: 0, command, fence: this.fence, clientId, lots, stampUs, ...part });
  }

  async close(): Promise<void> {
    await this.host.close();
    this.#intents.close();
    rmSync(this.#folder, { recursive: true });
  }
}

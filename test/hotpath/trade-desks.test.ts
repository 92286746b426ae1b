// Goal: a command of the core reaches the desk of its venue, and what the venue says comes back as an event.
// Method: the plan that a start makes, against the simulated venue over real sockets.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { readConfig } from "../../hotpath/config.ts";
import { clientIdOf } from "../../hotpath/core/order/client-id.ts";
import type { PlaceOrder } from "../../hotpath/core/trade/commands.ts";
import type { TradeEvent } from "../../hotpath/core/trade/events.ts";
import { Absence, nowUs } from "../../hotpath/io/clock.ts";
import { openHttp } from "../../hotpath/io/http-side.ts";
import { realDisk } from "../../hotpath/io/journal/disk.ts";
import { readIntents } from "../../hotpath/io/trade/intent-reader.ts";
import { dialOf } from "../../hotpath/io/web-socket.ts";
import { preparePlan } from "../../hotpath/prepare.ts";
import { prepareTrading } from "../../hotpath/prepare-trading.ts";
import { TradeDesks, type TradeDesksOptions } from "../../hotpath/trade-desks.ts";
import { startVenues, type VenuesHandle } from "../../local/venues/start.ts";

let venues: VenuesHandle;
let folder = "";
let desks: TradeDesks | undefined;
const told: TradeEvent[] = [];
let frames = 0;

beforeAll(async () => {
  venues = await startVenues({ spotInstruments: 3, usdmInstruments: 1, diffsPerSecond: 5 });
});

afterAll(async () => {
  await venues.stop();
});

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-desks-"));
  told.length = 0;
  frames = 0;
});

afterEach(() => {
  desks?.close();
  desks = undefined;
  fs.rmSync(folder, { recursive: true, force: true });
});

/** What a start would give to the desks of one simulated account. */
async function optionsOf(): Promise<TradeDesksOptions> {
  const reading = readConfig(
    `journal: {directory: ${path.join(folder, "journal")}}\n` +
      "venues: {binance-spot: {trading: {mode: simulated}}}\n",
  );
  if (!reading.ok) throw new Error(reading.faults[0]?.message);
  const made = await preparePlan(reading.config, venues.endpoints);
  if (!made.ok) throw new Error(made.reason);
  const ready = prepareTrading(reading.config, made.plan, venues.endpoints, {
    environment: {},
    isArmed: false,
  });
  if (!ready.ok) throw new Error(ready.reason);
  return {
    plan: ready.plan,
    keys: ready.keys,
    intentFolder: path.join(folder, "intents"),
    isIntentSynced: false,
    dial: dialOf(new Absence()),
    openHttp,
    disk: realDisk,
    emit: (event) => told.push(event),
    onFrame: () => {
      frames++;
    },
    onBroken: (reason) => {
      throw new Error(reason);
    },
    guard: (act) => act(),
  };
}

function types(): string[] {
  return told.map(({ type }) => type);
}

/** A buy far below the market, which ends at once and fills nothing. */
function farOrder(fence: number): PlaceOrder {
  return {
    type: "placeOrder",
    venue: 0,
    instrument: 0,
    command: 1,
    fence,
    clientId: clientIdOf(fence, 1),
    side: "buy",
    timeInForce: "ioc",
    priceTicks: 1,
    lots: 1,
    purpose: "open",
    cycle: 1,
    leg: 0,
    stampUs: nowUs(),
    windowUs: 5_000_000,
    limitsVersion: 1,
    books: [],
    isTest: false,
  };
}

describe("the desks of the accounts", () => {
  test("open, act and close as the core says, with each order in the intent log", async () => {
    const options = await optionsOf();
    const fence = options.plan.trading?.fence ?? 0;
    desks = new TradeDesks(options);
    desks.execute({ type: "openAccount", venue: 0, epoch: 1, timeoutUs: 5_000_000 });
    await vi.waitFor(() => expect(types()).toContain("accountReady"), 5000);
    desks.execute({ type: "readAccount", venue: 0, requestId: 1, tradesSinceUs: 0 });
    desks.execute(farOrder(fence));
    expect(desks.counts()).toMatchObject({ intents: 1, accountWriteFailures: 0 });
    await vi.waitFor(() => expect(types()).toContain("accountRead"), 5000);
    await vi.waitFor(() => {
      const about = told.filter((event) => "clientId" in event);
      expect(about).toMatchObject([{ clientId: clientIdOf(fence, 1) }]);
    }, 5000);
    expect(told.every((event) => "venue" in event && event.venue === 0)).toBe(true);
    expect(frames).toBeGreaterThan(0);
    const intents = readIntents(options.intentFolder, Number.POSITIVE_INFINITY);
    expect(intents).toMatchObject({ kind: "read", fenceMax: fence });
    desks.execute({ type: "closeAccount", venue: 0, epoch: 1, reason: "done" });
  });

  test("a command for a venue that does not trade is a mistake of ours", async () => {
    desks = new TradeDesks(await optionsOf());
    expect(() => desks?.execute({ type: "readFees", venue: 1 })).toThrow("is of one that trades");
  });

  test("an account without keys or without an address is not begun", async () => {
    const options = await optionsOf();
    expect(() => new TradeDesks({ ...options, keys: {} })).toThrow("has keys and addresses");
    const { account: _, ...share } = options.plan.venues[0] ?? {};
    const plan = { ...options.plan, venues: [share] } as TradeDesksOptions["plan"];
    const intentFolder = path.join(folder, "others");
    expect(() => new TradeDesks({ ...options, plan, intentFolder })).toThrow(
      "has keys and addresses",
    );
  });

  test("where nothing trades there are none, and closing them is nothing", async () => {
    const { trading: _, ...plan } = (await optionsOf()).plan;
    desks = new TradeDesks({ ...(await optionsOf()), plan });
    expect(desks.counts()).toEqual({ accountStaleEvents: 0, accountWriteFailures: 0, intents: 0 });
    expect(() => desks?.execute({ type: "readFees", venue: 0 })).toThrow("is of one that trades");
  });

  test("an intent log that cannot be begun stops the start", async () => {
    const options = await optionsOf();
    fs.writeFileSync(options.intentFolder, "no folder");
    expect(() => new TradeDesks(options)).toThrow();
  });
});

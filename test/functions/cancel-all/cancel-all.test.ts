// Goal: all three venues end without an open order of ours, whatever goes wrong on the way, and with everything
// else untouched. Method: the simulated venues over real sockets; nothing of AWS is running.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CancelAccount } from "../../../functions/cancel-all/accounts.ts";
import {
  type CancelPorts,
  cancelAll,
  NotCleanError,
} from "../../../functions/cancel-all/cancel-all.ts";
import { CANCEL_VENUES, type CancelVenue } from "../../../functions/cancel-all/endpoints.ts";
import type { AccountResult, CancelRequest } from "../../../functions/cancel-all/logic.ts";
import { VenueRig } from "./venue-rig.ts";

const OURS: CancelRequest = { engine: "", venue: "", isEverything: false };
const ACCOUNTS: readonly CancelAccount[] = CANCEL_VENUES.map((venue) => ({
  engine: "paper",
  venue,
  secretName: `reckoner/cancel/paper/${venue}`,
}));

let rig: VenueRig;
const lines: string[] = [];

beforeAll(async () => {
  rig = await VenueRig.start();
});
afterAll(async () => {
  await rig.stop();
});
beforeEach(() => {
  rig.tidy();
  lines.length = 0;
});
afterEach(async () => {
  rig.tidy();
  await cancelAll(ports(), { ...OURS, isEverything: true }, soon());
});

function ports(change: Partial<CancelPorts> = {}): CancelPorts {
  const line = (message: string, fields?: unknown): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  return {
    accounts: ACCOUNTS,
    readSecret: async (name) => JSON.stringify(rig.keys(name.split("/")[3] as CancelVenue)),
    standIns: rig.origins(),
    nowUs: () => Date.now() * 1000,
    // The waits of the sweep are for venues; these are on this machine.
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 5))),
    log: { info: line, error: line },
    ...change,
  };
}

function soon(seconds = 20): number {
  return (Date.now() + seconds * 1000) * 1000;
}

function byVenue(results: readonly AccountResult[], venue: CancelVenue): AccountResult {
  const found = results.find((result) => result.venue === venue);
  if (found === undefined) throw new Error(`${venue} was swept`);
  return found;
}

describe("a sweep", () => {
  test("leaves no order of ours at any venue, names them, and touches no other", async () => {
    const ours = new Map<CancelVenue, string[]>();
    for (const venue of CANCEL_VENUES) {
      ours.set(venue, await rig.place(venue, 5));
      await rig.place(venue, 2, "other");
    }
    const results = await cancelAll(ports(), OURS, soon());
    for (const venue of CANCEL_VENUES) {
      expect(byVenue(results, venue)).toEqual({
        engine: "paper",
        venue,
        outcome: "clean",
        canceled: ours.get(venue)?.sort(),
        gone: [],
        left: [],
        foreignCount: 2,
        trouble: "",
      });
      expect(rig.open(venue)).toHaveLength(2);
    }
  });

  test("done again finds nothing and does nothing", async () => {
    await rig.place("kraken", 1);
    await cancelAll(ports(), OURS, soon());
    const again = await cancelAll(ports(), OURS, soon());
    expect(again.map(({ outcome, canceled }) => [outcome, canceled])).toEqual(
      CANCEL_VENUES.map(() => ["clean", []]),
    );
  });

  test("by two at once ends clean for both", async () => {
    for (const venue of CANCEL_VENUES) await rig.place(venue, 4);
    const both = await Promise.all([
      cancelAll(ports(), OURS, soon()),
      cancelAll(ports(), OURS, soon()),
    ]);
    expect(both.flat().every(({ outcome }) => outcome === "clean")).toBe(true);
    expect(CANCEL_VENUES.flatMap((venue) => rig.open(venue))).toEqual([]);
  });

  test("of everything leaves nothing at all", async () => {
    for (const venue of CANCEL_VENUES) {
      await rig.place(venue, 1);
      await rig.place(venue, 1, "other");
    }
    const results = await cancelAll(ports(), { ...OURS, isEverything: true }, soon());
    expect(results.map(({ canceled }) => canceled.length)).toEqual([2, 2, 2]);
    expect(CANCEL_VENUES.flatMap((venue) => rig.open(venue))).toEqual([]);
  });

  test("of one venue leaves the others alone", async () => {
    for (const venue of CANCEL_VENUES) await rig.place(venue, 1);
    const results = await cancelAll(ports(), { ...OURS, venue: "kucoin" }, soon());
    expect(results.map(({ venue }) => venue)).toEqual(["kucoin"]);
    expect(rig.open("kucoin")).toEqual([]);
    expect(rig.open("kraken")).toHaveLength(1);
  });

  test.each([
    ["cancelRequestLost", 2],
    ["cancelAckLost", 2],
    ["cancelError", 3],
    ["queryError", 3],
    // Once: two answers as old as the orders would hide them from both looks, which here are 5 ms apart.
    ["laggingQuery", 1],
  ] as const)("gets past %s at every venue", async (kind, count) => {
    for (const venue of CANCEL_VENUES) await rig.place(venue, 3);
    for (const venue of CANCEL_VENUES) rig.venues.trading.inject({ venue, kind, count });
    // A lost answer is waited for; half a second of it is enough here.
    const results = await cancelAll(ports({ answerTimeoutMs: 500 }), OURS, soon());
    expect(results.map(({ outcome }) => outcome)).toEqual(["clean", "clean", "clean"]);
    // Whether or not the answer arrived, every order is accounted for.
    expect(results.map(({ canceled, gone }) => canceled.length + gone.length)).toEqual([3, 3, 3]);
    expect(CANCEL_VENUES.flatMap((venue) => rig.open(venue))).toEqual([]);
  });

  test("takes back an order that comes out of the venue after the first look", async () => {
    let looks = 0;
    const late = ports({
      accounts: ACCOUNTS.filter(({ venue }) => venue === "binance-spot"),
      pause: async () => {
        looks++;
        if (looks === 1) await rig.place("binance-spot", 1);
      },
    });
    const [result] = await cancelAll(late, OURS, soon());
    expect(result?.canceled).toHaveLength(1);
    expect(rig.open("binance-spot")).toEqual([]);
  });
});

describe("a sweep that cannot end", () => {
  test("says so as an error, lists what is left, and has cleaned the other accounts", async () => {
    for (const venue of CANCEL_VENUES) await rig.place(venue, 1);
    rig.venues.trading.inject({ venue: "kraken", rates: { cancelRequestLost: 1 } });
    const failed = cancelAll(ports({ answerTimeoutMs: 500 }), OURS, soon(4)).catch(
      (error: unknown) => error,
    );
    const error = await failed;
    if (!(error instanceof NotCleanError)) throw error;
    expect(byVenue(error.results, "binance-spot").outcome).toBe("clean");
    expect(byVenue(error.results, "kucoin").outcome).toBe("clean");
    const kraken = byVenue(error.results, "kraken");
    expect(kraken.outcome).toBe("left");
    expect(kraken.trouble).not.toBe("");
    expect(error.message).toContain("paper at kraken: left, ");
  }, 20_000);

  test("for want of keys, or of a secret, or of an account, says which", async () => {
    const none = cancelAll(ports({ readSecret: async () => "{}" }), OURS, soon());
    await expect(none).rejects.toThrow("paper at kraken: noKeys");
    const denied = ports({
      readSecret: () => Promise.reject(new Error("read the secret: denied")),
    });
    await expect(cancelAll(denied, OURS, soon())).rejects.toThrow("read the secret: denied");
    const nobody = cancelAll(ports(), { ...OURS, engine: "nobody" }, soon());
    await expect(nobody).rejects.toThrow("no account is meant");
  });

  test("with a key that the venue does not know tells the venue's word and no secret", async () => {
    const keys = { apiKey: "hush", secret: "aHVzaA==", passphrase: "hush" };
    const wrong = ports({ readSecret: async () => JSON.stringify(keys) });
    const error = await cancelAll(wrong, OURS, soon(1)).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain("kraken: EAPI:Invalid key");
    expect(String(error) + lines.join()).not.toMatch(/hush|aHVzaA/);
  });
});

// Goal: with a key the whole book is asked for, signed; without one, or at venues that want none, nothing changes.
import { describe, expect, test } from "vitest";
import { standardConfig } from "../../hotpath/config.ts";
import { venueRulesOf } from "../../hotpath/limits-of.ts";
import type { HotPlan, VenueShare } from "../../hotpath/plan.ts";
import { withSignedDepth } from "../../hotpath/signed-depth.ts";
import { VENUES } from "../../hotpath/venues/registry.ts";

const KEYS = { apiKey: "k", secret: "s", passphrase: "p" };

function planOf(snapshotLevels: number) {
  const standard = standardConfig();
  const venueConfig = standard.venues.kucoin;
  if (venueConfig === undefined) throw new Error("KuCoin is a standard venue");
  const venues = { kucoin: { ...venueConfig, snapshotLevels } };
  const config = { ...standard, venues };
  const rules = venueRulesOf(VENUES.kucoin, venues.kucoin, 2000);
  const share = { id: "kucoin", rules } as VenueShare;
  return { config, plan: { venues: [share] } as unknown as HotPlan };
}

describe("the depth of snapshots", () => {
  test("is the public one without a key", () => {
    const { config, plan } = planOf(1000);
    expect(plan.venues[0]?.rules.depthLimit).toBe(100);
    expect(withSignedDepth(config, plan, {})).toEqual(plan);
  });

  test("is what was asked for with one, and the public ones are the smaller sizes", () => {
    const { config, plan } = planOf(1000);
    const rules = withSignedDepth(config, plan, { kucoin: KEYS }).venues[0]?.rules;
    expect(rules).toMatchObject({ depthLimit: 1000 });
    expect(rules?.shallower.map(({ levels }) => levels)).toEqual([100, 20]);
    expect(JSON.stringify(rules)).not.toContain('"s"');
  });

  test("stays public where no more was asked for", () => {
    const { config, plan } = planOf(50);
    expect(withSignedDepth(config, plan, { kucoin: KEYS })).toEqual(plan);
  });
});

test("only the whole book is signed, with the venue's own time", () => {
  const { signedReads } = VENUES.kucoin;
  const read = { method: "GET", venueUs: 1_547_015_186_532_999 };
  const path = "/api/v3/market/orderbook/level2?symbol=BTC-USDT";
  const headers = signedReads?.headersOf(KEYS, { ...read, path });
  expect(headers).toMatchObject({ "KC-API-KEY": "k", "KC-API-TIMESTAMP": "1547015186532" });
  expect(signedReads?.headersOf(KEYS, { ...read, path: "/api/v1/timestamp" })).toEqual({});
});

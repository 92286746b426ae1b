// Goal: stages and sites are data: the same resources everywhere, and no site that could not work.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Deployment } from "../../lib/deployment.ts";
import { SITE_NAMES, SITES, type Site, siteFault, VENUE_HOSTS } from "../../lib/sites.ts";
import { isStageName, STAGE_NAMES, STAGES, sitesOf } from "../../lib/stages.ts";
import { build, everyResource } from "../fixtures/infrastructure.ts";

describe("stages", () => {
  const shapes = STAGE_NAMES.map((name) =>
    everyResource(build(STAGES[name]))
      .map(([stack, id, { Type }]) => `${stack.replace(`-${name}-`, "-STAGE-")} ${id} ${Type}`)
      // Parameters of other stacks carry the stage in their ids, and are no resources.
      .sort(),
  );

  test("make the same resources under the same ids", () => {
    const [dev, paper, live] = shapes;
    expect(dev?.length).toBeGreaterThan(150);
    expect(paper).toEqual(dev);
    expect(live).toEqual(dev);
  });

  test("only live may trade with real money, and only protected stages keep audits long", () => {
    expect(STAGE_NAMES.filter((name) => STAGES[name].mayTradeLive)).toEqual(["live"]);
    expect(STAGES.live.auditLock).toEqual({ mode: "COMPLIANCE", days: 2557 });
    expect(STAGES.live.isProtected && STAGES.paper.isProtected).toBe(true);
  });

  test("have a canceller in another region", () => {
    for (const name of STAGE_NAMES) {
      expect(STAGES[name].cancellerRegion).not.toBe(STAGES[name].controlRegion);
    }
  });

  test("are known by their names alone", () => {
    expect(isStageName("paper")).toBe(true);
    expect(isStageName("prod")).toBe(false);
  });

  test("two sites make two stacks of engines", () => {
    const stage = { ...STAGES.paper, sites: SITE_NAMES };
    expect(sitesOf(stage).map(({ name }) => name)).toEqual([...SITE_NAMES]);
    const { templates } = build(stage);
    const hot = [...templates.keys()].filter((name) => name.includes("-hotpath-"));
    expect(hot).toEqual(["reckoner-paper-hotpath-tokyo", "reckoner-paper-hotpath-ireland"]);
  });

  test.each([
    ["reckoner:latest", '"reckoner:latest" names no image by its digest'],
    ["reckoner@sha256:abc", '"reckoner@sha256:abc" names no image by its digest'],
    ["", "trading live wants an image that was published, by its digest"],
  ])('real money is not traded by the image "%s"', (image, fault) => {
    const site: Site = { ...SITES.tokyo, tradingMode: "live", hasKeys: true };
    expect(() => build(STAGES.live, image, [site])).toThrow(fault);
  });

  test("no limits to start with are refused", () => {
    const { deployment } = build(STAGES.dev);
    const startLimits = { ...deployment.options.startLimits, openOrdersMax: -1 };
    expect(() => new Deployment({ ...deployment.options, startLimits })).toThrow("no limits");
  });

  test("a stage with a site that cannot work is refused whole", () => {
    const sites = [{ ...SITES.tokyo, region: "us-east-1" }];
    expect(() => build(STAGES.paper, "", sites)).toThrow("binance-spot does not serve us-east-1");
  });
});

describe("sites", () => {
  const site: Site = SITES.tokyo;

  test.each(SITE_NAMES)("%s is in order", (name) => {
    expect(siteFault(SITES[name])).toBe("");
  });

  test.each<[string, Partial<Site>, string]>([
    [
      "a venue that refuses the region",
      { region: "us-east-1" },
      "binance-spot does not serve us-east-1",
    ],
    ["no venue", { venues: [] }, "site tokyo names no venue"],
    [
      "a zone's name instead of its id",
      { zoneId: "ap-northeast-1a" },
      '"ap-northeast-1a" is no id of a zone',
    ],
    ["a lease that no key can name", { leaseAccount: "no#name" }, '"no#name" names no engine'],
    ["one core", { coreCount: 1 }, "the engine wants a core of its own beside the kernel's"],
    ["live without keys", { tradingMode: "live" }, "trading live wants keys"],
  ])("%s is refused", (_what, change, fault) => {
    expect(siteFault({ ...site, ...change })).toBe(fault);
  });

  test("engines have names of their own", () => {
    const engines = SITE_NAMES.map((name) => SITES[name].engine);
    expect(new Set(engines).size).toBe(engines.length);
  });

  test.each(Object.entries(VENUE_HOSTS))(
    "every production host of %s may be asked for",
    (venue, hosts) => {
      const folder = new URL(`../../hotpath/venues/${venue}/`, import.meta.url);
      const texts = readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts"))
        .map((path) =>
          readFileSync(new URL(path, folder), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/ .*/g, ""),
        );
      const dialed = texts
        .flatMap((text) => [...text.matchAll(/"(?:wss|https):\/\/([a-z0-9.-]+)/g)])
        .map(([, host]) => host ?? "")
        .filter((host) => !/testnet|demo|sandbox|invalid|binancefuture/.test(host));
      expect(dialed.length).toBeGreaterThan(0);
      expect([...new Set(dialed)].sort()).toEqual([...hosts].sort());
    },
  );
});
